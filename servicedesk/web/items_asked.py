"""What an address asks of the list of items, and how an address asks for something else."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request, url_for

from cmdb import kinds, registry
from cmdb.history import moment_of
from cmdb.impact import State
from cmdb.kinds import Kind
from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.inventory import facets, fields, filters
from servicedesk.inventory.facets import FACETS
from servicedesk.inventory.fields import STANDING, Field
from servicedesk.inventory.columns import Source
from servicedesk.inventory.filters import Filter
from servicedesk.inventory.lists import Asked, looked_after_by
from servicedesk.language import gettext as _
from servicedesk.tickets.standing import standing

COLUMNS = ("class", "used_by", "hosting", "standing", "manager", "completeness")
_KEPT = (*FACETS, "status", "mine", "q", "columns", "sort", "dir", "on", "view")
MOST_CHOSEN = 200
_MOST_VALUES = 50
_MOST_COLUMNS = 20


@dataclass(frozen=True)
class Question:
    """An address read: what is asked, which columns, and the parameters that say so again.

    `columns` are keys of `fields`, `used_by` and `standing`; `on` is the date of a list as of then.
    `facets` are the chosen values of each facet. `chosen` are the numbers of the only items that
    are meant; without, all of the list are.
    """

    asked: Asked
    fields: Mapping[str, Field]
    columns: Sequence[str]
    filters: Sequence[Filter]
    kept: Mapping[str, str]
    facets: Mapping[str, Sequence[str]]
    on: dt.date | None
    chosen: Sequence[str] = ()

    def url(self, endpoint: str = "items.index", without: Sequence[str] = (), **values) -> str:
        """The address that asks the same, with other values."""
        kept = {key: value for key, value in self.kept.items() if key not in without}
        chosen = {"item": list(self.chosen)} if self.chosen else {}
        if not kept and not values:
            kept = {"view": "all"}  # an address that asks nothing opens another list
        return url_for(endpoint, **{**kept, **chosen, **values})

    def without_value(self, facet: str, value: str) -> str:
        """The address that asks the same, but for one value of a facet."""
        left = [one for one in self.facets[facet] if one != value]
        return self.url(without=[facet], **({facet: ",".join(left)} if left else {}))

    @property
    def narrowing(self) -> dict[str, str]:
        """The parameters that choose items, without those of columns and order."""
        return {
            key: value
            for key, value in self.kept.items()
            if key not in ("columns", "sort", "dir", "view")
        }


def read(
    person: Person,
    now: dt.datetime,
    arguments: Mapping[str, str] | None = None,
    chosen: Sequence[str] = (),
    standings: Mapping[int, State] | None = None,
) -> Question:
    """What the request asks, or these parameters, of the chosen items; nonsense asks nothing.

    `standings` spares asking again which items are not in order.
    """
    given = _given() if arguments is None else dict(arguments)
    picked = {name: _values(given.get(name, "")) for name in FACETS}
    classes = picked["class"]
    known = fields.of_list(classes[0] if len(classes) == 1 else "")
    on = date_of(given.get("on"), now)
    if on is not None:
        standings = {}
    elif standings is None:
        standings = standing(now).found.states
    today = on or local(now).date()
    narrowing = filters.read(given.items(), known, today)
    if given.get("status") in known["status"].words:
        narrowing.append(filters.of_field(known["status"], "is", given["status"], today))
    order = {**known, "standing": None if on else STANDING}.get(given.get("sort", ""))
    at = on and moment_of(on, now)
    source = Source(at)
    narrowed = facets.conditions(source, picked, standings)
    if given.get("mine"):
        narrowed["mine"] = looked_after_by(person, source, known)
    asked = Asked(
        person,
        at=at,
        words=given.get("q", ""),
        filters=narrowing,
        facets=narrowed,
        standings=standings,
        uids=chosen[:MOST_CHOSEN],
        order=None if order is None or order.name in ("name", "tags") else order,
        descending=given.get("dir") == "desc",
    )
    shown = [one for one in narrowing if "." in one.parameter and one.parameter in given]
    kept = {key: given[key] for key in _KEPT if key in given}
    kept |= {one.parameter: given[one.parameter] for one in shown}
    columns = _columns(given.get("columns"), known, on)
    return Question(asked, known, columns, shown, kept, picked, on, asked.uids)


def _given() -> dict[str, str]:
    """The parameters of the request; boxes of one facet that are ticked together are one value."""
    given = {key: value.strip() for key, value in request.args.items()}
    for name in FACETS:
        given[name] = ",".join(dict.fromkeys(_values(",".join(request.args.getlist(name)))))
    return {key: value for key, value in given.items() if value}


def _values(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()][:_MOST_VALUES]


def date_of(text: str | None, now: dt.datetime) -> dt.date | None:
    """A day that has been, from a form or an address; None when it is none, or today."""
    try:
        day = dt.date.fromisoformat(kinds.format_of(Kind.DATE).parse(text or ""))
    except ValueError:
        return None
    return day if dt.date(1970, 1, 1) <= day < local(now).date() else None


def _columns(text: str | None, known: Mapping[str, Field], on: dt.date | None) -> list[str]:
    keys = COLUMNS if text is None else dict.fromkeys(text.split(","))
    beside = ("used_by",) if on else ("used_by", "standing")
    wanted = [key for key in keys if key in beside or (key in known and key != "name")]
    if on and text is None:
        wanted.insert(wanted.index("hosting") + 1, "status")
    return wanted[:_MOST_COLUMNS]


def adding(question: Question, now: dt.datetime) -> tuple[str | None, str]:
    """The address with the filter that the form adds, or the sentence why it does not fit."""
    name, operator = request.args.get("add_field", ""), request.args.get("add_operator", "")
    text = request.args.get("add_value", "")
    end, _point, kind = name.partition(".")
    try:
        if kind:
            found = filters.of_relation(end, kind, text if operator == "is" else operator)
        elif name in question.fields:
            found = filters.of_field(question.fields[name], operator, text, local(now).date())
        else:
            raise ValueError(_("Kies een veld om op te filteren."))
    except ValueError as error:
        return None, str(error)
    value = found.value or "1"
    return question.url(**{found.parameter: value}), ""


def offered(question: Question) -> dict[str, list[tuple[str, str]]]:
    """What can be filtered on, as groups of choices: fields, attributes, relations both ways."""
    ties = registry.relation_kinds().values()
    return {
        _("Velden"): [
            (one.key, one.label) for one in question.fields.values() if not one.is_attribute
        ],
        _("Kenmerken"): [
            (one.key, one.title) for one in question.fields.values() if one.is_attribute
        ],
        _("Relaties"): [(f"relation.{one.key}", _(one.name)) for one in ties]
        + [(f"reverse.{one.key}", _(one.reverse)) for one in ties],
    }

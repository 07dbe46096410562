"""What an address asks of the list of items, and how an address asks for something else."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import request, url_for

from cmdb import kinds, registry
from cmdb.items import Item, ItemConsumer, ItemVersion
from cmdb.kinds import Kind
from cmdb.localtime import day_start, local
from cmdb.people import Person
from servicedesk.inventory import fields, filters
from servicedesk.inventory.fields import Field
from servicedesk.inventory.filters import Filter
from servicedesk.inventory.lists import Asked
from servicedesk.language import gettext as _

COLUMNS = ("class", "used_by", "hosting", "status", "manager", "completeness")
QUICK = ("class", "hosting", "status", "municipality")
_KEPT = (*QUICK, "q", "columns", "sort", "dir", "on", "view")
MOST_CHOSEN = 200
_MOST_COLUMNS = 20


@dataclass(frozen=True)
class Question:
    """An address read: what is asked, which columns, and the parameters that say so again.

    `columns` are keys of `fields`, and `used_by`; `on` is the date of a list as of then. `chosen`
    are the numbers of the only items that are meant; without, all of the list are.
    """

    asked: Asked
    fields: Mapping[str, Field]
    columns: Sequence[str]
    filters: Sequence[Filter]
    kept: Mapping[str, str]
    on: dt.date | None
    chosen: Sequence[str] = ()

    def url(self, endpoint: str = "items.index", without: Sequence[str] = (), **values) -> str:
        """The address that asks the same, with other values."""
        kept = {key: value for key, value in self.kept.items() if key not in without}
        chosen = {"item": list(self.chosen)} if self.chosen else {}
        return url_for(endpoint, **{**kept, **chosen, **values})

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
) -> Question:
    """What the request asks, or these parameters, of the chosen items; nonsense asks nothing."""
    given = dict(request.args.items() if arguments is None else arguments)
    given = {key: value.strip() for key, value in given.items() if value.strip()}
    known = fields.of_list(given.get("class", ""))
    on = date_of(given.get("on"), now)
    narrowing = filters.read(given.items(), known, on or local(now).date())
    narrowing += _quick(given, known, local(now).date())
    order = known.get(given.get("sort", ""))
    asked = Asked(
        person,
        at=on and moment_of(on, now),
        class_key=given.get("class", ""),
        words=given.get("q", ""),
        filters=narrowing,
        conditions=_of_municipality(given.get("municipality", ""), on is not None),
        uids=chosen[:MOST_CHOSEN],
        order=None if order is None or order.name in ("name", "tags") else order,
        descending=given.get("dir") == "desc",
    )
    shown = [one for one in narrowing if "." in one.parameter and one.parameter in given]
    kept = {key: given[key] for key in _KEPT if key in given}
    kept |= {one.parameter: given[one.parameter] for one in shown}
    columns = _columns(given.get("columns"), known)
    return Question(asked, known, columns, shown, kept, on, asked.uids)


def date_of(text: str | None, now: dt.datetime) -> dt.date | None:
    """A day that has been, from a form or an address; None when it is none, or today."""
    try:
        day = dt.date.fromisoformat(kinds.format_of(Kind.DATE).parse(text or ""))
    except ValueError:
        return None
    return day if dt.date(1970, 1, 1) <= day < local(now).date() else None


def moment_of(day: dt.date, now: dt.datetime) -> dt.datetime:
    """The last second of a day in the Netherlands, or the present in today."""
    return min(now, day_start(day + dt.timedelta(days=1)) - dt.timedelta(seconds=1))


def _quick(
    given: Mapping[str, str], known: Mapping[str, Field], today: dt.date
) -> list[Filter]:
    """The filters that have a select of their own; only values that exist."""
    return [
        filters.of_field(known[name], "is", given[name], today)
        for name in ("hosting", "status")
        if given.get(name) in known[name].words
    ]


def _of_municipality(text: str, is_past: bool) -> list[sa.ColumnElement[bool]]:
    """What a municipality owns or uses."""
    if not text.isdecimal() or len(text) > 9:
        return []
    key = int(text)
    used = sa.select(ItemConsumer.item_id).where(ItemConsumer.municipality_id == key)
    model = ItemVersion if is_past else Item
    own = ItemVersion.item_id if is_past else Item.id
    return [sa.or_(model.municipality_id == key, own.in_(used))]


def _columns(text: str | None, known: Mapping[str, Field]) -> list[str]:
    if text is None:
        return list(COLUMNS)
    keys = dict.fromkeys(text.split(","))
    wanted = [key for key in keys if key == "used_by" or (key in known and key != "name")]
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

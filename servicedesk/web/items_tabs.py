"""The quick views of the list of items: what one looks for most, each with how many there are."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.impact import State
from cmdb.people import Person
from servicedesk.inventory import lists
from servicedesk.language import lazy_gettext as _
from servicedesk.web import items_asked
from servicedesk.web.items_asked import Question
from servicedesk.web.numbers import count

EVERYTHING = {"view": "all"}
_WORSE = {"standing": "down,degraded,at-risk", "sort": "standing", "dir": "desc"}
_QUICK = (
    (_("Kwetsbaar of erger"), _WORSE),
    (_("Mijn applicaties"), {"class": "application", "mine": "1"}),
    (_("Zonder beheerder"), {"manager.empty": "1"}),
    (_("Contract loopt af"), {"class": "contract", "ends_on.in-90-days": "1", "sort": "ends_on"}),
    (_("Alle objecten"), EVERYTHING),
)


_LOOKS = ("sort", "dir", "view")


@dataclass(frozen=True)
class Tab:
    """A quick view: the parameters that ask for it, and how many items `person` has in it."""

    label: str
    arguments: Mapping[str, str]
    number: int | None

    def drawn(self, question: Question) -> dict[str, object]:
        """What the macro `tabs` draws."""
        by_name = question.kept.get("view", "all") != "all"
        asked = {key: self.arguments[key] for key in self.arguments if key not in _LOOKS}
        return {
            "label": self.label,
            "url": question.url(without=list(question.kept), **self.arguments),
            "current": not by_name and question.narrowing == asked,
            "count": None if self.number is None else count(self.number),
            "alert": bool(self.number) and self.arguments is _WORSE,
        }


def counted(person: Person, now: dt.datetime, standings: Mapping[int, State]) -> list[Tab]:
    """The quick views with their numbers, by one statement."""
    numbers = []
    for _label, arguments in _QUICK:
        asked = items_asked.read(person, now, arguments, standings=standings).asked
        number = lists.selected(asked).with_only_columns(sa.func.count(asked.source.key))
        numbers.append(number.scalar_subquery())
    found = db.session.execute(sa.select(*numbers)).one()
    return [
        Tab(str(label), arguments, number)
        for (label, arguments), number in zip(_QUICK, found, strict=True)
    ]


def uncounted() -> list[Tab]:
    return [Tab(str(label), arguments, None) for label, arguments in _QUICK]


def opening(tabs: Sequence[Tab]) -> Mapping[str, str]:
    """The first view with something in it: what needs somebody comes before all there is."""
    return next((tab.arguments for tab in tabs if tab.number), EVERYTHING)

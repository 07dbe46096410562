"""Who can take an open seat, with what speaks for and against each; how the desk is shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cmdb.people import Person
from flask_babel import ngettext
from servicedesk.language import gettext as _
from servicedesk.rota.candidates import Candidate
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat
from servicedesk.rota.reading import LostCover, Share
from servicedesk.web.roster_words import OBSTACLE, seat_title, signed


@dataclass(frozen=True)
class Choice:
    """Somebody who can take a seat: the reasons, each with whether it speaks for them."""

    person: Person
    reasons: Sequence[tuple[bool, str]]


@dataclass(frozen=True)
class Proposal:
    """An open seat with who can take it, best first, and who cannot with the reason."""

    seat: Seat
    title: str
    able: Sequence[Choice]
    unable: Sequence[tuple[Person, str]]


def proposal(lost: LostCover, people: Mapping[int, Person]) -> Proposal:
    """The ranked candidates in words; who left the centre is passed over."""
    known = [one for one in lost.candidates if one.person in people]
    return Proposal(
        lost.seat,
        seat_title(lost.seat),
        [
            Choice(people[one.person], _reasons(lost.seat, one))
            for one in known
            if one.obstacle is None
        ],
        [
            (people[one.person], str(OBSTACLE[one.obstacle]))
            for one in known
            if one.obstacle is not None
        ],
    )


def _reasons(seat: Seat, one: Candidate) -> list[tuple[bool, str]]:
    reasons = []
    if seat.duty.kind == Kind.SITE:
        known = {0: _("vast gezicht daar"), 1: _("vervanger daar")}
        reasons.append((one.rank < 2, known.get(one.rank, _("mag er komen"))))
    else:
        reasons.append((True, _("aanwezig en vrij")))
    reasons.append((one.deviation <= 0, said_deviation(one.deviation)))
    week = ngettext("al %(num)d dienst die week", "al %(num)d diensten die week", one.in_week)
    reasons.append((False, week) if one.in_week else (True, _("nog geen dienst die week")))
    return sorted(reasons, key=lambda reason: not reason[0])


def said_deviation(deviation: float) -> str:
    """How far somebody is from a fair share of the desk: "1,5 onder het eerlijke deel"."""
    number = signed(abs(deviation)).lstrip("+")
    if number == "0":
        return _("precies het eerlijke deel")
    if deviation < 0:
        return _("%(n)s onder het eerlijke deel", n=number)
    return _("%(n)s boven het eerlijke deel", n=number)


@dataclass(frozen=True)
class Bar:
    """A share as a bar: `width` and `mark` in percent of the widest, `mark` is the fair share."""

    person: Person
    name: str
    count: int
    width: float
    mark: float
    difference: str
    is_far: bool
    label: str


# Seats from a fair share that are worth a look.
_FAR = 3


def bars(shares: Sequence[Share], names: Mapping[int, str]) -> list[Bar]:
    """The desk of everybody against a fair share of it; who is not planned there is left out."""
    shown = [share for share in shares if share.fair or share.desk]
    most = max((max(share.desk, share.fair) for share in shown), default=0) * 1.15 or 1
    return [
        Bar(
            share.person,
            names.get(share.person.id, share.person.name),
            share.desk,
            round(100 * share.desk / most, 1),
            round(100 * share.fair / most, 1),
            signed(share.deviation),
            abs(share.deviation) >= _FAR,
            _(
                "%(n)s diensten, %(deviation)s",
                n=share.desk,
                deviation=said_deviation(share.deviation),
            ),
        )
        for share in shown
    ]

"""Coverage and fairness: what is open or double, and how the work is spread over a quarter."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template

from cmdb.database import utc_now
from cmdb.localtime import local
from cmdb.permissions import Permission
from servicedesk.access import requires
from servicedesk.language import gettext as _
from servicedesk.rota import fairness, publishing, reading
from servicedesk.rota.loading import QUARTER, Known
from servicedesk.rota.plan import Plan
from servicedesk.rota.reading import Share
from servicedesk.web import roster_cover
from servicedesk.web.roster_words import short_names, signed

pages = Blueprint("roster_balance", __name__)

_MOST_OPEN = 50


@dataclass(frozen=True)
class Stretch:
    """Thirteen weeks: the shares of everybody, the bars of the desk, the spread of each kind."""

    title: str
    note: str
    first: dt.date
    last: dt.date
    shares: Sequence[Share]
    bars: Sequence[roster_cover.Bar]
    spreads: Sequence[tuple[str, str]]


@pages.get("/roster/balance")
@requires(Permission.ROTA_READ)
def index():
    today = local(utc_now()).date()
    last = today + QUARTER - dt.timedelta(days=1)
    until = publishing.published_until()
    known = publishing.know_around(today, last)
    draft = _draft(today, last, until, known)
    coming = reading.seats(today, last)
    empty = [seat for seat in coming if seat.person_id is None]
    note = _("Nog niets gepubliceerd: alles is concept.")
    if until and until >= last:
        note = _("Alles is gepubliceerd.")
    elif until and until >= today:
        note = _("Gepubliceerd tot en met %(day)s, daarna het concept.", day=f"{until:%d-%m-%Y}")
    return render_template(
        "rota/balance.html",
        open=empty[:_MOST_OPEN],
        open_number=len(empty),
        draft_open=len(draft.gaps) if draft else 0,
        double=reading.double_booked(coming),
        uncovered=reading.uncovered_applications(today, last, known.facts),
        stretches=[
            _stretch(
                _("De komende 13 weken"), note, today, last, known, draft.bookings if draft else ()
            ),
            _stretch(
                _("De afgelopen 13 weken"), _("Zoals het is gegaan."),
                today - QUARTER, today - dt.timedelta(days=1), known,
            ),
        ],
        signed=signed,
    )  # fmt: skip


def _draft(today: dt.date, last: dt.date, until: dt.date | None, known: Known) -> Plan | None:
    """What would be published of the days that are not, up to `last`."""
    first = max(today, until + dt.timedelta(days=1)) if until else today
    return publishing.draft(first, last, known) if first <= last else None


def _stretch(title: str, note: str, first: dt.date, last: dt.date, known, planned=()) -> Stretch:
    shares = reading.shares(first, last, planned, known)
    names = short_names([share.person for share in shares])
    return Stretch(
        title, note, first, last, shares, roster_cover.bars(shares, names), _spreads(shares)
    )


def _spreads(shares: Sequence[Share]) -> list[tuple[str, str]]:
    """The distance between who does most and who does least, of each kind of work."""
    kinds: list[tuple[str, Callable[[Share], float]]] = [
        (_("Balie, boven of onder het eerlijke deel"), lambda share: share.deviation),
        (_("Locatiedagen"), lambda share: share.visits),
        (_("Late diensten"), lambda share: share.late),
        (_("Vrijdagen"), lambda share: share.fridays),
    ]
    at_desk = [share for share in shares if share.fair or share.desk]
    return [
        (name, signed(fairness.spread({one.person.id: of(one) for one in at_desk})).lstrip("+"))
        for name, of in kinds
    ]

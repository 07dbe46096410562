"""Site days: who comes where and when, and at the desk the list of a visit, to tick and to print."""

import datetime as dt

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from cmdb.database import db, utc_now
from cmdb.localtime import ZONE, local
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.moments import written_day
from servicedesk.rota import coming, reading
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat
from servicedesk.rota.presence import moment
from servicedesk.tickets import site_days
from servicedesk.tickets.models import Ticket
from servicedesk.web.layout import options
from servicedesk.web.start import visit_of

pages = Blueprint("visits", __name__)

_AHEAD = dt.timedelta(days=27)
_FARTHEST = dt.date(2199, 1, 1)


@pages.get("/visits")
@requires(Permission.SITE_READ)
def index():
    """Who comes; of one's own municipality, or at the desk of all. `on` asks for one day."""
    now = utc_now()
    works, home = may(me(), Permission.QUEUE_READ), _home()
    asked = _day(request.args.get("on"))
    first = asked or local(now).date()
    seats = [seat for seat in reading.seats(first, first + _AHEAD) if seat.duty.kind == Kind.SITE]
    if home is not None:
        seats = [seat for seat in seats if seat.municipality_id == home]
    loads = site_days.loads(seats) if works else {}
    names = dict(options().municipality) if works else {home: me().municipality.name}
    return render_template(
        "visits/desk.html" if works else "visits/portal.html",
        visits=[
            visit_of(seat) | {"load": loads.get((seat.municipality_id, seat.date))}
            for seat in seats
        ],
        answer=_answer([seat for seat in seats if seat.date == asked], asked, names.get(home)),
        home=home,
        on=asked,
        municipalities=sorted(names.items(), key=lambda pair: pair[1]),
    )


def _home() -> int | None:
    """The municipality that is asked for; of who belongs to one, never another."""
    if not may(me(), Permission.QUEUE_READ):
        return me().municipality_id
    key = request.args.get("municipality", "")
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None


def _day(text: str | None) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if dt.date(2000, 1, 1) <= day <= _FARTHEST else None


def _answer(seats: list[Seat], day: dt.date | None, name: str | None) -> str:
    """One sentence about the day that was asked for; empty when none was."""
    if day is None:
        return ""
    when = written_day(day).capitalize()
    if not seats:
        return _("%(day)s: er komt niemand.", day=when) if name is None else _(
            "%(day)s: er komt niemand in %(place)s.", day=when, place=name
        )
    told = "; ".join(
        _("%(who)s in %(place)s", who=seat.person.name, place=seat.duty.municipality.name)
        if seat.person
        else _("nog niemand in %(place)s", place=seat.duty.municipality.name)
        for seat in seats
    )
    return f"{when}: {told}."


@pages.get("/visits/<date>/<int:key>")
@requires(Permission.QUEUE_READ)
def route(date: str, key: int):
    return _page(_visit(date, key))


@pages.post("/visits/<date>/<int:key>")
@requires(Permission.TICKET_WORK)
def tick(date: str, key: int):
    """Tick a ticket of the list off, or take that back."""
    visit = _visit(date, key)
    number = request.form.get("ticket", "")
    ticket = find(Ticket, number, Permission.TICKET_WORK, by="number", lock=True)
    if ticket.municipality_id != visit.municipality_id or site_days.of(ticket) is None:
        abort(404)
    if request.form.get("done"):
        site_days.tick(ticket, me(), utc_now())
        said = _("%(number)s is ter plaatse gedaan. Los de melding op als het klaar is.", number=number)
    else:
        site_days.untick(ticket)
        said = _("%(number)s staat weer op de lijst.", number=number)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".route", date=date, key=key), 303)


def _visit(date: str, key: int) -> Seat:
    day = _day(date) or abort(404)
    return next(iter(coming.site_seats(key, day, day)), None) or abort(404)


def _page(visit: Seat) -> str:
    tasks = site_days.route(visit.municipality_id, visit.date)
    over = moment(visit.date, visit.duty.ends, ZONE)
    buildings: dict[str, list[dict[str, object]]] = {}
    for task in tasks:
        ticket = task.ticket
        place = ticket.location.name if ticket.location else _("Gebouw niet bekend")
        buildings.setdefault(place, []).append(
            {
                "task": task,
                "ticket": ticket,
                "part": {"am": _("ochtend"), "pm": _("middag")}.get(task.part),
                "too_late": not task.done_at and site_days.needs_extra_visit(ticket, over),
            }
        )
    return render_template(
        "visits/route.html",
        visit=visit_of(visit),
        municipality=db.session.get(Municipality, visit.municipality_id),
        buildings=buildings,
        total=len(tasks),
        done=sum(task.done_at is not None for task in tasks),
        late=sum(row["too_late"] for rows in buildings.values() for row in rows),
    )

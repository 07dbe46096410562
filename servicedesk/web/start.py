"""The start page of the desk: what needs me now, who is where, and what the desk handed over."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for

from cmdb.database import db, utc_now
from cmdb.items import Item, ItemStatus
from cmdb.localtime import local
from cmdb.people import initials, tone
from cmdb.permissions import Permission
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.moments import moment, written_day
from servicedesk.rota import reading
from servicedesk.rota.facts import Kind, Part
from servicedesk.rota.models import Seat
from servicedesk.rota.titles import clock
from servicedesk.tickets import handover, labels, queue, site_days
from servicedesk.tickets.models import Outage, OutageReport, OutageTicket, Ticket
from servicedesk.tickets.standing import standing
from servicedesk.tickets.workflow import Status
from servicedesk.web import impact_words
from servicedesk.web.layout import counters
from servicedesk.web.numbers import counted
from servicedesk.web.words import sla_chip

pages = Blueprint("start", __name__)

_SHOWN, _APPLICATIONS, _MOST = 5, 6, 200
_WEEK, _DAYS = dt.timedelta(days=7), dt.timedelta(days=13)


@pages.get("/start")
@requires(Permission.QUEUE_READ)
def index():
    now = utc_now()
    today = local(now).date()
    # In the weekend the week that comes is of more use than the one that was.
    monday = today - dt.timedelta(days=today.weekday()) + _WEEK * (today.isoweekday() > 5)
    seats = reading.seats(min(monday, today), monday + _DAYS)
    on_desk = handover.at_desk(seats, now)
    is_on_desk = any(seat.person_id == me().id for seat in on_desk)
    return render_template(
        "start/start.html",
        greeting=_greeting(local(now).hour),
        sentence=_sentence(seats, on_desk, now),
        outage=_outage(now),
        mine=_tickets(queue.in_view("mine", me(), now), now),
        mine_count=counters().mine,
        intake=_tickets(_INTAKE, now, oldest=True) if is_on_desk else None,
        unassigned=counted(counters().unassigned),
        handover=handover_of(seats, now),
        desk=_desk(seats, on_desk, now),
        on_call=reading.on_call(now) if not on_desk else [],
        on_site=_on_site(seats, today),
        week=_week(seats, monday, today),
        alone=_alone(seats, today),
        **_applications(now),
    )


_INTAKE = sa.and_(Ticket.status == Status.NEW, Ticket.assignee_id.is_(None))


def _greeting(hour: int) -> str:
    name = me().name.split()[0]
    if hour < 12:
        return _("Goedemorgen, %(name)s", name=name)
    return _("Goedemiddag, %(name)s", name=name) if hour < 18 else _("Goedenavond, %(name)s", name=name)


def _sentence(seats: Sequence[Seat], on_desk: Sequence[Seat], now: dt.datetime) -> str:
    """The day and the hour, and when the reader is at the desk."""
    here = local(now)
    said = f"{written_day(here.date()).capitalize()}, {here:%H:%M}."
    own = next((seat for seat in on_desk if seat.person_id == me().id), None)
    if own:
        until = clock(own.duty.ends)
        return said + " " + _("U zit nu aan de balie, tot %(until)s.", until=until)
    minute = here.hour * 60 + here.minute
    coming = [
        seat
        for seat in seats
        if seat.person_id == me().id
        and seat.duty.kind == Kind.DESK
        and (seat.date, seat.duty.starts) > (here.date(), minute)
    ]
    if not coming:
        return said + " " + _("Er staat de komende twee weken geen balie voor u in het rooster.")
    following = coming[0]
    when = f"{_near(following.date, here.date())} {clock(following.duty.starts)}"
    return said + " " + _("Uw volgende balie: %(when)s.", when=when)


def _near(day: dt.date, today: dt.date) -> str:
    return {0: _("vandaag"), 1: _("morgen")}.get((day - today).days) or written_day(day)


def _outage(now: dt.datetime) -> dict[str, object] | None:
    """The outage that most people reported, and how many others run."""
    reports = sa.select(sa.func.count()).where(OutageReport.outage_id == Outage.id)
    homes = sa.select(sa.func.count(OutageReport.municipality_id.distinct())).where(
        OutageReport.outage_id == Outage.id
    )
    tickets = sa.select(sa.func.count()).where(OutageTicket.outage_id == Outage.id)
    found = db.session.execute(
        sa.select(
            Item.name,
            Outage.started_at,
            Outage.next_update_at,
            sa.func.coalesce(reports.correlate(Outage).scalar_subquery(), 0).label("reports"),
            homes.correlate(Outage).scalar_subquery().label("homes"),
            tickets.correlate(Outage).scalar_subquery().label("tickets"),
        )
        .join(Item, Item.id == Outage.item_id)
        .where(Outage.ended_at.is_(None))
        .order_by(sa.desc("reports"), Outage.started_at)
        .limit(_SHOWN)
    ).all()
    if not found:
        return None
    first = found[0]
    return {
        "name": first.name,
        "since": moment(first.started_at, now),
        "reports": max(first.reports, first.tickets),
        "homes": first.homes,
        "next": moment(first.next_update_at, now),
        "others": len(found) - 1,
    }


def _tickets(condition, now: dt.datetime, oldest: bool = False) -> list[dict[str, object]]:
    """The rows of a short list: what is due first, or what came first."""
    order = queue.Order("newest") if oldest else queue.Order()
    rows = db.session.execute(queue.rows([queue.IS_OPEN, condition], order).limit(_SHOWN))
    return [ticket_row(row, now) for row in rows]


def ticket_row(row: sa.Row, now: dt.datetime) -> dict[str, object]:
    """A row of the queue as the macro `ticket_rows` draws it."""
    return {
        "url": url_for("desk.ticket", number=row.number),
        "title": row.title,
        "priority": row.priority,
        "meta": [labels.status_words(row.status, row.waiting_for), row.municipality],
        "number": row.number,
        "chip": sla_chip(
            row.due_at,
            row.state,
            queue.used_share(row, now),
            breached=row.breached_at is not None,
            now=now,
        ),
    }


def handover_of(seats: Sequence[Seat], now: dt.datetime) -> dict[str, object]:
    """The sheet's own lines, who took over and who did not, and whether the reader should."""
    asked = handover.at_desk(seats, now, handover.EARLY)
    done = handover.accepted(asked)
    current = {seat.id for seat in handover.at_desk(seats, now)}
    return {
        "lines": handover.lines(now),
        "asks": any(seat.person_id == me().id and seat.id not in done for seat in asked),
        "accepted": [seat.person.name for seat in asked if seat.id in done],
        "missing": [
            seat.person.name for seat in asked if seat.id in current and seat.id not in done
        ],
    }


def _desk(
    seats: Sequence[Seat], on_desk: Sequence[Seat], now: dt.datetime
) -> dict[str, object]:
    """Who is at the desk now and until when, and who comes next."""
    here = local(now)
    minute = here.hour * 60 + here.minute
    coming = [
        seat
        for seat in seats
        if seat.duty.kind == Kind.DESK
        and (seat.date, seat.duty.starts) > (here.date(), minute)
    ]
    following = [
        seat
        for seat in coming
        if (seat.date, seat.duty_id) == (coming[0].date, coming[0].duty_id)
    ]
    open_now = [
        seat
        for seat in seats
        if seat.date == here.date()
        and seat.duty.kind == Kind.DESK
        and seat.person_id is None
        and seat.duty.starts <= minute < seat.duty.ends
    ]
    return {
        "until": clock(max(seat.duty.ends for seat in on_desk)) if on_desk else "",
        "people": [_person(seat) for seat in on_desk],
        "open": len(open_now),
        "next_when": following
        and f"{_near(following[0].date, here.date())} {clock(following[0].duty.starts)}",
        "next": [seat.person.name if seat.person else _("nog open") for seat in following],
    }


def _person(seat: Seat) -> dict[str, object]:
    name = seat.person.name
    return {
        "name": name,
        "initials": initials(name),
        "tone": tone(name),
        "phone": seat.person.phone,
        "is_me": seat.person_id == me().id,
    }


def _on_site(seats: Sequence[Seat], today: dt.date) -> list[dict[str, object]]:
    """The visits of today with how long their lists are; when there are none, the next one."""
    visits = [seat for seat in seats if seat.duty.kind == Kind.SITE and seat.date >= today]
    shown = [seat for seat in visits if seat.date == today] or visits[:1]
    loads = site_days.loads(shown)
    return [visit_of(seat) | {"load": loads[seat.municipality_id, seat.date]} for seat in shown]


def visit_of(seat: Seat) -> dict[str, object]:
    """A visit as the macro `visit_day` draws it."""
    return {
        "date": seat.date,
        "name": seat.person and seat.person.name,
        "municipality": seat.duty.municipality.name,
        "room": seat.duty.room,
        "starts": clock(seat.duty.starts),
        "ends": clock(seat.duty.ends),
        "url": url_for("visits.route", date=seat.date.isoformat(), key=seat.municipality_id),
    }


def _week(seats: Sequence[Seat], monday: dt.date, today: dt.date) -> list[dict[str, object]]:
    """The reader's own week: of each working day what the morning and the afternoon hold."""
    mine = [seat for seat in seats if seat.person_id == me().id]
    days = [monday + dt.timedelta(days=n) for n in range(5)]
    return [
        {
            "date": day,
            "is_today": day == today,
            "parts": [_half(mine, day, part) for part in (Part.MORNING, Part.AFTERNOON)],
        }
        for day in days
    ]


def _half(mine: Sequence[Seat], day: dt.date, part: Part) -> dict[str, str] | None:
    for seat in mine:
        if seat.date == day and part in reading.parts_of(seat):
            if seat.duty.kind == Kind.SITE:
                return {"kind": "site", "text": seat.duty.municipality.name}
            return {"kind": "desk", "text": _("Balie")}
    return None


def _alone(seats: Sequence[Seat], today: dt.date) -> list[str]:
    """The desk duties of the reader this week and next beside which a seat is still open."""
    mine = {
        (seat.date, seat.duty_id): seat
        for seat in seats
        if seat.person_id == me().id and seat.duty.kind == Kind.DESK and seat.date >= today
    }
    lonely = [
        seat for seat in seats if seat.person_id is None and (seat.date, seat.duty_id) in mine
    ]
    return [
        f"{_near(seat.date, today)} {clock(seat.duty.starts)}–{clock(seat.duty.ends)}"
        for seat in lonely
    ]


def _applications(now: dt.datetime) -> dict[str, object]:
    """What the reader is manager or deputy of, worst first, and how many more there are."""
    rows = db.session.execute(
        sa.select(Item.id, Item.uid, Item.name, Item.manager_id)
        .where(
            Item.class_key == "application",
            Item.status != ItemStatus.RETIRED,
            sa.or_(Item.manager_id == me().id, Item.deputy_id == me().id),
        )
        .order_by(Item.manager_id != me().id, Item.name, Item.id)
        .limit(_MOST)
    ).all()
    if not rows:
        return {"applications": [], "more_applications": 0}
    found = standing(now).found
    worst_first = sorted(rows, key=lambda row: -found.state(row.id))
    return {
        "applications": [
            {
                "name": row.name,
                "url": url_for("items.item", uid=row.uid),
                "is_deputy": row.manager_id != me().id,
                "state": impact_words.badge(found.state(row.id)),
            }
            for row in worst_first[:_APPLICATIONS]
        ],
        "more_applications": len(rows) - _APPLICATIONS,
    }

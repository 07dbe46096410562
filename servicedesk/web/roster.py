"""The roster: who is where on a day, in a week, a month or a quarter; one seat and its story."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.permissions import Permission, may
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.rota import loading, publishing, reading, swapping
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat, SeatLog, SwapRequest
from servicedesk.web import roster_asked, roster_book, roster_cover, roster_tables
from servicedesk.web.roster_asked import Asked
from servicedesk.web.roster_book import Book
from servicedesk.web.roster_tabs import tabs
from servicedesk.web.roster_words import ORIGIN, REASON, seat_title, short_day, week_of, written

pages = Blueprint("roster", __name__)
pages.add_app_template_global(tabs, "roster_tabs")


@pages.app_template_filter("roster_day")
def day_of_roster(day: dt.date, pattern: str = "EEE d") -> str:
    """A day as the head of a column."""
    return written(day, pattern)


@pages.get("/roster")
@requires(Permission.ROTA_READ)
def index():
    """The roster of the days that the address asks, in the way it asks."""
    now = utc_now()
    asked = roster_asked.read(request.args, local(now).date())
    shows_all = asked.view == "week" and asked.by == "person"
    known = _known(asked) if shows_all else None
    book = roster_book.read(asked.first, asked.last, known and known.facts)
    until = publishing.published_until()
    shared = {
        "asked": asked,
        "book": book,
        "state": _state(book, asked),
        "is_published": until is not None and asked.first <= until,
        "plans": may(me(), Permission.ROTA_PLAN),
    }
    if asked.view == "day":
        return render_template("rota/day.html", **shared, **_day(book, asked, now))
    if asked.by == "calendar":
        weekdays, weeks = roster_tables.calendar(book, asked)
        return render_template("rota/month.html", **shared, weekdays=weekdays, weeks=weeks)
    if known:
        return render_template("rota/week.html", **shared, **_week(book, asked, known))
    return render_template("rota/table.html", **shared, table=roster_tables.table(book, asked))


@pages.get("/roster/seats/<int:key>")
@requires(Permission.ROTA_READ)
def seat(key: int):
    return seat_page(find(Seat, key, Permission.ROTA_READ, options=reading.SEAT_WITH_ALL))


def seat_page(chosen: Seat, refused: str = "") -> str:
    """One seat: who has it or can take it, and what happened to it; `refused` says what to mend."""
    people = {person.id: person for person in reading.people()}
    is_open = chosen.person_id is None and chosen.is_needed
    logs = (
        sa.select(SeatLog)
        .where(SeatLog.seat_id == chosen.id)
        .options(*(joinedload(end) for end in (SeatLog.by, SeatLog.before, SeatLog.after)))
        .order_by(SeatLog.id.desc())
        .limit(_MOST_LOGS)
    )
    asked = (
        sa.select(SwapRequest)
        .where(
            sa.or_(SwapRequest.seat_id == chosen.id, SwapRequest.other_seat_id == chosen.id),
            SwapRequest.state.in_(swapping.OPEN),
        )
        .options(joinedload(SwapRequest.by), joinedload(SwapRequest.to))
    )
    proposals = reading.lost_cover([chosen]) if is_open else []
    plans = may(me(), Permission.ROTA_PLAN)
    is_coming = chosen.is_needed and not loading.row_is_over(chosen, utc_now())
    return render_template(
        "rota/seat.html",
        seat=chosen,
        title=seat_title(chosen),
        origin=ORIGIN[chosen.origin],
        proposals=[roster_cover.proposal(one, people) for one in proposals],
        asked=db.session.scalars(asked).first(),
        logs=db.session.scalars(logs).all(),
        reasons=REASON,
        people=people.values(),
        plans=plans and is_coming,
        mine=chosen.person_id == me().id and is_coming and may(me(), Permission.ROTA_SWAP),
        refused=refused,
        today=local(utc_now()).date(),
    )


_MOST_LOGS = 50


def _state(book: Book, asked: Asked) -> str:
    """The days, and what is open, in a sentence."""
    if asked.view == "day":
        stretch = week_of(asked.first)
    else:
        first, last = short_day(asked.first), short_day(asked.last)
        stretch = _("%(first)s t/m %(last)s", first=first, last=last)
    stretch = stretch[:1].upper() + stretch[1:]
    if not book.seats:
        return _("%(stretch)s. Er zijn geen diensten.", stretch=stretch)
    if not book.open:
        return _("%(stretch)s. Alle diensten zijn bezet.", stretch=stretch)
    said = ngettext("%(num)d dienst is open", "%(num)d diensten zijn open", len(book.open))
    return _("%(stretch)s. %(open)s.", stretch=stretch, open=said)


def _known(asked: Asked) -> loading.Known:
    """All that the week with its cover and its shares follows from."""
    around = loading.QUARTER / 2
    quarter = roster_asked.start("quarter", asked.first)
    return loading.know(min(quarter, asked.first - around), asked.last + around)


def _week(book: Book, asked: Asked, known: loading.Known) -> dict[str, object]:
    days = book.days(asked.days)
    desk = [seat for seat in book.seats if seat.duty.kind == Kind.DESK]
    sites = [seat for seat in book.seats if seat.duty.kind == Kind.SITE]
    quarter = roster_asked.start("quarter", asked.first)
    first_open = [seat for seat in book.open if seat.date >= asked.today][:1]
    people = {person.id: person for person in book.people}
    return {
        "days": days,
        "covers": [
            (_("Balie"), book.cover(Kind.DESK, days)),
            (_("Op locatie"), book.cover(Kind.SITE, days)),
        ],
        "rows": [(person, book.row_of(person, days)) for person in book.people],
        "desk": (sum(seat.person_id is not None for seat in desk), len(desk)),
        "sites": (sum(seat.person_id is not None for seat in sites), len(sites)),
        "uncovered": [
            one
            for one in reading.uncovered_applications(asked.first, asked.last, known.facts)
            if one.days
        ],
        "bars": roster_cover.bars(
            reading.shares(quarter, asked.last, known=known), book.names
        ),
        "since": quarter,
        "proposals": [
            roster_cover.proposal(one, people)
            for one in reading.lost_cover(first_open, known=known)
        ],
    }


def _day(book: Book, asked: Asked, now: dt.datetime) -> dict[str, object]:
    here = local(now)
    minute = here.hour * 60 + here.minute if asked.first == asked.today else None
    busy = {seat.person_id for seat in book.seats}
    away = book.away_on(asked.first)
    return {
        "title": roster_tables.day_title(asked.first, asked.today),
        "desk": roster_tables.shifts(book, asked.first, Kind.DESK, minute),
        "sites": roster_tables.shifts(book, asked.first, Kind.SITE, minute),
        "away": away,
        "free": [
            person
            for person in book.people
            if person.id not in busy
            and person not in away
            and any(book.works(person.id, asked.first, part) for part in roster_book.PARTS)
        ],
        "on_call": reading.on_call(now) if minute is not None else [],
    }

"""Planning: the draft and what a replan would change, shown before it is published or done."""

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.rota import fairness, loading, publishing, reading
from servicedesk.rota.facts import Booking
from servicedesk.rota.loading import Known
from servicedesk.rota.models import Duty
from servicedesk.rota.plan import Gap, Plan
from servicedesk.rota.titles import hours_of
from servicedesk.web.roster_asked import day_of
from servicedesk.web.roster_words import OBSTACLE, ORIGIN, short_day, short_names, signed

pages = Blueprint("roster_plan", __name__)

_MOST = dt.timedelta(weeks=13)
_MOST_GAPS = 30


@dataclass(frozen=True)
class Change:
    """One seat that a replan gives to somebody else."""

    day: str
    duty: str
    before: str
    after: str


@pages.get("/roster/plan")
@requires(Permission.ROTA_PLAN)
def index():
    """What would be published next, and what planning again would change."""
    today = local(utc_now()).date()
    until = publishing.published_until()
    first = max(today, until + dt.timedelta(days=1)) if until else today
    last = day_of(request.args.get("until")) or _whole_weeks(
        max(first, today + dt.timedelta(days=loading.setting().publish_days))
    )
    last = min(max(last, first), today + _MOST)
    words = Words()
    again_first, again_last = _span(today, until)
    known = publishing.know_around(today, max(last, again_last or last))
    draft = publishing.draft(first, last, known) if first <= last else None
    changes = words.changes(again_first, again_last, known) if again_last else []
    return render_template(
        "rota/plan.html",
        first=first,
        last=last,
        latest=today + _MOST,
        until=until,
        draft=draft,
        rows=words.rows(draft.bookings) if draft else [],
        gaps=words.gaps(draft.gaps[:_MOST_GAPS]) if draft else [],
        gap_count=len(draft.gaps) if draft else 0,
        loads=words.loads(draft) if draft else [],
        spread=signed(fairness.spread(draft.deviations)).lstrip("+") if draft else "",
        again=(again_first, again_last),
        today=today,
        changes=changes,
        seen=digest(changes),
    )


@pages.post("/roster/plan/publish")
@requires(Permission.ROTA_PLAN)
def publish():
    """Publish what was shown, in whole weeks."""
    today = local(utc_now()).date()
    last = day_of(request.form.get("until"))
    if last is None or not today <= last <= today + _MOST:
        flash(_("Kies tot welke dag u publiceert, hoogstens 13 weken vooruit."), "error")
        return redirect(url_for(".index"), 303)
    seats = publishing.publish(me(), utc_now(), days=(last - today).days)
    db.session.commit()
    if seats:
        text = ngettext(
            "%(num)d dienst is gepubliceerd. Iedereen krijgt bericht.",
            "%(num)d diensten zijn gepubliceerd. Iedereen krijgt bericht.",
            len(seats),
        )
        flash(text, "success")
    else:
        flash(_("Alles tot die dag was al gepubliceerd."), "info")
    return redirect(url_for("roster.index", on=seats[0].date.isoformat() if seats else None), 303)


@pages.post("/roster/plan/replan")
@requires(Permission.ROTA_PLAN)
def replan():
    """Plan published days again with the least change."""
    today = local(utc_now()).date()
    first, last = (day_of(request.form.get(name)) for name in ("from", "to"))
    if first is None or last is None or last < first or last > today + _MOST:
        flash(_("Kies van welke tot welke dag u opnieuw plant, hoogstens 13 weken."), "error")
        return redirect(url_for(".index"), 303)
    if request.form.get("seen") != digest(Words().changes(first, last)):
        flash(_("Het rooster is intussen gewijzigd. Bekijk opnieuw wat er verandert."), "warning")
        return redirect(url_for(".index", **{"from": first, "to": last}), 303)
    logs = publishing.replan(first, last, me(), utc_now())
    db.session.commit()
    text = ngettext(
        "%(num)d dienst is gewijzigd. Wie het raakt, krijgt bericht.",
        "%(num)d diensten zijn gewijzigd. Wie het raakt, krijgt bericht.",
        len(logs),
    )
    flash(text if logs else _("Er hoefde niets te veranderen."), "success")
    return redirect(url_for("roster.index", on=first.isoformat()), 303)


def digest(changes: Sequence[Change]) -> str:
    """What was shown, in short: what is confirmed must be what was seen."""
    return hashlib.sha256(repr(changes).encode()).hexdigest()[:16]


def _whole_weeks(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=7 - day.isoweekday())


def _span(today: dt.date, until: dt.date | None) -> tuple[dt.date, dt.date | None]:
    """The published days to plan again: those of the address, else all that come."""
    first = max(day_of(request.args.get("from")) or today, today)
    if until is None or until < first:
        return first, None
    last = min(day_of(request.args.get("to")) or until, until)
    return first, max(first, last)


class Words:
    """Plans in words: duties and people by their numbers, read once."""

    def __init__(self):
        self.duties = {duty.id: duty for duty in db.session.scalars(sa.select(Duty))}
        self.people = {person.id: person for person in reading.people()}
        self.names = short_names(self.people.values())

    def name(self, key: int) -> str:
        return self.names.get(key) or _("iemand die weg is")

    def duty(self, key: int) -> str:
        duty = self.duties[key]
        return f"{duty.name}, {hours_of(duty)}"

    def rows(self, bookings: Iterable[Booking]) -> list[tuple[str, Sequence[tuple[str, str, str]]]]:
        """The draft day by day: the duty, who, and why."""
        days: dict[dt.date, list[tuple[str, str, str]]] = defaultdict(list)
        ordered = sorted(
            bookings, key=lambda one: (one.date, self.duties[one.duty].starts, one.duty, one.nr)
        )
        for one in ordered:
            line = self.duties[one.duty].name, self.name(one.person), str(ORIGIN[one.origin])
            days[one.date].append(line)
        return [(short_day(day), lines) for day, lines in days.items()]

    def gaps(self, gaps: Sequence[Gap]) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """Seats that stay open, each with why everybody cannot."""
        return [
            (
                short_day(gap.seat.date),
                self.duty(gap.seat.duty.id),
                [(self.name(key), str(OBSTACLE[why])) for key, why in gap.obstacles.items()],
            )
            for gap in gaps
        ]

    def loads(self, draft: Plan) -> list[tuple[Person, int, str]]:
        """How many duties everybody gets, and how far they then are from a fair share."""
        count = Counter(one.person for one in draft.bookings)
        return [
            (person, count[key], signed(draft.deviations.get(key, 0.0)))
            for key, person in self.people.items()
        ]

    def changes(
        self, first: dt.date, last: dt.date, known: Known | None = None
    ) -> list[Change]:
        """What a replan of these days would change, seat by seat."""
        known = known or publishing.know_around(first, last)
        before, after = defaultdict(list), defaultdict(list)
        for one in known.booked(first, last):
            before[one.date, one.duty].append(one.person)
        for one in publishing.replanned(first, last, utc_now(), known).bookings:
            if first <= one.date <= last:
                after[one.date, one.duty].append(one.person)
        found = []
        for day, duty in sorted({*before, *after}):
            out = [key for key in before[day, duty] if key not in after[day, duty]]
            into = [key for key in after[day, duty] if key not in before[day, duty]]
            for n in range(max(len(out), len(into))):
                found.append(
                    Change(
                        short_day(day),
                        self.duty(duty),
                        self.name(out[n]) if n < len(out) else _("open"),
                        self.name(into[n]) if n < len(into) else _("open"),
                    )
                )
        return found

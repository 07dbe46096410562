"""What the doors of the roster are tried with: a published roster, and what its forms say."""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Team
from servicedesk.rota import actions, publishing, reading, swapping
from servicedesk.rota.facts import Part
from servicedesk.rota.models import ClosedDay, OnCall, Seat
from servicedesk.rota.words import AbsenceKind
from servicedesk.web import roster_plan
from tests.servicedesk.web.coming import MONDAY, TUESDAY, coming_team


class Roster:
    """A published roster with an open seat, seats and a request of Daan; and what its forms say."""

    def __init__(self, cast):
        self.team, now = coming_team(cast), utc_now()
        self.visit = self.team.seat(TUESDAY, self.team.site)
        self.open = self.team.seat(MONDAY, self.team.early)
        publishing.assign(self.open, None, cast.els, now)
        best = reading.lost_cover([self.open])[0].candidates[0].person
        far = MONDAY + dt.timedelta(days=90)
        self.absence, _ = actions.register_absence(
            cast.daan, far, far, Part.DAY, AbsenceKind.ILLNESS, cast.els, now
        )
        self.mine, self.asked = (self.seat_of_daan(TUESDAY + dt.timedelta(days=n)) for n in (1, 2))
        to = swapping.possible(self.mine, now)[0][0]
        colleague = self.team.person(swapping.possible(self.asked, now)[0][0])
        self.request = swapping.propose(cast.daan, self.asked, colleague, None, now)
        for day in (far, far + dt.timedelta(days=1)):
            actions.close_day(day, None, "Dicht", cast.els, now)
            actions.call_on(cast.femke, now, now + dt.timedelta(days=1))
        self.words = {
            "colleague": best, "person": best, "day": TUESDAY + dt.timedelta(days=1), "part": "day", "kind": "leave",
            "first": MONDAY + dt.timedelta(days=60), "last": MONDAY + dt.timedelta(days=60), "since": MONDAY,
            "weekdays": [1], "seats": 1, "every": 1, "valid_from": TUESDAY, "municipality": "", "length": 1,
            "unit": "week", f"place-{cast.daan.id}": 1, "may": [cast.daan.id], "from": MONDAY, "to": TUESDAY,
            "until": MONDAY + dt.timedelta(days=40), "publish_days": 21, "for": f"p{to}", "step": "reject",
            "hours": 20, "name": "Avond", "liberation_day": "never",
        }  # fmt: skip

    def seat_of_daan(self, day: dt.date) -> Seat:
        """A seat at the desk that Daan has on a day, by hand when the plan gave him none."""
        daan, early, late = self.team.cast.daan, *(self.team.seat(day, d) for d in (self.team.early, self.team.late))
        if late.person_id == daan.id:
            return late
        publishing.assign(early, daan, self.team.els, utc_now())
        return early

    def form(self, endpoint: str) -> dict[str, object]:
        """What some forms say otherwise than the others."""
        if endpoint == "roster_duties.add":
            return self.words | {"kind": "desk", "municipality": 0, "starts": "18:00", "ends": "20:00"}
        if endpoint == "roster_rules.swaps":
            return {f"team-{key}": "colleague" for key in db.session.scalars(sa.select(Team.id))}
        if endpoint == "roster_rules.call_on":
            return self.words | {"starts": f"{MONDAY}T18:00", "ends": f"{TUESDAY}T08:00"}
        if endpoint == "roster_team.save":
            days = {f"day_{n}": "day" if n < 3 else "" for n in range(1, 8)}
            return self.words | days | {"starts": MONDAY, "ends": "", "skills": "netwerk"}
        if endpoint == "roster_plan.replan":
            changes = roster_plan.Words().changes(MONDAY, TUESDAY)
            return self.words | {"seen": roster_plan.digest(changes)}
        return self.words

    def key(self, endpoint: str) -> int:
        if endpoint in ("roster_rules.open_again", "roster_rules.call_off"):
            table = ClosedDay if endpoint.endswith("again") else OnCall
            return db.session.scalars(sa.select(table.id).order_by(table.id)).first()
        one = {
            "roster_seats.move": self.visit, "roster_swaps.step": self.request,
            "roster_swaps.offer": self.mine, "roster_swaps.propose": self.mine,
            "roster_absences": self.absence, "roster_duties": self.team.site,
            "roster_team": self.team.cast.daan,
        }  # fmt: skip
        return (one.get(endpoint) or one.get(endpoint.partition(".")[0]) or self.open).id

"""A small team with a desk, a site and a published roster, for tests with the database."""

import datetime as dt
from dataclasses import dataclass

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.rota import actions, publishing, reading
from servicedesk.rota.facts import Kind, Part, Span
from servicedesk.rota.models import Duty, Seat
from tests.makers import NOW, Cast, make_person

MONDAY = NOW.date()  # 10:00 local time
TUESDAY, WEDNESDAY = (MONDAY + dt.timedelta(days=n) for n in (1, 2))
FULL = dict.fromkeys(range(1, 6), Part.DAY)


@dataclass
class Team:
    """Daan and Femke of the cast, Gijs and Hanna; Els plans. Daan is the face of Oosterveen."""

    cast: Cast
    gijs: Person
    hanna: Person
    early: Duty
    late: Duty
    site: Duty

    @property
    def els(self) -> Person:
        return self.cast.els

    @property
    def people(self) -> list[Person]:
        return [self.cast.daan, self.cast.femke, self.gijs, self.hanna]

    def person(self, key: int) -> Person:
        return next(person for person in self.people if person.id == key)

    def seat(self, day: dt.date, duty: Duty) -> Seat:
        return next(seat for seat in reading.seats(day, day) if seat.duty_id == duty.id)

    def free(self, day: dt.date) -> Person:
        """Somebody without a seat on a day."""
        busy = {seat.person_id for seat in reading.seats(day, day)}
        return next(person for person in self.people if person.id not in busy)


def make_team(cast: Cast, published: bool = True, now: dt.datetime = NOW) -> Team:
    gijs, hanna = (make_person(name, role=Role.AGENT) for name in ("Gijs Bos", "Hanna Vos"))
    start = now.date() - dt.timedelta(weeks=20)
    for person in (cast.daan, cast.femke, gijs, hanna):
        actions.employ(person, 36 * 60, FULL, start)
    week = range(1, 6)
    early = actions.add_duty(Kind.DESK, "Ochtend", Span(450, 750), week, start)
    late = actions.add_duty(Kind.DESK, "Middag", Span(750, 1050), week, start)
    site = actions.add_duty(
        Kind.SITE, "Oosterveen", Span(510, 990), [2], start,
        municipality=cast.oosterveen, room="1.12",
    )  # fmt: skip
    actions.set_people(site, [gijs], {None: (cast.daan, cast.femke)})
    team = Team(cast, gijs, hanna, early, late, site)
    if published:
        publishing.publish(cast.els, now)
    db.session.commit()
    return team

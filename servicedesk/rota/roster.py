"""Who has which seat, and what keeps somebody from having one: the one door for plan and swap."""

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Iterable

from servicedesk.rota.demand import Demand, Seat
from servicedesk.rota.facts import Booking, Faces, Facts, Key, Part, Person, Span


class Obstacle(enum.StrEnum):
    """Why somebody cannot have a seat, the most telling first."""

    OFF = "off"
    ABSENT = "absent"
    NOT_QUALIFIED = "not_qualified"
    SKILL = "skill"
    DOUBLE_BOOKED = "double_booked"
    DESK_IN_WEEK = "desk_in_week"
    DESK_IN_ROW = "desk_in_row"
    HOURS = "hours"


class Presence:
    """Who is at work when: pattern and absences."""

    def __init__(self, facts: Facts):
        self._absences = defaultdict(list)
        for absence in facts.absences:
            self._absences[absence.person].append(absence)

    def absent(self, person: Person, day: dt.date, span: Span) -> bool:
        return any(
            absence.first <= day <= absence.last and absence.part.span.overlaps(span)
            for absence in self._absences[person.id]
        )

    def obstacle(self, person: Person, day: dt.date, span: Span) -> Obstacle | None:
        """Why `person` is not at work during all of `span`; None when they are."""
        part = person.part(day)
        if part is None or not part.span.contains(span):
            return Obstacle.OFF
        return Obstacle.ABSENT if self.absent(person, day, span) else None

    def has_free_part(self, person: Person, day: dt.date) -> bool:
        """Whether there is a part of `day` on which `person` works and is not away."""
        return any(self.obstacle(person, day, part.span) is None for part in Part)


class Roster:
    """Seats and their holders; it tells what would go wrong, and does as it is told."""

    def __init__(self, facts: Facts):
        self.facts, self.rules = facts, facts.rules
        self.presence = Presence(facts)
        self.demand = Demand(facts)
        self.people = {person.id: person for person in facts.people}
        self.duties = {duty.id: duty for duty in facts.duties}
        self.seats: dict[Key, dict[dt.date, list[Seat]]] = defaultdict(lambda: defaultdict(list))
        self.mates: dict[tuple[dt.date, Key], list[Key]] = defaultdict(list)
        self._standing: dict[tuple, Obstacle | None] = {}
        self._desk_days: dict[dt.date, bool] = {}

    def give(self, seat: Seat, person: Key) -> None:
        self.seats[person][seat.date].append(seat)
        self.mates[seat.date, seat.duty.id].append(person)

    def take(self, seat: Seat, person: Key) -> None:
        self.seats[person][seat.date].remove(seat)
        self.mates[seat.date, seat.duty.id].remove(person)

    def book(self, bookings: Iterable[Booking]) -> None:
        """Give what `bookings` say; what is of a person or a duty unknown here is passed over."""
        for booking in bookings:
            if booking.person in self.people and booking.duty in self.duties:
                self.give(self.bare_seat(booking.date, booking.duty), booking.person)

    def bare_seat(self, day: dt.date, duty: Key) -> Seat:
        """A seat of `duty` on `day` that asks for no skill of itself."""
        return Seat(day, self.duties[duty], 0, None, Faces())

    def obstacle_on(self, day: dt.date, duty: Key, person: Key) -> Obstacle | None:
        """What keeps `person` from joining those who are booked on `duty`; None when nothing."""
        who, seat = self.people.get(person), self.bare_seat(day, duty)
        if who is None:
            return Obstacle.NOT_QUALIFIED
        mates = [self.people[mate] for mate in self.mates[day, duty]] + [who]
        for skill, count in seat.duty.need.items():
            without = sum(skill not in mate.skills for mate in mates)
            if skill not in who.skills and without > seat.duty.seats - count:
                return self.standing(who, seat) or Obstacle.SKILL
        return self.obstacle(who, seat)

    def standing(self, person: Person, seat: Seat) -> Obstacle | None:
        """What keeps `person` from `seat`, whatever other seats they have."""
        key = person.id, seat.date, seat.duty.id, seat.skill
        if key not in self._standing:
            self._standing[key] = self._look(person, seat)
        return self._standing[key]

    def _look(self, person: Person, seat: Seat) -> Obstacle | None:
        away = self.presence.obstacle(person, seat.date, seat.span)
        if away:
            return away
        if not (person.desk if seat.is_desk else person.id in seat.duty.authorised):
            return Obstacle.NOT_QUALIFIED
        if seat.skill and seat.skill not in person.skills:
            return Obstacle.SKILL
        return None

    def obstacle(self, person: Person, seat: Seat) -> Obstacle | None:
        """What keeps `person` from having `seat` beside the seats they have; None when nothing."""
        return (
            self.standing(person, seat)
            or (self.clashes(person, [seat]) and Obstacle.DOUBLE_BOOKED)
            or self.limit(person, [seat])
        )

    def clashes(self, person: Person, seats: Iterable[Seat]) -> bool:
        """Whether `seats`, of one day, clash with each other or with what `person` has."""
        held = list(self.seats[person.id].get(seats[0].date, ()))
        for seat in seats:
            for other in held:
                if (
                    self.rules.one_duty_per_day
                    or other.duty.id == seat.duty.id
                    or other.span.overlaps(seat.span)
                ):
                    return True
            held.append(seat)
        return False

    def limit(self, person: Person, seats: list[Seat]) -> Obstacle | None:
        """The limit across days that `seats`, of one day, would break for `person`."""
        rules = self.rules
        if not rules.reach_across_days:
            return None
        day = seats[0].date
        week = self.week(person, day) + seats
        desk = sum(seat.is_desk for seat in seats)
        if desk and rules.max_desk_per_week is not None:
            if sum(seat.is_desk for seat in week) > rules.max_desk_per_week:
                return Obstacle.DESK_IN_WEEK
        if desk and rules.max_desk_days_in_row is not None:
            if len(self.run(person, day)) >= rules.max_desk_days_in_row:
                return Obstacle.DESK_IN_ROW
        if rules.respect_hours and sum(seat.span.hours for seat in week) > person.hours:
            return Obstacle.HOURS
        return None

    def week(self, person: Person, day: dt.date) -> list[Seat]:
        """The seats that `person` has in the ISO week of `day`."""
        monday = day - dt.timedelta(days=day.weekday())
        held = self.seats[person.id]
        return [seat for n in range(7) for seat in held.get(monday + dt.timedelta(days=n), ())]

    def run(self, person: Person, day: dt.date) -> list[Seat]:
        """The desk seats of `person` on the days around `day`, as far as they follow each other.

        A day without any desk seat is skipped: it neither breaks nor lengthens a run.
        """
        return [seat for step in (-1, 1) for seat in self._run(person, day, step)]

    def _run(self, person: Person, day: dt.date, step: int) -> list[Seat]:
        held, found = self.seats[person.id], []
        for _ in range(_FAR):
            day += dt.timedelta(days=step)
            if self.has_desk(day):
                desk = [seat for seat in held.get(day, ()) if seat.is_desk]
                if not desk:
                    break
                found += desk[:1]
        return found

    def has_desk(self, day: dt.date) -> bool:
        """Whether the desk is manned on `day`."""
        if day not in self._desk_days:
            self._desk_days[day] = any(seat.is_desk for seat in self.demand.on(day))
        return self._desk_days[day]


# How many days a run of desk days is followed; more than any limit that makes sense.
_FAR = 60

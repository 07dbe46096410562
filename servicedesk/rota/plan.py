"""The plan of a stretch of days: a pure function of the facts and of what was published.

The aims, in this order: limits and hand-made choices are never broken; fewest open seats; fewest
changes of what was published; visits before the desk; whose turn it is; the fixed face, then the
deputy; a fair share of the desk. Each day is one cheapest matching, which is exact for all aims
that do not join days. Fairness does: the days are planned again, each against all others, until
nothing gets better. Limits across days may leave a seat open that a chain of moves can fill.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from servicedesk.rota import fairness
from servicedesk.rota.demand import Seat, days_between
from servicedesk.rota.facts import Booking, Facts, Key, Origin
from servicedesk.rota.levelling import level
from servicedesk.rota.matching import cheapest_matching, cheapest_packing
from servicedesk.rota.repair import least_open, mend
from servicedesk.rota.roster import Obstacle, Roster
from servicedesk.rota.turns import Turns

# Each aim outweighs all that follow it, summed over the seats of a day.
_FAIR = 10**5  # for one seat above a fair share
NO_DEPUTY = 10**9
NO_PRIMARY = NO_DEPUTY * 100
NO_TURN = NO_PRIMARY * 100
OPEN_VISIT = NO_TURN * 100
CHANGE = OPEN_VISIT * 100
OPEN = CHANGE * 100

_SECOND_DAY = 0.05  # a further desk day in one week weighs as this much of a seat
_PASSES = 6
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """A seat that stays open, and what keeps from it each person who cannot have it."""

    seat: Seat
    obstacles: dict[Key, Obstacle]


@dataclass(frozen=True)
class Plan:
    """What `plan` decides: who has which seat, and the seats that stay open."""

    bookings: tuple[Booking, ...]
    gaps: tuple[Gap, ...]
    deviations: dict[Key, float]


def plan(
    facts: Facts,
    first: dt.date,
    last: dt.date,
    published: Iterable[Booking] = (),
    settled: Callable[[Seat], bool] = lambda seat: False,
) -> Plan:
    """Give the seats of `first` to `last`, both included.

    `published` is changed as little as the aims allow; without it the plan is a fresh one. What it
    says of other days counts for the limits. A seat that is `settled` keeps whom it was published
    for, or stays open: the past does not change.
    """
    return Planner(facts, first, last, published, settled).solve()


class Planner:
    """The seats of the days, what each costs each person, and who has them so far."""

    def __init__(self, facts, first, last, published, settled):
        self.roster = Roster(facts)
        self.people = [person for _, person in sorted(self.roster.people.items())]
        self.turns = Turns(facts)
        self.days = {day: self.roster.demand.on(day) for day in days_between(first, last)}
        self.holder: dict[Seat, Key | None] = {}
        self.pinned: set[Seat] = set()
        self.pinned_days: set[dt.date] = set()
        self.chosen: set[Seat] = set()
        self.published: dict[tuple, list[Key]] = {}
        for booking in sorted(published, key=_order):
            self.published.setdefault((booking.date, booking.duty), []).append(booking.person)
            self._settle(booking, settled)
        for seat in [seat for seats in self.days.values() for seat in seats]:
            if seat not in self.pinned and settled(seat):
                self._pin(seat, None)
        for booking in sorted(facts.overrides, key=_order):
            self._choose(booking)
        self.costs = {day: self._costs(day) for day in self.days}
        self.carried = facts.carried
        self.free = fairness.free_days(self.roster, self.days)
        all_free = sum(self.free.values()) or 1
        self.share = {key: days / all_free for key, days in self.free.items()}
        self.own, self.own_of_duty, self.own_in_week = Counter(), defaultdict(Counter), Counter()
        self.planned, self.planned_of_duty = 0, Counter()
        for seat in self.pinned:
            if self.holder[seat] is not None:
                self._count(seat, self.holder[seat], 1)

    # -- what is given

    def _settle(self, booking: Booking, settled: Callable[[Seat], bool]) -> None:
        """Keep what was published for a seat that is settled, and let other days count."""
        if booking.person not in self.roster.people:
            return
        if booking.date not in self.days:
            self.roster.book([booking])
            return
        for seat in self._seats(booking):
            if settled(seat):
                self._pin(seat, booking.person)
                return

    def _choose(self, booking: Booking) -> None:
        """Keep what was chosen by hand for somebody who is there, authorised or not."""
        person = self.roster.people.get(booking.person)
        for seat in self._seats(booking) if person else ():
            if (
                self.roster.standing(person, seat) in (None, Obstacle.NOT_QUALIFIED)
                and (not seat.skill or seat.skill in person.skills)
                and not self.roster.clashes(person, [seat])
            ):
                self._pin(seat, person.id)
                self.chosen.add(seat)
                return

    def _seats(self, booking: Booking) -> list[Seat]:
        """The seats that `booking` may mean: its own number first, then those without a skill."""
        return sorted(
            (
                seat
                for seat in self.days.get(booking.date, ())
                if seat.duty.id == booking.duty and seat not in self.pinned
            ),
            key=lambda seat: (seat.nr != booking.nr, seat.skill is not None, seat.nr),
        )

    def _pin(self, seat: Seat, person: Key | None) -> None:
        self.pinned.add(seat)
        self.pinned_days.add(seat.date)
        self.holder[seat] = person
        if person is not None:
            self.roster.give(seat, person)

    # -- what a seat costs

    def _costs(self, day: dt.date) -> dict[Seat, dict[Key, int]]:
        """For each seat of `day`: the cost of each person who may have it, and of None (open)."""
        table, beyond = {}, self._beyond_published(day)
        for seat in self.days[day]:
            row = {
                person.id: self._cost(seat, person.id) + CHANGE * (seat in beyond)
                for person in self.people
                if not self.roster.standing(person, seat)
            }
            row[None] = OPEN
            if not seat.is_desk and self.roster.rules.visit_before_desk:
                row[None] += OPEN_VISIT
            # Only people who are there have a turn to lose.
            turn = self.turns.holders(seat.duty, day) & row.keys()
            for key in row:
                if turn and key not in turn:
                    row[key] += NO_TURN
            table[seat] = row
        return table

    def _cost(self, seat: Seat, person: Key) -> int:
        cost = 0
        if person in self.published.get((seat.date, seat.duty.id), ()):
            cost -= CHANGE
        if person != seat.faces.primary and not seat.is_desk:
            cost += NO_PRIMARY if person == seat.faces.deputy else NO_PRIMARY + NO_DEPUTY
        return cost

    def _beyond_published(self, day: dt.date) -> set[Seat]:
        """The seats of `day` beyond the number of people that a duty was published with.

        The changes of a duty are the larger of who goes and who comes. That is the number of its
        published people, less one for each who stays, and one more for each person beyond that
        number: so who stays is cheaper, and a seat beyond is dearer. Those are first the seats that
        ask for a skill, which leaves all others the choice.
        """
        beyond = set()
        if self.published:
            for duty in {seat.duty.id: seat.duty for seat in self.days[day]}.values():
                seats = [seat for seat in self.days[day] if seat.duty is duty]
                extra = max(0, len(seats) - len(self.published.get((day, duty.id), ())))
                beyond.update(sorted(seats, key=lambda seat: (not seat.skill, seat.nr))[:extra])
        return beyond

    # -- deciding

    def solve(self) -> Plan:
        if self.roster.rules.reach_across_days:
            self._start_within_limits()
        else:
            self._plan_in_order(self.days)
        for _ in range(_ROUNDS):
            self._even_out()
            if not level(self):
                break
        return self._result()

    def _even_out(self) -> None:
        for _ in range(_PASSES):
            if not sum([self._plan_again(day) for day in self.days]):
                break

    def _start_within_limits(self) -> None:
        """Plan the days in several orders, for a day takes what the limits leave; keep the best."""
        scarce = sorted(self.days, key=lambda day: (self._choice(day), day))
        best, least = None, least_open(self)
        for order in (self.days, scarce, reversed(self.days), reversed(scarce)):
            self._plan_in_order(order)
            mend(self, least)
            if best is None or self.total() < best[0]:
                best = self.total(), dict(self.holder)
            if list(best[1].values()).count(None) <= sum(least.values()):
                break
        self._clear()
        for seat, person in best[1].items():
            if seat not in self.pinned:
                self.place(seat, person)

    def _choice(self, day: dt.date) -> int:
        """How many people there are for a seat of `day`, the least of its seats."""
        return min(map(len, self.costs[day].values()), default=0)

    def total(self) -> int:
        """What the plan costs, but for fairness."""
        return sum(
            self.costs[seat.date][seat].get(person, 0)
            for seat, person in self.holder.items()
            if seat not in self.pinned
        )

    def _plan_in_order(self, days: Iterable[dt.date]) -> None:
        self._clear()
        for day in days:
            self._plan_day(day)

    def _clear(self) -> None:
        for seat, person in self.holder.items():
            if person is not None and seat not in self.pinned:
                self.place(seat, None)

    def _plan_again(self, day: dt.date) -> bool:
        """Plan `day` against all other days; whether anything changed."""
        before = {seat: self.holder[seat] for seat in self.days[day]}
        for seat, person in before.items():
            if seat not in self.pinned:
                self.place(seat, None)
        self._plan_day(day)
        return any(self.holder[seat] != person for seat, person in before.items())

    def _plan_day(self, day: dt.date) -> None:
        seats = [seat for seat in self.days[day] if seat not in self.pinned]
        if not seats:
            return
        costs, fair = self.costs[day], self._fair_costs(day)
        rows = [self._prices(seat, fair.get(seat.duty.id)) for seat in seats]
        open_costs = [costs[seat][None] for seat in seats]
        if self.roster.rules.one_duty_per_day:
            holders = cheapest_matching(rows, open_costs)
        else:
            holders = cheapest_packing(
                rows, open_costs, lambda key, some: self.fits(key, [seats[n] for n in some])
            )
        for seat, key in zip(seats, holders, strict=True):
            self.place(seat, key)

    def _prices(self, seat: Seat, fair: dict[Key, int] | None) -> dict[Key, int]:
        """What `seat` costs with each person who can have it beside their other seats."""
        costs = self.costs[seat.date][seat]
        able = [key for key in costs if key is not None]
        if self.roster.rules.reach_across_days or seat.date in self.pinned_days:
            able = [key for key in able if self.fits(key, [seat])]
        if fair is None:
            return {key: costs[key] for key in able}
        return {key: costs[key] + fair[key] for key in able}

    def fits(self, key: Key, seats: list[Seat]) -> bool:
        person = self.roster.people[key]
        return not self.roster.clashes(person, seats) and not self.roster.limit(person, seats)

    def _fair_costs(self, day: dt.date) -> dict[Key, dict[Key, int]]:
        """What a desk seat of `day` adds to the squares of the deviations: duty -> person -> cost.

        Half as heavy is the deviation within the shift (early against late), and a little a second
        desk day in the week.
        """
        desk = Counter(seat.duty.id for seat in self.days[day] if seat.is_desk)
        week = day.isocalendar()[:2]
        above = {
            key: self.above_share(key, desk.total()) + self.own_in_week[key, week] * _SECOND_DAY
            for key in self.free
        }
        costs = {}
        for duty, count in desk.items():
            own, planned = self.own_of_duty[duty], self.planned_of_duty[duty] + count
            costs[duty] = {
                key: int(_FAIR * (high + (own[key] - self.share[key] * planned) / 2))
                for key, high in above.items()
            }
        return costs

    def above_share(self, key: Key, more: int = 0) -> float:
        """The desk seats of somebody above a fair share of all planned ones and `more`."""
        fair = self.share.get(key, 0) * (self.planned + more)
        return self.own[key] - fair + self.carried.get(key, 0)

    def place(self, seat: Seat, person: Key | None) -> None:
        """Give `seat` to `person`, or leave it open, and keep count."""
        before = self.holder.get(seat)
        if before is not None:
            self._count(seat, before, -1)
            self.roster.take(seat, before)
        self.holder[seat] = person
        if person is not None:
            self._count(seat, person, 1)
            self.roster.give(seat, person)

    def _count(self, seat: Seat, person: Key, step: int) -> None:
        if seat.is_desk:
            self.own[person] += step
            self.own_of_duty[seat.duty.id][person] += step
            self.own_in_week[person, seat.date.isocalendar()[:2]] += step
            self.planned += step
            self.planned_of_duty[seat.duty.id] += step

    # -- what came of it

    def _result(self) -> Plan:
        held = [(seat, key) for seat, key in self.holder.items() if key is not None]
        bookings = [
            Booking(seat.date, seat.duty.id, key, seat.nr, self._origin(seat, key))
            for seat, key in held
        ]
        gaps = [
            Gap(seat, self._obstacles(seat)) for seat, key in self.holder.items() if key is None
        ]
        deviations = fairness.deviations(
            self.free, (key for seat, key in held if seat.is_desk), self.carried
        )
        return Plan(
            tuple(sorted(bookings, key=_order)),
            tuple(sorted(gaps, key=lambda gap: (gap.seat.date, gap.seat.duty.id, gap.seat.nr))),
            deviations,
        )

    def _obstacles(self, seat: Seat) -> dict[Key, Obstacle]:
        day, duty = seat.date, seat.duty.id
        found = {key: self.roster.obstacle_on(day, duty, key) for key in self.roster.people}
        return {key: obstacle for key, obstacle in found.items() if obstacle}

    def _origin(self, seat: Seat, person: Key) -> Origin:
        if seat in self.chosen:
            return Origin.HAND
        if person in self.turns.holders(seat.duty, seat.date):
            return Origin.TURN
        if seat.is_desk:
            return Origin.FAIR
        return Origin.FACE if person == seat.faces.primary else Origin.SUBSTITUTE


def _order(booking: Booking) -> tuple:
    return booking.date, booking.duty, booking.nr, booking.person

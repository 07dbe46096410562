"""What happened in the last ninety days, played again by the actions of the product, in order of time.

Each ticket follows a course: steps with the service time between them. What would come after now
has not happened yet, so that young tickets are open. Between the steps the watch does its work, so
that deadlines were noticed when they passed.
"""

import datetime as dt
import functools
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Municipality
from cmdb.people import Person
from servicedesk.demo import today, topics
from servicedesk.demo.organisation import Organisation
from servicedesk.demo.topics import TOPICS, Topic
from servicedesk.notify.models import Message
from servicedesk.tickets import actions
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Channel, WaitingFor
from sla import agreements, watch
from sla.hours import Timeline
from sla.instants import to_datetime, to_epoch
from sla.models import Agreement, Clock
from sla.priority import Impact, Urgency, priority

DAYS = 90
TICKETS = 270  # besides those that are about now
CHANNELS = (Channel.PORTAL,) * 7 + (Channel.PHONE,) * 3 + (Channel.WALK_IN,)

# A deed at a moment, and after how many service minutes the next one follows.
Step = tuple[float, Callable[[dt.datetime], None]]


@dataclass
class Desk:
    """What every course needs to know."""

    organisation: Organisation
    items: dict[str, list[Item]]
    hours: dict[int, Timeline]  # by municipality
    rng: random.Random
    now: dt.datetime

    @functools.cached_property
    def by_uid(self) -> dict[str, Item]:
        return {item.uid: item for items in self.items.values() for item in items}

    def before(self, municipality: Municipality, minutes: float) -> dt.datetime:
        """The moment since which `minutes` of service passed, by bisection."""
        hours, now = self.hours[municipality.id], to_epoch(self.now)
        low, high = now - 200 * 86400, now
        while high - low > 1:
            middle = (low + high) // 2
            if hours.open_seconds(middle, now) > minutes * 60:
                low = middle
            else:
                high = middle
        return to_datetime(high)

    def after(self, municipality_id: int, moment: dt.datetime, minutes: float) -> dt.datetime:
        return to_datetime(self.hours[municipality_id].after(to_epoch(moment), round(minutes * 60)))


class Story:
    """One ticket: who filed it, who works on it, and the deeds that a course is made of."""

    def __init__(
        self, desk: Desk, topic: Topic, municipality: Municipality, requester: Person | None = None
    ):
        rng = desk.rng
        self.desk, self.topic, self.rng = desk, topic, rng
        self.requester = requester or rng.choice(desk.organisation.staff[municipality.id])
        self.team = desk.organisation.categories[topic.category].team
        self.agent = rng.choice(desk.organisation.agents[self.team.name])
        self.ticket: Ticket | None = None

    def file(self, now: dt.datetime) -> None:
        channel = self.rng.choice(CHANNELS)
        self.ticket = actions.file_ticket(
            self.requester,
            self.requester if channel == Channel.PORTAL else self.agent,
            now,
            type=self.topic.type,
            category=self.desk.organisation.categories[self.topic.category],
            title=self.topic.title,
            body=self.topic.body,
            impact=self.topic.impact,
            urgency=self.topic.urgency,
            channel=channel,
            items=self._items(),
            phone=self.requester.phone,
            location_id=self.requester.location_id,
        )

    def take(self, now: dt.datetime) -> None:
        actions.take(self.ticket, self.agent, now)

    def say(self, now: dt.datetime) -> None:
        actions.reply(self.ticket, self.agent, self.rng.choice(topics.REPLIES), now)

    def note(self, now: dt.datetime) -> None:
        actions.note(self.ticket, self.agent, self.rng.choice(topics.NOTES), now)

    def ask(self, now: dt.datetime) -> None:
        actions.wait(
            self.ticket, WaitingFor.REQUESTER, self.agent, now, question=self.topic.question
        )

    def answer(self, now: dt.datetime) -> None:
        actions.reply(self.ticket, self.requester, self.rng.choice(topics.ANSWERS), now)

    def wait_for(self, reason: WaitingFor, days: int) -> Callable[[dt.datetime], None]:
        def wait(now: dt.datetime) -> None:
            actions.wait(self.ticket, reason, self.agent, now, until=now + dt.timedelta(days=days))

        return wait

    def go_on(self, now: dt.datetime) -> None:
        actions.start_work(self.ticket, self.agent, now)

    def pass_on(self, now: dt.datetime) -> None:
        """To another team, where somebody else takes it."""
        names = [name for name in self.desk.organisation.teams if name != self.team.name]
        self.team = self.desk.organisation.teams[self.rng.choice(names)]
        colleague = self.rng.choice(self.desk.organisation.agents[self.team.name])
        actions.assign(self.ticket, self.team, colleague, self.agent, now)
        self.agent = colleague

    def raise_priority(self, now: dt.datetime) -> None:
        actions.change_priority(
            self.ticket,
            Impact.DEPARTMENT,
            Urgency.HIGH,
            "Er blijken meer collega’s te zijn die niet kunnen werken.",
            self.agent,
            now,
        )

    def solve(self, now: dt.datetime) -> None:
        actions.resolve(self.ticket, self.topic.solution, self.agent, now)

    def accept(self, now: dt.datetime) -> None:
        actions.accept(self.ticket, self.requester, now)

    def complain(self, now: dt.datetime) -> None:
        actions.reopen(self.ticket, self.rng.choice(topics.REOPENINGS), self.requester, now)

    def withdraw(self, now: dt.datetime) -> None:
        actions.cancel(self.ticket, "Het werkt vanzelf weer, dank u.", self.requester, now)

    @property
    def minutes(self) -> int:
        """What the agreement gives for solving it, in service minutes."""
        municipality_id = self.requester.municipality_id
        version = agreements.version_at(municipality_id, self.desk.now)
        at = priority(self.topic.impact, self.topic.urgency)
        targets = agreements.targets_for(version, self.topic.type, at)
        return next(target.minutes for target in targets if target.kind == "resolution")

    def _items(self) -> list[Item]:
        """The item by its identifier, else one of its class that the requester uses or has near."""
        if exact := self.desk.by_uid.get(self.topic.item):
            return [exact]
        of_class = self.desk.items.get(self.topic.item, [])
        own = [item for item in of_class if item.user_id == self.requester.id]
        near = [
            item
            for item in of_class
            if item.municipality_id == self.requester.municipality_id and item.user_id is None
        ]
        return (own or near)[:1]


def play(desk: Desk) -> int:
    """Let it all happen; how many tickets there are then."""
    queue: list[tuple[dt.datetime, int, Iterator[Step], Story, Callable]] = []
    order = itertools.count()
    for filed, story, course in _stories(desk):
        heapq.heappush(queue, (filed, next(order), iter(course), story, story.file))
    day = min(queue)[0].date()
    count = 0
    while queue:
        moment, _, course, story, deed = heapq.heappop(queue)
        _watch_until(moment)
        if moment.date() != day:
            day = moment.date()
            actions.close_resolved(moment)
        deed(moment)
        count += deed == story.file
        if step := next(course, None):
            later = desk.after(story.requester.municipality_id, moment, step[0])
            if later <= desk.now:
                heapq.heappush(queue, (later, next(order), course, story, step[1]))
    _watch_until(desk.now)
    actions.close_resolved(desk.now)
    all_items = [item for items in desk.items.values() for item in items]
    count += today.build(desk.organisation, all_items, desk.rng, desk.now)
    # What was sent in the past must not go out today.
    db.session.execute(sa.update(Message).values(sent_at=Message.created_at, attempts=1))
    return count


def hours_of(organisation: Organisation) -> dict[int, Timeline]:
    """The service hours of each municipality, by its key."""
    return {
        agreement.municipality_id: agreements.timeline(agreement.calendar)
        for agreement in db.session.scalars(sa.select(Agreement))
    }


def _stories(desk: Desk) -> Iterator[tuple[dt.datetime, Story, list[Step]]]:
    """Every ticket: when it was filed, and the course that it takes."""
    rng, municipalities = desk.rng, desk.organisation.municipalities
    for _ in range(TICKETS):
        municipality = rng.choice(municipalities)
        # Ninety days hold about 62 working days of nine hours.
        minutes = rng.uniform(9 * 60, 62 * 9 * 60)
        story = Story(desk, rng.choices(TOPICS, _OFTEN)[0], municipality)
        course = rng.choices(tuple(_COURSES), tuple(_COURSES.values()))[0]
        yield desk.before(municipality, minutes), story, course(story)
    yield from _present(desk)


def _present(desk: Desk) -> Iterator[tuple[dt.datetime, Story, list[Step]]]:
    """The tickets that are about today: new, at risk, late, waiting, answered, solved just now."""
    municipalities = itertools.cycle(desk.organisation.municipalities)
    subjects = itertools.cycle(TOPICS)
    sanne = desk.organisation.person("Sanne de Bruin")

    def one(
        course: Callable[[Story], list[Step]],
        share: float = 0.0,
        minutes: float = 0.0,
        topic=None,
        person=None,
    ):
        municipality = (
            desk.organisation.municipality("Oosterveen") if person else next(municipalities)
        )
        story = Story(desk, topic or next(subjects), municipality, person)
        return desk.before(municipality, share * story.minutes + minutes), story, course(story)

    for number in range(9):
        yield one(lambda story: [], minutes=4 + 11 * number)
    for share in (0.78, 0.86, 0.93, 0.96):
        yield one(lambda story: [(6, story.take), (12, story.say)], share)
    for share in (1.03, 1.1, 1.25):
        yield one(lambda story: [(9, story.take), (30, story.note)], share)
    for share in (0.2, 0.3, 0.45, 0.55, 0.6):
        yield one(lambda story: [(8, story.take), (25, story.say)], share)
    yield from _waiting_now(one)
    for minutes in (40, 95, 200, 380):
        yield one(lambda story: [(5, story.take), (20, story.solve)], minutes=minutes)
    yield one(lambda story: [(6, story.take), (20, story.say)], 0.6, topic=TOPICS[0], person=sanne)
    yield one(lambda story: [(6, story.take), (10, story.ask)], 0.4, topic=TOPICS[17], person=sanne)
    yield one(
        lambda story: [(6, story.take), (20, story.solve)],
        minutes=120,
        topic=TOPICS[33],
        person=sanne,
    )
    yield one(_plain, minutes=9 * 60 * 8, topic=TOPICS[18], person=sanne)


def _waiting_now(one) -> Iterator[tuple[dt.datetime, Story, list[Step]]]:
    for reason, days in (
        (WaitingFor.SUPPLIER, 3), (WaitingFor.SITE_DAY, 2), (WaitingFor.CHANGE, 6), (WaitingFor.PROBLEM, 9),
        (WaitingFor.SUPPLIER, 1),
    ):  # fmt: skip
        yield one(
            lambda story, reason=reason, days=days: [
                (7, story.take),
                (15, story.wait_for(reason, days)),
            ],
            0.35,
        )
    for share in (0.3, 0.5, 0.7, 0.9):
        yield one(lambda story: [(7, story.take), (15, story.ask)], share)


def _response(story: Story) -> float:
    return story.rng.choice((3, 4, 5, 6, 8, 10, 12, 14, 25))


def _work(story: Story, low: float = 0.08, high: float = 0.7) -> float:
    return story.minutes * story.rng.uniform(low, high)


def _end(story: Story) -> list[Step]:
    """Most say that it works; others are silent, and the desk closes after a week."""
    return [(story.rng.uniform(15, 900), story.accept)] if story.rng.random() < 0.6 else []


def _plain(story: Story) -> list[Step]:
    talk = [(4, story.say)] if story.rng.random() < 0.5 else []
    return [(_response(story), story.take), *talk, (_work(story), story.solve), *_end(story)]


def _asked(story: Story) -> list[Step]:
    return [
        (_response(story), story.take), (10, story.ask), (story.rng.uniform(20, 1500), story.answer),
        (_work(story), story.solve), *_end(story),
    ]  # fmt: skip


def _waited(story: Story) -> list[Step]:
    reason, days = story.rng.choice(
        (
            (WaitingFor.SUPPLIER, 2),
            (WaitingFor.SUPPLIER, 4),
            (WaitingFor.SITE_DAY, 3),
            (WaitingFor.CHANGE, 5),
        )
    )
    return [
        (_response(story), story.take), (15, story.note), (5, story.wait_for(reason, days)),
        (story.rng.uniform(200, 1200), story.go_on), (_work(story, 0.05, 0.4), story.solve), *_end(story),
    ]  # fmt: skip


def _passed_on(story: Story) -> list[Step]:
    return [
        (_response(story), story.take), (12, story.note), (8, story.pass_on),
        (_work(story, 0.1, 0.8), story.solve), *_end(story),
    ]  # fmt: skip


def _reopened(story: Story) -> list[Step]:
    return [
        (_response(story), story.take), (_work(story, 0.1, 0.4), story.solve), (400, story.complain),
        (_work(story, 0.1, 0.5), story.solve), (60, story.accept),
    ]  # fmt: skip


def _late(story: Story) -> list[Step]:
    return [(story.minutes * 0.2, story.take), (_work(story, 0.9, 1.3), story.solve), *_end(story)]


def _withdrawn(story: Story) -> list[Step]:
    return [(story.rng.uniform(10, 120), story.withdraw)]


def _raised(story: Story) -> list[Step]:
    return [
        (_response(story), story.take),
        (10, story.raise_priority),
        (100, story.solve),
        *_end(story),
    ]


# How often each course is taken, and each subject called about: what is urgent is rare.
_COURSES = {
    _plain: 40, _asked: 18, _waited: 9, _passed_on: 12, _reopened: 6, _late: 6, _withdrawn: 4, _raised: 3,
}  # fmt: skip
_OFTEN = [(1, 2, 5, 5)[priority(topic.impact, topic.urgency) - 1] for topic in TOPICS]


def _watch_until(moment: dt.datetime) -> None:
    """Notice every deadline when it passes, as the worker does."""
    while (due := db.session.scalar(sa.select(sa.func.min(Clock.next_event_at)))) and due <= moment:
        for passed in watch.settle_due(due):
            actions.warn(passed, due)

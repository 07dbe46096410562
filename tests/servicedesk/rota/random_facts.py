"""Small rosters at random: everything that the rules join, in every mixture."""

import datetime as dt
import random

from servicedesk.rota.facts import (
    Absence,
    Duty,
    Faces,
    Facts,
    Kind,
    Part,
    Pattern,
    Person,
    Rules,
    Span,
    Turn,
)

MONDAY = dt.date(2026, 6, 1)
WEEK = range(1, 6)
EARLY, LATE, LONG = Span(450, 750), Span(750, 1050), Span(450, 1050)
VISIT, SHORT_VISIT = Span(510, 990), Span(480, 720)


def facts_of(seed: int, rules: Rules) -> Facts:
    """The facts of a week that a number stands for."""
    chance = random.Random(seed)
    names = "abcdef"[: chance.randint(2, 5)]
    duties = tuple(_shifts(chance)) + tuple(_visits(chance, names))
    return Facts(
        people=tuple(_person(chance, name) for name in names),
        duties=duties,
        turns=tuple(
            Turn(
                duty.id,
                tuple((name,) for name in chance.sample(names, len(names))),
                chance.choice(["week", "workday"]),
                chance.randint(1, 2),
                dt.date(2026, 1, 5),
                dt.date(2026, 1, 5),
            )
            for duty in duties
            if duty.kind == Kind.DESK and chance.random() < 0.5
        ),
        absences=tuple(
            Absence(chance.choice(names), day, day, chance.choice(list(Part)))
            for day in (
                MONDAY + dt.timedelta(chance.randint(0, 4)) for _ in range(chance.randint(0, 3))
            )
        ),
        rules=rules,
    )


def _person(chance, name) -> Person:
    parts = [Part.DAY] * 4 + [Part.MORNING, Part.AFTERNOON]
    works = {day: chance.choice(parts) for day in WEEK if chance.random() > 0.1}
    skills = frozenset(["senior"]) if chance.random() < 0.5 else frozenset()
    hours = chance.choice([10, 20, 24, 36])
    return Person(name, hours, (Pattern(works),), skills, desk=chance.random() > 0.1)


def _shifts(chance):
    for n, span in enumerate(chance.sample([EARLY, LATE, LONG], chance.randint(0, 2))):
        need = {"senior": 1} if chance.random() < 0.5 else {}
        yield Duty(f"shift{n}", Kind.DESK, span, frozenset(WEEK), chance.randint(1, 2), need)


def _visits(chance, names):
    for n in range(chance.randint(1, 3)):
        able = frozenset(name for name in names if chance.random() < 0.7)
        primary, deputy = (chance.choice([*sorted(able), None]) for _ in range(2))
        faces = Faces(primary, deputy if deputy != primary else None)
        yield Duty(
            f"visit{n}",
            Kind.SITE,
            chance.choice([VISIT, SHORT_VISIT]),
            frozenset(WEEK),
            faces=dict.fromkeys(WEEK, faces),
            authorised=able,
        )

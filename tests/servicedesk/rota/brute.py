"""The best plan by trying everything, written apart from the product: for small rosters only."""

import datetime as dt
from itertools import product

from servicedesk.rota.facts import Facts, Kind, Part

OPEN = None


def best_day(facts: Facts, day: dt.date, units: list, published: dict, turn_holders: dict):
    """The least (open, changes, open visits, lost turns, no primary, no deputy) of one day.

    `units` has (duty, faces) for each seat; `published` and `turn_holders` are duty -> people.
    """
    choices = [
        [OPEN, *(p.id for p in facts.people if may(facts, p, day, duty))] for duty, _ in units
    ]
    return min(
        score(facts, units, who, published, turn_holders, day)
        for who in product(*choices)
        if _fits(facts, units, who)
    )


def allowed(facts: Facts, units: list, who: list, day: dt.date) -> bool:
    """Whether no rule is broken when `who` have the seats."""
    people = {person.id: person for person in facts.people}
    return _fits(facts, units, who) and all(
        key is OPEN or may(facts, people[key], day, duty)
        for (duty, _), key in zip(units, who, strict=True)
    )


def may(facts: Facts, person, day: dt.date, duty) -> bool:
    """Whether `person` may be on `duty` on `day`, but for skills and other seats."""
    if duty.kind == Kind.DESK and not person.desk:
        return False
    if duty.kind == Kind.SITE and person.id not in duty.authorised:
        return False
    if not person.starts <= day <= person.ends:
        return False
    works = person.patterns[0].works.get(day.isoweekday())
    if works is None or not _inside(duty.span, works):
        return False
    return not any(
        a.person == person.id and a.first <= day <= a.last and _touches(duty.span, a.part)
        for a in facts.absences
    )


def _inside(span, part) -> bool:
    return (part != Part.MORNING or span.ends <= 750) and (
        part != Part.AFTERNOON or span.starts >= 750
    )


def _touches(span, part) -> bool:
    return (part != Part.MORNING or span.starts < 750) and (
        part != Part.AFTERNOON or span.ends > 750
    )


def _fits(facts: Facts, units, who) -> bool:
    skills = {p.id: p.skills for p in facts.people}
    for n, (duty, _) in enumerate(units):
        if who[n] is OPEN:
            continue
        for m in range(n):
            if who[m] == who[n]:
                other = units[m][0]
                apart = other.span.ends <= duty.span.starts or duty.span.ends <= other.span.starts
                if facts.rules.one_duty_per_day or other.id == duty.id or not apart:
                    return False
    for duty in {id(d): d for d, _ in units}.values():
        there = [w for (d, _), w in zip(units, who, strict=True) if d is duty and w is not OPEN]
        for skill, count in duty.need.items():
            if sum(skill not in skills[w] for w in there) > duty.seats - count:
                return False
    return True


def score(facts, units, who, published, turn_holders, day):
    """How good a day is, the most important aim first; less is better."""
    opened = sum(w is OPEN for w in who)
    open_visits = sum(
        w is OPEN and d.kind == Kind.SITE for (d, _), w in zip(units, who, strict=True)
    )
    changes = lost = 0
    for duty in {id(d): d for d, _ in units}.values():
        there = [w for (d, _), w in zip(units, who, strict=True) if d is duty and w is not OPEN]
        old = published.get(duty.id, [])
        kept = len(set(old) & set(there))
        if published:
            changes += max(len(old) - kept, len(there) - kept)
        lost += sum(
            1
            for holder in turn_holders.get(duty.id, ())
            if holder not in there
            and may(facts, next(p for p in facts.people if p.id == holder), day, duty)
        )
    visits = [(f, w) for (d, f), w in zip(units, who, strict=True) if d.kind == Kind.SITE]
    primary = sum(w is not OPEN and w == f.primary for f, w in visits)
    deputy = sum(w is not OPEN and w == f.deputy for f, w in visits)
    return opened, changes, open_visits, lost, -primary, -deputy

"""What the roster does by itself: publish on, warn of open seats, tell each their week."""

import datetime as dt
import hashlib
from collections import defaultdict

from cmdb.localtime import local
from servicedesk.rota import loading, publishing, reading, swapping, telling

WARN_AHEAD = dt.timedelta(days=14)
OVERVIEW_FROM = 7  # the local hour of Monday from which the overview of the week leaves


def keep(now: dt.datetime) -> None:
    """Do what is due at `now`; doing it again does nothing.

    A planner publishes the first time; from then on whole weeks are added as days pass. Workers
    take turns.
    """
    loading.setting(lock=True)
    swapping.expire(now)
    if publishing.published_until() is None:
        return
    publishing.publish(None, now)
    warn_of_open_seats(now)
    tell_of_week(now)


def warn_of_open_seats(now: dt.datetime) -> None:
    """Tell the planners of the open seats of the next two weeks, again only when they change."""
    today = local(now).date()
    seats = [seat for seat in reading.seats(today, today + WARN_AHEAD) if seat.person_id is None]
    if seats:
        key = ",".join(f"{seat.id}.{seat.sequence}" for seat in seats)
        telling.of_open_seats(seats, hashlib.sha256(key.encode()).hexdigest()[:16], now)


def tell_of_week(now: dt.datetime) -> None:
    """Each person who is planned hears once a week what is theirs."""
    here = local(now)
    monday = here.date() - dt.timedelta(days=here.weekday())
    if here.weekday() == 0 and here.hour < OVERVIEW_FROM:
        return
    mine = defaultdict(list)
    for seat in reading.seats(monday, monday + dt.timedelta(days=6)):
        mine[seat.person_id].append(seat)
    for person in reading.people():
        telling.of_week(person, mine[person.id], monday, now)

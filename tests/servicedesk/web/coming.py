"""The team of the rota's tests with a roster of the coming weeks, for tests of pages: those ask the clock."""

import datetime as dt

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.rota import actions, loading, reading
from servicedesk.rota.facts import Part
from servicedesk.rota.words import AbsenceKind
from tests.servicedesk.rota.team import Team, make_team

TODAY = local(utc_now()).date()
MONDAY = TODAY + dt.timedelta(days=7 - TODAY.weekday())  # of next week, which is published
TUESDAY = MONDAY + dt.timedelta(days=1)


def coming_team(cast) -> Team:
    loading.setting().liberation_day = None  # a public holiday would close a day of the tests
    return make_team(cast, now=utc_now())


def away(team, person, day=TUESDAY):
    """Somebody falls ill on a day; the seats that are open since."""
    _, lost = actions.register_absence(
        person, day, day, Part.DAY, AbsenceKind.ILLNESS, team.els, utc_now()
    )
    db.session.commit()
    return lost


def open_desk(team):
    """A seat at the desk that lost its holder, and who can best take it."""
    holder = team.person(team.seat(MONDAY, team.early).person_id)
    (lost,) = away(team, holder, MONDAY)
    return lost, team.person(reading.lost_cover([lost])[0].candidates[0].person)


def holder_of(team, day=MONDAY) -> int | None:
    """Who has the early seat at the desk now, after what a browser did."""
    db.session.expire_all()
    return team.seat(day, team.early).person_id

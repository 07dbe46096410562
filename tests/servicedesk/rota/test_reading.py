"""Questions about the published roster."""

import contextlib
import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.permissions import Role
from servicedesk.rota import actions, coming, publishing, reading
from servicedesk.rota.facts import Kind, Part, Span
from servicedesk.rota.words import AbsenceKind
from tests.makers import NOW, make_item, make_person
from tests.servicedesk.rota.team import FULL, MONDAY, TUESDAY, WEDNESDAY, make_team

FAR = MONDAY + dt.timedelta(weeks=4)


@pytest.fixture
def team(cast):
    return make_team(cast)


def away(team, person, first, last):
    actions.register_absence(person, first, last, Part.DAY, AbsenceKind.TRAINING, team.els, NOW)


def test_who_is_at_the_desk_now(team):
    (seat,) = reading.on_duty(NOW)
    assert seat.duty == team.early
    assert reading.on_duty(NOW + dt.timedelta(hours=3))[0].duty == team.late
    assert reading.on_duty(NOW + dt.timedelta(hours=9)) == []


def test_who_is_at_the_desk_now_and_knows_something(team):
    (seat,) = reading.on_duty(NOW)
    assert reading.on_duty(NOW, skill="telefonie") == []
    actions.set_skills(seat.person, ["telefonie"])
    assert reading.on_duty(NOW, skill="telefonie") == [seat]


def test_who_is_at_a_municipality_now(team):
    noon = NOW + dt.timedelta(days=1, hours=2)
    home = team.cast.oosterveen.id
    (seat,) = reading.on_duty(noon, Kind.SITE, home)
    assert seat.person == team.cast.daan
    assert reading.on_duty(noon, Kind.SITE, team.cast.lindhoven.id) == []
    assert coming.next_visit(home, TUESDAY).date == TUESDAY
    following = coming.next_visit(home, WEDNESDAY)
    assert following.date == TUESDAY + dt.timedelta(weeks=1)
    assert following.name == team.cast.daan.name
    assert {s.date.isoweekday() for s in coming.site_seats(home, MONDAY, FAR)} == {2}


def test_an_application_has_its_manager_then_its_deputy_then_the_desk(team, session):
    item = team.cast.application
    item.manager_id, item.deputy_id = team.gijs.id, team.hanna.id
    assert reading.first_for(item, NOW) == [team.gijs.id]
    away(team, team.gijs, MONDAY, WEDNESDAY)
    assert reading.first_for(item, NOW) == [team.hanna.id]
    away(team, team.hanna, TUESDAY, TUESDAY)
    tomorrow = NOW + dt.timedelta(days=1)
    assert reading.first_for(item, tomorrow) == [
        seat.person_id for seat in reading.on_duty(tomorrow)
    ]


def test_applications_whose_owners_are_all_away_are_told_in_advance(team, session):
    item = team.cast.application
    item.manager_id, item.deputy_id = team.gijs.id, team.hanna.id
    session.flush()
    away(team, team.gijs, MONDAY, WEDNESDAY)
    assert reading.uncovered_applications(MONDAY, FAR) == []
    away(team, team.hanna, TUESDAY, TUESDAY + dt.timedelta(days=30))
    (found,) = reading.uncovered_applications(MONDAY, FAR)
    assert (found.item, found.days, found.off_days) == (item, (TUESDAY, WEDNESDAY), ())


def test_a_day_on_which_no_owner_ever_works_is_told_apart_and_later(team, session):
    first, second, third = team.cast.application, make_item("Zaak"), make_item("Aanvraag")
    for item, availability in ((first, None), (second, 3), (third, 1)):
        item.availability = availability
        item.manager_id, item.deputy_id = team.gijs.id, team.hanna.id
    third.deputy_id = team.gijs.id
    for person in (team.gijs, team.hanna):
        actions.set_pattern(person, {n: Part.DAY for n in (1, 2, 4, 5)}, MONDAY)
    session.flush()
    found = reading.uncovered_applications(MONDAY, WEDNESDAY)
    assert [one.item for one in found] == [second, third, first]
    assert all((one.days, one.off_days) == ((), (WEDNESDAY,)) for one in found)
    away(team, team.gijs, TUESDAY, TUESDAY)
    found = reading.uncovered_applications(MONDAY, WEDNESDAY)
    assert [(one.item, one.days) for one in found] == [
        (third, (TUESDAY,)), (second, ()), (first, ()),
    ]  # fmt: skip


def test_the_shares_of_the_desk_add_up(team):
    shares = reading.shares(MONDAY, FAR)
    desk = [s for s in reading.seats(MONDAY, FAR) if s.duty.kind == Kind.DESK]
    assert sum(share.desk for share in shares) == len(desk)
    assert sum(share.fair for share in shares) == pytest.approx(len(desk))
    assert all(abs(share.deviation) < 1.5 for share in shares)
    daan = next(share for share in shares if share.person == team.cast.daan)
    assert daan.visits == len(coming.site_seats(team.cast.oosterveen.id, MONDAY, FAR))
    assert daan.hours == daan.desk * 5 + daan.visits * 8


def test_what_is_known_of_more_days_gives_the_same_answers(team):
    """The pages read the facts of all their questions at once: the widest stretch."""
    away(team, team.person(team.seat(WEDNESDAY, team.early).person_id), TUESDAY, WEDNESDAY)
    opened = [seat for seat in reading.seats(MONDAY, FAR) if seat.person_id is None]
    known = publishing.know_around(MONDAY, FAR + dt.timedelta(weeks=2))
    after = FAR + dt.timedelta(days=7)
    assert opened
    assert reading.shares(MONDAY, FAR, known=known) == reading.shares(MONDAY, FAR)
    assert reading.lost_cover(opened, known=known) == reading.lost_cover(opened)
    assert publishing.draft(FAR, after, known).bookings == publishing.draft(FAR, after).bookings
    again = publishing.replanned(MONDAY, FAR, NOW, known)
    assert again.bookings == publishing.replanned(MONDAY, FAR, NOW).bookings


def test_changed_hours_show_who_is_booked_twice(team, session):
    publishing.assign(team.seat(WEDNESDAY, team.late), None, team.els, NOW)
    assert reading.double_booked(reading.seats(MONDAY, FAR)) == []
    early = team.seat(WEDNESDAY, team.early)
    team.seat(WEDNESDAY, team.late).person_id = early.person_id
    team.late.starts = 600
    session.flush()
    pairs = reading.double_booked(reading.seats(WEDNESDAY, WEDNESDAY))
    assert [(one.duty, two.duty) for one, two in pairs] == [(team.early, team.late)]


def test_a_deputy_who_is_a_face_elsewhere_that_day_is_told(team):
    daan, femke = team.cast.daan, team.cast.femke
    other = actions.add_duty(
        Kind.SITE, "Lindhoven", Span(510, 990), [2, 3], MONDAY, municipality=team.cast.lindhoven
    )
    actions.set_people(other, [], {None: (femke, team.gijs)})
    (clash,) = reading.deputy_clashes(MONDAY)
    assert (clash.weekday, clash.person) == (2, femke.id)
    assert (clash.deputy_at, clash.face_at) == (team.site.id, other.id)
    actions.set_people(other, [], {2: (team.hanna, daan), 3: (femke, None)})
    assert [c.person for c in reading.deputy_clashes(MONDAY)] == [daan.id]


QUESTIONS = {
    "seats": lambda team: [seat.person and seat.duty for seat in reading.seats(MONDAY, FAR)],
    "absences": lambda team: [absence.person for absence in reading.absences(MONDAY, FAR)],
    "on duty": lambda team: [seat.person for seat in reading.on_duty(NOW)],
    "shares": lambda team: reading.shares(MONDAY, FAR),
    "lost cover": lambda team: reading.lost_cover(reading.seats(MONDAY, FAR)[:20]),
    "applications": lambda team: reading.uncovered_applications(MONDAY, FAR),
    "draft": lambda team: publishing.draft(FAR, FAR + dt.timedelta(days=6)),
    "preview": lambda team: publishing.replanned(MONDAY, FAR, NOW),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_costs_more_queries_when_the_team_grows(team, session, name):
    def count():
        seen = []
        session.flush()
        session.expunge_all()
        session.connection()  # begins the transaction
        with _listening(seen):
            QUESTIONS[name](team)
        return len(seen)

    small = count()
    for n in range(6):
        person = make_person(f"Nieuw {n}", role=Role.AGENT)
        actions.employ(person, 36 * 60, FULL, MONDAY)
        away(team, person, WEDNESDAY, WEDNESDAY)
        actions.add_duty(
            Kind.SITE, f"Locatie {n}", Span(510, 990), [4], MONDAY, municipality=team.cast.lindhoven
        )
    publishing.replan(MONDAY, FAR, team.els, NOW)
    session.flush()
    assert count() == small < 30


@contextlib.contextmanager
def _listening(seen):
    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)

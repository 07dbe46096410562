"""Publishing, absences, planning again and choosing by hand, with the tables."""

import datetime as dt

import pytest
import sqlalchemy as sa

from servicedesk.notify.models import Message
from servicedesk.rota import actions, publishing, reading
from servicedesk.rota.facts import Kind, Origin, Part
from servicedesk.rota.models import ClosedDay, HandChoice, SeatLog
from servicedesk.rota.roster import Obstacle
from servicedesk.rota.seating import Refused
from servicedesk.rota.words import AbsenceKind
from tests.makers import NOW
from tests.servicedesk.rota.team import FULL, MONDAY, TUESDAY, WEDNESDAY, make_team

FAR = MONDAY + dt.timedelta(weeks=8)


@pytest.fixture
def team(cast):
    return make_team(cast)


def mails(session, person, template=""):
    return session.scalars(
        sa.select(Message)
        .where(Message.recipient_id == person.id, Message.dedup_key.startswith(template))
        .order_by(Message.id)
    ).all()


def table(first=MONDAY, last=FAR):
    return {(s.date, s.duty_id, s.nr): s.person_id for s in reading.seats(first, last)}


def ill(team, person, first, last, part=Part.DAY, now=NOW):
    return actions.register_absence(person, first, last, part, AbsenceKind.ILLNESS, team.els, now)


def test_whole_weeks_are_published_four_weeks_ahead(team, session):
    days = {seat.date for seat in reading.seats(MONDAY, FAR)}
    assert min(days) == MONDAY and max(days) == dt.date(2026, 12, 24)  # Christmas is closed
    assert publishing.published_until() == dt.date(2026, 12, 27)
    assert team.seat(TUESDAY, team.site).person == team.cast.daan
    assert team.seat(TUESDAY, team.site).municipality_id == team.cast.oosterveen.id
    (mail,) = mails(session, team.gijs)
    assert "27 december" in mail.subject and "07:30–12:30" in mail.body


def test_publishing_goes_on_where_it_ended_and_changes_nothing_before(team):
    before = table()
    assert publishing.publish(team.els, NOW) == []
    later = publishing.publish(team.els, NOW + dt.timedelta(weeks=1))
    assert {seat.date.isocalendar().week for seat in later} == {53}
    assert before.items() <= table().items()


def test_desk_duty_is_shared_over_publications(team):
    for week in range(1, 9):
        publishing.publish(team.els, NOW + dt.timedelta(weeks=week))
    desk = [s.person_id for s in reading.seats(MONDAY, FAR) if s.duty.kind == Kind.DESK]
    counts = [desk.count(person.id) for person in team.people]
    assert max(counts) - min(counts) <= 12  # Daan has a day a week less for it


def test_a_draft_stores_nothing(team):
    first = publishing.published_until() + dt.timedelta(days=1)
    assert publishing.draft(first, first + dt.timedelta(days=6)).bookings
    assert not reading.seats(first, first + dt.timedelta(days=6))


def test_an_absence_opens_the_seats_at_once_and_names_who_can_step_in(team, session):
    daan = team.cast.daan
    held = [s for s in reading.seats_of(daan, TUESDAY, WEDNESDAY)]
    _, lost = ill(team, daan, TUESDAY, WEDNESDAY)
    assert {seat.id for seat in lost} == {seat.id for seat in held}
    assert team.seat(TUESDAY, team.site).person_id is None
    cover = next(c for c in reading.lost_cover(lost) if c.seat.duty_id == team.site.id)
    by_person = {c.person: c for c in cover.candidates}
    assert by_person[team.hanna.id].obstacle == Obstacle.NOT_QUALIFIED
    assert by_person[daan.id].obstacle == Obstacle.ABSENT
    assert by_person[team.cast.femke.id].rank == 1
    logs = session.scalars(sa.select(SeatLog).order_by(SeatLog.id)).all()
    assert {(log.before_id, log.after_id, log.reason) for log in logs} == {
        (daan.id, None, "absence")
    }


def test_half_a_day_away_opens_only_what_it_touches(team):
    seat = team.seat(WEDNESDAY, team.late)
    _, lost = ill(team, seat.person, WEDNESDAY, WEDNESDAY, Part.MORNING)
    assert lost == []
    _, lost = ill(team, seat.person, WEDNESDAY, WEDNESDAY, Part.AFTERNOON)
    assert lost == [seat]


def test_planning_again_fills_what_is_open_with_the_least_change(team, session):
    before = table()
    _, lost = ill(team, team.cast.daan, TUESDAY, WEDNESDAY)
    logs = publishing.replan(MONDAY, FAR, team.els, NOW)
    after = table()
    changed = {key for key in before if before[key] != after[key]}
    assert None not in after.values()
    assert {key[0] for key in changed} <= {TUESDAY, WEDNESDAY}
    assert len(changed) <= len(lost) + 2
    assert team.seat(TUESDAY, team.site).person in (team.cast.femke, team.gijs)
    told = {log.after_id for log in logs} - {None}
    assert all(mails(session, team.person(key), "rota-changed") for key in told)


def test_who_keeps_a_duty_keeps_the_very_seat(team, session):
    before = {seat.id: seat.person_id for seat in reading.seats(MONDAY, FAR)}
    assert publishing.replan(MONDAY, FAR, team.els, NOW) == []
    assert before == {seat.id: seat.person_id for seat in reading.seats(MONDAY, FAR)}


def test_an_absence_that_is_withdrawn_takes_nothing_from_who_stepped_in(team):
    absence, _ = ill(team, team.cast.daan, TUESDAY, TUESDAY)
    publishing.replan(TUESDAY, TUESDAY, team.els, NOW)
    filled = table()
    actions.withdraw_absence(absence, team.els, NOW)
    assert publishing.replan(MONDAY, FAR, team.els, NOW) == []
    assert table() == filled


def test_the_past_keeps_its_seats(team):
    seat = team.seat(MONDAY, team.early)
    evening = NOW + dt.timedelta(hours=10)
    _, lost = ill(team, seat.person, MONDAY, MONDAY, now=evening)
    publishing.replan(MONDAY, MONDAY, team.els, evening)
    assert lost == [] and team.seat(MONDAY, team.early).person == seat.person
    with pytest.raises(Refused, match="in_past"):
        publishing.assign(seat, None, team.els, evening)


def test_a_choice_by_hand_stays_when_the_roster_is_planned_again(team, session):
    seat, gijs = team.seat(TUESDAY, team.site), team.gijs
    held = reading.seats_of(gijs, TUESDAY, TUESDAY)
    for other in held:
        publishing.assign(other, None, team.els, NOW)
    log = publishing.assign(seat, gijs, team.els, NOW)
    assert (log.origin, seat.person_id) == (Origin.HAND, gijs.id)
    publishing.replan(MONDAY, FAR, team.els, NOW)
    assert team.seat(TUESDAY, team.site).person == gijs
    publishing.assign(seat, None, team.els, NOW)
    assert not session.scalars(sa.select(HandChoice).where(HandChoice.person_id == gijs.id)).all()


def test_a_choice_by_hand_is_refused_when_it_books_twice_or_names_somebody_away(team):
    seat = team.seat(TUESDAY, team.early)
    with pytest.raises(Refused, match="double_booked"):
        publishing.assign(seat, team.cast.daan, team.els, NOW)
    ill(team, team.free(TUESDAY), TUESDAY, TUESDAY)
    with pytest.raises(Refused, match="absent"):
        publishing.assign(seat, team.free(TUESDAY), team.els, NOW)


def test_who_is_not_authorised_may_be_chosen_by_hand(team):
    for held in reading.seats_of(team.hanna, TUESDAY, TUESDAY):
        publishing.assign(held, None, team.els, NOW)
    seat = team.seat(TUESDAY, team.site)
    assert publishing.obstacle(seat, team.hanna.id) == Obstacle.NOT_QUALIFIED
    publishing.assign(seat, team.hanna, team.els, NOW)
    assert seat.person_id == team.hanna.id


def test_a_day_that_closes_takes_its_seats_away_and_gives_them_back(team, session):
    actions.close_day(WEDNESDAY, None, "Heidag", team.els, NOW)
    assert not reading.seats(WEDNESDAY, WEDNESDAY)
    closed = session.scalars(sa.select(ClosedDay)).one()
    actions.open_day(closed, team.els, NOW)
    assert len(reading.seats(WEDNESDAY, WEDNESDAY)) == 2


def test_a_closed_town_hall_is_not_visited_and_the_desk_is_manned(team):
    actions.close_day(TUESDAY, team.cast.oosterveen, "Kermis", team.els, NOW)
    assert {s.duty_id for s in reading.seats(TUESDAY, TUESDAY)} == {team.early.id, team.late.id}


def test_a_moved_visit_keeps_its_face_and_is_told_to_the_municipality(team, session):
    actions.move_visit(team.site, TUESDAY, WEDNESDAY, team.els, NOW)
    assert team.seat(WEDNESDAY, team.site).person == team.cast.daan
    assert not [s for s in reading.seats(TUESDAY, TUESDAY) if s.municipality_id]
    bodies = " ".join(mail.body for mail in mails(session, team.cast.mia, "rota-visit"))
    assert "Dinsdag 24 november: wij komen niet." in bodies
    assert "Woensdag 25 november: Daan Mulder komt." in bodies
    assert not mails(session, team.cast.anna)
    with pytest.raises(Refused, match="double_booked"):
        actions.move_visit(team.site, TUESDAY, WEDNESDAY, team.els, NOW)


def test_a_visit_that_was_moved_moves_on(team):
    thursday = WEDNESDAY + dt.timedelta(days=1)
    actions.move_visit(team.site, TUESDAY, WEDNESDAY, team.els, NOW)
    actions.move_visit(team.site, WEDNESDAY, thursday, team.els, NOW)
    days = [
        s.date for s in reading.seats(MONDAY, MONDAY + dt.timedelta(days=6)) if s.municipality_id
    ]
    assert days == [thursday]


def test_a_duty_that_ends_leaves_no_seats_behind(team):
    actions.end_duty(team.late, TUESDAY, team.els, NOW)
    assert {s.date for s in reading.seats(MONDAY, FAR) if s.duty_id == team.late.id} == {
        MONDAY,
        TUESDAY,
    }


def test_rules_hold_for_what_is_planned_next(team):
    actions.set_rules(
        one_duty_per_day=False,
        max_desk_per_week=1,
        max_desk_days_in_row=1,
        respect_hours=True,
        visit_before_desk=False,
        swaps_need_approval=False,
        publish_days=42,
        liberation_day=None,
    )
    new = publishing.publish(team.els, NOW)
    assert {seat.date.isocalendar().week for seat in new} == {53, 1}
    for week in (53, 1):
        of_week = [seat.person_id for seat in new if seat.date.isocalendar().week == week]
        desk = [key for key in of_week if key]
        assert len(desk) <= 5 and max(map(desk.count, desk)) <= 2  # a desk day, and Daan's visit


def test_nobody_is_mailed_in_the_night(team, session):
    night = NOW.replace(hour=22)
    ill(team, team.cast.femke, TUESDAY, FAR, now=night)
    (mail,) = mails(session, team.cast.femke, "rota-changed")
    assert mail.not_before == dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)


def test_a_new_pattern_holds_from_its_day(team):
    new_year = dt.date(2027, 1, 4)
    actions.set_pattern(team.gijs, {day: part for day, part in FULL.items() if day != 5}, new_year)
    for week in range(1, 9):
        publishing.publish(team.els, NOW + dt.timedelta(weeks=week))
    fridays = {s.date for s in reading.seats_of(team.gijs, MONDAY, FAR) if s.date.weekday() == 4}
    assert all(day < new_year for day in fridays)

"""How messages come: in one's own language, and not in one's quiet hours."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.notify.models import Message
from servicedesk.rota import publishing, telling
from tests.makers import NOW
from tests.servicedesk.rota.team import TUESDAY, make_team

HOUR = dt.timedelta(hours=1)


def utc(hour: int, day: int = 23) -> dt.datetime:
    """An hour of a day of November 2026 in the Netherlands, in UTC."""
    return dt.datetime(2026, 11, day, hour - 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        ((None, None), utc(10), utc(10)),
        ((None, None), utc(21), utc(7, 24)),
        ((None, None), utc(3), utc(7)),
        ((22, 9), utc(21), utc(21)),
        ((22, 9), utc(23), utc(9, 24)),
        ((22, 9), utc(8), utc(9)),
        ((12, 14), utc(13), utc(14)),
        ((12, 14), utc(14), utc(14)),
        ((12, 14), utc(23), utc(23)),
        ((0, 6), utc(5), utc(6)),
        ((8, 8), utc(3), utc(3)),
    ],
)
def test_what_can_wait_waits_until_the_quiet_hours_are_over(cast, quiet, now, expected):
    cast.daan.quiet_from, cast.daan.quiet_until = quiet
    assert telling.after_quiet_hours(cast.daan, now) == expected


def test_quiet_hours_end_by_the_clock_on_the_wall_when_it_changes(cast):
    evening = dt.datetime(2027, 3, 27, 22, tzinfo=dt.UTC)  # the night the clock goes forward
    assert telling.after_quiet_hours(cast.daan, evening) == dt.datetime(2027, 3, 28, 5, tzinfo=dt.UTC)


def test_one_chooses_language_and_hours(cast, sign_in):
    browser = sign_in(cast.daan)
    page = browser.get("/account/messages").text
    assert "20:00" in page and cast.daan.email in page
    sent = {"locale": "fy", "quiet_from": "18", "quiet_until": "9"}
    assert browser.post("/account/messages", data=sent).status_code == 303
    db.session.refresh(cast.daan)
    assert (cast.daan.locale, cast.daan.quiet_from, cast.daan.quiet_until) == ("fy", 18, 9)
    assert '<html lang="fy"' in browser.get("/account/messages").text


@pytest.mark.parametrize("sent", [{"locale": "xx"}, {"quiet_from": "24"}, {"quiet_until": "straks"}])
def test_what_cannot_be_chosen_comes_back(cast, sign_in, sent):
    values = {"locale": "nl", "quiet_from": "20", "quiet_until": "7"} | sent
    answer = sign_in(cast.anna).post("/account/messages", data=values)
    assert answer.status_code == 422 and "Kies een van de mogelijkheden" in answer.text
    db.session.refresh(cast.anna)
    assert cast.anna.quiet_from is None


def test_a_change_of_the_roster_is_told_after_ones_own_quiet_hours(cast):
    team = make_team(cast)
    seat = team.seat(TUESDAY, team.site)
    seat.person.quiet_from, seat.person.quiet_until = 9, 13
    seat.person.locale = "en"
    key = seat.person_id
    publishing.assign(seat, None, cast.els, NOW)
    told = sa.select(Message).where(Message.recipient_id == key).order_by(Message.id.desc())
    message = db.session.scalars(told).first()
    assert message.not_before == NOW + 3 * HOUR
    assert "Oosterveen" in message.body and "rooster" not in message.subject.lower()

"""The same request twice at the same moment: one deed, and one answer for both."""

import threading

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.tenancy import everything
from servicedesk.app import create_app
from servicedesk.tickets import actions
from servicedesk.tickets.models import Entry
from sla import agreements
from tests.makers import make_cast, make_ticket, make_token

pytestmark = pytest.mark.no_database


@pytest.fixture
def site(fresh_database, tmp_path):
    """An application with a database of its own, that threads can share."""
    url, owner = fresh_database()
    app = create_app(
        SQLALCHEMY_DATABASE_URI=url,
        OWNER_DATABASE_URI=owner,
        INSTANCE=tmp_path,
        SECRET_KEY="for the test",
        TESTING=True,
    )
    with app.app_context(), everything():
        agreements.forget_timelines()
        cast = make_cast()
        number, secret = make_ticket(cast.anna).number, make_token(cast.anna)
        db.session.commit()
    yield app, number, secret
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_two_requests_with_one_key_at_once_are_one_deed(site, monkeypatch):
    app, number, secret = site
    first_is_in, second_came, answers = threading.Event(), threading.Event(), []
    reply = actions.reply

    def slow(*arguments):
        """The first is at work until the second has come to where it has to wait."""
        first_is_in.set()
        second_came.wait(5)
        return reply(*arguments)

    def send(come: threading.Event):
        come.set()
        answers.append(
            app.test_client().post(
                f"/api/v1/tickets/{number}/replies",
                json={"body": "Hij knippert"},
                headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "een"},
            )
        )

    monkeypatch.setattr(actions, "reply", slow)
    first = threading.Thread(target=send, args=(threading.Event(),))
    first.start()
    assert first_is_in.wait(30)
    second = threading.Thread(target=send, args=(second_came,))
    second.start()
    for thread in (first, second):
        thread.join(60)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    with app.app_context(), everything():
        told = sa.select(sa.func.count(Entry.id)).where(Entry.body == "Hij knippert")
        assert db.session.scalar(told) == 1


def test_messages_at_once_are_no_more_than_the_day_allows(site, monkeypatch):
    """Also the very first of a person, for which there is no row yet to wait for."""
    app, number, secret = site
    monkeypatch.setitem(app.config, "DAILY_MESSAGES", 2)
    start, statuses = threading.Barrier(5), []

    def send():
        start.wait(30)
        statuses.append(
            app.test_client().post(
                f"/api/v1/tickets/{number}/replies",
                json={"body": "Hij knippert"},
                headers={"Authorization": f"Bearer {secret}"},
            ).status_code
        )

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [201, 201, 429, 429, 429]

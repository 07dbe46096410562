"""Rounds of confirmation: who is asked about what, once a round, and what an answer records."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import authority, observations
from cmdb.database import db
from cmdb.items import ItemStatus, ItemVersion
from cmdb.localtime import local
from cmdb.undo import undo
from servicedesk import jobs
from servicedesk.notify.models import Message
from servicedesk.quality import rounds
from servicedesk.quality.models import Outcome, Question
from tests.makers import NOW, make_item, make_ticket

TODAY = local(NOW).date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def items(cast):
    """Four of Daan that are due, one that is not, one that is retired; one of Femke."""
    old = TODAY - 400 * DAY
    mine = {"manager_id": cast.daan.id, "class_key": "server"}
    made = [
        make_item("calm", **mine, confirmed_on=old),
        make_item("never", **mine),
        make_item("seen", **mine, confirmed_on=TODAY - 60 * DAY),
        make_item("broken", **mine, confirmed_on=old, availability=3),
        make_item("fresh", **mine, confirmed_on=TODAY - 10 * DAY),
        make_item("gone", **mine, status=ItemStatus.RETIRED),
        make_item("hers", manager_id=cast.femke.id, class_key="server"),
    ]
    observations.record({(made[2].id, "memory"): 1024}, (), "glpi", NOW)
    for _ in range(3):
        make_ticket(cast.anna, items=[made[3]])
    make_ticket(cast.anna, items=[made[0]], now=NOW - 91 * DAY)
    return {item.name: item for item in made}


def names(person):
    return [question.item.name for question in rounds.current(person)]


def test_each_manager_is_asked_about_what_needs_it_most(cast, items):
    assert rounds.begin(NOW, 30) == 2
    assert names(cast.daan) == ["broken", "never", "calm", "seen"]
    assert names(cast.femke) == ["hers"]
    first, *_others, last = rounds.current(cast.daan)
    assert first.score == 13 * 3 * 4
    assert first.reasons == [["age", 13], ["incidents", 3], ["critical", 3]]
    assert last.reasons == [["age", 2], ["conflicts", 1]]


def test_the_invitation_goes_out_once_a_round(cast, items):
    rounds.begin(NOW, 30)
    assert rounds.begin(NOW, 30) == rounds.begin(NOW + 29 * DAY, 30) == 0
    invited = db.session.scalars(sa.select(Message).where(Message.recipient_id == cast.daan.id,
                                 Message.dedup_key.startswith("certification")))  # fmt: skip
    [message] = invited
    assert message.subject == "Vijf minuten: kloppen deze 4 objecten nog?"
    assert "/items/round" in message.body
    assert rounds.begin(NOW + 30 * DAY, 30) == 2


def test_a_round_is_short(cast):
    for number in range(14):
        make_item(f"srv-{number}", class_key="server", manager_id=cast.daan.id)
    rounds.begin(NOW, 30)
    assert len(rounds.current(cast.daan)) == rounds.SIZE


def test_an_answer_confirms_corrects_and_plans_the_next_time(cast, items):
    rounds.begin(NOW, 30)
    broken, never, *_ = rounds.current(cast.daan)
    later = NOW + DAY
    done = rounds.answer(
        [
            rounds.Answer(broken, broken.item, {}, ["availability"]),
            rounds.Answer(never, never.item, {"attributes": {"memory": 512}}, ["memory"]),
        ],
        cast.daan,
        later,
    )
    assert (broken.outcome, never.outcome) == (Outcome.CONFIRMED, Outcome.CORRECTED)
    assert broken.done_at == later and done.source == "certification"
    for item, days in ((items["broken"], 182), (items["never"], 365)):
        assert (item.confirmed_on, item.confirmed_by_id) == (TODAY + DAY, cast.daan.id)
        assert item.next_certification == TODAY + DAY + days * DAY
        versions = sa.select(ItemVersion).where(ItemVersion.item_id == item.id)
        assert db.session.scalars(versions.order_by(ItemVersion.id.desc())).first().change_set == done
    assert items["never"].attributes == {"memory": 512}
    told = authority.sources([items["never"].id])[items["never"].id]
    assert told == {"memory": authority.CONFIRMED}
    undo(done, cast.ada, later)
    assert items["never"].attributes == {} and items["never"].confirmed_on is None


def test_the_job_keeps_to_the_mornings_of_working_days(cast, items, app, monkeypatch):
    for moment in (NOW - 2 * DAY, NOW - dt.timedelta(hours=3)):  # a Saturday, before eight
        jobs.ask_for_confirmation(moment)
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Question))
    monkeypatch.setitem(app.config, "CERTIFICATION_DAYS", 0)
    jobs.ask_for_confirmation(NOW)
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Question))
    monkeypatch.setitem(app.config, "CERTIFICATION_DAYS", 30)
    jobs.ask_for_confirmation(NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Question)) == 5

"""Two people who write the roster at the same moment, each in a session of their own."""

import threading

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.app import create_app
from servicedesk.rota import swapping
from servicedesk.rota.models import Seat, SwapRequest
from servicedesk.rota.seating import Refused
from sla import agreements
from tests.makers import NOW, make_cast
from tests.servicedesk.rota.team import WEDNESDAY, make_team


def test_two_requests_for_one_seat_at_once_are_one_request_and_one_refusal(cluster, fresh_database, tmp_path):
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
        team = make_team(make_cast())
        seat = team.seat(WEDNESDAY, team.early)
        seat_id, holder_id = seat.id, seat.person_id
        free = [key for key, other in swapping.possible(seat, NOW) if other is None]
        db.session.commit()
    together, outcomes = threading.Barrier(2, timeout=30), []

    def propose(to_id):
        with app.app_context(), everything():
            chosen = db.session.get(Seat, seat_id)
            holder, to = (db.session.get(Person, key) for key in (holder_id, to_id))
            together.wait()
            try:
                swapping.propose(holder, chosen, to, None, NOW)
                db.session.commit()
                outcomes.append("asked")
            except Refused as refused:
                db.session.rollback()
                outcomes.append(refused.reason)

    writers = [threading.Thread(target=propose, args=(key,)) for key in free[:2]]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert sorted(outcomes) == ["already_asked", "asked"]
    with app.app_context(), everything():
        assert db.session.scalar(sa.select(sa.func.count(SwapRequest.id))) == 1
        db.session.remove()
        db.engine.dispose()

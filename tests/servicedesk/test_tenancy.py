"""The wall between municipalities: Anna's session tries every way to Carla's records.

The first twenty are those on which filters of an ORM leak (research/security-reliability.md §1.3).
The same wall by the API, on every operation: api/test_wall.py.
"""

import datetime as dt
import weakref
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, make_transient, make_transient_to_detached

from cmdb import register
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemConsumer, ItemVersion, Relation, RelationVersion
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, NOTHING, OutsideScope, Scope, current_scope, enter, everything
from servicedesk.tickets import actions
from servicedesk.tickets.models import Entry, Outage, OutageReport, Ticket, TicketItem
from tests.makers import NOW, Cast, make_item, make_ticket

SECRET = "geheim van Lindhoven"


@dataclass
class World:
    """What Anna's session knows by number only, and must never see."""

    cast: Cast
    own: int  # Anna's ticket
    foreign: int  # Carla's ticket
    item: int  # an item of Lindhoven alone
    entry: int  # Carla's first message
    outage: int  # of that item
    change_set: int  # that made it


@pytest.fixture
def world(cast):
    own = make_ticket(cast.anna, title="eigen", body="eigen")
    foreign = make_ticket(cast.carla, title=SECRET, body=SECRET)
    item = make_item(SECRET, cast.lindhoven)
    outage = Outage(item_id=item.id, message=SECRET, started_at=NOW)
    db.session.add(outage)
    db.session.flush()
    db.session.add(
        OutageReport(municipality_id=cast.lindhoven.id, outage_id=outage.id, person_id=cast.carla.id, at=NOW)
    )
    register.relate(item, cast.application, "needs", register.begin(None, SECRET, NOW))
    db.session.commit()
    known = World(
        cast=cast,
        own=own.id,
        foreign=foreign.id,
        item=item.id,
        entry=foreign.entries[0].id,
        outage=outage.id,
        change_set=db.session.scalars(
            sa.select(ItemVersion.change_set_id).where(ItemVersion.item_id == item.id)
        ).one(),
    )
    enter(Scope(frozenset({cast.oosterveen.id})))
    return known


def rows(statement):
    return db.session.execute(statement).unique().all()


def titles(statement):
    return [title for (title,) in rows(statement) if title == SECRET]


def held(model, key):
    """A row as an earlier scope left it behind in the hands of a caller."""
    row = model(id=key)
    make_transient_to_detached(row)
    db.session.add(row)
    return row


def a_select(world):
    return [t for t in db.session.scalars(sa.select(Ticket)) if t.id != world.own]


def a_get(world):
    return db.session.get(Ticket, world.foreign)


def a_get_of_a_held_row(world):
    with everything():
        kept = db.session.get(Ticket, world.foreign)
    return kept and db.session.get(Ticket, world.foreign)


def columns(world):
    return titles(sa.select(Ticket.title))


def a_count(world):
    return db.session.scalar(sa.select(sa.func.count(Ticket.id))) - 1


def a_lazy_many_to_one(world):
    with everything():
        entry = db.session.get(Entry, world.entry)
    db.session.add(entry)
    return entry.author


def a_joined_load(world):
    found = db.session.scalars(sa.select(Municipality)).all()
    tickets = db.session.scalars(sa.select(Ticket).options(joinedload(Ticket.requester))).unique()
    return len(found) < 2 or [t for t in tickets if t.requester.id == world.cast.carla.id]


def a_bulk_update(world):
    return db.session.execute(sa.update(Ticket).values(phone="0")).rowcount - 1


def a_bulk_delete(world):
    return db.session.execute(sa.delete(ItemConsumer)).rowcount - 1


def a_subquery(world):
    return titles(sa.select(sa.select(Ticket.title).subquery()))


def a_union(world):
    return titles(sa.union(sa.select(Ticket.title), sa.select(Ticket.title)))


def an_exists(world):
    theirs = sa.exists(sa.select(Ticket.id).where(Ticket.municipality_id == Municipality.id))
    return len(rows(sa.select(Municipality.id).where(theirs))) - 1


def a_legacy_query(world):
    return db.session.query(Ticket).filter_by(title=SECRET).all()


def a_text(world):
    return titles(sa.text("SELECT title FROM ticket"))


def a_core_select(world):
    return titles(sa.select(Ticket.__table__.c.title))


def a_refresh(world):
    row = held(Ticket, world.foreign)
    db.session.refresh(row)
    return row.title


def a_child_table(world):
    return [body for body in db.session.scalars(sa.select(Entry.body)) if body == SECRET]


def an_insert_elsewhere(world):
    db.session.add(Location(municipality_id=world.cast.lindhoven.id, name="van Anna"))
    return not db.session.flush()


def a_link_elsewhere(world):
    link = TicketItem(ticket_id=world.own, item_id=world.item, municipality_id=world.cast.oosterveen.id)
    db.session.add(link)
    return not db.session.flush()


def a_session_used_again(world):
    enter(EVERYTHING)
    db.session.get(Ticket, world.foreign)
    enter(Scope(frozenset({world.cast.oosterveen.id})))
    return db.session.get(Ticket, world.foreign) or list(db.session.identity_map.values())


def an_alias(world):
    return titles(sa.select(aliased(Ticket).title))


def a_common_table(world):
    return titles(sa.select(sa.select(Ticket.title).cte().c.title))


def a_model_named_in_where_only(world):
    here = Municipality.id == Ticket.municipality_id
    return rows(sa.select(Municipality.id).where(here, Ticket.title == SECRET))


def an_outer_join(world):
    return titles(sa.select(Ticket.title).select_from(Municipality).outerjoin(Ticket))


def a_statement_of_text(world):
    return rows(sa.select(Item).from_statement(sa.text("SELECT * FROM item")))


def an_update_that_returns(world):
    return titles(sa.update(Ticket).values(phone="0").returning(Ticket.title))


def an_update_by_keys(world):
    db.session.execute(sa.update(Entry), [{"id": world.entry, "body": "van Anna"}])
    with everything():
        return db.session.get(Entry, world.entry).body == "van Anna"


def an_orm_insert(world):
    values = {"municipality_id": world.cast.lindhoven.id, "name": "van Anna"}
    return rows(sa.insert(Location).values(values).returning(Location.id))


def a_select_told_another_municipality(world):
    theirs = {"seen_municipality": world.cast.lindhoven.id}
    return db.session.execute(sa.select(Ticket.id).where(Ticket.title == SECRET), theirs).all()


def a_scalar_subquery(world):
    count = sa.select(sa.func.count(Ticket.id)).where(Ticket.title == SECRET).scalar_subquery()
    return db.session.scalar(sa.select(count))


def an_item_of_another(world):
    return titles(sa.select(Item.name)) or db.session.get(Item, world.item)


def an_item_taken_in_again(world):
    return held(Item, world.item).name


def an_item_made_transient(world):
    with everything():
        item = db.session.get(Item, world.item)
    make_transient(item)
    return db.session.merge(item) and not db.session.flush()


def its_history(world):
    return rows(sa.select(ItemVersion).where(ItemVersion.item_id == world.item))


def its_change_set(world):
    return db.session.get(ChangeSet, world.change_set)


def its_relations(world):
    return rows(sa.select(Relation)) + rows(sa.select(RelationVersion))


def who_else_uses_a_shared_item(world):
    shared = db.session.get(Item, world.cast.application.id)
    return [c for c in shared.consumers if c.municipality_id != world.cast.oosterveen.id]


def a_shared_item_changed(world):
    db.session.get(Item, world.cast.application.id).name = "van Anna"
    return not db.session.flush()


def an_outage_of_another(world):
    return rows(sa.select(Outage)) or db.session.get(Outage, world.outage)


def a_count_of_reports(world):
    return db.session.scalar(sa.select(sa.func.count(OutageReport.person_id)))


def a_report_on_an_outage_of_another(world):
    anna = world.cast.anna
    db.session.add(
        OutageReport(municipality_id=anna.municipality_id, outage_id=world.outage, person_id=anna.id, at=NOW)
    )
    return not db.session.flush()


def a_ticket_moved_away(world):
    db.session.get(Ticket, world.own).municipality_id = world.cast.lindhoven.id
    return not db.session.flush()


def a_person_of_another(world):
    return rows(sa.select(Person.name).where(Person.municipality_id == world.cast.lindhoven.id))


def a_message_in_another_name(world):
    ticket = db.session.get(Ticket, world.own)
    return actions.reply(ticket, world.cast.carla, "van Carla", NOW + dt.timedelta(hours=1))


THE_TWENTY = [
    a_select, a_get, a_get_of_a_held_row, columns, a_count, a_lazy_many_to_one, a_joined_load,
    a_bulk_update, a_bulk_delete, a_subquery, a_union, an_exists, a_legacy_query, a_text, a_core_select,
    a_refresh, a_child_table, an_insert_elsewhere, a_link_elsewhere, a_session_used_again,
]  # fmt: skip
AND_MORE = [
    an_alias, a_common_table, a_model_named_in_where_only, an_outer_join, a_statement_of_text,
    an_update_that_returns, an_update_by_keys, an_orm_insert, a_select_told_another_municipality,
    a_scalar_subquery, an_item_of_another, an_item_taken_in_again, an_item_made_transient, its_history, its_change_set, its_relations, who_else_uses_a_shared_item,
    a_shared_item_changed, an_outage_of_another, a_count_of_reports, a_report_on_an_outage_of_another,
    a_ticket_moved_away, a_person_of_another, a_message_in_another_name,
]  # fmt: skip
WAYS = {f"{number:02d}-{way.__name__}": way for number, way in enumerate(THE_TWENTY + AND_MORE, 1)}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_way_leads_to_another_municipality(way, world):
    try:
        seen = way(world)
    except OutsideScope:
        return
    assert not seen, f"{way.__name__} gave {seen!r}"


@pytest.mark.parametrize("way", [a_select, columns, a_child_table, a_person_of_another, its_history])
def test_the_ways_do_lead_to_it_for_who_may_see_everything(way, world):
    enter(EVERYTHING)
    assert way(world)


def test_a_session_without_a_scope_sees_and_writes_nothing(world):
    enter(NOTHING)
    assert rows(sa.select(Ticket.id)) == rows(sa.select(Person.id).where(Person.municipality_id > 0)) == []
    db.session.add(Location(municipality_id=world.cast.oosterveen.id, name="van niemand"))
    with pytest.raises(OutsideScope):
        db.session.flush()


def test_a_scope_of_two_municipalities_sees_both(world):
    enter(Scope(frozenset({world.cast.oosterveen.id, world.cast.lindhoven.id})))
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 2


def test_a_statement_that_is_used_again_shows_each_scope_its_own(world):
    once = sa.select(Ticket.id).join(Person, Person.id == Ticket.requester_id)
    seen = []
    for municipalities in ({world.cast.lindhoven.id}, {world.cast.oosterveen.id}, set()):
        enter(Scope(frozenset(municipalities)))
        seen.append(db.session.scalars(once).all())
    assert seen == [[world.foreign], [world.own], []]


def test_a_statement_that_is_not_used_again_is_not_kept(world):
    dynamic = sa.select(Ticket.id)
    rows(dynamic)
    kept = weakref.ref(dynamic)
    del dynamic
    assert kept() is None


def test_an_update_reaches_the_rows_that_the_session_holds(world):
    held = db.session.get(Ticket, world.own)
    db.session.execute(sa.update(Ticket).where(Ticket.id == world.own).values(phone="0"))
    assert held.phone == "0"


def test_a_task_for_everything_ends_where_it_began(world):
    mine = current_scope()
    with everything():
        assert db.session.get(Ticket, world.foreign).title == SECRET
    assert current_scope() == mine and not list(db.session.identity_map.values())


def test_a_failed_task_for_everything_ends_where_it_began(world):
    mine = current_scope()
    with pytest.raises(LookupError), everything():
        raise LookupError
    assert current_scope() == mine
    assert db.session.get(Ticket, world.foreign) is None


def test_anna_works_with_what_is_hers_and_what_is_shared(world):
    anna = db.session.get(Person, world.cast.anna.id)
    shared = db.session.get(Item, world.cast.application.id)
    assert db.session.get(Person, world.cast.daan.id).name == "Daan Mulder"
    ticket = make_ticket(anna, category=world.cast.category, items=[shared])
    assert [item.uid for item in ticket.items] == [shared.uid]


def test_the_wall_costs_no_more_statements(world, statements):
    rows(sa.select(Ticket.title))
    assert len(statements) == 1


@pytest.fixture
def statements(world):
    seen = []

    def keep(connection, cursor, statement, *rest):
        seen.append(statement)

    connection = db.session.connection()
    sa.event.listen(connection, "before_cursor_execute", keep)
    yield seen
    sa.event.remove(connection, "before_cursor_execute", keep)

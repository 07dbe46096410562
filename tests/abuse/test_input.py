"""Q: what is typed into an address, a form or a header is a value and nothing else."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.people import Person
from servicedesk.tickets.models import Ticket
from tests.servicedesk.web.doors import ACCESS, DESK
from tests.servicedesk.web.test_portal_filing import answers
from tests.servicedesk.web.test_routes import address_of, body_of, routes, world

__all__ = ["routes", "world"]  # fixtures

SQL = ("' OR '1'='1", "1 OR 1=1", "1; DROP TABLE ticket", "name; --", "(SELECT 1)", "1)) UNION SELECT 1,2 --")


def test_q1_sql_in_any_parameter_finds_what_nothing_finds(world, cast, sign_in):
    """An order or a filter that is none gives the page of no order, and never more than without."""
    ada = sign_in(cast.ada)
    for path, names in {
        "/items": ("sort", "dir", "class", "status", "municipality", "columns", "on", "after", "before"),
        "/desk": ("view", "sort", "team", "status", "priority", "municipality", "after", "before"),
        "/reports/sla": ("period", "kind", "priority", "municipality", "from", "to", "page"),
        "/my/tickets": ("after", "before"),
    }.items():
        for name in names:
            pages = [ada.get(path, query_string={name: text}) for text in SQL]
            assert {page.status_code for page in pages} <= {200, 302, 400, 404, 422}, f"{path} {name}"
            assert len({page.status_code for page in pages}) == 1, f"{path} {name}"
    for text in SQL:
        page = ada.get("/items", query_string={"q": text})
        assert "Laptop 12" not in body_of(page)
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 1


def test_q4_odd_text_in_names_of_fields_files_and_headers(cast, sign_in, client):
    anna = sign_in(cast.anna)
    odd = [b"\0", b"%00", b"%ED%A0%80", b"%FF", b"\xff", b"%F4%90%80%80"]
    for text in odd:
        for body in (text + b"=1", b"title" + text + b"=1", b"token=" + text):
            answer = anna.post(
                "/my/report", data=body, content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code in (400, 422), body
        part = b'--x\r\nContent-Disposition: form-data; name="files' + text
        for body in (part + b'"\r\n\r\nx\r\n--x--', part + b'"; filename="' + text + b'"\r\n\r\nx\r\n--x--'):
            answer = anna.post("/my/report", data=body, content_type="multipart/form-data; boundary=x")
            assert answer.status_code in (400, 422), body
    for value in ("\xff", "\x01", "a" * 5000):
        for name in ("User-Agent", "Accept-Language", "Referer", "X-Requested-With", "HX-Request-Type"):
            assert anna.get("/my/tickets", headers={name: value}).status_code == 200
    assert client.get("/my/tickets", headers={"Cookie": "servicedesk=\xff\x01;;="}).status_code == 302


def test_q5_q6_a_form_takes_only_what_it_shows(world, cast, sign_in, app, routes):
    """At every door: who somebody is, where a thing belongs and when it was made are no fields.

    Roles and accounts are fields where they are what the page is about.
    """
    extra = {
        "role": "administrator", "is_admin": "1", "is_active": "0", "municipality_id": cast.lindhoven.id,
        "tenant_id": cast.lindhoven.id, "id": 999, "created_at": "2001-01-01", "due_at": "2999-01-01",
        "sla_due": "2999-01-01", "login": "ada", "email": "evil@example.org", "password_hash": "x",
        "requester_id": cast.carla.id, "number": "M0101-0001", "uid": "APP-0666", "is_internal": "0",
    }  # fmt: skip
    people = [(one.id, one.role, one.login, one.email, one.municipality_id, one.is_active,
               one.password_hash) for one in db.session.scalars(sa.select(Person))]  # fmt: skip
    ticket, items = world.ticket.number, set(db.session.scalars(sa.select(Item.uid)))
    for name, rule in routes[0].items():
        if "POST" not in rule.methods or name == "signin.signout" or name.startswith("people."):
            continue
        for who in sorted(ACCESS[name] & (DESK | {"anna", "mia"})):
            browser = sign_in(getattr(cast, who))
            with app.test_request_context():
                address = address_of(app, rule, world.values(rule))
            form = world.form(name)
            answer = browser.post(address, data=extra | form, query_string=extra)
            assert answer.status_code < 500, f"{who} {name}"
    db.session.expire_all()
    assert people == [
        (one.id, one.role, one.login, one.email, one.municipality_id, one.is_active, one.password_hash)
        for one in db.session.scalars(sa.select(Person).order_by(Person.id))
    ]
    kept = db.session.scalars(sa.select(Ticket).where(Ticket.number == ticket)).one()
    assert (kept.requester_id, kept.municipality_id) == (cast.anna.id, cast.oosterveen.id)
    assert kept.created_at.year != 2001
    assert "APP-0666" not in set(db.session.scalars(sa.select(Item.uid))) - items
    assert not db.session.scalar(sa.select(Ticket.id).where(Ticket.number == "M0101-0001"))


def test_q5_a_report_is_of_who_files_it(cast, sign_in):
    forged = {
        "requester": cast.carla.id, "requester_id": cast.carla.id, "municipality_id": cast.lindhoven.id,
        "priority": "1", "status": "closed", "assignee_id": cast.daan.id, "channel": "phone", "team_id": 1,
    }  # fmt: skip
    sign_in(cast.anna).post("/my/report", data=answers() | forged, query_string=forged)
    (ticket,) = db.session.scalars(sa.select(Ticket))
    assert (ticket.requester_id, ticket.municipality_id) == (cast.anna.id, cast.oosterveen.id)
    assert (ticket.priority, str(ticket.status), ticket.assignee_id) == (2, "new", None)
    assert str(ticket.channel) == "portal"

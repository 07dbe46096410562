"""Everybody at every door: who gets in is written down in doors.py; a route that is not fails."""

import datetime as dt
import re
from collections import defaultdict

import pytest
import sqlalchemy as sa

from cmdb import register, registry
from cmdb.catalogue import Attribute
from cmdb.database import db, utc_now
from cmdb.item_parts import Duty, ItemRole
from cmdb.items import Item, ItemStatus
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may
from cmdb.relations import RelationKind
from servicedesk import heartbeat
from servicedesk.app import create_app
from servicedesk.directory.models import Directory
from servicedesk.inventory import views
from servicedesk.intake import batches
from servicedesk.intake.tables import read_table
from servicedesk.quality.models import Pair
from servicedesk.reviews.models import AccessReview, ReviewLine
from servicedesk.rota import feeds
from servicedesk.rota.models import (
    Absence,
    ClosedDay,
    DutyPerson,
    Employment,
    OnCall,
    RotaSetting,
    Seat,
    SwapRequest,
)
from servicedesk.rota.models import Duty as RotaDuty
from servicedesk.rota.models import Turn as RotaTurn
from servicedesk.rota.swap_rules import SwapRule
from servicedesk.rota.words import FeedScope
from servicedesk.signin import links, tokens
from servicedesk.signin.account_models import AccountLink, Purpose
from servicedesk.signin.models import WebSession
from servicedesk.tickets import handover, outages, planned_work, site_days
from servicedesk.tickets.attachments import File
from servicedesk.tickets.handover_models import HandoverLine
from servicedesk.tickets.models import (
    Attachment,
    Category,
    Draft,
    Entry,
    Outage,
    OutageReport,
    PlannedWork,
    Ticket,
)
from servicedesk.tickets.workflow import Severity
from servicedesk.web import signin
from tests.makers import NOW, make_item, make_passkey, make_review, make_ticket, make_visit
from tests.servicedesk.web import api_doors, item_doors
from tests.servicedesk.openid.conftest import make_provider
from tests.servicedesk.web.doors import ACCESS, ALL, ANYBODY, BESIDES
from tests.servicedesk.web.roster_doors import Roster

# What changes a ticket, an item or an outage as it stands in this test.
DEEDS = {
    "api.add_item", "api.change_item", "api.set_consumers", "api.set_role", "api.add_step",
    "access_reviews.decide", "api.assign_ticket", "api.cancel_ticket", "api.file_ticket", "api.let_ticket_wait", "api.reply_to_ticket",
    "api.resolve_ticket", "desk.assign", "desk.cancel", "desk.category", "desk.draft", "desk.join_outage", "desk.new", "desk.presence",
    "desk.priority", "desk.unplan", "handover.add", "desk.reply", "desk.resolve", "desk.take", "desk.wait", "item_documents.remove", "item_life.add", "item_life.remove",
    "item_people.remove_role", "item_people.role", "item_people.share", "items.edit", "items.new", "items_import.apply",
    "outages.end", "outages.start", "people.change_role", "people.invite", "people.new", "people.shut", "roster_seats.ask", "roster_seats.assign", "roster_seats.move",
    "roster_absences.add", "roster_absences.withdraw", "roster_duties.add", "roster_duties.end", "roster_duties.people",
    "roster_duties.turn", "roster_plan.publish", "roster_plan.replan", "roster_rules.call_off", "roster_rules.call_on",
    "roster_rules.close", "roster_rules.open_again", "roster_rules.save", "roster_rules.swaps", "roster_swaps.propose",
    "roster_swaps.step", "roster_team.save",
    "outages.update", "planned_work.announce", "portal.affected", "portal.cancel", "portal.reply", "portal.report", "portal.request_service",
}  # fmt: skip

# Files of the face have no view of ours that could carry a mark.
UNMARKED = {"assets"}

INSIDE = {200, 201, 204, 302, 303, 409, 422}


def rules(app):
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    app = create_app(
        INSTANCE=tmp_path_factory.mktemp("routes"), SQLALCHEMY_DATABASE_URI="sqlite://"
    )
    return {rule.endpoint: rule for rule in rules(app)}, app.view_functions


def test_every_route_is_in_the_table_and_every_line_of_the_table_is_a_route(routes):
    assert set(routes[0]) == set(ACCESS)


def test_every_view_is_marked_with_who_may_enter(routes):
    unmarked = {name for name, view in routes[1].items() if not hasattr(view, "permission")}
    assert unmarked == UNMARKED


def test_the_table_lets_nobody_in_whose_role_has_not_the_permission(routes, cast):
    for endpoint, view in routes[1].items():
        mark = getattr(view, "permission", "public")
        inside = ACCESS[endpoint]
        if mark == "public":
            assert inside == ANYBODY, endpoint
        elif mark == "signed-in":
            assert "nobody" not in inside, endpoint
        else:
            holders = {name for name in ALL if may(getattr(cast, name), Permission(mark))}
            assert inside <= holders, endpoint


class World:
    """The records at stake, and how the table's routes are addressed with them."""

    def __init__(self, cast, sign_in, with_roster=False):
        file = File("verslag.txt", b"geheim van Anna")
        self.login = cast.anna.login
        self.item = make_item("Laptop 12", cast.oosterveen, user_id=cast.anna.id)
        self.switch = make_item("sw-1", cast.oosterveen, class_key="switch")
        self.ticket = make_ticket(
            cast.anna, title="geheim van Anna", items=[self.item], files=[file]
        )
        self.attachment = db.session.scalars(sa.select(Attachment)).one()
        self.change_set = register.begin(cast.ada, "test", NOW)
        self.view = views.keep(cast.daan, "Mijn lijst", "", False)
        registry.add_attribute("application", Attribute("own", "Eigen veld"))
        registry.add_relation_kind(RelationKind("own-kind", "volgt op", "gaat voor"))
        self.relation = register.relate(self.item, cast.application, "needs", self.change_set)
        self.step = register.plan_step(
            self.item, ItemStatus.RETIRED, NOW.date() + dt.timedelta(days=900), self.change_set
        )
        self.document = register.attach(
            self.item, "plan.txt", "text/plain", b"plan", "0" * 64, self.change_set
        )
        register.set_role(self.item, Duty.PROCESS_OWNER, self.change_set, person=cast.anna)
        self.role = db.session.scalars(sa.select(ItemRole)).one()
        self.outage = outages.start(self.item, "geheim van Oosterveen", NOW)
        hour = dt.timedelta(hours=1)
        self.work = planned_work.announce(
            [self.item], "geheim werk", Severity.DOWN, utc_now() + hour, utc_now() + 2 * hour, cast.daan
        )
        network = Category(key="network", name="Netwerk", icon="globe", position=2)
        db.session.add(network)
        table = read_table(b"naam;serienummer\nLaptop 14;S14X\n")
        self.batch = batches.stage(
            "lijst.csv", table, "workstation", cast.oosterveen.id, cast.ada, NOW
        )
        self.twin = cast.application
        db.session.add(
            Pair(first_id=self.twin.id, second_id=self.item.id, evidence=[], found_at=NOW)
        )
        self.calendar, self.secret = feeds.create_token(
            cast.anna, FeedScope.MUNICIPALITY, cast.oosterveen, "Telefoon", NOW
        )
        self.today = local(utc_now()).date()
        self.api_token, _ = tokens.create(cast.anna, "Programma", True, self.today, utc_now())
        self.passkey = make_passkey(cast.anna)
        batches.assess(self.batch)
        self.visit = make_visit(cast.oosterveen, cast.daan, NOW.date())
        site_days.ask(self.ticket, cast.daan, NOW, task="geheim werk")
        self.line = handover.write(cast.daan, "geheim", NOW)
        self.directory = Directory(
            municipality_id=cast.oosterveen.id, domain="oosterveen.example", hosts=["localhost:1"],
            kind="openldap", security="ldaps", base="dc=x", bind_dn="cn=x", next_sync_at=NOW,
        )  # fmt: skip
        self.link = links.make(cast.bram, Purpose.RESET, utc_now())
        self.colleague = cast.femke
        db.session.add(self.directory)
        self.provider = make_provider("https://localhost:1", cast.oosterveen, client_secret=None)
        heartbeat.beat("test", utc_now())
        self.roster = Roster(cast) if with_roster else None
        self.review = make_review(cast.oosterveen, cast.mia, cast.els)
        db.session.commit()
        sign_in(cast.anna)  # her other browser
        self.words = {
            "affected": "person", "body": "Dit is een bericht.", "can_work": "medium", "category": network.id,
            "channel": "phone", "haste": "low", "hosting": "saas", "impact": "team", "item": self.item.uid,
            "item_class": "application", "message": "Dit is een bericht.", "name": "Laptop 13", "question": "Wat?",
            "reason": "Zomaar", "requester": cast.anna.name, "solution": "Klaar.", "status": "retired",
            "title": "Nog een melding", "to": f"-{cast.femke.id}", "type": "incident", "urgency": "high",
            "waiting_for": "supplier", "location": "", "manager": cast.daan.id, "deputy": cast.femke.id,
            "duty": "budget-holder", "contact": "Team Inkoop", "on": "01-02-2030",
            "ports": "1",
            f"share-{cast.lindhoven.id}": "12,5",
            "task": "Kijken", "text": "Bel terug", "done": "1", "ticket": self.ticket.number,
            "outage": self.outage.id, "items": self.item.uid, "starts": "2199-01-01T18:00", "ends": "2199-01-01T20:00",
            "session": db.session.scalars(sa.select(WebSession.token_hash)).one(),
            "line": db.session.scalar(sa.select(sa.func.min(ReviewLine.id))), "decision": "keep",
            "token": self.api_token.id, "deed": "distinct", "expires_on": self.today,
        }  # fmt: skip

    def values(self, rule) -> dict[str, object]:
        known = {
            "number": self.ticket.number, "uid": self.item.uid, "digest": "0", "name": "app.css",
            "form": "csv", "report": "uniformity",
        }  # fmt: skip
        known |= {"token": self.link, "secret": self.secret, "date": self.visit.date.isoformat()}
        known["key"] = self.outage.id if "outage" in rule.rule else self.attachment.id
        keyed = {"planned_work": self.work, "people": self.colleague, "directories": self.directory}
        keyed |= {"passkeys": self.passkey} | dict.fromkeys(("openid_providers", "sso"), self.provider)
        if owner := keyed.get(rule.endpoint.partition(".")[0]):
            known["key"] = owner.id
        if rule.endpoint.startswith("items_import."):
            known |= {"key": self.batch.id, "name": "workstation"}
        if rule.endpoint.startswith("item_"):
            known["key"] = self.relation.id if "relations" in rule.rule else self.change_set.id
            known |= {"name": "application", "field": "own"}
        if rule.endpoint.startswith("item_ports."):
            known["uid"] = self.switch.uid
        if rule.endpoint.startswith("relation_types."):
            known["name"] = "own-kind"
        parts = {
            "item_life": self.step, "item_documents": self.document, "item_people": self.role,
            "calendars": self.calendar, "handover": self.line, "access_rights": self.ticket.requester,
            "viewing": self.ticket.requester, "access_reviews": self.review,
        }  # fmt: skip
        if part := parts.get(rule.endpoint.partition(".")[0]):
            known["key"] = part.id
        if rule.endpoint.startswith("visits."):
            known["key"] = self.visit.municipality_id
        if rule.endpoint.startswith("item_views."):
            known["key"] = self.view.id
        if rule.endpoint == "item_duplicates.judge":
            known |= {"uid": self.twin.uid, "other": self.item.uid}
        if rule.endpoint.startswith("roster") and self.roster:
            known["key"] = self.roster.key(rule.endpoint)
        if rule.endpoint.startswith("api."):
            known |= item_doors.values(rule.endpoint, self)
        return {name: known[name] for name in rule.arguments}

    def form(self, endpoint: str) -> dict[str, object]:
        """What makes that the deed of a route is done; the desk's forms put its name before each field."""
        prefix = {"desk.draft": "reply"}.get(endpoint, endpoint.partition(".")[2])
        values = self.words | {"version": self.ticket.version}
        if endpoint.startswith("items."):
            values |= {"version": self.item.version, "owner": self.item.municipality_id}
        if endpoint.startswith("people."):
            values |= {"role": "centre-manager", "login": "nieuw", "email": "nieuw@example.org"}
        if endpoint.startswith("portal."):
            values |= {"category": "network"}
        if self.roster:
            values |= self.roster.form(endpoint)
        return values | {f"{prefix}-{name}": value for name, value in values.items()}


@pytest.fixture
def world(cast, sign_in, request):
    """The roster is published only where it is at stake: it takes a while."""
    params = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return World(cast, sign_in, params.get("endpoint", "roster").startswith("roster"))


@pytest.fixture
def visit(cast, sign_in, app, world):
    """`visit(who, rule, method, values)`: somebody in a browser of their own calls a route."""

    programs = api_doors.Programs(app, cast)

    def visiting(who, rule, method, values=None):
        with app.test_request_context():
            address = address_of(app, rule, world.values(rule) if values is None else values)
        if rule.endpoint.startswith("api."):
            return programs.open(who, address, method, api_doors.body(rule.endpoint, world, who))
        browser = app.test_client() if who == "nobody" else sign_in(getattr(cast, who))
        with app.test_request_context():
            data = world.form(rule.endpoint) if method == "POST" else None
        return browser.open(address, method=method, data=data, buffered=True)

    return visiting


def address_of(app, rule, values) -> str:
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def marks() -> list[object]:
    """What a forbidden deed would change."""
    db.session.expire_all()
    count = sa.func.count()
    tables = (
        Ticket, Entry, Attachment, Draft, Outage, OutageReport, PlannedWork, Item, SwapRequest, Seat,
        RotaDuty, RotaTurn, ClosedDay, OnCall, Absence, HandoverLine, SwapRule, AccountLink, Person,
    )  # fmt: skip
    return [
        *(db.session.scalar(sa.select(count).select_from(table)) for table in tables),
        *db.session.execute(sa.select(Ticket.version, Ticket.status, Ticket.assignee_id)).all(),
        *db.session.scalars(sa.select(Item.version).order_by(Item.id)),
        *db.session.execute(sa.select(Outage.message, Outage.ended_at)).all(),
        *db.session.scalars(sa.select(Draft.body)),
        *db.session.execute(sa.select(Person.role, Person.is_active).order_by(Person.id)).all(),
        *db.session.scalars(sa.select(ReviewLine.decision).order_by(ReviewLine.id)),
        *db.session.scalars(sa.select(AccessReview.signed_at).order_by(AccessReview.id)),
        *db.session.scalars(sa.select(Seat.person_id).order_by(Seat.id)),
        *db.session.scalars(sa.select(SwapRequest.state).order_by(SwapRequest.id)),
        *db.session.scalars(sa.select(Absence.state).order_by(Absence.id)),
        *db.session.scalars(sa.select(RotaDuty.valid_to).order_by(RotaDuty.id)),
        *db.session.scalars(sa.select(DutyPerson.person_id).order_by(DutyPerson.id)),
        *db.session.scalars(sa.select(Employment.weekly_minutes).order_by(Employment.person_id)),
        db.session.scalar(sa.select(RotaSetting.publish_days)),
    ]


def calls() -> list[tuple[str, str]]:
    app = create_app(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="only to list the routes")
    return [
        (rule.endpoint, method)
        for rule in rules(app)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if method in rule.methods
    ]


CALLS = calls()


def body_of(answer) -> str:
    """The page without what differs at each visit: tokens, seconds, and the address itself."""
    text = re.sub(r'name="csrf_token" value="[^"]*"|data-session-seconds="\d+"', "", answer.text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


@pytest.mark.parametrize(("endpoint", "method"), CALLS)
def test_everybody_at_this_door(endpoint, method, routes, visit):
    """First those who do not get in, who leave no trace; then those who do."""
    rule, inside = routes[0][endpoint], ACCESS[endpoint]
    before = marks()
    if "nobody" in inside:
        assert not asks_to_sign_in(visit("nobody", rule, method))
    else:
        assert asks_to_sign_in(visit("nobody", rule, method))
    for who in sorted(ALL - inside):
        finds_nothing(
            who,
            visit(who, rule, method),
            rule.arguments and visit(who, rule, method, no_such(rule)),
        )
    assert marks() == before, "somebody changed what is not theirs"
    for who in sorted(inside - {"nobody"}):
        answer = visit(who, rule, method)
        assert answer.status_code in INSIDE | {BESIDES.get(endpoint)} and not asks_to_sign_in(answer), (
            f"{who} got {answer.status_code}"
        )
        if method == "GET":
            assert marks() == before, "a GET wrote something"
        elif endpoint in DEEDS:
            assert marks() != before, "nothing was done, so that the lines above prove nothing"
        if rule.arguments and method not in ("GET", "DELETE"):
            assert visit(who, rule, method, no_such(rule)).status_code == 404, (
                f"{who} at what does not exist"
            )


def asks_to_sign_in(answer) -> bool:
    """As pages do it, and as the API does."""
    if answer.status_code == 401:
        return answer.headers["WWW-Authenticate"].startswith("Bearer")
    return answer.status_code == 302 and answer.location.startswith("/signin?next=")


def finds_nothing(who, forbidden, unknown):
    """Forbidden and unknown are one and the same page."""
    assert forbidden.status_code == 404, f"{who} got {forbidden.status_code}"
    assert "geheim" not in forbidden.text
    assert not unknown or (unknown.status_code, body_of(unknown)) == (404, body_of(forbidden)), who


def no_such(rule) -> dict[str, object]:
    values = {
        "number": "M2611-9999", "uid": "APP-9999", "key": 999_999, "digest": "0", "name": "none",
        "form": "xlsx", "field": "none", "report": "none", "other": "APP-9999", "date": "2026-11-27",
        "secret": "none", "token": "none",
    }  # fmt: skip
    return {name: values[name] for name in rule.arguments}


def test_other_methods_are_refused(routes, app, world, client):
    known = defaultdict(set)
    for rule in routes[0].values():
        known[rule.rule] |= rule.methods
    for rule in routes[0].values():
        address = address_of(app, rule, world.values(rule))
        for method in {"PUT", "PATCH", "DELETE", "TRACE"} - known[rule.rule]:
            assert client.open(address, method=method).status_code == 405, f"{method} {address}"


def test_the_way_home_is_open_to_everybody(cast, sign_in, app):
    for who in ALL:
        browser = sign_in(getattr(cast, who))
        with app.test_request_context():
            home = signin.home(getattr(cast, who))
        assert browser.get("/", follow_redirects=True).request.path == home

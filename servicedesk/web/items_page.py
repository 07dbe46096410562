"""What the page of one item shows: facts as they are or were, relations, tickets, history."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from cmdb import item_state, register, registry
from cmdb.catalogue import ItemClassSpec, concrete
from cmdb.classes_common import MONEY, PROTECTION
from cmdb.database import db
from cmdb.history import moment_of
from cmdb.item_parts import ItemIdentifier, ItemRole
from cmdb.items import Item, ItemConsumer
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.inventory import fields, shares, sources, story, ties, words
from servicedesk.inventory.beside_words import DUTY
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.tickets.models import Outage, Ticket, TicketItem
from servicedesk.tickets.workflow import OPEN
from servicedesk.web import item_documents, item_life, item_ports, standing_page
from servicedesk.web.words import moment, sla_chip
from sla import watch

SHOWN = (
    joinedload(Item.municipality),
    joinedload(Item.location),
    joinedload(Item.user),
    joinedload(Item.manager),
    joinedload(Item.deputy),
)
_TICKETS = 20
_PLACE = ("hosting", "environment", "location", "user")
_LIFE = (
    "purchased_on", "warranty_until", "support_until", "end_of_life", "next_certification",
    "confirmed_on",
)  # fmt: skip
_WORTH = ("availability", "integrity", "confidentiality")
_KNOWN = ("serial", "asset_tag", "tags")
_MONEY = ("purchase_cents", "yearly_cents", "supplier", "contract")


def context(
    item: Item,
    person: Person,
    now: dt.datetime,
    on: dt.date | None = None,
    state: Mapping[str, Any] | None = None,
    before: int | None = None,
) -> dict[str, object]:
    """Everything that the page of one item shows to `person`.

    Args:
        on, state: the day of which the page tells, and what the item was then.
        before: the history goes on from this change set.
    """
    at = on and moment_of(on, now)
    held = dict(state) if state is not None else _state(item)
    spec = registry.classes()[held["class_key"]]
    works, writes = may(person, Permission.QUEUE_READ), may(person, Permission.ITEM_WRITE)
    day = on or local(now).date()
    shown, open_count, total = ([], 0, 0) if on else _tickets(item, person)
    found, tie_count = ties.of_item(item.id, at)
    return {
        "item": {
            "uid": item.uid, "name": held["name"], "class": _(spec.name),
            "description": held.get("description"), "status": held.get("status"),
        },
        "on": on,
        "day": day,
        "facts": _facts(held, spec),
        "people": _people(held, item.id, day),
        "shares": _shares(item, day, held.get("yearly_cents")),
        "shares_note": _shares_note(item, day) if works else "",
        "shares_elsewhere": not works and held.get("municipality_id") != person.municipality_id,
        "ports": item_ports.told(held.get("ports") or (), found),
        "documents": item_documents.listed(item.uid, _documents(item, state)),
        "ties": ties.by_label([one for one in found if not one.group or one.backwards]),
        "groups": _groups(held, found),
        "tie_count": tie_count,
        "ties_hidden": tie_count > len(found),
        "sources": [] if on else sources.of_item(item.id, spec),
        "steps": [] if on else item_life.steps_of(item),
        "tickets": [_ticket_row(ticket, works, now) for ticket in shown],
        "ticket_summary": _("%(open)s open, %(total)s in totaal", open=open_count, total=total),
        "history": _history(item, now, before) if works and not on else None,
        "outage": None if on else _outage(item, now, works),
        "standing": None if on else standing_page.context(item, person, now),
        "works": works,
        "urls": {
            "list": url_for("items.index", **({"on": on.isoformat()} if on else {})),
            "report": None if works or on else url_for("portal.report", item=item.uid),
            "edit": url_for("items.edit", uid=item.uid) if writes and not on else None,
            **_parts(item if writes and not on else None),
            "tickets": url_for("desk.queue", view="all", status="any", item=item.uid)
            if works and total > len(shown)
            else None,
        },
    }  # fmt: skip


def _parts(item: Item | None) -> dict[str, str]:
    """The pages that change what stands beside the fields; none without an item."""
    pages = {
        "ties": "item_ties.edit", "people": "item_people.edit", "steps": "item_life.edit",
        "documents": "item_documents.edit",
    }  # fmt: skip
    if item is not None and item_ports.has_ports(item.class_key):
        pages["ports"] = "item_ports.edit"
    return {name: url_for(page, uid=item.uid) for name, page in pages.items() if item is not None}


def class_groups() -> list[tuple[str, list[ItemClassSpec]]]:
    """The classes that items can be of, under what they refine; the others last."""
    known = registry.classes()
    groups: dict[str, list[ItemClassSpec]] = {}
    for spec in concrete(known):
        groups.setdefault(known[spec.ancestors[-1]].name if spec.ancestors else "", []).append(spec)
    return sorted(groups.items(), key=lambda pair: (not pair[0], pair[0]))


def _state(item: Item) -> dict[str, Any]:
    """The item as its history would keep it now."""
    known_as = sa.select(ItemIdentifier.kind, ItemIdentifier.value).where(
        ItemIdentifier.item_id == item.id
    )
    pairs = sorted((kind.value, value) for kind, value in db.session.execute(known_as))
    return {**item_state.written(item), "identifiers": pairs}


def _facts(held: Mapping[str, Any], spec: ItemClassSpec) -> list[tuple[str, list[tuple[str, str]]]]:
    """The filled fields under their headings: what it is, where, since when, its worth."""
    envelope, own = fields.envelope(), fields.of_class(spec)
    protection, money = ([own.pop(one.key) for one in some] for some in (PROTECTION, MONEY))
    groups = (
        (_("Kenmerken"), list(own.values())),
        (_("Hosting en plaats"), [envelope[key] for key in _PLACE]),
        (_("Levensloop"), [envelope[key] for key in _LIFE]),
        (_("Belang en bescherming"), [*(envelope[key] for key in _WORTH), *protection]),
        (_("Kosten en contract"), [*(envelope[key] for key in _MONEY), *money]),
        (_("Herkenning"), [envelope[key] for key in _KNOWN]),
    )
    names = words.names_for([held], envelope.values())
    told = [(title, _rows(held, some, names)) for title, some in groups]
    told[-1][1].extend((kind.upper(), value) for kind, value in held.get("identifiers") or ())
    return [(title, rows) for title, rows in told if rows]


def _rows(held: Mapping[str, Any], some: list[Field], names: words.Names) -> list[tuple[str, str]]:
    rows = []
    for one in some:
        text = words.text_of(words.value_of(held, one), one, names)
        if text:
            rows.append((one.label, words.with_unit(text, one)))
    return rows


def _people(held: Mapping[str, Any], item_id: int, day: dt.date) -> list[dict[str, object]]:
    """Who does what for the item on that day, the deputy after the first."""
    keys = [held.get("manager_id"), held.get("deputy_id")]
    known = db.session.scalars(sa.select(Person).where(Person.id.in_([key for key in keys if key])))
    by_key = {one.id: one for one in known}
    told = [
        {"label": _("Beheerder"), "person": by_key.get(keys[0]), "text": ""},
        {"label": _("Tweede"), "person": by_key.get(keys[1]), "text": ""},
    ]
    current = (
        sa.select(ItemRole)
        .where(
            ItemRole.item_id == item_id,
            ItemRole.valid_from <= day,
            sa.or_(ItemRole.valid_to.is_(None), ItemRole.valid_to > day),
        )
        .options(joinedload(ItemRole.person), joinedload(ItemRole.team))
        .order_by(ItemRole.role, ItemRole.is_deputy)
    )
    for role in db.session.scalars(current):
        label = f"{DUTY[role.role]} ({_('vervanger')})" if role.is_deputy else str(DUTY[role.role])
        text = role.contact or (role.team.name if role.team else "")
        told.append({"label": label, "person": role.person, "text": text})
    owner = words.text_of(
        held.get("municipality_id"), fields.envelope()["owner"],
        words.names_for([held], [fields.envelope()["owner"]]),
    )  # fmt: skip
    return [*told, {"label": _("Eigenaar"), "person": None, "text": owner}]


def _groups(held: Mapping[str, Any], found: list[ties.Tie]) -> list[dict[str, object]]:
    """The dependency groups with their members and their rule in words."""
    rules = {group["label"]: group for group in held.get("groups") or ()}
    members: dict[str, list[ties.Tie]] = {label: [] for label in rules}
    for one in found:
        if one.group and not one.backwards:
            members.setdefault(one.group, []).append(one)
    return [
        {
            "label": label,
            "members": some,
            "rule": ties.group_words(rules.get(label, {"rule": {"kind": "all"}}), len(some)),
        }
        for label, some in members.items()
    ]


def _documents(item: Item, state: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return item_documents.of_item(item) if state is None else state.get("documents") or []


def _shares_note(item: Item, day: dt.date) -> str:
    used = sa.select(ItemConsumer.share).where(
        ItemConsumer.item_id == item.id, register.is_consumer(day)
    )
    return shares.note(list(db.session.scalars(used)))


def _history(item: Item, now: dt.datetime, before: int | None) -> dict[str, object]:
    """The change sets that touched the item, newest first, and where older ones stand."""
    entries, older = story.of_item(item.id, before)
    return {
        "entries": [
            {
                "at": moment(entry.change_set.at, now),
                "iso": entry.change_set.at.isoformat(),
                "who": entry.actor or entry.change_set.source,
                "reason": entry.change_set.reason,
                "deeds": entry.deeds,
                "url": url_for("item_changes.change_set", key=entry.change_set.id),
            }
            for entry in entries
        ],
        "older_url": older and url_for("items.item", uid=item.uid, before=older),
        "is_first": before is None,
    }


def _tickets(item: Item, person: Person) -> tuple[list[Ticket], int, int]:
    """The tickets that `person` may read, open ones first; how many are open, and how many in all."""
    about = Ticket.id.in_(sa.select(TicketItem.ticket_id).where(TicketItem.item_id == item.id))
    readable = visible(Ticket, person, Permission.TICKET_READ).where(about)
    is_open = Ticket.status.in_(OPEN)
    counted = readable.with_only_columns(sa.func.count().filter(is_open), sa.func.count())
    open_count, total = db.session.execute(counted).one()
    shown = db.session.scalars(
        readable.options(joinedload(Ticket.municipality), joinedload(Ticket.resolution_clock))
        .order_by(is_open.desc(), Ticket.id.desc())
        .limit(_TICKETS)
    ).all()
    return list(shown), open_count, total


def _ticket_row(ticket: Ticket, works: bool, now: dt.datetime) -> dict[str, object]:
    clock = ticket.resolution_clock
    share = (
        watch.used_seconds(clock, now) / clock.target_seconds
        if clock and clock.target_seconds
        else 0.0
    )
    endpoint = "desk.ticket" if works else "portal.ticket"
    return {
        "url": url_for(endpoint, number=ticket.number),
        "title": ticket.title,
        "priority": ticket.priority,
        "meta": [labels.status_words(ticket.status, ticket.waiting_for), ticket.municipality.name],
        "number": ticket.number,
        "chip": sla_chip(
            ticket.due_at, clock and clock.state, share, bool(clock and clock.breached_at), now
        ),
    }


def _shares(item: Item, day: dt.date, yearly: int | None) -> list[dict[str, object]]:
    """The municipalities that the reader may see among the users, with share, dates and cost."""
    used = (
        sa.select(ItemConsumer)
        .where(ItemConsumer.item_id == item.id, register.is_consumer(day))
        .options(joinedload(ItemConsumer.municipality))
    )
    consumers = sorted(
        db.session.scalars(used), key=lambda one: (-(one.share or 0), one.municipality.name)
    )
    largest = max((one.share or 0 for one in consumers), default=0)
    money = fields.envelope()["yearly_cents"]
    return [
        {
            "name": one.municipality.name,
            "share": None if one.share is None else shares.percent(one.share),
            "width": 100 * (one.share or 0) // largest if largest else 0,
            "since": one.valid_from,
            "until": one.valid_to,
            "cost": words.with_unit(
                words.text_of(round(yearly * one.share / 1000), money, {}), money
            )
            if yearly and one.share
            else "",
        }
        for one in consumers
    ]


def _outage(item: Item, now: dt.datetime, works: bool) -> dict[str, str] | None:
    running = db.session.scalar(
        sa.select(Outage)
        .where(Outage.item_id == item.id, Outage.ended_at.is_(None))
        .order_by(Outage.started_at)
        .limit(1)
    )
    if running is None:
        return None
    text = _(
        "Bekende storing sinds %(moment)s. %(message)s",
        moment=moment(running.started_at, now),
        message=running.message,
    )
    return {
        "text": text,
        "url": url_for("outages.index") if works else url_for("portal.report", item=item.uid),
    }

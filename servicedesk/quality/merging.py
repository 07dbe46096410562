"""Two records of one thing made one: the kept record takes over what the other has.

The other stays in the register, retired and without what identified it, so that its history can be
read and the merge be undone as a whole.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import beside, register, registry
from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemRole
from cmdb.items import ChangeSet, Item, ItemConsumer, ItemStatus, Relation
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.undo import undo
from servicedesk.language import gettext as _
from servicedesk.quality.models import Pair, Verdict
from servicedesk.tickets.models import Outage, TicketItem

# Whose these are, what they are called and where they stand is not taken over.
_OWN = {"id", "uid", "name", "municipality_id", "class_key", "status", "hosting", "location_id",
        "user_id", "attributes", "tags", "groups", "version", "confirmed_on", "confirmed_by_id",
        "next_certification", "environment"}  # fmt: skip
_LONGEST_NAME = 200


def merge(pair: Pair, kept: Item, gone: Item, by: Person, now: dt.datetime) -> ChangeSet:
    """Let `kept` be the only record of a pair, as one act.

    Raises:
        ValueError: an outage runs on the other, or a value does not fit; one sentence. Roll back.
    """
    running = sa.select(Outage.id).where(Outage.item_id == gone.id, Outage.ended_at.is_(None))
    if db.session.scalar(running.limit(1)):
        raise ValueError(_("Op %(uid)s loopt een storing. Beëindig die eerst.", uid=gone.uid))
    reason = _("%(gone)s samengevoegd met %(kept)s", gone=gone.uid, kept=kept.uid)
    change_set = register.begin(by, "merge", now, reason)
    identifiers = [*beside.read(kept, "identifiers"), *beside.read(gone, "identifiers")]
    ties = _untie(gone, change_set)
    taken = _lacking(kept, gone)
    _retire(kept, gone, change_set)
    register.change(kept, change_set, **taken)
    register.identify(
        kept, [(IdentifierKind(kind), value) for kind, value in identifiers], change_set
    )
    _tie(ties, kept, gone, change_set)
    _move_roles(kept, gone, change_set)
    _share(kept, gone, change_set)
    pair.verdict, pair.judged_by_id, pair.judged_at = Verdict.MERGED, by.id, now
    pair.change_set_id, pair.moved = change_set.id, _move_tickets(kept, gone)
    db.session.flush()
    return change_set


def take_back(change_set: ChangeSet, by: Person | None, now: dt.datetime) -> ChangeSet:
    """Undo a change set; when it was a merge, its tickets go back too and the pair is open again.

    Raises:
        ValueError: as of `cmdb.undo.undo`.
    """
    done = undo(change_set, by, now)
    pair = db.session.scalar(sa.select(Pair).where(Pair.change_set_id == change_set.id))
    if pair is not None:
        for ticket_id, municipality_id, kept_id, gone_id, had_both in pair.moved:
            _link(ticket_id, municipality_id, gone_id)
            if not had_both:
                _unlink(ticket_id, kept_id)
        pair.verdict, pair.change_set_id, pair.moved = Verdict.OPEN, None, []
        db.session.flush()
    return done


def _lacking(kept: Item, gone: Item) -> dict[str, Any]:
    """The values of `gone` where `kept` has none."""
    columns = sa.inspect(Item).columns.keys()
    values = {
        name: getattr(gone, name)
        for name in columns
        if name not in _OWN
        and getattr(kept, name) in (None, "")
        and getattr(gone, name) not in (None, "")
    }
    if values.get("deputy_id") == (values.get("manager_id") or kept.manager_id):
        values.pop("deputy_id", None)
    spec = registry.classes()[kept.class_key]
    known = {key: value for key, value in gone.attributes.items() if spec.attribute(key)}
    labels = {group["label"] for group in kept.groups}
    return values | {
        "attributes": {**known, **kept.attributes},
        "tags": sorted({*kept.tags, *gone.tags})[:50],
        "groups": [*kept.groups, *(each for each in gone.groups if each["label"] not in labels)],
    }


def _retire(kept: Item, gone: Item, change_set: ChangeSet) -> None:
    """Nothing finds or counts the other record any more."""
    suffix = f" ({_('samengevoegd met %(uid)s', uid=kept.uid)})"
    attributes = {key: value for key, value in gone.attributes.items() if key != "mac"}
    register.change(
        gone, change_set, name=gone.name[: _LONGEST_NAME - len(suffix)] + suffix, serial="",
        asset_tag="", status=ItemStatus.RETIRED, groups=[], attributes=attributes,
    )  # fmt: skip
    register.identify(gone, [], change_set)


def _untie(gone: Item, change_set: ChangeSet) -> list[Mapping[str, Any]]:
    """End the relations of an item; what they said."""
    tied = sa.or_(Relation.source_id == gone.id, Relation.target_id == gone.id)
    relations = list(db.session.scalars(sa.select(Relation).where(tied).order_by(Relation.id)))
    names = ("source_id", "target_id", "kind", "group", "effect", "capacity", "valid_on",
             "valid_until")  # fmt: skip
    said = [{name: getattr(one, name) for name in names} for one in relations]
    register.unrelate(relations, change_set)
    return said


def _tie(ties: list[Mapping[str, Any]], kept: Item, gone: Item, change_set: ChangeSet) -> None:
    """Give `kept` the relations that the other had, as far as it has no such relation."""
    keys = {key for one in ties for key in (one["source_id"], one["target_id"])}
    items = {item.id: item for item in db.session.scalars(sa.select(Item).where(Item.id.in_(keys)))}
    items[gone.id] = kept
    for one in ties:
        row = dict(one)
        source, target = items[row.pop("source_id")], items[row.pop("target_id")]
        try:
            with db.session.begin_nested():
                register.relate(source, target, row.pop("kind"), change_set, **row)
        except ValueError:  # it has this relation, or another where it may have one
            continue


def _move_roles(kept: Item, gone: Item, change_set: ChangeSet) -> None:
    """Who does what for the other does it for `kept`, where nobody does."""
    current = sa.select(ItemRole).where(
        ItemRole.item_id.in_([kept.id, gone.id]), ItemRole.valid_to.is_(None)
    )
    roles = list(db.session.scalars(current.order_by(ItemRole.id)))
    taken = {(one.role, one.is_deputy) for one in roles if one.item_id == kept.id}
    for one in roles:
        if one.item_id == gone.id and (one.role, one.is_deputy) not in taken:
            register.set_role(
                kept, one.role, change_set, person=one.person, team=one.team, contact=one.contact,
                is_deputy=one.is_deputy,
            )  # fmt: skip


def _share(kept: Item, gone: Item, change_set: ChangeSet) -> None:
    """Who used or owned the other uses `kept`; no share is divided anew."""
    today = local(change_set.at).date()
    columns = ItemConsumer.item_id, ItemConsumer.municipality_id, ItemConsumer.share
    used = sa.select(*columns).where(
        ItemConsumer.item_id.in_([kept.id, gone.id]), register.is_consumer(today)
    )
    rows = db.session.execute(used).all()
    shares = {row.municipality_id: row.share for row in rows if row.item_id == kept.id}
    others = {row.municipality_id for row in rows if row.item_id == gone.id}
    fresh = {*others, gone.municipality_id} - {None, kept.municipality_id, *shares}
    if fresh:
        register.share_among(kept, {**shares, **dict.fromkeys(sorted(fresh))}, change_set)


def _move_tickets(kept: Item, gone: Item) -> list[list[Any]]:
    """Let tickets about the other be about `kept`; what `take_back` needs to know of them."""
    both = sa.select(TicketItem).where(TicketItem.item_id.in_([kept.id, gone.id]))
    links = list(db.session.scalars(both))
    about_kept = {link.ticket_id for link in links if link.item_id == kept.id}
    moved = []
    for link in links:
        if link.item_id == gone.id:
            had_both = link.ticket_id in about_kept
            moved.append([link.ticket_id, link.municipality_id, kept.id, gone.id, had_both])
            _link(link.ticket_id, link.municipality_id, kept.id)
            db.session.delete(link)
    db.session.flush()
    return moved


def _link(ticket_id: int, municipality_id: int, item_id: int) -> None:
    if db.session.get(TicketItem, (ticket_id, item_id)) is None:
        db.session.add(
            TicketItem(ticket_id=ticket_id, item_id=item_id, municipality_id=municipality_id)
        )


def _unlink(ticket_id: int, item_id: int) -> None:
    link = db.session.get(TicketItem, (ticket_id, item_id))
    if link is not None:
        db.session.delete(link)

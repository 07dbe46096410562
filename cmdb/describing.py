"""The writers of what an item has more than one of; `cmdb.register` offers them too."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from cmdb import beside, kinds, spans, versions
from cmdb.database import db
from cmdb.item_parts import (
    Duty,
    FieldSource,
    IdentifierKind,
    ItemDocument,
    ItemIdentifier,
    ItemRole,
)
from cmdb.items import ChangeSet, Item
from cmdb.kinds import Kind
from cmdb.localtime import local
from cmdb.people import Person, Team

_IDENTIFIER_KINDS = {IdentifierKind.MAC: Kind.MAC, IdentifierKind.ADDRESS: Kind.ADDRESS}
_HOLDING = ("item_id", "role", "person_id", "team_id", "contact", "is_deputy")


def identify(
    item: Item, identifiers: Iterable[tuple[IdentifierKind, str]], change_set: ChangeSet
) -> None:
    """Let the outside world know the item by exactly these.

    Raises:
        ValueError: one of them is not of its kind; one Dutch sentence.
    """
    pairs = readable(identifiers)
    found = db.session.scalars(sa.select(ItemIdentifier).where(ItemIdentifier.item_id == item.id))
    former = {(row.kind.value, row.value): row for row in found}
    wanted = {tuple(pair) for pair in pairs}
    if wanted == former.keys():
        return
    for key in former.keys() - wanted:
        db.session.delete(former[key])
    beside.add_identifiers([(item, sorted(wanted - former.keys()))])
    versions.touch(item, change_set, identifiers=pairs)


def set_role(
    item: Item,
    duty: Duty,
    change_set: ChangeSet,
    *,
    person: Person | None = None,
    team: Team | None = None,
    contact: str = "",
    is_deputy: bool = False,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> None:
    """Let a person, team or outsider do this for the item; without one, nobody does.

    It holds from `since` (the day of the act) until before `until`; who did it makes way for just
    that span.

    Raises:
        ValueError: the span ends before it begins; one Dutch sentence.
    """
    since = since or local(change_set.at).date()
    spans.check(since, until)
    rows = sa.select(ItemRole).where(
        ItemRole.item_id == item.id, ItemRole.role == duty, ItemRole.is_deputy == is_deputy
    )
    for former in db.session.scalars(rows.order_by(ItemRole.id)):
        _make_way(former, since, until)
    holder = {"person_id": person and person.id, "team_id": team and team.id, "contact": contact}
    if any(holder.values()):
        db.session.add(
            ItemRole(
                item_id=item.id, role=duty, is_deputy=is_deputy, valid_from=since, valid_to=until,
                **holder,
            )
        )  # fmt: skip
    db.session.flush()
    versions.touch(item, change_set, roles=beside.read(item, "roles"))


def drop_role(item: Item, role: ItemRole, change_set: ChangeSet) -> None:
    """Take back that somebody has, or had, or will have a role; it stays in the history."""
    db.session.delete(role)
    db.session.flush()
    versions.touch(item, change_set, roles=beside.read(item, "roles"))


def _make_way(former: ItemRole, since: dt.date, until: dt.date | None) -> None:
    """Leave of a role what lies outside a span."""
    held = spans.Span(former.id, former.valid_from, former.valid_to)
    left = spans.without([held], since, until)
    if not left:
        db.session.delete(former)
        return
    former.valid_from, former.valid_to = left[0].since, left[0].until
    for one in left[1:]:
        same = {key: getattr(former, key) for key in _HOLDING}
        db.session.add(ItemRole(**same, valid_from=one.since, valid_to=one.until))


def attach(
    item: Item, name: str, content_type: str, data: bytes, sha256: str, change_set: ChangeSet
) -> ItemDocument:
    """Keep a file about an item; its type was told by its content."""
    document = ItemDocument(
        item_id=item.id, name=name, content_type=content_type, size=len(data), sha256=sha256,
        added_at=change_set.at, data=data,
    )  # fmt: skip
    db.session.add(document)
    db.session.flush()
    versions.touch(item, change_set, documents=beside.read(item, "documents"))
    return document


def detach(item: Item, document: ItemDocument, change_set: ChangeSet) -> None:
    """Show a file with the item no longer; what it was then still has it."""
    document.is_removed = True
    db.session.flush()
    versions.touch(item, change_set, documents=beside.read(item, "documents"))


def note_source(item: Item, fields: Iterable[str], source: str, now: dt.datetime) -> None:
    """Record which source told or confirmed these fields last."""
    for field in fields:
        db.session.merge(FieldSource(item_id=item.id, field=field, source=source, at=now))
    db.session.flush()


def readable(given: Iterable[tuple[IdentifierKind, str]]) -> list[list[str]]:
    """The identifiers as they are kept and compared, in order."""
    pairs = set()
    for kind, value in given:
        kind = IdentifierKind(kind)
        if form := _IDENTIFIER_KINDS.get(kind):
            value = kinds.format_of(form).parse(value)
        elif kind != IdentifierKind.OTHER:
            value = value.lower()
        if value := kinds.clean(value, 255):
            pairs.add((kind.value, value))
    return [list(pair) for pair in sorted(pairs)]

"""The relations and dependency groups of an item in words, now or at a moment."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import ngettext

from cmdb import registry
from cmdb.database import db
from cmdb.history import stood
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.relations import Effect, RelationKind, allows
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

MOST = 200
EFFECT = {
    Effect.HARD: lazy_gettext("valt mee uit"),
    Effect.SOFT: lazy_gettext("werkt minder goed"),
    Effect.NONE: lazy_gettext("merkt er niets van"),
}


# Of each rule of a group, what its number is called; active/passive is at least one, with minutes.
MEASURES = {"at_least": "count", "percent": "percent", "capacity": "need"}
PASSIVE = "passive"
RULES = {
    "all": lazy_gettext("allemaal"),
    "at_least": lazy_gettext("minstens dit aantal"),
    "percent": lazy_gettext("dit percentage"),
    "capacity": lazy_gettext("deze capaciteit"),
    PASSIVE: lazy_gettext("een werkt, de andere neemt over (actief/passief)"),
}


@dataclass(frozen=True)
class Tie:
    """A relation seen from one item: `backwards` when the item is what the other needs."""

    id: int
    kind: str
    label: str
    uid: str
    name: str
    group: str
    effect: Effect
    capacity: float | None
    valid_on: dt.date | None
    valid_until: dt.date | None
    backwards: bool
    port: str | None

    def holds(self, day: dt.date) -> bool:
        """Whether it counts on that day, both agreed dates included."""
        begun = self.valid_on is None or self.valid_on <= day
        return begun and (self.valid_until is None or day <= self.valid_until)


def of_item(item_id: int, at: dt.datetime | None = None) -> tuple[list[Tie], int]:
    """The relations that the reader may see, at most MOST each way, and how many there are."""
    model: Any = Relation if at is None else RelationVersion
    holds = sa.true() if at is None else stood(model, at)
    item = _ends(at)
    found, total = [], 0
    for backwards in (False, True):
        own, other = model.source_id, model.target_id
        if backwards:
            own, other = other, own
        about = (own == item_id, holds)
        total += db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*about)) or 0
        rows = (
            sa.select(model, item.uid, item.name)
            .join(item.model, sa.and_(item.key == other, item.holds))
            .where(*about)
            .order_by(model.kind, item.name, item.uid)
            .limit(MOST)
        )
        found += [tie(row, uid, name, backwards) for row, uid, name in db.session.execute(rows)]
    return found, total


@dataclass(frozen=True)
class _Ends:
    """Where the items at the other end are read: as they are, or as they were."""

    model: Any
    key: Any
    uid: Any
    name: Any
    holds: Any


def _ends(at: dt.datetime | None) -> _Ends:
    if at is None:
        return _Ends(Item, Item.id, Item.uid, Item.name, sa.true())
    uid = ItemVersion.state["uid"].as_string()
    return _Ends(ItemVersion, ItemVersion.item_id, uid, ItemVersion.name, stood(ItemVersion, at))


def tie(row: Any, uid: str, name: str, backwards: bool) -> Tie:
    """A relation, or a version of one, with the number and name of the item at the other end."""
    kind = registry.relation_kinds().get(row.kind)
    label = row.kind if kind is None else _(kind.reverse if backwards else kind.name)
    return Tie(
        row.id, row.kind, label, uid, name, row.group, row.effect, row.capacity,
        row.valid_on, row.valid_until, backwards, row.port,
    )  # fmt: skip


def group_of(source: Item, text: str) -> str:
    """The label of a dependency group of an item; empty for none.

    Raises:
        ValueError: it has no such group; one sentence.
    """
    label = text.strip()
    if label and label not in {one["label"] for one in source.groups}:
        raise ValueError(
            _("Maak eerst een groep met deze naam bij het object dat iets nodig heeft.")
        )
    return label


def by_label(found: Sequence[Tie]) -> dict[str, list[Tie]]:
    """The relations under what each says, in order of appearance."""
    grouped: dict[str, list[Tie]] = {}
    for one in found:
        grouped.setdefault(one.label, []).append(one)
    return grouped


def group_words(group: Mapping[str, Any], members: int) -> str:
    """The rule of a dependency group: "2 van 3 nodig"."""
    rule = group["rule"]
    match rule["kind"]:
        case "at_least":
            text = _("%(count)s van %(members)s nodig", count=rule["count"], members=members)
        case "percent":
            text = _("%(percent)s%% nodig", percent=rule["percent"])
        case "capacity":
            text = _("capaciteit %(need)s nodig", need=rule["need"])
        case _:
            text = ngettext("het ene is nodig", "alle %(num)d zijn nodig", members)
    if minutes := group.get("failover_minutes"):
        text += ", " + ngettext(
            "neemt over in %(num)d minuut", "neemt over in %(num)d minuten", minutes
        )
    return text


def rule_key(group: Mapping[str, Any]) -> str:
    """The key of `RULES` under which a group is edited."""
    rule = group["rule"]
    is_passive = rule == {"kind": "at_least", "count": 1} and group.get("failover_minutes")
    return PASSIVE if is_passive else rule["kind"]


def amount_of(group: Mapping[str, Any]) -> str:
    """The number of the rule of a group as a form takes it; empty when it has none."""
    rule = group["rule"]
    value = rule.get(MEASURES.get(rule["kind"], ""))
    return "" if value is None or rule_key(group) == PASSIVE else f"{value:g}".replace(".", ",")


def doubt(group: Mapping[str, Any], members: int) -> str:
    """What must be said of a group that cannot do what it is for; else empty."""
    if not members:
        return _("Deze groep heeft nog geen leden.")
    if group["rule"]["kind"] == "at_least" and group["rule"]["count"] > members:
        return _("Er zijn minder leden dan er nodig zijn: dit object geldt nu als uitgevallen.")
    return ""


def joining(class_key: str) -> list[tuple[str, RelationKind, bool]]:
    """The types of relation that such an item can have: key for a form, type, backwards."""
    spec = registry.classes()[class_key]
    kinds = registry.relation_kinds().values()
    forward = [(kind.key, kind, False) for kind in kinds if allows(kind.sources, spec)]
    back = [(f"-{kind.key}", kind, True) for kind in kinds if allows(kind.targets, spec)]
    return forward + back

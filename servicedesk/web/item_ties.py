"""Relations and dependency groups of an item: add, change, remove."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for

from cmdb import register
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation
from cmdb.permissions import Permission, visible
from cmdb.relations import Effect
from servicedesk.access import find, me, requires
from servicedesk.inventory import ties
from servicedesk.language import gettext as _
from servicedesk.web import item_acts

pages = Blueprint("item_ties", __name__)

_RULES = {"all": None, "at_least": "count", "percent": "percent", "capacity": "need"}


@pages.get("/items/<uid>/relations")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), {})


@pages.post("/items/<uid>/relations")
@requires(Permission.ITEM_WRITE)
def add(uid: str):
    return _done(uid, "add", _relate, _("De relatie is toegevoegd."))


@pages.post("/items/<uid>/relations/<int:key>")
@requires(Permission.ITEM_WRITE)
def change(uid: str, key: int):
    def act(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
        relation = _relation(item, key)
        if "remove" in typed:
            register.unrelate([relation], change_set)
        else:
            register.change_relation(relation, change_set, **_said(item, typed))

    return _done(uid, f"tie-{key}", act, _("De relatie is gewijzigd."))


@pages.post("/items/<uid>/groups")
@requires(Permission.ITEM_WRITE)
def group(uid: str):
    return _done(uid, "group", _regroup, _("De groepen zijn gewijzigd."))


def _done(uid: str, form: str, deed: item_acts.Deed, said: str):
    return item_acts.act(uid, form, deed, said, _page, url_for(".edit", uid=uid))


def _page(item: Item, refused: Mapping[str, str]) -> str:
    found, total = ties.of_item(item.id)
    return render_template(
        "items/ties.html",
        item=item,
        ties=found,
        total=total,
        kinds=ties.joining(item.class_key),
        effects=ties.EFFECT,
        groups=item.groups,
        group_words=ties.group_words,
        refused=refused,
        typed=request.form if refused else {},
    )


def _relate(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    kind = typed.get("kind", "")
    uid = typed.get("other", "").strip().partition(" ")[0].upper()
    chosen = visible(Item, me(), Permission.ITEM_READ).where(Item.uid == uid)
    other = db.session.scalar(chosen)
    if other is None:
        raise ValueError(_("Vul het nummer van een bestaand object in, zoals SRV-0012."))
    ends = (other, item) if kind.startswith("-") else (item, other)
    register.relate(*ends, kind.removeprefix("-"), change_set, **_said(ends[0], typed))


def _said(source: Item, typed: Mapping[str, str]) -> dict[str, Any]:
    """What a relation says beside its kind, as typed."""
    label = typed.get("group", "").strip()
    if label and label not in {one["label"] for one in source.groups}:
        raise ValueError(
            _("Maak eerst een groep met deze naam bij het object dat iets nodig heeft.")
        )
    effect = typed.get("effect", "")
    if effect and effect not in list(Effect):
        raise ValueError(_("Kies wat er gebeurt als het andere object uitvalt."))
    said = {
        "group": label,
        "capacity": item_acts.number(typed.get("capacity")),
        "valid_on": item_acts.day(typed.get("valid_on")),
        "valid_until": item_acts.day(typed.get("valid_until")),
    }
    return said | ({"effect": Effect(effect)} if effect else {})


def _regroup(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    """Add a group, or replace or remove the one with this name."""
    label = typed.get("label", "").strip()
    kept = [one for one in item.groups if one["label"] != label]
    if "remove" in typed:
        register.change(item, change_set, groups=kept)
        return
    rule: dict[str, Any] = {"kind": typed.get("rule", "")}
    if measure := _RULES.get(rule["kind"]):
        amount = item_acts.number(typed.get("amount"))
        if amount is None:
            raise ValueError(_("Vul het getal van de regel in."))
        rule[measure] = amount
    made: dict[str, Any] = {"label": label, "rule": rule, "effect": typed.get("effect") or "hard"}
    minutes = item_acts.number(typed.get("failover_minutes"))
    register.change(
        item, change_set,
        groups=[*kept, made if minutes is None else made | {"failover_minutes": minutes}],
    )  # fmt: skip


def _relation(item: Item, key: int) -> Relation:
    own = sa.or_(Relation.source_id == item.id, Relation.target_id == item.id)
    return db.session.scalar(sa.select(Relation).where(Relation.id == key, own)) or abort(404)

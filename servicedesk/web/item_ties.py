"""Relations and dependency groups of an item: add, change, remove."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for

from cmdb import kinds, register
from cmdb.database import db, utc_now
from cmdb.items import ChangeSet, Item, Relation
from cmdb.localtime import local
from cmdb.permissions import Permission, visible
from cmdb.relations import Effect
from servicedesk.access import find, me, requires
from servicedesk.inventory import ties
from servicedesk.language import gettext as _
from servicedesk.web import item_acts

pages = Blueprint("item_ties", __name__)


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
            source = db.session.get_one(Item, relation.source_id)
            register.change_relation(relation, change_set, **_said(source, typed))

    return _done(uid, f"tie-{key}", act, _("De relatie is gewijzigd."))


@pages.post("/items/<uid>/groups")
@requires(Permission.ITEM_WRITE)
def group(uid: str):
    form = request.form.get("form", "")
    return _done(uid, form, _regroup, _("De groepen zijn gewijzigd."))


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
        groups=[(one, _members(one, found)) for one in item.groups],
        forward=[one for one in found if not one.backwards],
        rules=ties.RULES,
        ties_words=ties,
        today=local(utc_now()).date(),
        refused=refused,
        typed=request.form if refused else {},
    )


def _members(group: Mapping[str, Any], found: Sequence[ties.Tie]) -> int:
    return sum(one.group == group["label"] and not one.backwards for one in found)


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
    label = ties.group_of(source, typed.get("group", ""))
    effect = typed.get("effect", "")
    if effect and effect not in list(Effect):
        raise ValueError(_("Kies wat er gebeurt als het andere object uitvalt."))
    said = {
        "group": label,
        "capacity": item_acts.number(typed.get("capacity")),
        "valid_on": item_acts.day(typed.get("valid_on")),
        "valid_until": item_acts.day(typed.get("valid_until")),
        "port": kinds.clean(typed.get("port", ""), 80) or None,
    }
    return said | ({"effect": Effect(effect)} if effect else {})


def _regroup(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    """Add a group, or change or remove the one that was named so, with its members."""
    former, label = typed.get("former", ""), typed.get("label", "").strip()
    kept = [one for one in item.groups if one["label"] != former]
    if "remove" in typed:
        register.change(item, change_set, groups=kept)
        _set_members(item, former, "", (), change_set)
        return
    register.change(item, change_set, groups=[*kept, _group(label, typed)])
    members = {int(key) for key in request.form.getlist("member") if key.isdecimal()}
    _set_members(item, former, label, members, change_set)


def _group(label: str, typed: Mapping[str, str]) -> dict[str, Any]:
    kind = typed.get("rule", "")
    minutes = item_acts.number(typed.get("failover_minutes"))
    if kind == ties.PASSIVE:
        if minutes is None:
            raise ValueError(_("Vul in na hoeveel minuten het andere overneemt."))
        rule: dict[str, Any] = {"kind": "at_least", "count": 1}
    else:
        rule = {"kind": kind}
        if measure := ties.MEASURES.get(kind):
            amount = item_acts.number(typed.get("amount"))
            if amount is None:
                raise ValueError(_("Vul het getal van de regel in."))
            rule[measure] = amount
    made = {"label": label, "rule": rule, "effect": typed.get("effect") or "hard"}
    return made if minutes is None else made | {"failover_minutes": minutes}


def _set_members(
    item: Item, former: str, label: str, members: Collection[int], change_set: ChangeSet
) -> None:
    """Let exactly these relations of the item be in the group; those of other groups may move."""
    own = sa.select(Relation).where(Relation.source_id == item.id)
    for relation in db.session.scalars(own.order_by(Relation.id)):
        if relation.id in members:
            register.change_relation(relation, change_set, group=label)
        elif former and relation.group == former:
            register.change_relation(relation, change_set, group="")


def _relation(item: Item, key: int) -> Relation:
    own = sa.or_(Relation.source_id == item.id, Relation.target_id == item.id)
    return db.session.scalar(sa.select(Relation).where(Relation.id == key, own)) or abort(404)

"""Relations, dependency groups and roles of an item: add, change, remove."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from cmdb import kinds, register
from cmdb.database import db, utc_now
from cmdb.item_parts import Duty
from cmdb.items import ChangeSet, Item, Relation
from cmdb.kinds import Kind
from cmdb.people import Person, Team
from cmdb.permissions import Permission, visible
from cmdb.relations import Effect
from servicedesk.access import find, me, requires
from servicedesk.inventory import ties
from servicedesk.language import gettext as _
from servicedesk.web.items_page import DUTY

pages = Blueprint("item_ties", __name__)

_RULES = {"all": None, "at_least": "count", "percent": "percent", "capacity": "need"}


@pages.get("/items/<uid>/relations")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"))


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


@pages.post("/items/<uid>/roles")
@requires(Permission.ITEM_WRITE)
def role(uid: str):
    return _done(uid, "role", _appoint, _("De rol is gewijzigd."))


def _done(uid: str, form: str, act: Callable[..., None], said: str):
    """Do the deed and go back to the page, or show why not with what was typed."""
    item = find(Item, uid, Permission.ITEM_WRITE, by="uid", lock=True)
    try:
        reason = kinds.clean(request.form.get("reason", ""))
        act(item, request.form, register.begin(me(), "browser", utc_now(), reason))
    except ValueError as error:
        db.session.rollback()
        refused = {"form": form, "text": str(error)}
        return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), refused), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".edit", uid=uid), 303)


def _page(item: Item, refused: Mapping[str, str] | None = None):
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
        duties=DUTY,
        teams=db.session.execute(sa.select(Team.id, Team.name).order_by(Team.name)).all(),
        refused=refused or {},
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
        "capacity": _number(typed.get("capacity")),
        "valid_on": _day(typed.get("valid_on")),
        "valid_until": _day(typed.get("valid_until")),
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
        amount = _number(typed.get("amount"))
        if amount is None:
            raise ValueError(_("Vul het getal van de regel in."))
        rule[measure] = amount
    made: dict[str, Any] = {"label": label, "rule": rule, "effect": typed.get("effect") or "hard"}
    minutes = _number(typed.get("failover_minutes"))
    register.change(
        item, change_set,
        groups=[*kept, made if minutes is None else made | {"failover_minutes": minutes}],
    )  # fmt: skip


def _appoint(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    duty, login = typed.get("duty", ""), typed.get("person", "").strip().lower()
    if duty not in list(Duty):
        raise ValueError(_("Kies een rol."))
    person = db.session.scalar(sa.select(Person).where(Person.login == login)) if login else None
    if login and person is None:
        raise ValueError(_("Er is niemand met deze gebruikersnaam"))
    team_key = typed.get("team", "")
    team = (
        db.session.get(Team, int(team_key)) if team_key.isdecimal() and len(team_key) < 9 else None
    )
    contact = kinds.clean(typed.get("contact", ""), 255)
    if sum(map(bool, (person, team, contact))) > 1:
        raise ValueError(_("Kies een persoon, een team of iemand daarbuiten, niet meer dan een."))
    register.set_role(
        item, Duty(duty), change_set, person=person, team=team, contact=contact,
        is_deputy="is_deputy" in typed,
    )  # fmt: skip


def _relation(item: Item, key: int) -> Relation:
    own = sa.or_(Relation.source_id == item.id, Relation.target_id == item.id)
    return db.session.scalar(sa.select(Relation).where(Relation.id == key, own)) or abort(404)


def _number(text: str | None) -> Any:
    return kinds.format_of(Kind.NUMBER).parse(text) if text and text.strip() else None


def _day(text: str | None) -> dt.date | None:
    if not text or not text.strip():
        return None
    return dt.date.fromisoformat(kinds.format_of(Kind.DATE).parse(text))

"""Who has to do with an item: roles with their dates, and the municipalities that share it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb import kinds, register
from cmdb.costs import WHOLE, apportion
from cmdb.database import db, utc_now
from cmdb.item_parts import Duty, ItemRole
from cmdb.items import ChangeSet, Item, ItemConsumer
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from cmdb.permissions import Permission
from servicedesk.access import find, requires
from servicedesk.inventory import shares
from servicedesk.inventory.beside_words import DUTY
from servicedesk.language import gettext as _
from servicedesk.web import item_acts

pages = Blueprint("item_people", __name__)


@pages.get("/items/<uid>/people")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), {})


@pages.post("/items/<uid>/roles")
@requires(Permission.ITEM_WRITE)
def role(uid: str):
    return _acted(uid, "role", _appoint, _("De rol is gewijzigd."))


@pages.post("/items/<uid>/roles/<int:key>/remove")
@requires(Permission.ITEM_WRITE)
def remove_role(uid: str, key: int):
    def drop(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
        found = db.session.get(ItemRole, key)
        if found is None or found.item_id != item.id:
            abort(404)
        register.drop_role(item, found, change_set)

    return _acted(uid, "role", drop, _("De rol is weggehaald. In de historie blijft zij staan."))


@pages.post("/items/<uid>/shares")
@requires(Permission.ITEM_WRITE)
def share(uid: str):
    if request.form.get("deed") == "inhabitants":
        item = find(Item, uid, Permission.ITEM_WRITE, by="uid")
        try:
            return _page(item, {}, _by_inhabitants(request.form))
        except ValueError as error:
            return _page(item, {"form": "share", "text": str(error)}), 422
    return _acted(uid, "share", _share, _("De verdeling is gewijzigd."))


def _acted(uid: str, form: str, deed: item_acts.Deed, said: str):
    return item_acts.act(uid, form, deed, said, _page, url_for(".edit", uid=uid))


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
    if team_key and team is None:
        raise ValueError(_("Kies een van de mogelijkheden"))
    contact = kinds.clean(typed.get("contact", ""), 255)
    if sum(map(bool, (person, team, contact))) != 1:
        raise ValueError(_("Vul een persoon, een team of iemand daarbuiten in, precies een."))
    register.set_role(
        item, Duty(duty), change_set, person=person, team=team, contact=contact,
        is_deputy="is_deputy" in typed,
        since=item_acts.day(typed.get("since")), until=item_acts.day(typed.get("until")),
    )  # fmt: skip


def _share(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    since, until = item_acts.day(typed.get("since")), item_acts.day(typed.get("until"))
    register.share_among(item, _chosen(typed), change_set, since, until)


def _chosen(typed: Mapping[str, str]) -> dict[int, int | None]:
    """The municipalities that are marked or given a share, with their thousandths."""
    found: dict[int, int | None] = {}
    for key, name in _towns():
        percent = item_acts.number(typed.get(f"share-{key}"))
        if percent is not None or f"uses-{key}" in typed:
            found[key] = None if percent is None else _thousandths(percent, name)
    return found


def _thousandths(percent: float, name: str) -> int:
    thousandths = round(percent * 10)
    if abs(percent * 10 - thousandths) > 1e-6:
        raise ValueError(_("%(name)s: gebruik ten hoogste een cijfer na de komma.", name=name))
    return thousandths


def _by_inhabitants(typed: Mapping[str, str]) -> dict[str, str]:
    """The form again, with a whole divided over the marked municipalities by their inhabitants."""
    keys = sorted(_chosen(typed))
    found = sa.select(Municipality.id, Municipality.inhabitants).where(Municipality.id.in_(keys))
    inhabitants = dict(db.session.execute(found).all())
    if not keys or not sum(inhabitants.values()):
        raise ValueError(_("Kies eerst de gemeenten die dit gebruiken."))
    parts = apportion(WHOLE, [inhabitants[key] for key in keys])
    marked = {f"uses-{key}": "1" for key in keys}
    divided = {f"share-{key}": shares.percent(part) for key, part in zip(keys, parts, strict=True)}
    return {**typed, **marked, **divided}


def _towns() -> Sequence[tuple[int, str]]:
    found = sa.select(Municipality.id, Municipality.name).order_by(Municipality.name)
    return [tuple(row) for row in db.session.execute(found)]


def _page(
    item: Item, refused: Mapping[str, str], divided: Mapping[str, str] | None = None
) -> str:
    today = local(utc_now()).date()
    roles = (
        sa.select(ItemRole)
        .where(ItemRole.item_id == item.id)
        .options(joinedload(ItemRole.person), joinedload(ItemRole.team))
        .order_by(ItemRole.role, ItemRole.is_deputy, ItemRole.valid_from.desc())
    )
    periods = shares.periods(item)
    typed = request.form if refused else divided or {}
    return render_template(
        "items/people.html",
        item=item,
        roles=db.session.scalars(roles).all(),
        periods=periods,
        today=today,
        held=typed if divided or refused.get("form") == "share" else _held(item, today),
        towns=_towns(),
        duties=DUTY,
        teams=db.session.execute(sa.select(Team.id, Team.name).order_by(Team.name)).all(),
        refused=refused,
        typed=typed,
    )


def _held(item: Item, today: dt.date) -> dict[str, Any]:
    """The shares of today as the form takes them."""
    used = sa.select(ItemConsumer.municipality_id, ItemConsumer.share).where(
        ItemConsumer.item_id == item.id, register.is_consumer(today)
    )
    form: dict[str, Any] = {}
    for key, thousandths in db.session.execute(used):
        form[f"uses-{key}"] = "1"
        form[f"share-{key}"] = shares.percent(thousandths)
    return form

"""The life of an item in the browser: steps with their day, taken or planned."""

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.item_parts import ItemStep
from cmdb.items import ChangeSet, Item, ItemStatus
from cmdb.localtime import local
from cmdb.permissions import Permission
from servicedesk.access import find, requires
from servicedesk.language import gettext as _
from servicedesk.web import item_acts

pages = Blueprint("item_life", __name__)


@pages.get("/items/<uid>/steps")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), {})


@pages.post("/items/<uid>/steps")
@requires(Permission.ITEM_WRITE)
def add(uid: str):
    return _acted(uid, _add, _("De stap is toegevoegd."))


@pages.post("/items/<uid>/steps/<int:key>/remove")
@requires(Permission.ITEM_WRITE)
def remove(uid: str, key: int):
    def drop(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
        step = db.session.get(ItemStep, key)
        if step is None or step.item_id != item.id:
            abort(404)
        register.drop_step(item, step, change_set)

    return _acted(uid, drop, _("De stap is verwijderd."))


def steps_of(item: Item) -> list[ItemStep]:
    """The steps of an item in order of time."""
    found = sa.select(ItemStep).where(ItemStep.item_id == item.id)
    day = sa.func.coalesce(ItemStep.done_on, ItemStep.planned_on)
    return list(db.session.scalars(found.order_by(day, ItemStep.id)))


def _add(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    """A day that has been was done, one that comes is planned."""
    status, on = typed.get("status", ""), item_acts.day(typed.get("on"))
    if status not in list(ItemStatus):
        raise ValueError(_("Kies een status."))
    if on is None or on < dt.date(1970, 1, 1):
        raise ValueError(_("Vul de dag van de stap in als dd-mm-jjjj."))
    writes = register.plan_step if on > local(change_set.at).date() else register.record_step
    writes(item, ItemStatus(status), on, change_set)


def _acted(uid: str, deed: item_acts.Deed, said: str):
    return item_acts.act(uid, "step", deed, said, _page, url_for(".edit", uid=uid))


def _page(item: Item, refused: Mapping[str, str]) -> str:
    return render_template(
        "items/steps.html",
        item=item,
        steps=steps_of(item),
        today=local(utc_now()).date(),
        statuses=list(ItemStatus),
        refused=refused,
        typed=request.form if refused else {},
    )

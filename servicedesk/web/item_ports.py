"""The ports of a device in the browser; what is connected to each is told by relations."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from cmdb import ports, register, registry
from cmdb.items import ChangeSet, Item
from cmdb.permissions import Permission
from servicedesk.access import find, requires
from servicedesk.inventory.ties import Tie
from servicedesk.language import gettext as _
from servicedesk.web import item_acts

pages = Blueprint("item_ports", __name__)


@pages.get("/items/<uid>/ports")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(_device(uid), {})


@pages.post("/items/<uid>/ports")
@requires(Permission.ITEM_WRITE)
def save(uid: str):
    _device(uid)
    said = _("De poorten zijn gewijzigd.")
    return item_acts.act(uid, "ports", _save, said, _page, url_for("items.item", uid=uid))


def has_ports(class_key: str) -> bool:
    """Whether items of a class have ports: it counts them."""
    return registry.classes()[class_key].attribute("ports") is not None


def told(held: Sequence[Mapping[str, Any]], found: Sequence[Tie]) -> list[dict[str, Any]]:
    """The ports of a device with what is connected to each, of its relations."""
    tied: dict[str, list[Tie]] = {}
    for one in found:
        if one.backwards and one.port:
            tied.setdefault(one.port, []).append(one)
    return [{**port, "ties": tied.get(port["name"], [])} for port in held]


def _device(uid: str) -> Item:
    item = find(Item, uid, Permission.ITEM_WRITE, by="uid")
    return item if has_ports(item.class_key) else abort(404)


def _save(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    register.change(item, change_set, ports=ports.parse(typed.get("ports", "")) or None)


def _page(item: Item, refused: Mapping[str, str]) -> str:
    text = request.form.get("ports", "") if refused else ports.written(item.ports or ())
    return render_template(
        "items/ports.html", item=item, text=text, refused=refused,
        typed=request.form if refused else {},
    )  # fmt: skip

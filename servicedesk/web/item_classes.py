"""The classes of items, with how many items each has; the centre's own are made here."""

import re
import unicodedata

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from cmdb import own_attributes, registry
from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.classes import BUILT_IN
from cmdb.database import db
from cmdb.items import Item
from cmdb.kinds import Kind
from cmdb.permissions import Permission
from cmdb.registry import ItemAttribute
from servicedesk.access import requires
from servicedesk.inventory import fields
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

pages = Blueprint("item_classes", __name__)

KINDS = {
    Kind.TEXT: lazy_gettext("Tekst"),
    Kind.LONG_TEXT: lazy_gettext("Lange tekst"),
    Kind.NUMBER: lazy_gettext("Getal"),
    Kind.BOOLEAN: lazy_gettext("Ja of nee"),
    Kind.DATE: lazy_gettext("Datum"),
    Kind.CHOICE: lazy_gettext("Keuze"),
    Kind.ADDRESS: lazy_gettext("IP-adres"),
    Kind.NETWORK: lazy_gettext("Netwerk"),
    Kind.MAC: lazy_gettext("MAC-adres"),
    Kind.URL: lazy_gettext("Webadres"),
    Kind.EMAIL: lazy_gettext("E-mailadres"),
    Kind.CENTS: lazy_gettext("Bedrag"),
}


@pages.get("/items/classes")
@requires(Permission.ITEM_WRITE)
def index():
    return _index_page()


@pages.post("/items/classes")
@requires(Permission.ITEM_WRITE)
def add():
    typed = request.form
    name = typed.get("name", "")
    try:
        key = key_of(name, registry.classes().keys(), "-")
        registry.add_class(
            key, name, typed.get("prefix", "").strip().upper(), typed.get("parent") or None
        )
    except ValueError as error:
        db.session.rollback()
        return _index_page(str(error)), 422
    db.session.commit()
    flash(_("De soort %(name)s is toegevoegd.", name=name), "success")
    return redirect(url_for(".show", name=key), 303)


@pages.get("/items/classes/<name>")
@requires(Permission.ITEM_WRITE)
def show(name: str):
    return _class_page(_spec(name))


@pages.post("/items/classes/<name>")
@requires(Permission.ITEM_WRITE)
def add_field(name: str):
    spec, typed = _spec(name), request.form
    try:
        taken = {*fields.envelope(), *(one.key for one in own_attributes.of_class(name))}
        taken |= {one.key for other in registry.classes().values() for one in other.attributes}
        if typed.get("kind") not in list(Kind):
            raise ValueError(_("Kies wat voor waarde het veld heeft."))
        label = typed.get("label", "")
        registry.add_attribute(
            name,
            Attribute(
                key_of(label, taken, "_"), label, Kind(typed["kind"]),
                typed.get("unit", "").strip()[:20],
                _choices(), "required" in typed,
            ),
        )  # fmt: skip
    except ValueError as error:
        db.session.rollback()
        return _class_page(spec, {"form": "new", "text": str(error)}), 422
    db.session.commit()
    flash(_("Het veld is toegevoegd."), "success")
    return redirect(url_for(".show", name=name), 303)


@pages.post("/items/classes/<name>/name")
@requires(Permission.ITEM_WRITE)
def rename(name: str):
    spec = _spec(name)
    try:
        registry.rename_class(name, request.form.get("label", ""))
    except ValueError as error:
        db.session.rollback()
        return _class_page(spec, {"form": "rename", "text": str(error)}), 422
    db.session.commit()
    flash(_("De soort is gewijzigd."), "success")
    return redirect(url_for(".show", name=name), 303)


@pages.post("/items/classes/<name>/remove")
@requires(Permission.ITEM_WRITE)
def remove(name: str):
    spec = _spec(name)
    try:
        registry.remove_class(name)
    except ValueError as error:
        db.session.rollback()
        return _class_page(spec, {"form": "remove", "text": str(error)}), 422
    db.session.commit()
    flash(_("De soort %(name)s is verwijderd.", name=spec.name), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/items/classes/<name>/fields/<field>")
@requires(Permission.ITEM_WRITE)
def change_field(name: str, field: str):
    spec, row = _spec(name), db.session.get(ItemAttribute, (name, field)) or abort(404)
    deed, typed = request.form.get("deed", "save"), request.form
    try:
        if deed in ("up", "down") and not row.is_retired:
            own_attributes.move(row, -1 if deed == "up" else 1)
        elif deed == "retire":
            own_attributes.retire(row)
        elif deed == "back":
            own_attributes.bring_back(row)
        else:
            own_attributes.change(
                row, typed.get("label", ""), typed.get("unit", ""), _choices(), "required" in typed
            )
    except ValueError as error:
        db.session.rollback()
        return _class_page(spec, {"form": field, "text": str(error)}), 422
    db.session.commit()
    flash(_("Het veld is gewijzigd."), "success")
    return redirect(url_for(".show", name=name), 303)


def _index_page(refused: str = ""):
    known = registry.classes()
    counts = dict(
        db.session.execute(
            sa.select(Item.class_key, sa.func.count()).group_by(Item.class_key)
        ).all()
    )
    return render_template(
        "classes/index.html",
        tree=_tree(known),
        counts=counts,
        parents=sorted(known.values(), key=lambda spec: _(spec.name)),
        refused=refused,
        typed=request.form if refused else {},
    )


def _class_page(spec: ItemClassSpec, refused: dict[str, str] | None = None):
    own = own_attributes.of_class(spec.key)
    mine = {row.key for row in own}
    return render_template(
        "classes/class.html",
        spec=spec,
        own=own,
        inherited=[(fields.titled(one), one) for one in spec.attributes if one.key not in mine],
        kinds=KINDS,
        is_own=spec.key not in BUILT_IN,
        refused=refused or {},
        typed=request.form if refused else {},
    )


def _tree(known: dict[str, ItemClassSpec]) -> list[tuple[int, ItemClassSpec]]:
    """The classes, each after what it refines, with how deep it stands."""
    path = {
        spec.key: [_(known[key].name) for key in (*reversed(spec.ancestors), spec.key)]
        for spec in known.values()
    }
    ordered = sorted(known.values(), key=lambda spec: path[spec.key])
    return [(len(spec.ancestors), spec) for spec in ordered]


def _spec(name: str) -> ItemClassSpec:
    return registry.classes().get(name) or abort(404)


def _choices() -> tuple[str, ...]:
    lines = (line.strip() for line in request.form.get("choices", "").splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def key_of(label: str, taken, joint: str) -> str:
    """A key out of a name: plain letters and digits, and a number when another has it.

    Raises:
        ValueError: a name without a letter; one Dutch sentence.
    """
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", joint, plain).strip("-_").lstrip("0123456789-_")[:34].strip("-_")
    if not key:
        raise ValueError(_("Geef een naam met letters."))
    number = 2
    chosen = key
    while chosen in taken:
        chosen, number = f"{key}{joint}{number}", number + 1
    return chosen

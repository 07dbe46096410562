"""Items: the list, one item with its tickets and its history, and the form that registers or changes one."""

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from cmdb import register, registry
from cmdb.catalogue import concrete
from cmdb.database import db, utc_now
from cmdb.items import Hosting, Item, ItemConsumer, ItemStatus
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may, visible
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.web import items_page
from servicedesk.web.items_form import ItemForm

pages = Blueprint("items", __name__)

_PAGE = 50
_FILTERS = ("class", "municipality", "hosting", "status")
_SHOWN = (joinedload(Item.municipality), joinedload(Item.manager))


@pages.get("/items")
@requires(Permission.ITEM_READ)
def index():
    asked = {name: request.args[name] for name in (*_FILTERS, "q") if request.args.get(name, "").strip()}
    found = _narrowed(visible(Item, me(), Permission.ITEM_READ), asked)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    shown, before, after = _page(found)
    return render_template(
        "items/list.html",
        summary=ngettext("%(num)d object", "%(num)d objecten", total),
        search={"url": url_for(".index"), "value": asked.get("q", ""), "keep": _without(asked, "q")},
        filters=[
            {"id": f"filter-{name}", "name": name, "label": label, "options": choices, "value": asked.get(name, "")}
            for name, (label, choices) in _choices().items()
        ],
        filters_keep={"q": asked["q"]} if "q" in asked else {},
        chips=_chips(asked),
        clear_url=url_for(".index"),
        columns=_columns(),
        rows=items_page.rows(shown, me(), utc_now()),
        pager={
            "text": ngettext("%(num)d object", "%(num)d objecten", total),
            "previous_url": before and url_for(".index", **asked, before=before),
            "next_url": after and url_for(".index", **asked, after=after),
        },
        add_url=url_for(".new") if may(me(), Permission.ITEM_WRITE) else None,
    )


@pages.get("/items/<uid>")
@requires(Permission.ITEM_READ)
def item(uid: str):
    chosen = _find(uid, Permission.ITEM_READ)
    return render_template("items/item.html", **items_page.context(chosen, me(), utc_now()))


@pages.route("/items/new", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def new():
    form = ItemForm()
    form.offer()
    if form.validate_on_submit():
        now = utc_now()
        change_set = register.begin(me(), "browser", now, form.reason.data)
        added = register.add(form.item_class.data, change_set, **form.values())
        register.share_among(added, form.shares(), local(now).date())
        db.session.commit()
        flash(_("%(uid)s staat in het register.", uid=added.uid), "success")
        return redirect(url_for(".item", uid=added.uid), 303)
    return render_template("items/edit.html", form=form, item=None), 422 if form.errors else 200


@pages.route("/items/<uid>/edit", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    chosen = _find(uid, Permission.ITEM_WRITE, lock=request.method == "POST")
    form = ItemForm(data=ItemForm.data_of(chosen))
    form.offer(chosen)
    if not form.validate_on_submit():
        return render_template("items/edit.html", form=form, item=chosen), 422 if form.errors else 200
    if form.version.data != chosen.version:
        changed = form.differences(register.state_at_version(chosen, form.version.data or 1), chosen)
        form.version.raw_data, form.version.data = None, chosen.version
        return render_template("items/edit.html", form=form, item=chosen, changed=changed), 409
    now = utc_now()
    register.change(chosen, register.begin(me(), "browser", now, form.reason.data), **form.values())
    register.share_among(chosen, form.shares(), local(now).date())
    db.session.commit()
    flash(_("%(uid)s is gewijzigd.", uid=chosen.uid), "success")
    return redirect(url_for(".item", uid=chosen.uid), 303)


def _find(uid: str, permission: Permission, lock: bool = False) -> Item:
    return find(Item, uid, permission, by="uid", lock=lock, options=() if lock else items_page.SHOWN)


def _narrowed(found: sa.Select, asked: dict[str, str]) -> sa.Select:
    """The items that the filters and the search box leave; a value that is none filters nothing."""
    if "class" in asked:
        found = found.where(Item.class_key == asked["class"])
    if asked.get("hosting") in list(Hosting):
        found = found.where(Item.hosting == Hosting(asked["hosting"]))
    if asked.get("status") in list(ItemStatus):
        found = found.where(Item.status == ItemStatus(asked["status"]))
    if asked.get("municipality", "").isdecimal() and len(asked["municipality"]) < 10:
        key = int(asked["municipality"])
        used = sa.select(ItemConsumer.item_id).where(ItemConsumer.municipality_id == key)
        found = found.where(sa.or_(Item.municipality_id == key, Item.id.in_(used)))
    if "q" in asked:
        words = asked["q"].strip()[:100]
        found = found.where(
            sa.or_(Item.uid.istartswith(words, autoescape=True), Item.name.icontains(words, autoescape=True))
        )
    return found


def _page(found: sa.Select) -> tuple[list[Item], str | None, str | None]:
    """One page in order of name, with the keys where more follow; the key is an item's identifier."""
    after, before = (_place(request.args.get(name)) for name in ("after", "before"))
    backwards = before is not None and after is None
    place = sa.tuple_(Item.name, Item.uid)
    if key := after or before:
        bound = sa.tuple_(sa.literal(key.name), sa.literal(key.uid))
        found = found.where(place < bound if backwards else place > bound)
    order = (Item.name.desc(), Item.uid.desc()) if backwards else (Item.name, Item.uid)
    shown = list(db.session.scalars(found.options(*_SHOWN).order_by(*order).limit(_PAGE + 1)))
    more, shown = len(shown) > _PAGE, shown[:_PAGE]
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (after is not None, more)
    return (
        shown,
        shown[0].uid if shown and has_before else None,
        shown[-1].uid if shown and has_after else None,
    )


def _place(uid: str | None) -> Item | None:
    """The item that a page begins or ends at; none where nobody has it."""
    if not uid:
        return None
    return db.session.scalar(visible(Item, me(), Permission.ITEM_READ).where(Item.uid == uid))


def _without(asked: dict[str, str], left_out: str) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name != left_out}


def _choices() -> dict[str, tuple[str, list[tuple[str, str]]]]:
    everything = [("", _("Alle"))]
    classes = [(spec.key, spec.name) for spec in concrete(registry.classes())]
    chosen = {
        "class": (_("Soort"), everything + classes),
        "hosting": (_("Hosting"), everything + [(key.value, str(name)) for key, name in labels.HOSTING.items()]),
        "status": (_("Status"), everything + [(key.value, str(name)) for key, name in labels.ITEM_STATUS.items()]),
    }
    if me().municipality_id is None:
        towns = db.session.execute(sa.select(Municipality.id, Municipality.name).order_by(Municipality.name))
        chosen["municipality"] = (_("Gemeente"), everything + [(str(key), name) for key, name in towns])
    return chosen


def _chips(asked: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"label": label, "value": value, "url": url_for(".index", **_without(asked, name))}
        for name, (label, choices) in _choices().items()
        for key, value in choices
        if name in asked and key == asked[name]
    ]


def _columns() -> dict[str, dict[str, object]]:
    heads = {
        "name": _("Object"),
        "class": _("Soort"),
        "used_by": _("Gebruikt door"),
        "hosting": _("Hosting"),
        "status": _("Status"),
        "manager": _("Beheerder"),
    }
    columns = {name: {"label": label, "url": None, "direction": None} for name, label in heads.items()}
    columns["name"]["direction"] = "ascending"
    return columns

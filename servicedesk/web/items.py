"""Items: the list, one item with its history, and the form that registers or changes one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb import authority, history, item_state, register, registry
from cmdb.catalogue import ItemClassSpec
from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.permissions import Permission, may
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.web import items_asked, items_export, items_list, items_page, items_tabs
from servicedesk.web.items_form import form_for

pages = Blueprint("items", __name__)

_PAGE = 50
_FILTERS = ("class", "municipality", "hosting", "status")
_SHOWN = (joinedload(Item.municipality), joinedload(Item.manager))


@pages.get("/items")
@requires(Permission.ITEM_READ)
def index():
    now = utc_now()
    question = items_asked.read(me(), now)
    refused = ""
    if request.args.get("choose"):
        return redirect(question.url(columns=",".join(request.args.getlist("column"))))
    if request.args.get("add_field"):
        address, refused = items_asked.adding(question, now)
        if address:
            return redirect(address)
    tabs, standings = [], question.asked.standings
    if may(me(), Permission.QUEUE_READ):
        past = question.on is not None
        tabs = items_tabs.uncounted() if past else items_tabs.counted(me(), now, standings)
    if tabs and not request.args:
        question = items_asked.read(me(), now, items_tabs.opening(tabs), standings=standings)
    shown = items_list.context(question, tabs, now, refused)
    return render_template("items/list.html", **shown), 422 if refused else 200


@pages.get("/items/export.<any(csv, xlsx):form>")
@requires(Permission.ITEM_READ)
def export(form: str):
    now = utc_now()
    question = items_asked.read(me(), now, chosen=request.args.getlist("item"))
    return items_export.answer(question, form, now)


@pages.get("/items/<uid>")
@requires(Permission.ITEM_READ)
def item(uid: str):
    now = utc_now()
    chosen = _find(uid, Permission.ITEM_READ)
    on = items_asked.date_of(request.args.get("on"), now)
    state = history.state_at(chosen.id, history.moment_of(on, now)) if on else None
    if on and state is None:
        flash(_("Op die dag stond dit object niet in het register."), "warning")
        return redirect(url_for(".item", uid=uid))
    before = request.args.get("before", type=int)
    shown = items_page.context(chosen, me(), now, on, state, _key(before))
    return render_template("items/item.html", **shown)


def _key(number: int | None) -> int | None:
    """A number of an address that a key could have."""
    return number if number is not None and 0 < number < 2**31 else None


@pages.route("/items/new", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def new():
    spec = _chosen_class(request.form.get("item_class") or request.args.get("class"))
    if spec is None and request.method == "GET":
        groups = items_page.class_groups()
        return render_template("items/new.html", groups=groups)
    form = form_for(spec)
    if spec is not None and form.validate_on_submit():
        now = utc_now()
        change_set = register.begin(me(), "browser", now, form.reason.data)
        beside = {"identifiers": form.known_as(), "shares": form.shares()}
        added = register.add(spec.key, change_set, **form.values(), **beside)
        authority.note_hand(added, {}, now)
        db.session.commit()
        flash(_("%(uid)s staat in het register.", uid=added.uid), "success")
        return redirect(url_for(".item", uid=added.uid), 303)
    if spec is None:
        form.validate_on_submit()
    status = 422 if request.method == "POST" else 200
    return render_template("items/edit.html", form=form, item=None, spec=spec), status


@pages.route("/items/<uid>/edit", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    chosen = _find(uid, Permission.ITEM_WRITE, lock=request.method == "POST")
    spec = registry.classes()[chosen.class_key]
    form = form_for(spec, chosen)
    shown = {"form": form, "item": chosen, "spec": spec}
    if not form.validate_on_submit():
        return render_template("items/edit.html", **shown), 422 if form.errors else 200
    if form.version.data != chosen.version:
        changed = form.differences(
            register.state_at_version(chosen, form.version.data or 1), chosen
        )
        form.version.raw_data, form.version.data = None, chosen.version
        return render_template("items/edit.html", changed=changed, **shown), 409
    now = utc_now()
    change_set = register.begin(me(), "browser", now, form.reason.data)
    before = item_state.written(chosen)
    register.change(chosen, change_set, **form.values())
    authority.note_hand(chosen, before, now)
    register.identify(chosen, form.known_as(), change_set)
    register.share_among(chosen, form.shares(), change_set)
    db.session.commit()
    flash(_("%(uid)s is gewijzigd.", uid=chosen.uid), "success")
    return redirect(url_for(".item", uid=chosen.uid), 303)


def _chosen_class(key: str | None) -> ItemClassSpec | None:
    try:
        return registry.find_class(key or "")
    except ValueError:
        return None


def _find(uid: str, permission: Permission, lock: bool = False) -> Item:
    return find(
        Item, uid, permission, by="uid", lock=lock, options=() if lock else items_page.SHOWN
    )

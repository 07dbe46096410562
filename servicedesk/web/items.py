"""Items: the list, one item with its tickets and its history, and the form that registers or changes one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.localtime import local
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.web import items_asked, items_export, items_list, items_page
from servicedesk.web.items_form import ItemForm

pages = Blueprint("items", __name__)

_PAGE = 50
_FILTERS = ("class", "municipality", "hosting", "status")
_SHOWN = (joinedload(Item.municipality), joinedload(Item.manager))


@pages.get("/items")
@requires(Permission.ITEM_READ)
def index():
    question = items_asked.read(me(), utc_now())
    refused = ""
    if request.args.get("choose"):
        return redirect(question.url(columns=",".join(request.args.getlist("column"))))
    if request.args.get("add_field"):
        address, refused = items_asked.adding(question)
        if address:
            return redirect(address)
    shown = items_list.context(question, utc_now(), refused)
    return render_template("items/list.html", **shown), 422 if refused else 200


@pages.get("/items/export.<any(csv, xlsx):form>")
@requires(Permission.ITEM_READ)
def export(form: str):
    now = utc_now()
    return items_export.answer(items_asked.read(me(), now), form, now)


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

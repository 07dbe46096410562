"""Lists kept under a name: keep the present one, and remove one's own."""

from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request

from cmdb.database import db, utc_now
from cmdb.permissions import Permission
from servicedesk.access import me, requires
from servicedesk.inventory import views
from servicedesk.inventory.views import ItemView
from servicedesk.language import gettext as _
from servicedesk.web import items_asked, items_list

pages = Blueprint("item_views", __name__)


@pages.get("/items/views")
@requires(Permission.QUEUE_READ)
def index():
    return _page()


@pages.post("/items/views")
@requires(Permission.QUEUE_READ)
def keep():
    question = items_asked.read(me(), utc_now())
    kept = {key: value for key, value in question.kept.items() if key != "view"}
    try:
        view = views.keep(
            me(), request.form.get("name", ""), urlencode(kept), "is_shared" in request.form
        )
    except ValueError as error:
        db.session.rollback()
        return _page(str(error)), 422
    db.session.commit()
    flash(_("De weergave is bewaard."), "success")
    return redirect(items_list.address(view), 303)


@pages.post("/items/views/<int:key>/remove")
@requires(Permission.QUEUE_READ)
def remove(key: int):
    view = db.session.get(ItemView, key)
    if view is None or view.person_id != me().id:
        abort(404)
    views.remove(view)
    db.session.commit()
    flash(_("De weergave is verwijderd."), "success")
    return _back()


def _back():
    question = items_asked.read(me(), utc_now())
    return redirect(question.url("item_views.index", without=["view"]), 303)


def _page(refused: str = ""):
    return render_template(
        "items/views.html",
        question=items_asked.read(me(), utc_now()),
        views=[(one, items_list.address(one)) for one in views.of_person(me())],
        refused=refused,
        typed=request.form,
    )

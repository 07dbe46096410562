"""What happened to the register: change sets with undo, two dates compared, and named moments."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb import history
from cmdb.database import db, utc_now
from cmdb.items import Baseline, ChangeSet, ItemVersion, RelationVersion
from cmdb.permissions import Permission, may
from servicedesk.access import me, requires
from servicedesk.inventory import story
from servicedesk.language import gettext as _
from servicedesk.quality import merging
from servicedesk.web.items_asked import date_of

pages = Blueprint("item_changes", __name__)

_PAGE = 50
_COMPARED = ("from", "to", "baseline", "baseline_to")
_BASELINES = sa.select(Baseline).order_by(Baseline.at.desc(), Baseline.id.desc()).limit(500)


@pages.get("/items/changes")
@requires(Permission.QUEUE_READ)
def index():
    before = _key("before")
    found = sa.select(ChangeSet).options(joinedload(ChangeSet.actor)).order_by(ChangeSet.id.desc())
    if before:
        found = found.where(ChangeSet.id < before)
    sets = list(db.session.scalars(found.limit(_PAGE + 1)))
    shown = sets[:_PAGE]
    return render_template(
        "items/changes.html",
        sets=shown,
        counts=story.counts([one.id for one in shown]),
        next_url=url_for(".index", before=shown[-1].id) if len(sets) > _PAGE else "",
        first_url=url_for(".index") if before else "",
        may_undo=may(me(), Permission.ITEM_WRITE),
    )


@pages.get("/items/changes/<int:key>")
@requires(Permission.QUEUE_READ)
def change_set(key: int):
    return _shown(key)


@pages.post("/items/changes/<int:key>/undo")
@requires(Permission.ITEM_WRITE)
def take_back(key: int):
    chosen = db.session.get(ChangeSet, key) or abort(404)
    try:
        done = merging.take_back(chosen, me(), utc_now())
    except ValueError as error:
        db.session.rollback()
        return _shown(key, str(error)), 409
    db.session.commit()
    flash(_("De wijziging is ongedaan gemaakt."), "success")
    return redirect(url_for(".change_set", key=done.id), 303)


@pages.get("/items/compare")
@requires(Permission.QUEUE_READ)
def compare():
    now = utc_now()
    days = [date_of(request.args.get(name), now) for name in ("from", "to")]
    named = [_baseline(name) for name in ("baseline", "baseline_to")]
    first, second = (
        baseline.at if baseline else day and history.moment_of(day, now)
        for baseline, day in zip(named, days, strict=True)
    )
    second = second or now
    asked = any(request.args.get(name) for name in _COMPARED)
    refused = ""
    if asked and first is None:
        refused = _("Vul een datum in die geweest is, als dd-mm-jjjj.")
    elif first and first > second:
        refused = _("De eerste datum ligt na de tweede. Draai ze om.")
    keys = [] if refused or first is None else _touched(first, second, _key("beyond") or 0)
    return render_template(
        "items/compare.html",
        first=first,
        second=second,
        asked=asked,
        refused=refused,
        typed={name: request.args.get(name, "") for name in ("from", "to")},
        named=named,
        baselines=db.session.scalars(_BASELINES).all(),
        differences=story.between(first, second, keys[:_PAGE]) if keys else [],
        next_url=_further(keys),
    ), 422 if refused else 200


@pages.get("/items/baselines")
@requires(Permission.QUEUE_READ)
def baselines():
    return _baselines_page()


@pages.post("/items/baselines")
@requires(Permission.ITEM_WRITE)
def add_baseline():
    now = utc_now()
    text = request.form.get("on", "").strip()
    day = date_of(text, now)
    try:
        if text and day is None:
            raise ValueError(_("Vul een datum in die geweest is, als dd-mm-jjjj."))
        at = history.moment_of(day, now) if day else now
        history.name_moment(request.form.get("name", ""), at, me())
    except ValueError as error:
        db.session.rollback()
        return _baselines_page(str(error)), 422
    db.session.commit()
    flash(_("Het ijkpunt is bewaard."), "success")
    return redirect(url_for(".baselines"), 303)


def _baselines_page(refused: str = ""):
    return render_template(
        "items/baselines.html",
        baselines=db.session.scalars(_BASELINES).all(),
        refused=refused,
        typed=request.form,
        may_add=may(me(), Permission.ITEM_WRITE),
    )


def _shown(key: int, refused: str = ""):
    chosen = db.session.get(ChangeSet, key) or abort(404)
    beyond = _key("beyond") or 0
    keys = story.touched(key, beyond, _PAGE + 1)
    shown = keys[:_PAGE]
    return render_template(
        "items/change_set.html",
        change_set=chosen,
        deeds=[one for one in story.of_change_set(chosen, shown) if one.item_id in shown],
        refused=refused,
        next_url=url_for(".change_set", key=key, beyond=shown[-1]) if len(keys) > _PAGE else "",
        may_undo=may(me(), Permission.ITEM_WRITE),
    )


def _touched(first: dt.datetime, second: dt.datetime, beyond: int) -> list[int]:
    """The items of which something changed between two moments: a page and one more.

    A relation is told with the item that needs the other.
    """
    ends = ((ItemVersion, ItemVersion.item_id), (RelationVersion, RelationVersion.source_id))
    touched = sa.union(
        *(
            sa.select(column).where(at > first, at <= second, column > beyond)
            for model, column in ends
            for at in (model.valid_from, model.valid_to)
        )
    ).subquery()
    found = sa.select(touched.c[0]).order_by(touched.c[0]).limit(_PAGE + 1)
    return list(db.session.scalars(found))


def _further(keys: list[int]) -> str:
    if len(keys) <= _PAGE:
        return ""
    asked = {name: request.args[name] for name in _COMPARED if name in request.args}
    return url_for(".compare", **asked, beyond=keys[_PAGE - 1])


def _baseline(name: str) -> Baseline | None:
    key = _key(name)
    return db.session.get(Baseline, key) if key else None


def _key(name: str) -> int | None:
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < 2**31 else None

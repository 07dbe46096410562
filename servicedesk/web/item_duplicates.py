"""Items that may be one and the same, in pairs: say that they are not, or merge them."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb import completeness, item_state, registry
from cmdb.database import db, utc_now
from cmdb.items import Item, Relation
from cmdb.permissions import Permission, may
from cmdb.reconcile import ASSET_TAG, FQDN, MAC, NAME, SERIAL, UUID
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.quality import duplicates, merging
from servicedesk.quality.models import Pair, Verdict
from servicedesk.tickets.models import TicketItem
from servicedesk.web.quality_tabs import tabs

pages = Blueprint("item_duplicates", __name__)

PAGE = 25
_SAID = {
    UUID: lazy_gettext("hetzelfde UUID"),
    SERIAL: lazy_gettext("hetzelfde serienummer"),
    ASSET_TAG: lazy_gettext("hetzelfde inventarisnummer"),
    MAC: lazy_gettext("hetzelfde MAC-adres"),
    FQDN: lazy_gettext("dezelfde netwerknaam"),
    NAME: lazy_gettext("bijna dezelfde naam"),
}


@pages.get("/items/duplicates")
@requires(Permission.QUEUE_READ)
def index():
    return _page()


@pages.post("/items/duplicates/<uid>/<other>")
@requires(Permission.ITEM_CERTIFY)
def judge(uid: str, other: str):
    now, pair = utc_now(), _find(uid, other)
    if request.form.get("deed") == "distinct":
        duplicates.tell_apart(pair, me(), now)
        db.session.commit()
        flash(_("Onthouden: %(uid)s en %(other)s zijn niet hetzelfde.", uid=uid, other=other),
              "success")  # fmt: skip
        return redirect(url_for(".index"), 303)
    kept = {uid: pair.first, other: pair.second}.get(request.form.get("keep", ""))
    if kept is None or not may(me(), Permission.ITEM_WRITE):
        return _page(_("Kies welk van de twee objecten blijft.")), 422
    gone = pair.second if kept is pair.first else pair.first
    try:
        done = merging.merge(pair, kept, gone, me(), now)
    except ValueError as error:
        db.session.rollback()
        return _page(str(error)), 422
    db.session.commit()
    said = _("%(gone)s is samengevoegd met %(kept)s.", gone=gone.uid, kept=kept.uid)
    undo_url = url_for("item_changes.take_back", key=done.id)
    flash({"text": said, "undo_url": undo_url, "undo": {}}, "success")
    return redirect(url_for(".index"), 303)


def _find(uid: str, other: str) -> Pair:
    """The open pair of two items, one of which the person looks after; else it does not exist."""
    first, second = (find(Item, key, Permission.ITEM_READ, by="uid") for key in (uid, other))
    pair = db.session.get(Pair, (first.id, second.id), with_for_update=True)
    mine = any(may(me(), Permission.ITEM_CERTIFY, item) for item in (first, second))
    if pair is None or pair.verdict != Verdict.OPEN or not mine:
        abort(404)
    return pair


def _page(refused: str = "") -> str:
    distinct = request.args.get("show") == "distinct"
    rows = (
        sa.select(Pair)
        .where(Pair.verdict == (Verdict.DISTINCT if distinct else Verdict.OPEN))
        .options(*(joinedload(side).joinedload(Item.municipality) for side in (Pair.first, Pair.second)))
        .options(*(joinedload(side).joinedload(Item.manager) for side in (Pair.first, Pair.second)))
        .options(joinedload(Pair.judged_by))
        .order_by(Pair.first_id, Pair.second_id)
    )  # fmt: skip
    keys = request.args.get("after", "")[:40].split("-")
    if len(keys) == 2 and all(key.isdecimal() and len(key) < 10 for key in keys):
        place = sa.tuple_(Pair.first_id, Pair.second_id)
        rows = rows.where(place > sa.tuple_(*(sa.literal(int(key)) for key in keys)))
    found = list(db.session.scalars(rows.limit(PAGE + 1)))
    shown = [pair for pair in found[:PAGE] if pair.first and pair.second]
    more = len(found) > PAGE
    kept = {"show": "distinct"} if distinct else {}
    last = f"{found[PAGE - 1].first_id}-{found[PAGE - 1].second_id}" if more else ""
    return render_template(
        "items/duplicates.html",
        tabs=tabs(),
        pairs=_shown(shown),
        refused=refused,
        distinct=distinct,
        may_merge=may(me(), Permission.ITEM_WRITE),
        next_url=url_for(".index", after=last, **kept) if more else "",
        first_url=url_for(".index", **kept) if request.args.get("after") else "",
    )


def _shown(pairs: Sequence[Pair]) -> list[dict[str, object]]:
    keys = [key for pair in pairs for key in (pair.first_id, pair.second_id)]
    ties, tickets = _counted(keys)
    return [
        {
            "pair": pair,
            "evidence": [(_SAID[kind], value) for kind, value in pair.evidence if kind in _SAID],
            "sides": [_side(item, ties, tickets) for item in (pair.first, pair.second)],
            "is_mine": any(
                may(me(), Permission.ITEM_CERTIFY, item) for item in (pair.first, pair.second)
            ),
        }
        for pair in pairs
    ]


def _side(item: Item, ties: Counter[int], tickets: Counter[int]) -> dict[str, object]:
    spec = registry.classes()[item.class_key]
    return {
        "item": item,
        "class": _(spec.name),
        "owner": item.municipality.name if item.municipality else _("Servicecentrum"),
        "percent": completeness.percent(spec, item_state.written(item)),
        "ties": ties[item.id],
        "tickets": tickets[item.id],
    }


def _counted(keys: Sequence[int]) -> tuple[Counter[int], Counter[int]]:
    """How many relations and tickets items have."""
    ties: Counter[int] = Counter()
    for end in (Relation.source_id, Relation.target_id):
        rows = sa.select(end, sa.func.count()).where(end.in_(keys)).group_by(end)
        ties.update(dict(db.session.execute(rows).all()))
    about = TicketItem.item_id
    rows = sa.select(about, sa.func.count()).where(about.in_(keys)).group_by(about)
    return ties, Counter(dict(db.session.execute(rows).all()))

"""What inventories saw otherwise than agreed: take it over, reject it, or file a ticket."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import contains_eager

from cmdb import drift
from cmdb.database import db, utc_now
from cmdb.item_parts import Observation
from cmdb.items import Item, ItemStatus
from cmdb.observations import held
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.access import me, requires
from servicedesk.inventory import fields, words
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _
from servicedesk.tickets import advance
from servicedesk.web.quality_tabs import tabs

pages = Blueprint("item_drift", __name__)

PAGE = 50


@pages.get("/items/drift")
@requires(Permission.QUEUE_READ)
def index():
    return _page()


@pages.post("/items/drift")
@requires(Permission.ITEM_CERTIFY)
def settle():
    now, seen = utc_now(), _chosen()
    deed = _DEEDS.get(request.form.get("deed", ""))
    if not seen or deed is None:
        return _page(_("Kies een of meer afwijkingen.")), 422
    try:
        said = deed(seen, me(), now)
    except ValueError as error:
        db.session.rollback()
        return _page(str(error)), 422
    db.session.commit()
    flash(said, "success")
    return redirect(_url(), 303)


def _accept(seen: Sequence[Observation], by: Person, now):
    count = len(seen)
    done = drift.accept(seen, by, now)
    said = ngettext("%(num)d waarde is overgenomen.", "%(num)d waarden zijn overgenomen.", count)
    if not may(by, Permission.ITEM_WRITE):
        return said
    return {
        "text": said,
        "undo_url": url_for("item_changes.take_back", key=done.id),
        "undo": {},
    }


def _reject(seen: Sequence[Observation], by: Person, now):
    drift.reject(seen, by, now)
    return ngettext(
        "%(num)d afwijking is afgewezen. U ziet haar pas terug als er iets anders wordt gezien.",
        "%(num)d afwijkingen zijn afgewezen. U ziet ze pas terug als er iets anders wordt gezien.",
        len(seen),
    )


def _file(seen: Sequence[Observation], by: Person, now):
    """A ticket for each item, about all that was chosen of it."""
    by_item: dict[Item, list[Observation]] = defaultdict(list)
    for row in seen:
        by_item[row.item].append(row)
    numbers = []
    for item, rows in by_item.items():
        body = "\n".join(_sentence(row) for row in rows)
        title = _("%(name)s: het register wijkt af van wat is gezien", name=item.name)
        filed = advance.file_about(item, title, body, _token(item, rows), by, now)
        if filed is not None:
            numbers.append(filed.number)
    if not numbers:
        raise ValueError(
            _("Hierover is al een melding, of de gemeente heeft geen manager die de melding krijgt.")
        )
    return _("Gemeld: %(numbers)s.", numbers=", ".join(numbers))


_DEEDS = {"accept": _accept, "reject": _reject, "ticket": _file}


def _sentence(row: Observation) -> str:
    shown = _shown(row)
    return _(
        "%(field)s: in het register %(agreed)s, gezien %(seen)s (%(source)s, %(day)s).",
        field=shown["label"], agreed=shown["agreed"] or _("leeg"), seen=shown["seen"],
        source=row.source, day=f"{row.seen_at:%d-%m-%Y}",
    )  # fmt: skip


def _token(item: Item, rows: Sequence[Observation]) -> str:
    told = json.dumps([item.uid, sorted((row.field, row.value) for row in rows)])
    return f"drift:{hashlib.sha256(told.encode()).hexdigest()[:24]}"


def _chosen() -> list[Observation]:
    """The chosen rows; of an item that is not one's own, the page does not exist."""
    places = {tuple(row.split(":", 1)) for row in request.form.getlist("row")[:PAGE] if ":" in row}
    mine = visible(Item, me(), Permission.ITEM_CERTIFY).where(
        Item.uid.in_({uid for uid, _field in places})
    )
    items = {item.uid: item for item in db.session.scalars(mine)}
    if {uid for uid, _field in places} - items.keys():
        abort(404)
    rows = _rows().where(Item.id.in_([item.id for item in items.values()]))
    return [row for row in db.session.scalars(rows) if (row.item.uid, row.field) in places]


def _page(refused: str = "") -> str:
    everybody, rejected = request.args.get("who") == "all", request.args.get("show") == "rejected"
    rows = _rows().where(drift.is_open() if not rejected else ~drift.is_open())
    if not everybody:
        rows = rows.where(Item.owned_by(me()))
    item_id, _point, field = request.args.get("after", "")[:100].partition(":")
    if item_id.isdecimal() and len(item_id) < 10:
        place = sa.tuple_(Observation.item_id, Observation.field)
        rows = rows.where(place > sa.tuple_(sa.literal(int(item_id)), sa.literal(field)))
    found = list(db.session.scalars(rows.limit(PAGE + 1)))
    shown = found[:PAGE]
    last = shown[-1] if shown else None
    return render_template(
        "items/drift.html",
        tabs=tabs(),
        rows=[_shown(row) for row in shown],
        refused=refused,
        chosen=request.form.getlist("row"),
        everybody=everybody,
        rejected=rejected,
        urls={
            "here": _url(),
            "mine": _url(who=None),
            "everybody": _url(who="all"),
            "open": _url(show=None),
            "rejected": _url(show="rejected"),
            "next": _url(after=f"{last.item_id}:{last.field}") if len(found) > PAGE else "",
            "first": _url() if request.args.get("after") else "",
        },
    )


def _url(**values: str | None) -> str:
    kept = {key: request.args[key] for key in ("who", "show") if key in request.args}
    return url_for(".index", **{**kept, **values})


def _rows() -> sa.Select:
    """The rows with their items, in the order of the page."""
    return (
        sa.select(Observation)
        .join(Observation.item)
        .where(Item.status != ItemStatus.RETIRED)
        .options(contains_eager(Observation.item).joinedload(Item.manager))
        .order_by(Observation.item_id, Observation.field)
    )


def _shown(row: Observation) -> dict[str, object]:
    field = _field(row)
    agreed = held(row.item, row.field)
    return {
        "key": f"{row.item.uid}:{row.field}",
        "item": row.item,
        "label": field.label,
        "agreed": words.with_unit(words.text_of(agreed, field, {}), field),
        "seen": words.with_unit(words.text_of(row.value, field, {}), field),
        "source": row.source,
        "seen_at": row.seen_at,
        "is_mine": may(me(), Permission.ITEM_CERTIFY, row.item),
    }


def _field(row: Observation) -> Field:
    known = fields.of_list(row.item.class_key)
    return known.get(row.field) or fields.unknown(row.field, row.field)

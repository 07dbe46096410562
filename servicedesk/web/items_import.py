"""Import of items in the browser: choose a file, look at what it would do, apply it as one act."""

import json
from collections.abc import Callable, Iterator
from functools import partial

import sqlalchemy as sa
from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)

from cmdb import registry
from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.permissions import Permission
from servicedesk import allowance
from servicedesk.access import me, requires
from servicedesk.intake import batches
from servicedesk.intake.columns import columns_of
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import READERS
from servicedesk.intake.models import ImportBatch
from servicedesk.intake.references import References
from servicedesk.intake.tables import LARGEST_FILE, read_table
from servicedesk.language import gettext as _
from servicedesk.reports.export import XLSX_TYPE
from servicedesk.web import allowance_words, items_import_files, items_import_page
from servicedesk.web.streams import streamed

PROGRESS = "application/x-ndjson"

pages = Blueprint("items_import", __name__, url_prefix="/items/import")


@pages.route("", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def start():
    asked, refused = request.form, ""
    if request.method == "POST":
        try:
            stage = _read()
            if request.accept_mimetypes.best == PROGRESS:
                db.session.commit()  # that the file came in: the stream has a session of its own
                return Response(streamed(_progress(stage)), content_type=PROGRESS)
            batch = stage()
            batches.assess(batch)
            db.session.commit()
            return redirect(url_for(".batch", key=batch.id), 303)
        except ValueError as error:
            db.session.rollback()
            refused = str(error)
    context = items_import_page.start(asked, refused)
    return render_template("items/import.html", **context), 422 if refused else 200


def _progress(stage: Callable[[], ImportBatch]) -> Iterator[str]:
    """Compare the rows while telling how far it is, a line each; at last where to look."""
    batch = stage()
    total = batches.size(batch)
    for done in batches.assess_in_steps(batch):
        yield json.dumps({"done": done, "total": total}) + "\n"
    address = url_for(".batch", key=batch.id)
    db.session.commit()
    yield json.dumps({"url": address}) + "\n"


@pages.get("/<int:key>")
@requires(Permission.ITEM_WRITE)
def batch(key: int):
    return _preview(_find(key))


@pages.post("/<int:key>/columns")
@requires(Permission.ITEM_WRITE)
def columns(key: int):
    """What the columns mean, and which field tells an item."""
    chosen = _find(key, lock=True)
    if chosen.change_set_id is not None or chosen.form:
        abort(409)
    mapping = {
        heading: request.form.get(f"column-{at}", "") for at, heading in enumerate(chosen.headings)
    }
    try:
        batches.set_mapping(
            chosen, mapping, list(dict.fromkeys(filter(None, request.form.getlist("key"))))
        )
    except ValueError as error:
        db.session.rollback()
        return _preview(_find(key), str(error), mapping)
    db.session.commit()
    return redirect(url_for(".batch", key=key), 303)


@pages.post("/<int:key>/apply")
@requires(Permission.ITEM_WRITE)
def apply(key: int):
    chosen = _find(key, lock=True)
    try:
        change_set = batches.carry_out(chosen, me(), utc_now())
    except batches.Outdated:
        db.session.commit()
        return _preview(chosen, _("Het register is intussen gewijzigd. Kijk de rijen nog eens na."))
    except ValueError as error:
        db.session.rollback()
        return _preview(_find(key), str(error))
    db.session.commit()
    flash(
        _("Het bestand is verwerkt.") if change_set else _("Er was niets te wijzigen."), "success"
    )
    return redirect(url_for(".batch", key=key), 303)


@pages.post("/<int:key>/undo")
@requires(Permission.ITEM_WRITE)
def undo(key: int):
    chosen = _find(key, lock=True)
    try:
        batches.take_back(chosen, me(), utc_now())
    except ValueError as error:
        db.session.rollback()
        return _preview(_find(key), str(error))
    db.session.commit()
    flash(_("Het bestand is ongedaan gemaakt."), "success")
    return redirect(url_for(".batch", key=key), 303)


@pages.get("/<int:key>/refused.xlsx")
@requires(Permission.ITEM_WRITE)
def refused_rows(key: int):
    """The refused rows as they were read, each with its reasons."""
    chosen = _find(key)
    headings = chosen.headings or [_("Naam")]
    data = items_import_files.refused_rows(headings, items_import_page.refused_rows(chosen))
    return _workbook(data, f"geweigerd-{chosen.id}.xlsx")


@pages.get("/template/<name>.xlsx")
@requires(Permission.ITEM_WRITE)
def template(name: str):
    """An empty workbook for a class."""
    spec = registry.classes().get(name)
    if spec is None or spec.is_abstract:
        abort(404)
    return _workbook(
        items_import_files.template(columns_of(spec, References(None))), f"{name}.xlsx"
    )


def _read() -> Callable[[], ImportBatch]:
    """Read the file that was sent; what is given stages it.

    Raises:
        ValueError: what was chosen will not do; one sentence.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        raise ValueError(_("Kies een bestand."))
    owner, by = _owner(request.form.get("owner", "")), me()
    data, form = file.stream.read(LARGEST_FILE + 1), request.form.get("form", "")
    try:
        allowance.spend(by, utc_now(), sizes=[len(data)])
    except allowance.TooMuch as error:
        raise ValueError(allowance_words.sentence(error)) from None
    if form:
        told = form, _things(data, form)
        return partial(batches.stage_inventory, file.filename, *told, owner, by, utc_now())
    table = read_table(data)
    class_key = registry.find_class(request.form.get("class", "")).key
    return partial(batches.stage, file.filename, table, class_key, owner, by, utc_now())


def _things(data: bytes, form: str) -> list[Thing]:
    if form not in READERS:
        raise ValueError(_("Kies wat voor bestand het is."))
    if len(data) > LARGEST_FILE:
        raise ValueError(_("Het bestand is groter dan 25 MB. Deel het op in kleinere bestanden."))
    return READERS[form](data)


def _owner(code: str) -> int | None:
    if code == items_import_page.CENTRE:
        return None
    found = db.session.scalar(sa.select(Municipality.id).where(Municipality.code == code))
    if found is None:
        raise ValueError(_("Kies een eigenaar."))
    return found


def _find(key: int, lock: bool = False) -> ImportBatch:
    found = db.session.get(ImportBatch, key, with_for_update=lock or None)
    return found or abort(404)


def _preview(chosen: ImportBatch, refused: str = "", mapping: dict[str, str] | None = None):
    context = items_import_page.preview(chosen, request.args, refused, mapping)
    return render_template("items/import_batch.html", **context), 422 if refused else 200


def _workbook(data: bytes, name: str) -> Response:
    return Response(
        data,
        content_type=XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

"""Which source of items may fill which field: what was said of it beside its rank."""

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for

from cmdb import authority, registry
from cmdb.catalogue import concrete
from cmdb.database import db
from cmdb.item_parts import FieldRule, Fill
from cmdb.permissions import Permission
from servicedesk.access import requires
from servicedesk.intake.columns import columns_of
from servicedesk.intake.references import References
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

pages = Blueprint("items_import_rules", __name__)

SOURCES = {
    "import": lazy_gettext("Tabel: Excel (.xlsx) of CSV"),
    "glpi": lazy_gettext("Inventaris van GLPI (JSON)"),
    "ansible": lazy_gettext("Feiten van Ansible (JSON)"),
    "nmap": lazy_gettext("Scan van nmap (XML)"),
}
FILLS = {
    "": lazy_gettext("volgens de rangorde"),
    Fill.EMPTY.value: lazy_gettext("alleen als het veld leeg is"),
    Fill.NEVER.value: lazy_gettext("nooit"),
}
_ALWAYS = ("uid", "name")  # without these a file is about nothing


@pages.route("/items/import/rules", methods=["GET", "POST"])
@requires(Permission.ITEM_WRITE)
def rules():
    fields, refused = _fields(), ""
    if request.method == "POST":
        source, field, fill = (request.form.get(key, "") for key in ("source", "field", "fill"))
        if source in SOURCES and field in fields and fill in FILLS:
            authority.set_rule(source, field, Fill(fill) if fill else None)
            db.session.commit()
            flash(_("De regel is bewaard."), "success")
            return redirect(url_for(".rules"), 303)
        refused = _("Kies een bron, een veld en een regel uit de lijst.")
    kept = db.session.scalars(sa.select(FieldRule).order_by(FieldRule.source, FieldRule.field))
    shown = render_template(
        "items/import_rules.html",
        rules=[(one, fields.get(one.field, one.field)) for one in kept],
        fields=sorted(fields.items(), key=lambda pair: pair[1].lower()),
        sources=SOURCES,
        fills=FILLS,
        refused=refused,
        typed=request.form,
    )
    return shown, 422 if refused else 200


def _fields() -> dict[str, str]:
    """The label of every field that a file can fill, by key."""
    references = References(None)
    found: dict[str, str] = {}
    for spec in concrete(registry.classes()):
        for key, column in columns_of(spec, references).items():
            found.setdefault(key, _(column.label))
    return {key: label for key, label in found.items() if key not in _ALWAYS}

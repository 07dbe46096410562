"""The directories of the municipalities: made, changed, tested and followed here."""

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms import SelectChoice

from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, Role
from servicedesk.access import find, requires
from servicedesk.directory import entries, sync
from servicedesk.directory.connection import Failure, Step
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.web.directory_form import KINDS, DirectoryForm

pages = Blueprint("directories", __name__)

STEPS = {
    Step.NAME: lazy_gettext("Adres van de server opzoeken"),
    Step.PORT: lazy_gettext("Verbinden met de poort"),
    Step.TLS: lazy_gettext("Versleutelen"),
    Step.CERTIFICATE: lazy_gettext("Certificaat controleren"),
    Step.BIND: lazy_gettext("Aanmelden met het account"),
    Step.SEARCH: lazy_gettext("Personen en groepen zoeken"),
}
# Seconds that a test in the browser may take.
_PATIENCE = 20


@pages.get("/directories")
@requires(Permission.DIRECTORY_WRITE)
def index():
    counted = (
        sa.select(DirectoryAccount.directory_id, sa.func.count())
        .where(DirectoryAccount.is_enabled)
        .group_by(DirectoryAccount.directory_id)
    )
    rows = db.session.execute(
        sa.select(Municipality, Directory)
        .outerjoin(Directory, Directory.municipality_id == Municipality.id)
        .order_by(Municipality.name)
    ).all()
    return render_template(
        "directories/index.html",
        rows=rows,
        counts=dict(db.session.execute(counted).all()),
        kinds=KINDS,
        steps=STEPS,
    )


@pages.route("/directories/new", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_WRITE)
def new():
    taken = sa.select(Directory.municipality_id)
    form = _form(sa.select(Municipality).where(Municipality.id.not_in(taken)))
    if request.method == "GET":
        form.municipality.data = request.args.get("municipality", type=int)
    if form.validate_on_submit() and _is_whole(form, Directory(domain="")):
        directory = Directory(municipality_id=form.municipality.data, next_sync_at=utc_now())
        return _saved(form, directory)
    return _page(form), 422 if form.is_submitted() else 200


@pages.route("/directories/<int:key>", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_WRITE)
def edit(key: int):
    directory = find(Directory, key, Permission.DIRECTORY_WRITE)
    form = _form(sa.select(Municipality).where(Municipality.id == directory.municipality_id))
    if request.method == "GET":
        form.show(directory)
    elif form.validate_on_submit() and _is_whole(form, directory):
        return _saved(form, directory)
    return _page(form, directory), 422 if form.is_submitted() else 200


@pages.post("/directories/<int:key>/test")
@requires(Permission.DIRECTORY_WRITE)
def test(key: int):
    """Go the whole way to the people as it is saved, and say where it ends; nothing is changed."""
    directory = find(Directory, key, Permission.DIRECTORY_WRITE)
    form = _form(sa.select(Municipality).where(Municipality.id == directory.municipality_id))
    form.show(directory)
    db.session.commit()  # no transaction is open while a directory thinks
    try:
        present, found = sync.fetch(directory, utc_now(), _PATIENCE)
    except Failure as failure:
        return _page(form, directory, failure=failure)
    tested = {
        "found": len(found),
        "present": len(present),
        "managers": sum(Role.MUNICIPALITY_MANAGER in roles for _entry, roles in present),
    }
    return _page(form, directory, tested=tested)


@pages.post("/directories/<int:key>/sync")
@requires(Permission.DIRECTORY_WRITE)
def synchronise(key: int):
    directory = find(Directory, key, Permission.DIRECTORY_WRITE, lock=True)
    sync.ask(directory, utc_now(), may_shrink="may_shrink" in request.form)
    db.session.commit()
    said = _("De personen worden bijgewerkt. Vernieuw deze pagina over een halve minuut.")
    flash(said, "success")
    return redirect(url_for(".edit", key=directory.id), 303)


def _form(municipalities: sa.Select) -> DirectoryForm:
    form = DirectoryForm()
    ordered = db.session.scalars(municipalities.order_by(Municipality.name))
    form.municipality.choices = [SelectChoice(one.id, one.name) for one in ordered]
    return form


def _is_whole(form: DirectoryForm, directory: Directory) -> bool:
    """Whether what one field alone cannot tell is right too."""
    twin = sa.select(Directory.id).where(Directory.domain == form.domain.data)
    if db.session.scalar(twin) not in (None, directory.id):
        form.domain.errors = [_("Een andere gemeente heeft dit domein al")]
    if not form.bind_password.data and form.needs_password(directory):
        form.bind_password.errors = [
            _("Vul het wachtwoord in: het gaat naar een server of account dat nieuw is")
        ]
    return not form.errors


def _saved(form: DirectoryForm, directory: Directory):
    form.fill(directory)
    db.session.add(directory)
    db.session.commit()
    flash(_("De directory is opgeslagen. Test nu de verbinding."), "success")
    return redirect(url_for(".edit", key=directory.id), 303)


def _page(form: DirectoryForm, directory: Directory | None = None, failure=None, tested=None):
    return render_template(
        "directories/edit.html",
        form=form,
        directory=directory,
        failure=failure,
        tested=tested,
        steps=STEPS,
        usual=entries.USUAL,
        kinds=KINDS,
    )

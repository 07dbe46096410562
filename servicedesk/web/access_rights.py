"""Who may see and do what, and why: the people, the roles, and who looked with whose eyes."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Permission, Role
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.reports import sheets
from servicedesk.reports.export import CSV_TYPE, XLSX_TYPE
from servicedesk.reviews import evidence_files, rhythm, rights, tables, viewing, words
from servicedesk.tickets import labels
from servicedesk.web.access_tabs import tabs

pages = Blueprint("access_rights", __name__)
pages.add_app_template_global(tabs, "access_tabs")

_PER_PAGE = 50
_MOST_PAGES = 1000
# Not one permission but a question: whoever holds one of several.
_PERSONAL_DATA = "personal-data"


@dataclass(frozen=True)
class Asked:
    """What the address asks: the question, and how its fields were filled in."""

    question: rights.Question
    values: dict[str, str]
    municipalities: list[tuple[str, str]]

    @property
    def given(self) -> dict[str, str]:
        return {name: value for name, value in self.values.items() if value}


@pages.get("/access")
@requires(Permission.ACCESS_READ)
def index():
    asked, number = _asked(), _page_number()
    total = rights.count(asked.question)
    found = rights.page(asked.question, openness(), _PER_PAGE, (number - 1) * _PER_PAGE)

    def address(page: int) -> str:
        return url_for(".index", **asked.given, page=page)

    return render_template(
        "access/people.html",
        asked=asked,
        rights=found,
        total=total,
        words=words,
        roles=[(role.value, text) for role, text in labels.ROLE.items()],
        permissions=_permissions(),
        overdue=rhythm.overdue(utc_now()),
        files={form: url_for(".file", form=form, **asked.given) for form in ("csv", "xlsx")},
        previous_url=address(number - 1) if number > 1 else None,
        next_url=address(number + 1) if number * _PER_PAGE < total else None,
    )


@pages.get("/access/people.<any(csv, xlsx):form>")
@requires(Permission.ACCESS_READ)
def file(form: str):
    found = rights.everybody(_asked().question, openness())
    return as_file([tables.people(found), tables.roles()], f"rechten-{utc_now():%Y-%m-%d}", form)


@pages.get("/access/evidence.zip")
@requires(Permission.ACCESS_READ)
def evidence():
    """The proof for an auditor."""
    now = utc_now()
    answer = Response(
        evidence_files.as_zip(current_app.config, now), content_type=evidence_files.ZIP_TYPE
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{evidence_files.name(now)}"'
    return answer


@pages.get("/access/people/<int:key>")
@requires(Permission.ACCESS_READ)
def person(key: int):
    chosen = find(Person, key, Permission.ACCESS_READ)
    return render_template(
        "access/person.html",
        right=rights.one(chosen, openness()),
        grants=rights.grants(chosen.role),
        words=words,
        may_be_seen_as=viewing.may_be_seen_as(me(), chosen),
        viewings=viewing.of(chosen, _PER_PAGE),
        minutes=int(viewing.LENGTH.total_seconds()) // 60,
    )


@pages.get("/access/roles")
@requires(Permission.ACCESS_READ)
def roles():
    return render_template(
        "access/roles.html", sheet=tables.roles(), counts=rights.counts(), roles=list(Role)
    )


@pages.get("/access/viewings")
@requires(Permission.ACCESS_READ)
def viewings():
    before = request.args.get("before", type=int)
    found = viewing.latest(_PER_PAGE + 1, before)
    more = found[_PER_PAGE:]
    return render_template(
        "access/viewings.html",
        viewings=found[:_PER_PAGE],
        first_url=url_for(".viewings") if before else None,
        next_url=url_for(".viewings", before=found[_PER_PAGE - 1].id) if more else None,
    )


def openness() -> rights.Openness:
    config = current_app.config
    return rights.Openness(utc_now(), config["SESSION_IDLE"], config["SESSION_ABSOLUTE"])


def as_file(found: list[sheets.Sheet], name: str, form: str) -> Response:
    written = sheets.as_csv(found) if form == "csv" else sheets.as_xlsx(found)
    answer = Response(written, content_type=CSV_TYPE if form == "csv" else XLSX_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _permissions() -> list[tuple[str, str]]:
    alone = sorted(
        ((each.value, str(text)) for each, text in words.PERMISSION.items()), key=lambda one: one[1]
    )
    return [(_PERSONAL_DATA, _("Persoonsgegevens ophalen als bestand")), *alone]


def _asked() -> Asked:
    """What the address asks; a choice that is not there is no page."""
    names = ("municipality", "role", "permission", "q")
    values = {name: request.args.get(name, "").strip()[:100] for name in names}
    towns = db.session.scalars(sa.select(Municipality).order_by(Municipality.name)).all()
    homes = {town.code: town.id for town in towns} | {"centre": rights.CENTRE, "": None}
    kinds = {role.value: role for role in Role} | {"": None}
    held = {each.value: frozenset({each}) for each in Permission}
    held |= {_PERSONAL_DATA: words.EXPORTS_PERSONAL_DATA, "": frozenset()}
    try:
        question = rights.Question(
            homes[values["municipality"]],
            kinds[values["role"]],
            held[values["permission"]],
            values["q"],
        )
    except KeyError:
        abort(404)
    options = [("centre", _("Servicecentrum")), *((town.code, town.name) for town in towns)]
    return Asked(question, values, options)


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), _MOST_PAGES)

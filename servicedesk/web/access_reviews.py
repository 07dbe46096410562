"""Reviews of access: begun for the centre or one municipality, decided line by line, signed off."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import joinedload
from wtforms import DateField, SelectChoice
from wtforms.validators import InputRequired

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Permission, Reach, Role, reach, visible
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.reviews import rhythm, rights, rounds, tables, words
from servicedesk.reviews.models import AccessReview, Decision, ReviewLine, Rhythm
from servicedesk.tickets import labels
from servicedesk.web.access_rights import as_file, openness
from servicedesk.web.forms import Form, SelectField

pages = Blueprint("access_reviews", __name__)

_PER_PAGE = 50
_ON_PAPER = 1000
_OPEN = "open"
_USUAL_TIME = dt.timedelta(days=14)
_SHOWN = (
    joinedload(AccessReview.municipality),
    joinedload(AccessReview.reviewer),
    joinedload(AccessReview.started_by),
)


class StartForm(Form):
    """Whose rights, how often that is looked over, by whom, and by which day."""

    home = SelectField(lazy_gettext("Van wie"))
    rhythm = SelectField(
        lazy_gettext("Ritme"),
        choices=[SelectChoice(key.value, text) for key, text in words.RHYTHM.items()],
    )
    reviewer = SelectField(lazy_gettext("Wie kijkt na"), coerce=int)
    due_on = DateField(
        lazy_gettext("Klaar op"), [InputRequired(lazy_gettext("Kies een dag die nog komt."))]
    )


@pages.get("/access/reviews")
@requires(Permission.ACCESS_REVIEW)
def index():
    return _index(_blank() if _starts() else None)


@pages.post("/access/reviews")
@requires(Permission.ACCESS_REVIEW)
def start():
    if not _starts():
        abort(404)
    form = _blank()
    if not form.validate():
        return _index(form), 422
    town = db.session.scalar(sa.select(Municipality).where(Municipality.code == form.home.data))
    reviewer = db.session.get(Person, form.reviewer.data)
    try:
        begun = rounds.start(
            town, Rhythm(form.rhythm.data), form.due_on.data, reviewer, me(), openness()
        )
    except rounds.Refused as refused:
        form.home.errors = [str(refused)]
        return _index(form), 422
    db.session.commit()
    flash(_("De controle is begonnen. %(name)s krijgt een mail.", name=reviewer.name), "success")
    return redirect(url_for(".review", key=begun.id), 303)


@pages.get("/access/reviews/<int:key>")
@requires(Permission.ACCESS_REVIEW)
def review(key: int):
    return _page(find(AccessReview, key, Permission.ACCESS_REVIEW, options=_SHOWN))


@pages.post("/access/reviews/<int:key>/decide")
@requires(Permission.ACCESS_REVIEW)
def decide(key: int):
    found = find(AccessReview, key, Permission.ACCESS_REVIEW, lock=True, options=_SHOWN)
    try:
        decided = rounds.decide(found, _chosen(found), _verdict(), me(), utc_now())
    except rounds.Refused as refused:
        return _page(found, str(refused)), 422
    db.session.commit()
    said = ngettext("%(num)d besluit is vastgelegd.", "%(num)d besluiten zijn vastgelegd.", decided)
    flash(said, "success")
    return redirect(url_for(".review", key=key, **_view()), 303)


@pages.post("/access/reviews/<int:key>/sign")
@requires(Permission.ACCESS_REVIEW)
def sign(key: int):
    found = find(AccessReview, key, Permission.ACCESS_REVIEW, lock=True, options=_SHOWN)
    try:
        rounds.sign(found, me(), utc_now())
    except rounds.Refused as refused:
        said = str(refused)
        db.session.rollback()
        found = find(AccessReview, key, Permission.ACCESS_REVIEW, options=_SHOWN)
        return _page(found, said), 422
    db.session.commit()
    flash(_("De controle is afgetekend en uitgevoerd."), "success")
    return redirect(url_for(".report", key=key), 303)


@pages.get("/access/reviews/<int:key>/report")
@requires(Permission.ACCESS_REVIEW)
def report(key: int):
    """What was decided, to print: all of it when that fits, else what was taken away."""
    found = find(AccessReview, key, Permission.ACCESS_REVIEW, options=_SHOWN)
    counts = rounds.counts(found)
    is_whole = sum(counts.values()) <= _ON_PAPER
    chosen = rounds.lines(found)
    if not is_whole:
        chosen = chosen.where(ReviewLine.decision != Decision.KEEP)
    shown = db.session.scalars(chosen.options(joinedload(ReviewLine.decided_by)).limit(_ON_PAPER))
    return render_template(
        "access/report.html",
        review=found,
        counts=counts,
        lines=shown.all(),
        is_whole=is_whole,
        words=words,
        measures=rhythm.MEASURES,
        files=_files(key),
    )


@pages.get("/access/reviews/<int:key>/lines.<any(csv, xlsx):form>")
@requires(Permission.ACCESS_REVIEW)
def file(key: int, form: str):
    found = find(AccessReview, key, Permission.ACCESS_REVIEW, options=_SHOWN)
    lines = db.session.scalars(rounds.lines(found).options(joinedload(ReviewLine.decided_by)))
    return as_file([tables.lines(found, lines), tables.reviews([found])], f"controle-{key}", form)


def _starts() -> bool:
    """Whether the reader begins reviews: who manages one municipality only decides in them."""
    return reach(me(), Permission.ACCESS_REVIEW) == Reach.EVERYWHERE


def _blank() -> StartForm:
    day = local(utc_now()).date() + _USUAL_TIME
    form = StartForm(due_on=day, rhythm=Rhythm.QUARTERLY.value, reviewer=me().id)
    towns = db.session.scalars(sa.select(Municipality).order_by(Municipality.name))
    form.home.choices = [
        SelectChoice("centre", _("Servicecentrum")),
        *(SelectChoice(town.code, town.name) for town in towns),
    ]
    form.reviewer.choices = [
        SelectChoice(one.id, f"{one.name} ({tables.home(one.municipality)})")
        for one in rounds.reviewers()
    ]
    return form


def _index(form: StartForm | None) -> str:
    before = request.args.get("before", type=int)
    mine = visible(AccessReview, me(), Permission.ACCESS_REVIEW)
    if before:
        mine = mine.where(AccessReview.id < before)
    ordered = mine.order_by(AccessReview.id.desc()).limit(_PER_PAGE + 1)
    found = db.session.scalars(ordered.options(*_SHOWN)).all()
    more = len(found) > _PER_PAGE
    return render_template(
        "access/reviews.html",
        form=form,
        reviews=found[:_PER_PAGE],
        standing=rhythm.standing(utc_now()) if form else [],
        measures=rhythm.MEASURES,
        words=words,
        today=local(utc_now()).date(),
        first_url=url_for(".index") if before else None,
        next_url=url_for(".index", before=found[_PER_PAGE - 1].id) if more else None,
    )


def _page(found: AccessReview, refused: str = "") -> str:
    counts, view, number = rounds.counts(found), _view(), _page_number()
    chosen = _lines(found)
    total = db.session.scalar(
        sa.select(sa.func.count()).select_from(chosen.order_by(None).subquery())
    )
    shown = db.session.scalars(
        chosen.options(joinedload(ReviewLine.decided_by))
        .limit(_PER_PAGE)
        .offset((number - 1) * _PER_PAGE)
    ).all()
    lesser = sorted({other for role in Role for other in rounds.lower(role)
                     if other.serves_everyone == (found.municipality_id is None)})  # fmt: skip

    def address(page: int) -> str:
        return url_for(".review", key=found.id, **view, page=page)

    return render_template(
        "access/review.html",
        review=found,
        lines=shown,
        total=total,
        counts=counts,
        left=counts.get(None, 0),
        views=_views(found, counts),
        view=view,
        roles=[(role.value, labels.ROLE[role]) for role in Role
               if role.serves_everyone == (found.municipality_id is None)],
        lesser=[(role.value, labels.ROLE[role]) for role in lesser],
        words=words,
        typed=request.form,
        is_all_chosen="chosen" in request.args,
        refused=refused,
        files=_files(found.id),
        previous_url=address(number - 1) if number > 1 else None,
        next_url=address(number + 1) if number * _PER_PAGE < total else None,
    )  # fmt: skip


def _views(found: AccessReview, counts) -> list[dict[str, object]]:
    current = _view().get("state", _OPEN if found.is_open else "all")
    names = {
        _OPEN: (_("Nog te beslissen"), counts.get(None, 0)),
        **{each.value: (text, counts.get(each, 0)) for each, text in words.DECISION.items()},
        "all": (_("Alle"), sum(counts.values())),
    }
    return [
        {"label": label, "url": url_for(".review", key=found.id, state=state), "count": count,
         "current": state == current}
        for state, (label, count) in names.items()
    ]  # fmt: skip


def _view() -> dict[str, str]:
    """The choice of lines in the address."""
    given = {name: request.args.get(name, "") for name in ("state", "role")}
    states = {_OPEN, "all", *(each.value for each in Decision)}
    if given["state"] and given["state"] not in states:
        abort(404)
    if given["role"] and given["role"] not in {role.value for role in Role}:
        abort(404)
    return {name: value for name, value in given.items() if value}


def _lines(found: AccessReview) -> sa.Select:
    view = _view()
    state = view.get("state", _OPEN if found.is_open else "all")
    role = Role(view["role"]) if "role" in view else None
    return rounds.lines(found, None if state == "all" else state, role)


def _chosen(found: AccessReview) -> sa.Select:
    """The lines that the form names, or all that its page could list."""
    if request.form.get("all"):
        return _lines(found)
    keys = [int(key) for key in request.form.getlist("line")[:_PER_PAGE] if key.isascii() and key.isdigit()]
    return rounds.lines(found).where(ReviewLine.id.in_([key for key in keys if key < 2**31]))


def _verdict() -> rounds.Verdict:
    decision, role = request.form.get("decision", ""), request.form.get("new_role", "")
    if decision not in set(Decision):
        raise rounds.Refused(_("Kies een besluit."))
    return rounds.Verdict(
        Decision(decision),
        Role(role) if role in set(Role) else None,
        request.form.get("remark", "")[:500],
    )


def _files(key: int) -> dict[str, str]:
    return {form: url_for(".file", key=key, form=form) for form in ("csv", "xlsx")}


def _page_number() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), 1000)

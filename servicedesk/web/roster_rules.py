"""The rules of the roster, the days on which it is closed, and who can be called out of hours."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from cmdb.database import db, utc_now
from cmdb.localtime import ZONE, local
from cmdb.organisation import Municipality
from cmdb.people import Team
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota import actions, loading, reading, swap_rules
from servicedesk.rota.models import ClosedDay, OnCall
from servicedesk.rota.swap_rules import SwapRule
from servicedesk.web.forms import Form
from servicedesk.web.roster_asked import day_of
from servicedesk.web.roster_seats import colleague
from servicedesk.web.roster_words import chosen_of, long_day

pages = Blueprint("roster_rules", __name__)

_MOST = 200
_FURTHEST = dt.timedelta(days=800)
_HOLIDAYS = {
    "": lazy_gettext("Feestdagen tellen niet mee"),
    "yearly": lazy_gettext("Dicht op feestdagen, Bevrijdingsdag elk jaar"),
    "lustrum": lazy_gettext("Dicht op feestdagen, Bevrijdingsdag eens in de vijf jaar"),
    "never": lazy_gettext("Dicht op feestdagen, niet op Bevrijdingsdag"),
}
_SWAPS = {
    "": lazy_gettext("Zoals voor iedereen"),
    "planner": lazy_gettext("De planner keurt elke ruil goed"),
    "colleague": lazy_gettext("De collega’s regelen het samen"),
}


class RulesForm(Form):
    """The limits and habits that hold for everybody."""

    publish_days = IntegerField(
        lazy_gettext("Zo veel dagen vooruit publiceren"), [InputRequired(), NumberRange(7, 91)]
    )
    one_duty_per_day = BooleanField(lazy_gettext("Hoogstens een dienst per persoon per dag"))
    visit_before_desk = BooleanField(
        lazy_gettext("Een bezoek gaat voor de balie als een van beide open moet blijven")
    )
    swaps_need_approval = BooleanField(lazy_gettext("De planner keurt elke ruil goed"))
    respect_hours = BooleanField(lazy_gettext("Nooit meer diensten dan de contracturen"))
    max_desk_per_week = IntegerField(
        lazy_gettext("Hoogstens zo vaak per week aan de balie"), [Optional(), NumberRange(1, 14)]
    )
    max_desk_days_in_row = IntegerField(
        lazy_gettext("Hoogstens zo veel dagen achter elkaar aan de balie"),
        [Optional(), NumberRange(1, 14)],
    )
    liberation_day = SelectField(lazy_gettext("Feestdagen"), choices=chosen_of(_HOLIDAYS))


@pages.get("/roster/rules")
@requires(Permission.ROTA_PLAN)
def index():
    return _page(_filled())


@pages.post("/roster/rules")
@requires(Permission.ROTA_PLAN)
def save():
    form = RulesForm()
    if not form.validate():
        return _page(form), 422
    said = {name: value for name, value in form.data.items() if name != "csrf_token"}
    actions.set_rules(**said | {"liberation_day": form.liberation_day.data or None})
    db.session.commit()
    flash(_("De regels zijn opgeslagen. Plan opnieuw om het rooster aan te passen."), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/roster/rules/swaps")
@requires(Permission.ROTA_PLAN)
def swaps():
    """Who approves the swaps of each team; what no team says is the general rule."""
    said = {key: request.form.get(f"team-{key}", "") for key, _name, _rule in _swaps()}
    if not set(said.values()) <= set(_SWAPS):
        return _page(_filled(), "swaps", _("Kies een van de mogelijkheden")), 422
    swap_rules.set_rules({key: rule == "planner" for key, rule in said.items() if rule})
    db.session.commit()
    flash(_("De regels voor ruilen zijn opgeslagen."), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/roster/rules/closed")
@requires(Permission.ROTA_PLAN)
def close():
    """Close the centre, or one municipality, on a day."""
    day, key = day_of(request.form.get("day")), request.form.get("municipality", "")
    town = db.session.get(Municipality, int(key)) if key.isdecimal() and len(key) < 10 else None
    today = local(utc_now()).date()
    if day is None or not today <= day <= today + _FURTHEST:
        return _page(_filled(), "closed", _("Kies een dag vanaf vandaag, binnen twee jaar.")), 422
    if key and town is None:
        return _page(_filled(), "closed", _("Kies een van de mogelijkheden")), 422
    actions.close_day(day, town, request.form.get("name", "").strip()[:80], me(), utc_now())
    db.session.commit()
    flash(_("%(day)s is dicht. Wie een dienst had, krijgt bericht.", day=long_day(day)), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/roster/rules/closed/<int:key>/open")
@requires(Permission.ROTA_PLAN)
def open_again(key: int):
    closed = find(ClosedDay, key, Permission.ROTA_PLAN)
    day = closed.date
    actions.open_day(closed, me(), utc_now())
    db.session.commit()
    flash(_("%(day)s is weer een gewone dag.", day=long_day(day)), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/roster/rules/on-call")
@requires(Permission.ROTA_PLAN)
def call_on():
    """Somebody can be called out of hours from one moment to another."""
    person = colleague(request.form.get("colleague"))
    starts, ends = (_moment(request.form.get(name)) for name in ("starts", "ends"))
    if person is None:
        return _page(_filled(), "call", _("Kies een collega.")), 422
    if starts is None or ends is None or not starts < ends <= starts + dt.timedelta(days=31):
        text = _("Vul een begin in, en een einde daarna, hoogstens een maand later.")
        return _page(_filled(), "call", text), 422
    actions.call_on(person, starts, ends, request.form.get("phone", "").strip()[:40])
    db.session.commit()
    flash(_("%(name)s is dan oproepbaar.", name=person.name), "success")
    return redirect(url_for(".index"), 303)


@pages.post("/roster/rules/on-call/<int:key>/remove")
@requires(Permission.ROTA_PLAN)
def call_off(key: int):
    actions.call_off(find(OnCall, key, Permission.ROTA_PLAN))
    db.session.commit()
    flash(_("Het oproeprooster is aangepast."), "success")
    return redirect(url_for(".index"), 303)


def _moment(text: str | None) -> dt.datetime | None:
    """A local moment of a form, aware; None when it is none."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    year = local(utc_now()).year
    return moment.replace(tzinfo=ZONE) if abs(moment.year - year) <= 2 else None


def _swaps() -> list[tuple[int, str, str]]:
    """The number and the name of each team, and the word of its rule."""
    teams = (
        sa.select(Team.id, Team.name, SwapRule.needs_approval)
        .outerjoin(SwapRule, SwapRule.team_id == Team.id)
        .order_by(Team.name, Team.id)
        .limit(_MOST)
    )
    words = {True: "planner", False: "colleague", None: ""}
    return [(key, name, words[rule]) for key, name, rule in db.session.execute(teams)]


def _filled() -> RulesForm:
    rules = loading.setting()
    form = RulesForm(formdata=None, obj=rules)
    form.liberation_day.data = rules.liberation_day or ""
    return form


def _page(form: RulesForm, part: str = "", refused: str = "") -> str:
    now = utc_now()
    closed = sa.select(ClosedDay).where(ClosedDay.date >= local(now).date())
    calls = sa.select(OnCall).where(OnCall.ends_at > now).options(joinedload(OnCall.person))
    towns = sa.select(Municipality.id, Municipality.name).order_by(Municipality.name)
    towns = db.session.execute(towns).all()
    return render_template(
        "rota/rules.html",
        form=form,
        closed=db.session.scalars(closed.order_by(ClosedDay.date, ClosedDay.id).limit(_MOST)).all(),
        calls=db.session.scalars(calls.order_by(OnCall.starts_at, OnCall.id).limit(_MOST)).all(),
        swaps=_swaps(),
        swap_words=_SWAPS,
        towns=towns,
        names=dict(tuple(row) for row in towns),
        people=reading.people(),
        refused=(part, refused),
        typed=request.form,
    )

"""Planned work at the desk: announce it, see in advance what falls, call it off."""

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import selectinload
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.localtime import ZONE
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import planned_work
from servicedesk.tickets.failure import what_if
from servicedesk.tickets.models import PlannedWork
from servicedesk.tickets.standing import STATES
from servicedesk.tickets.workflow import Severity
from servicedesk.web import item_picker
from servicedesk.web.impact_page import Question, View, depth_of
from servicedesk.web.outages import SEVERITIES, MessageForm

pages = Blueprint("planned_work", __name__)

_MOST, _RECENT, _MOST_ITEMS, _LONGEST_DAYS = 50, 20, 50, 31


class AnnounceForm(MessageForm):
    items = StringField(
        lazy_gettext("Objecten"),
        [DataRequired(lazy_gettext("Kies waaraan gewerkt wordt")), Length(max=2000)],
        filters=[lambda text: (text or "").strip()],
    )
    severity = SelectField(
        lazy_gettext("Hoe erg"), choices=SEVERITIES, default=Severity.DOWN.value
    )
    starts = DateTimeLocalField(
        lazy_gettext("Begin"), [DataRequired(lazy_gettext("Vul een datum en een tijd in"))]
    )
    ends = DateTimeLocalField(
        lazy_gettext("Einde"), [DataRequired(lazy_gettext("Vul een datum en een tijd in"))]
    )
    found: list[Item]

    def validate_items(self, field):
        """Take numbers and names with a comma between them."""
        words = [each.strip() for each in field.data.split(",") if each.strip()]
        if len(words) > _MOST_ITEMS:
            raise ValidationError(_("Kies ten hoogste %(n)s objecten", n=_MOST_ITEMS))
        try:
            self.found = list(dict.fromkeys(item_picker.named(each) for each in words))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def validate_ends(self, field):
        if not self.starts.data or not field.data:
            return
        if field.data <= self.starts.data:
            raise ValidationError(_("Het einde ligt na het begin"))
        if (field.data - self.starts.data).days >= _LONGEST_DAYS:
            raise ValidationError(_("Gepland werk duurt ten hoogste een maand"))
        if field.data.replace(tzinfo=ZONE) <= utc_now():
            raise ValidationError(_("Kies een moment dat nog komt"))


@pages.get("/planned-work")
@requires(Permission.OUTAGE_WRITE)
def index():
    return _page(AnnounceForm(formdata=None, items=request.args.get("item")))


@pages.post("/planned-work")
@requires(Permission.OUTAGE_WRITE)
def announce():
    form = AnnounceForm()
    if not form.validate():
        return _page(form), 422
    work = planned_work.announce(
        form.found,
        form.message.data,
        Severity(form.severity.data),
        form.starts.data.replace(tzinfo=ZONE),
        form.ends.data.replace(tzinfo=ZONE),
        me(),
    )
    db.session.commit()
    flash(_("Het werk is aangekondigd. Wie het merkt, ziet het op het portaal."), "success")
    return redirect(url_for(".impact", key=work.id), 303)


@pages.post("/planned-work/<int:key>/call-off")
@requires(Permission.OUTAGE_WRITE)
def call_off(key: int):
    work = find(PlannedWork, key, Permission.OUTAGE_WRITE, lock=True)
    try:
        planned_work.call_off(work, utc_now())
    except planned_work.AlreadyOver:
        flash(_("Dit werk is al voorbij of ingetrokken."), "warning")
        return _page(AnnounceForm(formdata=None)), 409
    db.session.commit()
    flash(_("Het geplande werk is ingetrokken."), "success")
    return redirect(url_for(".index"), 303)


@pages.get("/planned-work/<int:key>/impact")
@requires(Permission.OUTAGE_WRITE)
def impact(key: int):
    """What falls while the work lasts, as the register and the other work stand today."""
    work = find(PlannedWork, key, Permission.OUTAGE_WRITE)
    now, depth = utc_now(), depth_of(request.args.get("depth"))
    moment, state = max(work.starts_at, now), STATES[work.severity]
    failure = what_if({item.id: state for item in work.items}, now, moment, planned=work.id)
    asked = Question(work.items, state, moment, None, depth)
    return render_template(
        "items/impact.html",
        **View(asked, failure, me()).context(),
        work=work,
        failing=[item.name for item in work.items],
        urls={"deeper": url_for(".impact", key=key, depth=depth + 1)},
    )


def _page(form: AnnounceForm) -> str:
    now = utc_now()
    with_items = selectinload(PlannedWork.items).load_only(Item.uid, Item.name)
    over = sa.or_(PlannedWork.ends_at <= now, PlannedWork.cancelled_at.is_not(None))
    past = (
        sa.select(PlannedWork)
        .where(over)
        .order_by(PlannedWork.ends_at.desc(), PlannedWork.id.desc())
        .limit(_RECENT)
    )
    return render_template(
        "outages/planned.html",
        form=form,
        coming=db.session.scalars(
            planned_work.coming(now).limit(_MOST).options(with_items)
        ).all(),
        past=db.session.scalars(past.options(with_items)).all(),
        recent=_RECENT,
    )

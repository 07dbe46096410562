"""Outages at the desk: what runs, what was; start one, tell how it stands, end it."""

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from cmdb.database import db, utc_now
from cmdb.items import Item, ItemConsumer
from cmdb.localtime import ZONE
from cmdb.permissions import Permission, visible
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import outages
from servicedesk.tickets.models import Outage, Ticket
from servicedesk.tickets.workflow import Severity
from servicedesk.web import item_picker, outage_radar
from servicedesk.web.forms import Form

pages = Blueprint("outages", __name__)

_RECENT = 20
_MOST_TICKETS = 100
SEVERITIES = [
    SelectChoice(Severity.DOWN.value, lazy_gettext("Uitgevallen")),
    SelectChoice(Severity.DEGRADED.value, lazy_gettext("Verminderd")),
]


class MessageForm(Form):
    """What people read about the outage."""

    class Meta:
        csrf = False  # the page's own token; CSRFProtect checks it for every form

    message = TextAreaField(
        lazy_gettext("Bericht"),
        [DataRequired(lazy_gettext("Schrijf wat mensen moeten weten")), Length(max=2000)],
        filters=[lambda text: (text or "").strip()],
    )

    def named(self, key: str) -> "MessageForm":
        """The form with ids of its own: a page shows two for each outage."""
        for field in self:
            field.id = field.label.field_id = f"{field.name}-{key}"
        return self


class UpdateForm(MessageForm):
    next_update = DateTimeLocalField(lazy_gettext("Volgende bericht"), [Optional()])

    def validate_next_update(self, field):
        if field.data and self.next_update_at <= utc_now():
            raise ValidationError(_("Kies een moment dat nog komt"))

    @property
    def next_update_at(self):
        """The chosen local moment, aware; None when nothing is chosen."""
        return self.next_update.data and self.next_update.data.replace(tzinfo=ZONE)


class EndForm(MessageForm):
    resolve = BooleanField(lazy_gettext("Los ook de gekoppelde meldingen op met dit bericht"))


class StartForm(UpdateForm):
    item = StringField(
        lazy_gettext("Object"),
        [DataRequired(lazy_gettext("Kies het object dat storing geeft"))],
        filters=[lambda text: (text or "").strip()],
    )
    severity = SelectField(
        lazy_gettext("Hoe erg"), choices=SEVERITIES, default=Severity.DOWN.value
    )
    tickets = StringField(
        lazy_gettext("Meldingen die hierbij horen"),
        [Optional(), Length(max=2000)],
        filters=[lambda text: " ".join((text or "").replace(",", " ").upper().split())],
    )
    found: Item
    linked: list[Ticket]

    def validate_item(self, field):
        """Take a number, a name, or a part of a name that only one item has."""
        try:
            self.found = item_picker.named(field.data)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def validate_tickets(self, field):
        numbers = set(field.data.split()[:_MOST_TICKETS])
        asked = visible(Ticket, me(), Permission.TICKET_WORK).where(Ticket.number.in_(numbers))
        self.linked = list(db.session.scalars(asked.order_by(Ticket.id)))
        unknown = numbers - {ticket.number for ticket in self.linked}
        if unknown:
            text = ", ".join(sorted(unknown))
            raise ValidationError(_("Wij kennen geen melding %(numbers)s.", numbers=text))


@pages.get("/outages")
@requires(Permission.OUTAGE_WRITE)
def index():
    tickets = " ".join(request.args.getlist("ticket"))
    return _page(StartForm(formdata=None, item=request.args.get("item"), tickets=tickets))


@pages.post("/outages")
@requires(Permission.OUTAGE_WRITE)
def start():
    form = StartForm()
    if not form.validate():
        return _page(form), 422
    now, linked = utc_now(), getattr(form, "linked", [])
    outage = linked and outages.running_for(me(), form.found.id)
    said = _("De storing liep al.") if outage else _("De storing staat op het portaal.")
    if not outage:
        severity = Severity(form.severity.data)
        outage = outages.start(
            form.found, form.message.data, now, form.next_update_at, severity
        )
    outages.link(outage, linked, me(), now)
    if linked:
        said += " " + ngettext(
            "%(num)d melding hoort er nu bij.", "%(num)d meldingen horen er nu bij.", len(linked)
        )
    return _done(said)


@pages.post("/outages/<int:key>/update")
@requires(Permission.OUTAGE_WRITE)
def update(key: int):
    outage, form = _chosen(key), UpdateForm()
    if not form.validate():
        return _page(StartForm(formdata=None), {("update", outage.id): form}), 422
    try:
        outages.update(outage, form.message.data, utc_now(), form.next_update_at)
    except outages.AlreadyEnded:
        return _over(form, outage)
    return _done(_("Het bericht is bijgewerkt en verstuurd."))


@pages.post("/outages/<int:key>/end")
@requires(Permission.OUTAGE_WRITE)
def end(key: int):
    outage, form = _chosen(key), EndForm()
    if not form.validate():
        return _page(StartForm(formdata=None), {("end", outage.id): form}), 422
    try:
        outages.end(outage, form.message.data, utc_now(), me() if form.resolve.data else None)
    except outages.AlreadyEnded:
        return _over(form, outage)
    return _done(_("De storing is beëindigd. Iedereen op de lijst krijgt bericht."))


def _chosen(key: int) -> Outage:
    return db.session.scalar(
        outages.seen_by(me()).where(Outage.id == key).with_for_update(of=Outage)
    ) or abort(404)


def _done(said: str):
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".index"), 303)


def _over(form: MessageForm, outage: Outage):
    """A colleague ended it first: what was typed is shown, so that it is not lost."""
    flash(
        _(
            "Een collega beëindigde de storing in %(name)s al."
            " Uw bericht is niet verstuurd: %(text)s",
            name=outage.item.name,
            text=form.message.data,
        ),
        "warning",
    )
    return _page(StartForm(formdata=None)), 409


def _page(start: StartForm, failed: dict[tuple[str, int], MessageForm] | None = None) -> str:
    """The page; `failed` holds the form that failed, by what it does and for which outage."""
    failed = failed or {}
    seen = outages.seen_by(me())
    running = db.session.scalars(
        seen.where(Outage.ended_at.is_(None)).order_by(Outage.started_at.desc(), Outage.id.desc())
    ).all()
    ended = db.session.scalars(
        seen.where(Outage.ended_at.is_not(None))
        .order_by(Outage.ended_at.desc(), Outage.id.desc())
        .limit(_RECENT)
    ).all()
    return render_template(
        "outages/index.html",
        start=start,
        form=next((form for form in (start, *failed.values()) if form.errors), None),
        running=[(outage, *_forms_for(outage, failed)) for outage in running],
        ended=ended,
        recent=_RECENT,
        affected=outages.affected([*running, *ended]),
        explained=outages.tickets_of(running),
        shared=_shared_items(),
        suspected=outage_radar.context(utc_now()),
    )


def _forms_for(outage: Outage, failed) -> tuple[MessageForm, MessageForm]:
    update = failed.get(("update", outage.id)) or UpdateForm(formdata=None, message=outage.message)
    end = failed.get(("end", outage.id)) or EndForm(formdata=None)
    return update.named(f"update-{outage.id}"), end.named(f"end-{outage.id}")


def _shared_items() -> list[tuple[str, str]]:
    """Number and name of what municipalities share: what an outage is mostly about."""
    used = sa.select(ItemConsumer.item_id)
    chosen = visible(Item, me(), Permission.ITEM_READ).where(Item.id.in_(used))
    return db.session.execute(
        chosen.with_only_columns(Item.uid, Item.name).order_by(Item.name, Item.uid)
    ).all()

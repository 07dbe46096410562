"""Outages at the desk: what runs, what was; start one, tell how it stands, end it."""

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from wtforms import DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from cmdb.database import db, utc_now
from cmdb.items import Item, ItemConsumer, ItemStatus
from cmdb.localtime import ZONE
from cmdb.permissions import Permission, visible
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import outages
from servicedesk.tickets.models import Outage
from servicedesk.web import outage_radar
from servicedesk.web.forms import Form

pages = Blueprint("outages", __name__)

_RECENT = 20
_MAX_CHOICES = 5


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


class StartForm(UpdateForm):
    item = StringField(
        lazy_gettext("Object"),
        [DataRequired(lazy_gettext("Kies het object dat storing geeft"))],
        filters=[lambda text: (text or "").strip()],
    )

    def validate_item(self, field):
        """Take a number, a name, or a part of a name that only one item has."""
        self.found = _items_named(field.data)
        if not self.found:
            raise ValidationError(_("Er is geen object met deze naam of dit nummer"))
        if len(self.found) > 1:
            names = ", ".join(f"{item.name} ({item.uid})" for item in self.found[:_MAX_CHOICES])
            raise ValidationError(_("Er zijn er meer: %(names)s. Vul het nummer in.", names=names))


@pages.get("/outages")
@requires(Permission.OUTAGE_WRITE)
def index():
    start = StartForm(formdata=None, item=request.args.get("item"))
    return _page(start)


@pages.post("/outages")
@requires(Permission.OUTAGE_WRITE)
def start():
    form = StartForm()
    if not form.validate():
        return _page(form), 422
    outages.start(form.found[0], form.message.data, utc_now(), form.next_update_at)
    return _done(_("De storing staat op het portaal."))


@pages.post("/outages/<int(max=2147483647):key>/update")
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


@pages.post("/outages/<int(max=2147483647):key>/end")
@requires(Permission.OUTAGE_WRITE)
def end(key: int):
    outage, form = _chosen(key), MessageForm()
    if not form.validate():
        return _page(StartForm(formdata=None), {("end", outage.id): form}), 422
    try:
        outages.end(outage, form.message.data, utc_now())
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


def _items_named(words: str) -> list[Item]:
    known = visible(Item, me(), Permission.ITEM_READ).where(Item.status != ItemStatus.RETIRED)
    for condition in (
        Item.uid == words.upper(),
        sa.func.lower(Item.name) == words.lower(),
        Item.name.icontains(words, autoescape=True),
    ):
        found = db.session.scalars(
            known.where(condition).order_by(Item.name, Item.uid).limit(_MAX_CHOICES + 1)
        ).all()
        if found:
            return list(found)
    return []


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
        shared=_shared_items(),
        suspected=outage_radar.context(utc_now()),
    )


def _forms_for(outage: Outage, failed) -> tuple[MessageForm, MessageForm]:
    update = failed.get(("update", outage.id)) or UpdateForm(formdata=None, message=outage.message)
    end = failed.get(("end", outage.id)) or MessageForm(formdata=None)
    return update.named(f"update-{outage.id}"), end.named(f"end-{outage.id}")


def _shared_items() -> list[tuple[str, str]]:
    """Number and name of what municipalities share: what an outage is mostly about."""
    used = sa.select(ItemConsumer.item_id)
    chosen = visible(Item, me(), Permission.ITEM_READ).where(Item.id.in_(used))
    return db.session.execute(
        chosen.with_only_columns(Item.uid, Item.name).order_by(Item.name, Item.uid)
    ).all()

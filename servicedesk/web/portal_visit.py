"""What a requester sees of the next visit to her municipality, and asking for a time there."""

import datetime as dt

from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.moments import written_day
from servicedesk.rota import coming
from servicedesk.rota.facts import Part
from servicedesk.rota.titles import clock
from servicedesk.tickets import site_days
from servicedesk.tickets.models import SiteTask, Ticket
from servicedesk.web.forms import Form


class VisitForm(Form):
    """Asking for a half of a visit; what is full cannot be chosen."""

    slot = SelectField(lazy_gettext("Wanneer komt het u uit?"))
    room = StringField(
        lazy_gettext("In welke kamer?"),
        [Optional(), Length(max=40)],
        filters=[lambda text: " ".join((text or "").split())],
    )

    def offer(self, slots: list[site_days.Slot]) -> None:
        self.slot.choices = [
            SelectChoice(
                slot.key,
                _words(slot) if slot.left else _("%(day)s, %(part)s (vol)", **_parts(slot)),
                render_kw=None if slot.left else {"disabled": True},
            )
            for slot in slots
        ]


def part_name(part: Part | None) -> str:
    return {Part.MORNING: _("ochtend"), Part.AFTERNOON: _("middag")}.get(part, "")


def _parts(slot: site_days.Slot) -> dict[str, str]:
    return {"day": written_day(slot.visit.date), "part": part_name(slot.part)}


def _words(slot: site_days.Slot) -> str:
    return _("%(day)s, %(part)s", **_parts(slot))


def done(slot: site_days.Slot) -> str:
    """What is said when the time is hers."""
    return _("Uw melding staat op de lijst voor %(day)s, %(part)s.", **_parts(slot))


def card(visit: coming.Visit, now: dt.datetime) -> dict[str, object]:
    """The visit with its headline, as `portal/_visit.html` draws it."""
    today = local(now).date()
    near = {0: _("vandaag"), 1: _("morgen")}.get((visit.date - today).days)
    day = near or written_day(visit.date)
    if visit.name:
        title = _("%(name)s is %(day)s bij u", name=visit.name.split()[0], day=day)
    else:
        title = _("Iemand van ons is %(day)s bij u", day=day)
    hours = {"starts": clock(visit.starts), "ends": clock(visit.ends)}
    return visit._asdict() | hours | {"title": title}


def next_card(person: Person, now: dt.datetime) -> dict[str, object] | None:
    """The next visit to the municipality of `person`."""
    visit = coming.next_visit(person.municipality_id, local(now).date())
    return visit and card(visit, now)


def context(
    ticket: Ticket, person: Person, now: dt.datetime, form: VisitForm | None = None
) -> dict[str, object] | None:
    """The card of an open ticket: the visit, the time that was asked for, and the form to ask.

    None when nobody comes and nothing was asked.
    """
    if not ticket.status.is_open:
        return None
    task = ticket.site_task if ticket.site_task and not ticket.site_task.done_at else None
    visit = site_days.next_visit(ticket, task, now)
    slots = site_days.slots(ticket.municipality_id, now) if visit else []
    if visit is None:
        return None
    free = [slot.key for slot in slots if slot.left]
    if form is None and free:
        form = VisitForm(formdata=None, slot=free[0], room=task.room if task else "")
        form.offer(slots)
    return card(visit, now) | {
        "told": _told(task, visit),
        "may_ask": may(person, Permission.TICKET_ACCEPT, ticket),
        "may_cancel": task is not None and (task.part is not None or task.asked_by_id == person.id),
        "form": form,
    }


def _told(task: SiteTask | None, visit: coming.Visit) -> str:
    if task is None:
        return ""
    day = written_day(visit.date)
    if task.part:
        return _("Uw tijd: %(day)s, %(part)s.", day=day, part=part_name(task.part))
    return _("Uw melding staat op de lijst van %(day)s.", day=day)

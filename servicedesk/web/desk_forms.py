"""The forms of the desk: one for each deed on a ticket, and one for who calls or walks in."""

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Sequence

from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from cmdb.database import utc_now
from cmdb.localtime import local
from servicedesk.language import gettext, reader_language
from servicedesk.language import lazy_gettext as _
from servicedesk.tickets import labels
from servicedesk.tickets.models import Draft, Ticket
from servicedesk.tickets.queue import Options
from servicedesk.tickets.workflow import Channel, TicketType, WaitingFor
from servicedesk.web.bsn_warning import BsnWarning
from servicedesk.web.forms import Form, SelectField
from servicedesk.web.layout import options
from servicedesk.web.portal_forms import FilesField
from sla.priority import Impact, Urgency

REPLY, INTERNAL = "reply", "internal"
_TOO_LONG = Length(max=20000, message=_("Maak de tekst korter: hoogstens 20.000 tekens"))
_NO_REASON = DataRequired(_("Geef een reden"))
_REASON_LENGTH = Length(max=500, message=_("Maak de reden korter: hoogstens 500 tekens"))


def _trimmed(text: str | None) -> str:
    return "\n".join((text or "").splitlines()).strip()


def _values(words) -> list[SelectChoice]:
    return [SelectChoice(value.value, label) for value, label in words.items()]


def keyed(pairs: Sequence[tuple[object, str]], optgroup: str | None = None) -> list[SelectChoice]:
    """Choices of (key, name)."""
    return [SelectChoice(str(key), name, optgroup=optgroup) for key, name in pairs]


class Deed(Form):
    """A change of a ticket; `version` and `seen` (its last entry) tell what the writer saw.

    Forms are equal when their questions are drawn the same: most pages ask what others asked before.
    What a blank one shows is what there is `to_choose` and what it `shows` of the ticket.
    """

    version = IntegerField(validators=[Optional()])
    seen = IntegerField(validators=[Optional()])
    back = HiddenField()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Deed) and self._drawn == other._drawn

    def __hash__(self) -> int:
        return self._hash

    @property
    def questions(self) -> list[Field]:
        """What is asked of the reader."""
        return [field for field in self if field.short_name not in ("version", "seen", "back")]

    @functools.cached_property
    def _drawn(self) -> tuple:
        return type(self), *(
            (field.data, tuple(field.raw_data or ()), tuple(field.errors), _offered(field))
            for field in self.questions
        )

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self._drawn)

    @staticmethod
    def to_choose() -> tuple:
        """What there is to choose, which `offer` takes."""
        return ()

    @staticmethod
    def shows(ticket: Ticket) -> tuple:
        """How the ticket stands, which `start` takes."""
        return ()

    def offer(self, choices: tuple) -> None:
        """Set what there is to choose."""

    def start(self, *shown) -> None:
        """Fill in how the ticket stands."""


def _offered(field: Field) -> tuple:
    return tuple((one.value, one.label, one.optgroup) for one in getattr(field, "choices", ()))


class TakeForm(Deed):
    pass


class ResumeForm(Deed):
    pass


class ResolveForm(Deed):
    solution = TextAreaField(
        _("Oplossing"),
        [DataRequired(_("Schrijf op wat u hebt gedaan")), _TOO_LONG],
        filters=[_trimmed],
        description=_("De aanmelder leest dit."),
    )


class ReopenForm(Deed):
    reason = TextAreaField(_("Waarom opnieuw?"), [_NO_REASON, _TOO_LONG], filters=[_trimmed])


class CancelForm(Deed):
    reason = TextAreaField(_("Waarom intrekken?"), [_NO_REASON, _REASON_LENGTH], filters=[_trimmed])


class WaitForm(Deed):
    waiting_for = SelectField(_("Waarop?"), choices=_values(labels.WAITING_FOR))
    until = DateField(_("Tot"), [Optional()])
    question = TextAreaField(
        _("Bericht aan de aanmelder"),
        [_TOO_LONG],
        filters=[_trimmed],
        description=_("Verplicht als u op de aanmelder wacht."),
    )

    def validate_until(self, field):
        if field.data and not local(utc_now()).date() < field.data <= dt.date(2199, 1, 1):
            raise ValidationError(_("Kies een dag die nog komt"))

    def validate_question(self, field):
        if self.waiting_for.data == WaitingFor.REQUESTER and not field.data:
            raise ValidationError(_("Schrijf wat u van de aanmelder wilt weten"))


class PresenceForm(Deed):
    """The ticket asks for somebody at the place itself."""

    task = StringField(
        _("Wat moet er ter plaatse gebeuren?"),
        [DataRequired(_("Schrijf wat er moet gebeuren")), Length(max=200)],
        filters=[_trimmed],
    )
    room = StringField(_("Kamer"), [Optional(), Length(max=40)], filters=[_trimmed])
    wait = BooleanField(_("Laat de melding tot het bezoek wachten"), default=True)

    @staticmethod
    def shows(ticket):
        return (ticket.site_task.task, ticket.site_task.room) if ticket.site_task else ()

    def start(self, task=None, room=None):
        self.task.data, self.room.data = task, room


class UnplanForm(Deed):
    pass


class AssignForm(Deed):
    """`to` is a team's key, a hyphen, a person's key; either may be left out: "3-", "-5", "3-5"."""

    to = SelectField(_("Aan wie?"), validate_choice=False)

    to_choose = staticmethod(options)

    @staticmethod
    def shows(ticket):
        return (ticket.team_id,)

    def offer(self, choices):
        teams = [(f"{key}-", name) for key, name in choices.team]
        agents = [(f"-{key}", name) for key, name in choices.agent]
        self.to.choices = (
            keyed(_on_duty(choices), str(_("Nu op dienst")))
            + keyed(teams, str(_("Groepen")))
            + keyed(agents, str(_("Behandelaars")))
        )

    def start(self, team_id):
        self.to.data = f"{team_id}-" if team_id else None

    @property
    def keys(self) -> tuple[int | None, int | None]:
        """The team and the person that were chosen."""
        team, _hyphen, person = (self.to.data or "").partition("-")
        return int(team) if team else None, int(person) if person else None

    def validate_to(self, field):
        team, _hyphen, person = (field.data or "").partition("-")
        if not (team or person) or not all(
            not part or (part.isascii() and part.isdigit() and len(part) < 10)
            for part in (team, person)
        ):
            raise ValidationError(_("Kies een groep of een behandelaar"))


def _on_duty(choices: Options) -> list[tuple[str, str]]:
    """Who is at the desk now with what they know, and who is on site today, as `AssignForm.to`."""
    names, skills = dict(choices.agent), defaultdict(list)
    for key, skill in choices.skill:
        skills[key].append(skill)
    desk = [(key, ", ".join([gettext("aan de balie"), *skills[key]])) for key, _n in choices.desk]
    site = [(key, gettext("vandaag in %(place)s", place=place)) for key, place in choices.site]
    return [(f"-{key}", f"{names[key]}: {what}") for key, what in desk + site if key in names]


class PriorityForm(Deed):
    impact = SelectField(_("Wie heeft er last van?"), choices=_values(labels.IMPACT))
    urgency = SelectField(_("Kunt u doorwerken?"), choices=_values(labels.URGENCY))
    reason = StringField(_("Reden"), [_NO_REASON, _REASON_LENGTH], filters=[_trimmed])

    @staticmethod
    def shows(ticket):
        return ticket.impact, ticket.urgency

    def start(self, impact, urgency):
        self.impact.data, self.urgency.data = impact, urgency


class CategoryForm(Deed):
    category = SelectField(_("Categorie"))
    reason = StringField(_("Reden"), [_NO_REASON, _REASON_LENGTH], filters=[_trimmed])

    @staticmethod
    def to_choose():
        return options().category

    @staticmethod
    def shows(ticket):
        return (ticket.category_id,)

    def offer(self, choices):
        self.category.choices = keyed(choices)

    def start(self, category_id):
        self.category.data = str(category_id)


class MessageForm(Deed):
    body = TextAreaField(
        _("Bericht"), [DataRequired(_("Schrijf eerst een bericht")), _TOO_LONG], filters=[_trimmed]
    )
    kind = RadioField(
        _("Soort bericht"),
        choices=[SelectChoice(REPLY, _("Antwoord")), SelectChoice(INTERNAL, _("Interne notitie"))],
        default=REPLY,
    )
    files = FilesField(_("Bestanden"), [Optional()])

    def start(self, may_reply, body="", internal=False):
        self.body.data = body
        self.kind.data = REPLY if may_reply and not internal else INTERNAL
        if not may_reply:
            self.kind.choices = self.kind.choices[1:]


class NewTicketForm(BsnWarning, Form):
    """Somebody calls or stands at the desk; the fields are in the order of the conversation.

    `token` makes that a form that is sent twice files one ticket.
    """

    token = HiddenField(filters=[lambda text: (text or "")[:36] or None])
    requester = StringField(
        _("Wie meldt het?"),
        [DataRequired(_("Vul de naam van de aanmelder in")), Length(max=200)],
        filters=[_trimmed],
        description=_("Typ een deel van de naam."),
    )
    person = RadioField(_("Wie bedoelt u?"), [Optional()], validate_choice=False, choices=[])
    item = SelectField(_("Welk apparaat of welke applicatie?"), [Optional()], validate_choice=False)
    join = BooleanField(_("De melding hoort bij deze storing"))
    channel = RadioField(
        _("Hoe komt het binnen?"),
        choices=[
            SelectChoice(Channel.PHONE.value, labels.CHANNEL[Channel.PHONE]),
            SelectChoice(Channel.WALK_IN.value, labels.CHANNEL[Channel.WALK_IN]),
        ],
        default=Channel.PHONE.value,
    )
    type = RadioField(
        _("Wat is het?"),
        choices=_values(labels.TYPE),
        default=TicketType.INCIDENT.value,
    )
    category = SelectField(_("Waar gaat het over?"), [DataRequired(_("Kies waar het over gaat"))])
    title = StringField(
        _("Korte titel"),
        [
            DataRequired(_("Geef een korte titel")),
            Length(max=120, message=_("Maak de titel korter: hoogstens 120 tekens")),
        ],
        filters=[_trimmed],
    )
    body = TextAreaField(
        _("Wat gebeurt er?"),
        [DataRequired(_("Beschrijf wat er gebeurt")), _TOO_LONG],
        filters=[_trimmed],
    )
    impact = RadioField(
        _("Wie heeft er last van?"), choices=_values(labels.IMPACT), default=Impact.PERSON.value
    )
    urgency = RadioField(
        _("Kunt u doorwerken?"), choices=_values(labels.URGENCY), default=Urgency.MEDIUM.value
    )

    def offer(self) -> None:
        """Set the categories; none is chosen for the agent."""
        self.category.choices = [SelectChoice("", ""), *keyed(options().category)]


# The csrf token is checked before any view (flask_wtf.CSRFProtect), once for all forms of a page.
_NO_TOKEN = {"csrf": False}

FORMS: dict[str, type[Deed]] = {
    "take": TakeForm,
    "resume": ResumeForm,
    "resolve": ResolveForm,
    "reopen": ReopenForm,
    "cancel": CancelForm,
    "wait": WaitForm,
    "presence": PresenceForm,
    "unplan": UnplanForm,
    "assign": AssignForm,
    "priority": PriorityForm,
    "category": CategoryForm,
    "reply": MessageForm,
}


def blank(action: str, ticket: Ticket) -> Deed:
    """The form of a deed, as the ticket stands. Others are shown the same one: nobody writes in it."""
    kind = FORMS[action]
    return _blank(action, reader_language(), kind.to_choose(), kind.shows(ticket))


def blank_message(may_reply: bool, draft: Draft | None) -> MessageForm:
    """The form of a message, with what was half written."""
    if draft is None:
        return _blank("reply", reader_language(), (), (may_reply,))
    form = _made("reply")
    form.start(may_reply, draft.body, draft.is_internal)
    return form


@functools.lru_cache(maxsize=300)
def _blank(action: str, language: str, choices: tuple, shown: tuple) -> Deed:
    """In `language`, which is the one of this moment."""
    form = _made(action)
    form.offer(choices)
    form.start(*shown)
    return form


def _made(action: str) -> Deed:
    return FORMS[action](formdata=None, prefix=f"{action}-", meta=_NO_TOKEN)


def sent(action: str) -> Deed:
    """The form of a deed, as it came in."""
    form = FORMS[action](prefix=f"{action}-", meta=_NO_TOKEN)
    form.offer(form.to_choose())
    return form

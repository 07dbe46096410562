"""The forms of the portal: what a municipality's people report, ask for and answer."""

import uuid
from collections.abc import Iterable

from wtforms import (
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from servicedesk.config import MAX_ATTACHMENT_BYTES
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import labels
from servicedesk.tickets.attachments import File
from servicedesk.web.bsn_warning import BsnWarning
from servicedesk.web.forms import Form
from servicedesk.web.words import file_size
from sla.priority import Impact, Urgency


def _trimmed(text: str | None) -> str:
    return "\n".join((text or "").splitlines()).strip()


def _choices(words: dict) -> list[SelectChoice]:
    return [SelectChoice(value.value, label) for value, label in words.items()]


class FilesField(MultipleFileField):
    """Files of at most 25 MB each; the message names the one that is larger."""

    def pre_validate(self, form):
        for upload in self.uploads:
            size = upload.stream.seek(0, 2)
            upload.stream.seek(0)
            if size > MAX_ATTACHMENT_BYTES:
                raise ValidationError(
                    _(
                        "%(name)s is te groot: %(size)s. Een bestand mag hoogstens 25 MB zijn.",
                        name=upload.filename,
                        size=file_size(size),
                    )
                )

    @property
    def uploads(self) -> list:
        """The files; a text that goes by their name is none."""
        return [upload for upload in self.data or () if getattr(upload, "filename", None)]

    def read(self) -> list[File]:
        """The files with their bytes."""
        return [File(upload.filename, upload.read()) for upload in self.uploads]


class FilingForm(BsnWarning, Form):
    """What a report and a request have in common."""

    class Meta:
        csrf = False  # the page's own token; CSRFProtect checks it for every form

    token = HiddenField()
    category = RadioField(
        lazy_gettext("Waar gaat het over?"),
        [InputRequired(lazy_gettext("Kies waar het over gaat"))],
        validate_choice=False,
    )
    item = SelectField(lazy_gettext("Welk apparaat of welke applicatie?"), validate_choice=False)
    title = StringField(
        lazy_gettext("Korte titel"),
        [
            DataRequired(lazy_gettext("Geef een korte titel")),
            Length(max=120, message=lazy_gettext("Maak de titel korter: hoogstens 120 tekens")),
        ],
        filters=[_trimmed],
    )
    body = TextAreaField(
        lazy_gettext("Wat gebeurt er?"),
        [
            DataRequired(lazy_gettext("Beschrijf wat er gebeurt")),
            Length(
                max=20000,
                message=lazy_gettext("Maak de beschrijving korter: hoogstens 20.000 tekens"),
            ),
        ],
        filters=[_trimmed],
    )
    phone = TelField(
        lazy_gettext("Telefoonnummer"),
        [Optional(), Length(max=40, message=lazy_gettext("Vul één telefoonnummer in"))],
        filters=[_trimmed],
    )
    location = SelectField(lazy_gettext("Locatie"), validate_choice=False)
    files = FilesField(lazy_gettext("Schermafdruk of bestand"), [Optional()])

    def offer(self, categories: Iterable) -> None:
        """Fill the tiles."""
        self.categories = {each.key: each for each in categories}
        self.category.choices = [
            SelectChoice(key, category.name) for key, category in self.categories.items()
        ]

    def start(self, person, category: str | None, item: str | None) -> None:
        """Fill in what is known of the person, and what the link to the form says."""
        self.token.data = uuid.uuid4().hex
        self.phone.data = person.phone
        self.location.data = str(person.location_id or "")
        self.category.data, self.item.data = category, item

    def validate_category(self, field):
        if field.data not in self.categories:
            raise ValidationError(_("Kies waar het over gaat"))

    @property
    def form_token(self) -> str | None:
        """What makes that this form is filed once."""
        return (self.token.data or "")[:36] or None

    @property
    def location_id(self) -> int | None:
        """The key of the chosen location; None at home, or when it is none."""
        chosen = self.location.data or ""
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None


class ReportForm(FilingForm):
    affected = RadioField(
        lazy_gettext("Hoeveel mensen hebben hier last van?"),
        [InputRequired(lazy_gettext("Kies hoeveel mensen last hebben van de storing"))],
        choices=_choices(labels.IMPACT),
    )
    can_work = RadioField(
        lazy_gettext("Kunt u doorwerken?"),
        [InputRequired(lazy_gettext("Kies of u kunt doorwerken"))],
        choices=_choices(labels.URGENCY),
    )

    @property
    def weight(self) -> tuple[Impact, Urgency]:
        return Impact(self.affected.data), Urgency(self.can_work.data)


_HASTE = {
    Urgency.LOW: lazy_gettext("Het heeft geen haast"),
    Urgency.MEDIUM: lazy_gettext("Graag snel"),
}


class RequestForm(FilingForm):
    body = TextAreaField(
        lazy_gettext("Wat hebt u nodig?"),
        [
            DataRequired(lazy_gettext("Beschrijf wat u nodig hebt")),
            Length(
                max=20000,
                message=lazy_gettext("Maak de beschrijving korter: hoogstens 20.000 tekens"),
            ),
        ],
        filters=[_trimmed],
    )
    haste = RadioField(
        lazy_gettext("Hoe snel hebt u het nodig?"),
        [InputRequired(lazy_gettext("Kies hoe snel u het nodig hebt"))],
        choices=_choices(_HASTE),
        default=Urgency.LOW.value,
    )

    @property
    def weight(self) -> tuple[Impact, Urgency]:
        return Impact.PERSON, Urgency(self.haste.data)


class ReplyForm(Form):
    class Meta:
        csrf = False  # the page's own token; CSRFProtect checks it for every form

    body = TextAreaField(
        lazy_gettext("Uw bericht"),
        [DataRequired(lazy_gettext("Schrijf een bericht")), Length(max=20000)],
        filters=[_trimmed],
        render_kw={"rows": 3},
    )
    files = FilesField(lazy_gettext("Bestand"), [Optional()])


class ReopenForm(ReplyForm):
    body = TextAreaField(
        lazy_gettext("Wat gaat er nog mis?"),
        [DataRequired(lazy_gettext("Schrijf wat er nog mis gaat")), Length(max=20000)],
        filters=[_trimmed],
        id="reopen-body",
        render_kw={"rows": 3},
    )
    files = FilesField(lazy_gettext("Bestand"), [Optional()], id="reopen-files")


class CancelForm(Form):
    class Meta:
        csrf = False

    body = StringField(
        lazy_gettext("Waarom trekt u de melding in?"),
        [Optional(), Length(max=500)],
        filters=[_trimmed],
        id="cancel-body",
    )

"""What the forms of directories and of OpenID providers share: both vouch for the people of a domain."""

import re
from collections.abc import Mapping

from wtforms import SelectChoice
from wtforms.validators import ValidationError

from servicedesk.directory import connection
from servicedesk.language import gettext as _
from servicedesk.web.forms import Form


class SourceForm(Form):
    """A form with the fields `domain` and `ca`, the certificate of an authority; both as text."""

    def validate_domain(self, field):
        field.data = field.data.strip().lower()
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", field.data):
            raise ValidationError(_("Vul een domein in, zoals gemeente.nl"))

    def validate_ca(self, field):
        try:
            connection.context(field.data.strip())
        except (OSError, ValueError, TypeError):
            raise ValidationError(
                _("Dit is geen certificaat. Plak de tekst vanaf -----BEGIN CERTIFICATE-----")
            ) from None


def choices(words: Mapping) -> list[SelectChoice]:
    """What to choose from, of words by their value."""
    return [SelectChoice(getattr(value, "value", value), text) for value, text in words.items()]


def lines(text: str | None) -> list[str]:
    """What stands on the lines that are not empty."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]

"""The form that every form is: what WTForms says of itself is said in the reader's language."""

from flask_wtf import FlaskForm

from servicedesk.language import lazy_gettext as _

_SAID = {
    "This field is required.": _("Vul dit in"),
    "Not a valid choice.": _("Kies een van de mogelijkheden"),
    "Invalid Choice: could not coerce.": _("Kies een van de mogelijkheden"),
    "Not a valid date value.": _("Vul een datum in"),
    "Not a valid datetime value.": _("Vul een datum en een tijd in"),
    "Not a valid integer value.": _("Vul een getal in"),
    "Field cannot be longer than %(max)d characters.": _(
        "Maak de tekst korter: hoogstens %(max)d tekens"
    ),
}


class _Words:
    """What WTForms asks its words of; a text that is not known here stays in its own English."""

    def gettext(self, message: str) -> str:
        return str(_SAID.get(message, message))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(plural)


class Form(FlaskForm):
    """A form with a token against forged requests, whose errors everybody can read."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> _Words:
            return _Words()

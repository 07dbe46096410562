"""The form that every form is: what WTForms says of itself is said in the reader's language."""

import functools

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Choice, fields, widgets

from servicedesk.language import lazy_gettext as _

_SAID = {
    "This field is required.": _("Vul dit in"),
    "Not a valid choice.": _("Kies een van de mogelijkheden"),
    "Invalid Choice: could not coerce.": _("Kies een van de mogelijkheden"),
    "'%(value)s' is not a valid choice for this field.": _("Kies een van de mogelijkheden"),
    "'%(value)s' are not valid choices for this field.": _("Kies een van de mogelijkheden"),
    "Invalid choice(s): one or more data inputs could not be coerced.": _(
        "Kies een van de mogelijkheden"
    ),
    "Not a valid time value.": _("Vul een tijd in"),
    "Not a valid decimal value.": _("Vul een getal in"),
    "Number must be between %(min)s and %(max)s.": _(
        "Vul een getal in van %(min)s tot en met %(max)s"
    ),
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
    """A form with a token against forged requests, whose errors everybody can read.

    It `is_blank` when it is what `blank` gave.
    """

    is_blank = False

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> _Words:
            return _Words()


@functools.cache
def blank(kind: type[Form]) -> Form:
    """A form without a token as it is first shown, alike for everybody: nobody writes in it."""
    form = kind(formdata=None, meta={"csrf": False})
    form.is_blank = True
    return form


class _Options(widgets.Select):
    """Pages offer the same choices over and over, so each is drawn once."""

    @classmethod
    def render_option(cls, choice: Choice, **kwargs) -> Markup:
        label = choice.value if choice.label is None else choice.label
        return _option(str(choice.value), str(label), bool(choice.selected))


@functools.lru_cache(maxsize=1024)
def _option(value: str, label: str, is_selected: bool) -> Markup:
    return widgets.Select.render_option(Choice(value, label, is_selected, {}))


class SelectField(fields.SelectField):
    """A list to choose from, of choices without attributes of their own."""

    widget = _Options()

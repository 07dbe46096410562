"""Form fields for the attributes of a class: each reads text as its kind, or says why not."""

from typing import Any

from flask_babel import LazyString
from wtforms import Field as FormField
from wtforms import Form, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, ValidationError

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.kinds import Kind
from servicedesk.inventory.fields import titled
from servicedesk.language import lazy_gettext as _

PREFIX = "a_"
_NOTES = {
    Kind.DATE: _("dd-mm-jjjj"),
    Kind.NETWORK: _("Bijvoorbeeld 10.20.0.0/24"),
    Kind.ADDRESS: _("Bijvoorbeeld 10.20.0.15"),
    Kind.MAC: _("Bijvoorbeeld 00:1a:2b:3c:4d:5e"),
    Kind.URL: _("Begint met https://"),
}


class Fits:
    """Accepts text that the attribute can read; what an item already holds is not judged again."""

    def __init__(self, attribute: Attribute):
        self.attribute = attribute

    def __call__(self, form: Form, field: FormField) -> None:
        if field.data and field.data != field.object_data:
            try:
                self.attribute.parse(field.data)
            except ValueError as error:
                raise ValidationError(str(error)) from None


def form_field(attribute: Attribute) -> Any:
    """The form field of an attribute: a choice, a box for long text, or a line."""
    rules = [InputRequired(_("Vul dit in")) if attribute.required else Optional(), Fits(attribute)]
    label, note = LazyString(titled, attribute), _NOTES.get(attribute.kind, "")
    if attribute.kind == Kind.CHOICE:
        choices = [SelectChoice("", "–"), *(SelectChoice(one, _(one)) for one in attribute.choices)]
        return SelectField(
            label, rules, choices=choices, default="", description=note, validate_choice=False
        )
    if attribute.kind == Kind.BOOLEAN:
        words = [
            SelectChoice("", _("Onbekend")),
            SelectChoice("ja", _("Ja")),
            SelectChoice("nee", _("Nee")),
        ]
        return SelectField(label, rules, choices=words, default="", description=note)
    kind = TextAreaField if attribute.kind == Kind.LONG_TEXT else StringField
    return kind(label, rules, description=note)


def with_attributes(base: type, spec: ItemClassSpec | None) -> type:
    """The form with a field for each attribute of the class."""
    fields = {} if spec is None else {
        PREFIX + one.key: form_field(one) for one in spec.attributes
    }  # fmt: skip
    return type(base.__name__, (base,), fields)


def data_of(spec: ItemClassSpec, held: dict[str, Any]) -> dict[str, str]:
    """What the fields show of the attributes that an item holds."""
    return {PREFIX + one.key: shown(one, held.get(one.key)) for one in spec.attributes}


def shown(attribute: Attribute, value: Any) -> str:
    """A value as its field shows it; what does not fit its kind is shown as it is."""
    try:
        return attribute.format(value)
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return str(value)


def read(form: Form, spec: ItemClassSpec, held: dict[str, Any]) -> dict[str, Any]:
    """The attributes as the register keeps them; what the class does not know stays."""
    kept = {key: value for key, value in held.items() if spec.attribute(key) is None}
    for one in spec.attributes:
        text = form[PREFIX + one.key].data or ""
        unchanged = one.key in held and text == shown(one, held[one.key])
        value = held[one.key] if unchanged else one.parse(text)
        if value is not None:
            kept[one.key] = value
    return kept

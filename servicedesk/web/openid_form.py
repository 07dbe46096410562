"""The form of a provider of single sign-on: what can be said of one, and what is wrong with it."""

import re

from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.validators import Optional as Maybe

from cmdb.permissions import Role
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.openid import claims
from servicedesk.openid.failure import Failure, Step
from servicedesk.openid.http import checked
from servicedesk.openid.models import CENTRAL, MUNICIPAL, Kind, OpenIdProvider
from servicedesk.secrets import Secret
from servicedesk.web.forms import SelectField
from servicedesk.web.source_form import SourceForm, choices, lines

# What stands in the list for the centre, which is no municipality.
CENTRE = 0
KINDS = {
    Kind.ENTRA_ID: "Microsoft Entra ID",
    Kind.KEYCLOAK: "Keycloak",
    Kind.ADFS: "AD FS",
    Kind.OTHER: lazy_gettext("Anders"),
}
KEYS = {
    "sub": lazy_gettext("sub (het meest gebruikt)"),
    "oid": lazy_gettext("oid (bij Entra ID)"),
}
_NEEDED = InputRequired(lazy_gettext("Vul dit in"))
_MOST_GROUPS = 50


def _claim(form, field):
    if not re.fullmatch(r"[\x21-\x7e]+", field.data):
        raise ValidationError(_("Een naam van een claim heeft geen spaties of letters met accenten"))


def _named(label: str, *needed) -> StringField:
    return StringField(label, [*(needed or [Maybe()]), Length(max=200), _claim])


def _groups(label: str) -> TextAreaField:
    return TextAreaField(label, [Maybe(), Length(max=5000)])


class ProviderForm(SourceForm):
    municipality = SelectField(lazy_gettext("Gemeente"), coerce=int)
    domain = StringField(
        lazy_gettext("Domein van de gebruikersnamen"), [_NEEDED, Length(max=200)]
    )
    kind = SelectField(lazy_gettext("Soort"), choices=choices(KINDS))
    issuer = StringField(lazy_gettext("Adres van de uitgever (issuer)"), [_NEEDED, Length(max=500)])
    client_id = StringField(lazy_gettext("Client-id"), [_NEEDED, Length(max=200)])
    client_secret = PasswordField(lazy_gettext("Client secret"), [Length(max=500)])
    is_public = BooleanField(lazy_gettext("Zonder client secret"))
    ca = TextAreaField(
        lazy_gettext("Certificaat van uw certificaatautoriteit"), [Maybe(), Length(max=50_000)]
    )
    scopes = StringField(lazy_gettext("Scopes"), [_NEEDED, Length(max=500)])
    key = SelectField(lazy_gettext("Claim met de vaste sleutel"), choices=choices(KEYS))
    login = _named(lazy_gettext("Claim met de gebruikersnaam"), _NEEDED)
    name = _named(lazy_gettext("Claim met de naam"), _NEEDED)
    email = _named(lazy_gettext("Claim met het e-mailadres"), _NEEDED)
    groups = _named(lazy_gettext("Claim met de groepen"), _NEEDED)
    employees = _groups(lazy_gettext("Groepen van medewerkers"))
    managers = _groups(lazy_gettext("Groepen van managers"))
    agents = _groups(lazy_gettext("Groepen van behandelaars"))
    centre_managers = _groups(lazy_gettext("Groepen van managers van het centrum"))
    administrators = _groups(lazy_gettext("Groepen van beheerders"))
    directory_claim = _named(lazy_gettext("Claim met de sleutel in de directory"))
    takes_over = BooleanField(lazy_gettext("Accounts met dezelfde gebruikersnaam overnemen"))
    is_active = BooleanField(lazy_gettext("In gebruik"))

    def validate_issuer(self, field):
        field.data = field.data.strip()
        try:
            parts = checked(field.data, Step.NAME)
        except Failure:
            raise ValidationError(_("Vul een adres in dat begint met https://")) from None
        if parts.query or parts.fragment:
            raise ValidationError(_("Laat alles vanaf het vraagteken of het hekje weg"))
        if field.data.endswith("/.well-known/openid-configuration"):
            raise ValidationError(_("Laat /.well-known/openid-configuration weg: dat zoeken wij zelf"))

    def validate_scopes(self, field):
        field.data = " ".join(field.data.split())
        if "openid" not in field.data.split() or not re.fullmatch(r"[\x21-\x7e ]+", field.data):
            raise ValidationError(_("Begin met openid, en zet spaties tussen de scopes"))

    def validate_directory_claim(self, field):
        if self.municipality.data == CENTRE:
            raise ValidationError(_("Het centrum heeft geen directory: laat dit leeg"))

    def validate_client_id(self, field):
        field.data = field.data.strip()
        if not field.data.isascii() or not field.data.isprintable():
            raise ValidationError(_("Een client-id heeft geen letters met accenten"))

    def show(self, provider: OpenIdProvider) -> None:
        """Fill the form in, all but the secret."""
        for name in _PLAIN:
            getattr(self, name).data = getattr(provider, name)
        self.municipality.data = provider.municipality_id or CENTRE
        self.is_public.data = provider.client_secret is None
        for name in ("key", *claims.FIELDS):
            getattr(self, name).data = provider.claims.get(name, "")
        for field, role in self._of_role():
            field.data = "\n".join(provider.groups.get(role.value, ()))

    def show_usual(self, kind: Kind) -> None:
        """Fill in what is usual for the product of that kind; the issuer is an example to change."""
        self.kind.data = kind.value
        for name, value in claims.USUAL[kind].items():
            getattr(self, name).data = value

    def needs_secret(self, provider: OpenIdProvider) -> bool:
        """Whether a secret is to be typed: there is none yet, or it would go somewhere new."""
        if self.is_public.data:
            return False
        before = (provider.issuer, provider.ca, provider.client_id)
        now = (self.issuer.data, (self.ca.data or "").strip(), self.client_id.data)
        return provider.client_secret is None or before != now

    def fill(self, provider: OpenIdProvider) -> None:
        """Write the form into the provider."""
        for name in _PLAIN:
            value = getattr(self, name).data
            setattr(provider, name, value if isinstance(value, bool) else (value or "").strip())
        provider.kind = Kind(self.kind.data)
        provider.claims = {
            name: getattr(self, name).data.strip() for name in ("key", *claims.FIELDS)
        }
        provider.groups = {
            role.value: lines(field.data) for field, role in self._of_role() if role in provider.roles
        }
        if self.is_public.data:
            provider.client_secret = None
        elif self.client_secret.data:
            provider.client_secret = Secret.of(self.client_secret.data)

    def of_home(self, is_centre: bool) -> list[TextAreaField]:
        """The fields of the groups that give a role there."""
        roles = CENTRAL if is_centre else MUNICIPAL
        return [field for field, role in self._of_role() if role in roles]

    def _of_role(self) -> list[tuple[TextAreaField, Role]]:
        return [
            (self.employees, Role.EMPLOYEE),
            (self.managers, Role.MUNICIPALITY_MANAGER),
            (self.agents, Role.AGENT),
            (self.centre_managers, Role.CENTRE_MANAGER),
            (self.administrators, Role.ADMINISTRATOR),
        ]

    def _is_short(self, field):
        if len(lines(field.data)) > _MOST_GROUPS:
            raise ValidationError(_("Vul hoogstens vijftig groepen in, een per regel"))

    validate_employees = validate_managers = validate_agents = _is_short
    validate_centre_managers = validate_administrators = _is_short


_PLAIN = (
    "domain", "kind", "issuer", "client_id", "ca", "scopes", "directory_claim", "takes_over",
    "is_active",
)  # fmt: skip

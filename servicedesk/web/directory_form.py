"""The form of a directory: what can be said of one, and what is wrong with it."""

import re

from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.validators import Optional as Maybe

from cmdb.permissions import Role
from servicedesk.directory import connection, entries, groups
from servicedesk.directory.models import Directory, Kind, Security
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.secrets import Secret
from servicedesk.web.forms import SelectField
from servicedesk.web.source_form import SourceForm, choices, lines

KINDS = {
    Kind.ACTIVE_DIRECTORY: "Active Directory",
    Kind.OPENLDAP: "OpenLDAP",
}
SECURITY = {
    Security.STARTTLS: lazy_gettext("StartTLS (poort 389)"),
    Security.LDAPS: lazy_gettext("LDAPS (poort 636)"),
}
_NEEDED = InputRequired(lazy_gettext("Vul dit in"))
_MOST_LINES = 20


def _name(form, field):
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.dn import parse_dn

    for line in lines(field.data):
        try:
            parse_dn(line)
        except LDAPException:
            said = _("Dit is geen naam in een directory: %(name)s", name=line)
            raise ValidationError(said) from None


def _attribute(form, field):
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", field.data):
        raise ValidationError(_("Een naam van een attribuut heeft letters, cijfers en streepjes"))


def _named(label: str, **kwargs) -> StringField:
    return StringField(label, [Maybe(), Length(max=80), _attribute], **kwargs)


class DirectoryForm(SourceForm):
    municipality = SelectField(lazy_gettext("Gemeente"), coerce=int)
    domain = StringField(
        lazy_gettext("Domein van de gebruikersnamen"), [_NEEDED, Length(max=200)]
    )
    kind = SelectField(lazy_gettext("Soort directory"), choices=choices(KINDS))
    hosts = TextAreaField(lazy_gettext("Servers, een per regel"), [_NEEDED, Length(max=1000)])
    security = SelectField(lazy_gettext("Versleuteling"), choices=choices(SECURITY))
    ca = TextAreaField(
        lazy_gettext("Certificaat van uw certificaatautoriteit"), [Maybe(), Length(max=50_000)]
    )
    base = StringField(lazy_gettext("Zoek personen onder"), [_NEEDED, Length(max=500), _name])
    bind_dn = StringField(lazy_gettext("Account om mee te zoeken"), [_NEEDED, Length(max=500)])
    bind_password = PasswordField(lazy_gettext("Wachtwoord van dat account"), [Length(max=500)])
    people_filter = StringField(lazy_gettext("Filter voor personen"), [Maybe(), Length(max=1000)])
    group_base = StringField(
        lazy_gettext("Zoek groepen onder"), [Maybe(), Length(max=500), _name]
    )
    employees = TextAreaField(
        lazy_gettext("Groepen van medewerkers"), [Maybe(), Length(max=5000), _name]
    )
    managers = TextAreaField(
        lazy_gettext("Groepen van managers"), [Maybe(), Length(max=5000), _name]
    )
    key = _named(lazy_gettext("Vaste sleutel"))
    login = _named(lazy_gettext("Gebruikersnaam"))
    name = _named(lazy_gettext("Naam"))
    email = _named(lazy_gettext("E-mailadres"))
    phone = _named(lazy_gettext("Telefoon"))
    department = _named(lazy_gettext("Afdeling"))
    is_active = BooleanField(lazy_gettext("In gebruik"))

    def validate_hosts(self, field):
        hosts = lines(field.data)
        for line in hosts:
            try:
                name, _port = connection.address(line, Security.LDAPS)
            except ValueError:
                name = ""
            if not re.fullmatch(r"[A-Za-z0-9.:-]+", name):
                said = _("Vul een server in als naam of naam:poort, niet als %(name)s", name=line)
                raise ValidationError(said)
        if not 0 < len(hosts) <= _MOST_LINES:
            raise ValidationError(_("Vul een tot twintig servers in"))

    def validate_people_filter(self, field):
        from ldap3.core.exceptions import LDAPException
        from ldap3.operation.search import parse_filter

        try:
            parse_filter(field.data.strip(), None, True, True, None, False)
        except (LDAPException, ValueError, IndexError, TypeError, AttributeError):
            raise ValidationError(_("Dit filter klopt niet: kijk naar de haakjes")) from None

    def show(self, directory: Directory) -> None:
        """Fill the form in, all but the password."""
        for name in _PLAIN:
            getattr(self, name).data = getattr(directory, name)
        self.municipality.data = directory.municipality_id
        self.hosts.data = "\n".join(directory.hosts)
        for field, role in self._roles():
            field.data = "\n".join(directory.groups.get(role.value, ()))
        for name in entries.FIELDS:
            getattr(self, name).data = directory.attributes.get(name, "")

    def needs_password(self, directory: Directory) -> bool:
        """Whether the password would go where it did not go before, and is to be typed again."""
        if directory.bind_password is None:
            return True
        before = (directory.hosts, directory.security, directory.ca, directory.bind_dn)
        ca = (self.ca.data or "").strip()
        now = (lines(self.hosts.data), self.security.data, ca, self.bind_dn.data.strip())
        return before != now

    def fill(self, directory: Directory) -> None:
        """Write the form into the directory."""
        for name in _PLAIN:
            value = getattr(self, name).data
            setattr(directory, name, value if isinstance(value, bool) else (value or "").strip())
        directory.kind, directory.security = Kind(self.kind.data), Security(self.security.data)
        directory.hosts = lines(self.hosts.data)
        directory.groups = {role.value: lines(field.data) for field, role in self._roles()}
        directory.attributes = {
            name: getattr(self, name).data
            for name in entries.FIELDS
            if getattr(self, name).data
        }
        if self.bind_password.data:
            directory.bind_password = Secret.of(self.bind_password.data)

    def _roles(self) -> list[tuple[TextAreaField, Role]]:
        return list(zip((self.employees, self.managers), groups.MUNICIPAL, strict=True))


_PLAIN = (
    "domain", "kind", "security", "ca", "base", "bind_dn", "people_filter", "group_base",
    "is_active",
)  # fmt: skip

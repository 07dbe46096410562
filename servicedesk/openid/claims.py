"""From what a provider says to who that is here: key, name, mail address, and roles."""

from collections.abc import Collection
from dataclasses import dataclass

from cmdb.permissions import Role
from servicedesk.directory import entries
from servicedesk.openid.failure import Reason, Refused
from servicedesk.openid.models import Kind, OpenIdProvider
from servicedesk.openid.tokens import is_key

FIELDS = ("login", "name", "email", "groups")
# Claims that stay the same for as long as somebody has an account there.
KEYS = ("sub", "oid")
# What fills a form in. The `sub` of Entra ID is another one for each application, `oid` is not.
USUAL: dict[Kind, dict[str, str]] = {
    Kind.ENTRA_ID: {
        "issuer": "https://login.microsoftonline.com/TENANT-ID/v2.0", "scopes": "openid profile email",
        "key": "oid", "login": "preferred_username", "name": "name", "email": "email",
        "groups": "groups",
    },
    Kind.KEYCLOAK: {
        "issuer": "https://keycloak.gemeente.nl/realms/NAAM", "scopes": "openid profile email",
        "key": "sub", "login": "preferred_username", "name": "name", "email": "email",
        "groups": "groups",
    },
    Kind.ADFS: {
        "issuer": "https://adfs.gemeente.nl/adfs", "scopes": "openid profile email allatclaims",
        "key": "sub", "login": "upn", "name": "unique_name", "email": "email", "groups": "group",
    },
    Kind.OTHER: {
        "issuer": "https://login.gemeente.nl", "scopes": "openid profile email",
        "key": "sub", "login": "preferred_username", "name": "name", "email": "email",
        "groups": "groups",
    },
}  # fmt: skip
_LONGEST = 200


@dataclass(frozen=True)
class Identity:
    """Somebody at a provider; `login` is what they are called here, the domain included."""

    key: str
    login: str
    name: str
    email: str
    directory_key: str
    roles: Collection[Role]


def read(provider: OpenIdProvider, claims: dict) -> Identity:
    """Who that is.

    Raises:
        Refused: a claim is missing that is needed, or no group lets this person in.
    """
    names = USUAL[provider.kind] | provider.claims
    key = claims.get(names["key"])
    login = entries.plain(_text(claims.get(names["login"])))
    if not is_key(key):
        raise Refused(Reason.INCOMPLETE, f"no {names['key']}")
    if not login or " " in login:
        raise Refused(Reason.INCOMPLETE, f"no {names['login']}")
    email = _text(claims.get(names["email"]))
    return Identity(
        key=key,
        login=login if "@" in login else f"{login}@{provider.domain}",
        name=_text(claims.get(names["name"])) or login,
        email=email if "@" in email else "",
        directory_key=_directory_key(claims.get(provider.directory_claim)),
        roles=_roles(provider, claims, names["groups"]),
    )


def _roles(provider: OpenIdProvider, claims: dict, name: str) -> set[Role]:
    """The roles of the groups, of those that this provider may give."""
    lists = {role: provider.groups.get(role.value) or [] for role in provider.roles}
    if not any(lists.values()):
        return set()
    told = claims.get(name)
    if told is None and _are_too_many(claims, name):
        raise Refused(Reason.TOO_MANY_GROUPS, name)
    # One group comes as a text, by ADFS.
    several = told if isinstance(told, list) else [told]
    inside = set(filter(_is_text, several))
    roles = {role for role, groups in lists.items() if inside & set(groups)}
    # As with directories: without a list for the least role, everybody has that.
    if lists[provider.roles[0]] and not roles:
        raise Refused(Reason.NO_GROUP, f"{len(inside)} groups")
    return roles


def _are_too_many(claims: dict, name: str) -> bool:
    """Entra ID leaves groups out that do not fit in a token, and says where else they are."""
    elsewhere = claims.get("_claim_names")
    return claims.get("hasgroups") is True or isinstance(elsewhere, dict) and name in elsewhere


def _directory_key(value: object) -> str:
    """As the directory's people are known by: a GUID as 32 digits, from text or from base64."""
    return entries.key_of(value) if isinstance(value, str) else ""


def _text(value: object) -> str:
    """On one line, without what is no text; cut to what a page can show."""
    if not _is_text(value):
        return ""
    kept = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(kept.split())[:_LONGEST]


def _is_text(value: object) -> bool:
    return isinstance(value, str)

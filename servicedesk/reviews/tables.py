"""What an auditor reads, as tables: people and their rights, roles, and reviews."""

from collections.abc import Iterable

from cmdb.localtime import local
from cmdb.permissions import ROLE_GRANTS, Permission, Role
from servicedesk.language import gettext as _
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.reviews import words
from servicedesk.reviews.models import AccessReview, ReviewLine, Viewing
from servicedesk.reviews.rights import Right
from servicedesk.tickets.labels import ROLE


def people(found: Iterable[Right]) -> Sheet:
    columns = [
        Column(_("Naam")), Column(_("Gebruikersnaam")), Column(_("Gemeente")), Column(_("Rol")),
        Column(_("Teams")), Column(_("Rol komt uit")), Column(_("Directory")),
        Column(_("Laatst ingelogd")), Column(_("Open sessies"), Show.NUMBER),
        Column(_("Agenda-adressen"), Show.NUMBER), Column(_("API-tokens"), Show.NUMBER),
    ]  # fmt: skip
    rows = [
        [
            Cell(one.person.name),
            Cell(one.person.login),
            Cell(home(one.person.municipality)),
            Cell(str(ROLE[one.person.role])),
            Cell(", ".join(team.name for team in one.person.teams)),
            Cell(one.group or _("met de hand")),
            Cell(one.domain),
            Cell(stamp(one.signed_in_at)),
            Cell(one.sessions),
            Cell(one.calendars),
            Cell(one.tokens),
        ]
        for one in found
    ]
    return Sheet(_("Personen"), columns, rows)


def roles() -> Sheet:
    """Each permission with how far it reaches for each role."""
    columns = [Column(_("Mag")), *(Column(str(ROLE[role])) for role in Role)]
    rows = [
        [
            Cell(str(words.PERMISSION[each])),
            *(Cell(str(words.REACH.get(ROLE_GRANTS[role].get(each), "–"))) for role in Role),
        ]
        for each in Permission
    ]
    return Sheet(_("Rollen en rechten"), columns, rows)


def reviews(found: Iterable[AccessReview]) -> Sheet:
    columns = [
        Column(_("Nummer"), Show.NUMBER), Column(_("Van")), Column(_("Ritme")),
        Column(_("Begonnen")), Column(_("Klaar vóór"), Show.DATE), Column(_("Wie kijkt na")),
        Column(_("Afgetekend op")), Column(_("Afgetekend door")),
    ]  # fmt: skip
    rows = [
        [
            Cell(one.id),
            Cell(home(one.municipality)),
            Cell(str(words.RHYTHM[one.rhythm])),
            Cell(stamp(one.started_at)),
            Cell(one.due_on),
            Cell(one.reviewer.name),
            Cell(stamp(one.signed_at)),
            Cell(one.signed_name),
        ]
        for one in found
    ]
    return Sheet(_("Controles"), columns, rows)


def lines(review: AccessReview, found: Iterable[ReviewLine]) -> Sheet:
    columns = [
        Column(_("Naam")), Column(_("Gebruikersnaam")), Column(_("Rol")), Column(_("Teams")),
        Column(_("Rol komt uit")), Column(_("Laatst ingelogd")), Column(_("Besluit")),
        Column(_("Nieuwe rol")), Column(_("Opmerking")), Column(_("Besloten door")),
        Column(_("Besloten op")), Column(_("Uitgevoerd")),
    ]  # fmt: skip
    rows = [
        [
            Cell(one.name),
            Cell(one.login),
            Cell(str(ROLE[one.role])),
            Cell(one.teams),
            Cell(one.directory_group or _("met de hand")),
            Cell(stamp(one.last_seen_at)),
            Cell(str(words.DECISION[one.decision]) if one.decision else ""),
            Cell(str(ROLE[one.new_role]) if one.new_role else ""),
            Cell(one.remark),
            Cell(one.decided_by.name if one.decided_by else ""),
            Cell(stamp(one.decided_at)),
            Cell(str(words.OUTCOME[one.outcome]) if one.outcome else ""),
        ]
        for one in found
    ]
    title = _("Controle %(n)s, %(of)s", n=review.id, of=home(review.municipality))
    return Sheet(title, columns, rows)


def viewings(found: Iterable[Viewing]) -> Sheet:
    columns = [
        Column(_("Wie keek mee")), Column(_("Als wie")), Column(_("Van")), Column(_("Tot")),
        Column(_("Reden")),
    ]  # fmt: skip
    rows = [
        [
            Cell(one.viewer.name),
            Cell(one.subject.name),
            Cell(stamp(one.started_at)),
            Cell(stamp(one.until)),
            Cell(one.reason),
        ]
        for one in found
    ]
    return Sheet(_("Meekijken"), columns, rows)


def home(municipality) -> str:
    return municipality.name if municipality else _("Servicecentrum")


def stamp(at) -> str:
    """A moment in local time, as files tell it; empty for none."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""

"""The proof for an auditor: what is set, who may what, who looked that over, mapped to BIO2.

Dutch, whatever language the reader has. It holds no secret, no password and no key; of people it names
those with more rights than an employee.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.items import Item, ItemStatus
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.directory.models import Directory
from servicedesk.heartbeat import is_worker_alive
from servicedesk.notify.models import Message
from servicedesk.reports.sheets import Cell, Column, Sheet, Value
from servicedesk.reviews import log_coverage, rhythm, rights, rounds, tables, viewing, words
from servicedesk.reviews.models import AccessReview, Decision
from servicedesk.signin import attempts, password_rule, second_step

_MOST = 5000
_RETENTION = (
    ("Meldingen, objecten en hun geschiedenis", "voorgoed: het product verwijdert ze niet"),
    ("Controles van rechten en meekijken", "voorgoed"),
    ("Sessies", "30 dagen na het laatste gebruik"),
    ("Mislukte pogingen om in te loggen", "1 dag"),
    ("Concepten van antwoorden", "30 dagen"),
    ("Log van de processen", "bepaalt wie het product installeert (journald, syslog)"),
)
_CRYPTOGRAPHY = (
    ("Wachtwoorden", "Argon2id (argon2-cffi), met de parameters van de bibliotheek"),
    ("Sleutels van sessies, agenda’s en API", "alleen SHA-256 van de sleutel wordt bewaard"),
    ("Wachtwoorden van directories", "verzegeld met Fernet (cryptography), sleutels vervangbaar"),
    ("Verbinding met directories", "TLS 1.2 of nieuwer, certificaat en naam nagekeken"),
    ("Verbinding met browsers", "TLS door de webserver ervoor (docs/install.md, nginx)"),
)


@dataclass(frozen=True)
class Part:
    """A part of the proof: tables under a title, with a sentence that says what they are."""

    key: str
    title: str
    note: str
    sheets: tuple[Sheet, ...]


def parts(config: Mapping[str, object], now: dt.datetime) -> list[Part]:
    """All of it, as of `now`; in scope `EVERYTHING`, reading only."""
    openness = rights.Openness(now, config["SESSION_IDLE"], config["SESSION_ABSOLUTE"])
    with force_locale("nl"):
        return [
            _settings(config),
            _signing_in(config),
            _cryptography(config),
            Part("rollen", "Rollen en rechten", "De tabel die het product zelf gebruikt.", (
                tables.roles(), _pairs("Personen per rol", "Rol", "Aantal", _role_counts()),
            )),
            Part(
                "rechten", "Wie meer mag dan een medewerker",
                "Iedereen van het centrum en elke manager van een gemeente.",
                (tables.people(_privileged(openness)),),
            ),
            _reviews(now),
            Part(
                "meekijken", "Meekijken als iemand anders", "Alleen lezen, een kwartier, met een reden.",
                (tables.viewings(viewing.latest(_MOST)),),
            ),
            _logging(),
            _pairs_part("bewaren", "Bewaartermijnen", "Vast in het product.", "Wat", "Hoe lang", _RETENTION),
            _directories(),
            _items(now),
            _pairs_part(
                "back-up", "Back-up", "Het product maakt zelf geen back-up en houdt er geen bij.",
                "Wat", "Stand",
                [("Laatste back-up", "geen bekend"), ("Laatste terugzettest", "geen bekend"),
                 ("Hoe het moet", "docs/install.md, hoofdstuk 9")],
            ),
            _pairs_part(
                "onderdelen", "Onderdelen van derden", "Zoals ze hier nu geïnstalleerd zijn.",
                "Onderdeel", "Versie", _installed(),
            ),
            _state(now),
        ]  # fmt: skip


def _pairs(title: str, left: str, right: str, rows) -> Sheet:
    columns = [Column(left), Column(right)]
    return Sheet(title, columns, [[Cell(one), Cell(other)] for one, other in rows])


def _pairs_part(key: str, title: str, note: str, left: str, right: str, rows) -> Part:
    return Part(key, title, note, (_pairs(title, left, right, rows),))


def _yes(value: object) -> str:
    return "ja" if value else "nee"


def _settings(config: Mapping[str, object]) -> Part:
    rows: list[tuple[str, Value]] = [
        ("Versie van het product", metadata.version("servicedesk")),
        ("Naam van het centrum", str(config["CENTRE_NAME"])),
        ("Adres", str(config["SITE_URL"])),
        ("Cookies alleen over https", _yes(config["SESSION_COOKIE_SECURE"])),
        ("Cookies niet leesbaar voor scripts", _yes(config["SESSION_COOKIE_HTTPONLY"])),
        ("Cookies van andere sites", str(config["SESSION_COOKIE_SAMESITE"])),
        ("Proxy’s ervoor", str(config["PROXIES"])),
        ("Database", db.engine.dialect.name),
        ("Muur tussen gemeenten in de database zelf (row-level security)",
         _yes(db.engine.dialect.name == "postgresql")),
        ("Mailserver ingesteld", _yes(config["SMTP_URL"])),
        ("Adres voor meldingen over beveiliging", str(config["SECURITY_CONTACT"])),
        ("Grootste bestand (MB)", str(config["MAX_CONTENT_LENGTH"] // 4 // 1024 // 1024)),
        ("Dagen tussen rondes van beheerders", str(config["CERTIFICATION_DAYS"])),
    ]  # fmt: skip
    note = "Zonder geheimen: sleutels en wachtwoorden staan er niet in."
    return _pairs_part("instellingen", "Instellingen", note, "Instelling", "Waarde", rows)


def _signing_in(config: Mapping[str, object]) -> Part:
    minutes = int(attempts.WINDOW.total_seconds()) // 60
    rows = [
        ("Sessie eindigt na stilte (minuten)", _minutes(config["SESSION_IDLE"])),
        ("Sessie eindigt hoe dan ook (minuten)", _minutes(config["SESSION_ABSOLUTE"])),
        (f"Pogingen per naam en adres in {minutes} minuten", str(attempts.PER_NAME_AND_ADDRESS)),
        (f"Pogingen per naam in {minutes} minuten", str(attempts.PER_NAME)),
        (f"Pogingen per adres in {minutes} minuten", str(attempts.PER_ADDRESS)),
        ("Kortste wachtwoord van een eigen account (tekens)", str(password_rule.SHORTEST)),
        ("Wachtwoorden die raders het eerst proberen", "geweigerd"),
        ("Rollen die een tweede stap moeten hebben",
         ", ".join(sorted(str(tables.ROLE[role]) for role in config["SECOND_STEP_ROLES"])) or "geen"),
    ]  # fmt: skip
    note = "Grenzen aan sessies en pogingen. Een sessietermijn is geen nummer van BIO2 maar ISO 27002 8.5."
    limits = _pairs("Grenzen", "Wat", "Waarde", rows)
    return Part("inloggen", "Inloggen en sessies", note, (limits, _second_steps()))


def _second_steps() -> Sheet:
    """How many local accounts have a second step, by role; of the others their directory decides."""
    has_one = second_step.has_one(Person.id)
    counted = dict(
        (role, (local_ones, with_step))
        for role, local_ones, with_step in db.session.execute(
            sa.select(Person.role, sa.func.count(), sa.func.count().filter(has_one))
            .where(Person.is_active, Person.password_hash.is_not(None))
            .group_by(Person.role)
        )
    )
    columns = [Column("Rol"), Column("Eigen accounts"), Column("Met tweede stap")]
    rows = [[Cell(str(tables.ROLE[role])), *map(Cell, counted.get(role, (0, 0)))] for role in Role]
    return Sheet("Tweede stap bij eigen accounts", columns, rows)


def _minutes(span: object) -> str:
    return str(int(span.total_seconds()) // 60)


def _cryptography(config: Mapping[str, object]) -> Part:
    rows = [*_CRYPTOGRAPHY, ("Adres begint met https", _yes(str(config["SITE_URL"]).startswith("https:")))]
    return _pairs_part("cryptografie", "Cryptografie", "Wat waarmee beschermd is.", "Wat", "Hoe", rows)


def _role_counts() -> list[tuple[str, str]]:
    counts = rights.counts()
    return [(str(tables.ROLE[role]), str(counts.get(role, 0))) for role in Role]


def _privileged(openness: rights.Openness) -> Iterator[rights.Right]:
    for role in Role:
        if role != Role.EMPLOYEE:
            yield from rights.everybody(rights.Question(role=role), openness)


def _reviews(now: dt.datetime) -> Part:
    found = list(
        db.session.scalars(
            sa.select(AccessReview)
            .options(joinedload(AccessReview.municipality), joinedload(AccessReview.reviewer))
            .order_by(AccessReview.id.desc())
            .limit(_MOST)
        )
    )
    standing = [
        [
            Cell(tables.home(one.municipality)),
            Cell(str(words.RHYTHM[rhythm.usual(one.municipality and one.municipality.id)])),
            Cell(tables.stamp(one.signed_at)),
            Cell(_yes(one.is_overdue)),
        ]
        for one in rhythm.standing(now)
    ]
    columns = [Column("Van wie"), Column("Hoort"), Column("Laatst afgetekend"), Column("Te lang geleden")]
    decided = [
        [Cell(one.id), *(Cell(counts.get(each, 0)) for each in (*Decision, None))]
        for one, counts in ((one, rounds.counts(one)) for one in found[:100])
    ]
    names = [Column("Nummer"), *(Column(str(words.DECISION[each])) for each in Decision), Column("Open")]
    return Part(
        "controles", "Controles van rechten",
        f"Volgens BIO2 {', '.join(rhythm.MEASURES)}. De regels per persoon zijn per controle op te halen.",
        (
            Sheet("Stand per gemeente", columns, standing),
            tables.reviews(found),
            Sheet("Besluiten per controle (de laatste 100)", names, decided),
        ),
    )  # fmt: skip


def _logging() -> Part:
    columns = [Column("Gebeurtenis"), Column("Bewaard in"), Column("Feiten"), Column("Test")]
    rows = [
        [Cell(one.what), Cell(one.kept_in), Cell(one.facts), Cell(one.test)]
        for one in log_coverage.EVENTS
    ]
    note = (
        "Wat wordt bewaard, en de test in de broncode die dat bewijst. Van niet elke gebeurtenis worden"
        " alle zes feiten van 8.15.01 bewaard; de kolom zegt welke wel."
    )
    return Part("logging", "Wat gelogd wordt", note, (Sheet("Logging", columns, rows),))


def _directories() -> Part:
    columns = [
        Column("Gemeente"), Column("Domein"), Column("Soort"), Column("Versleuteld door"),
        Column("In gebruik"), Column("Laatst bijgewerkt"), Column("Uitkomst"),
    ]  # fmt: skip
    chosen = sa.select(Directory).options(joinedload(Directory.municipality))
    rows = [
        [
            Cell(one.municipality.name), Cell(one.domain), Cell(str(one.kind)), Cell(str(one.security)),
            Cell(_yes(one.is_active)), Cell(tables.stamp(one.synced_at)),
            Cell(str(one.last_sync.get("outcome", ""))),
        ]
        for one in db.session.scalars(chosen.order_by(Directory.domain))
    ]  # fmt: skip
    note = "Waar de personen van de gemeenten vandaan komen."
    return Part("directories", "Directory’s", note, (Sheet("Directory’s", columns, rows),))


def _items(now: dt.datetime) -> Part:
    year_ago = local(now).date() - dt.timedelta(days=365)
    count = sa.func.count()
    known, confirmed, never = db.session.execute(
        sa.select(
            count,
            count.filter(Item.confirmed_on >= year_ago),
            count.filter(Item.confirmed_on.is_(None)),
        ).where(Item.status != ItemStatus.RETIRED)
    ).one()
    rows = [
        ("Objecten in het register", str(known)),
        ("Bevestigd in het afgelopen jaar", str(confirmed)),
        ("Nog nooit bevestigd", str(never)),
    ]
    note = "Beheerders bevestigen hun objecten in rondes."
    return _pairs_part("objecten", "Bedrijfsmiddelen", note, "Wat", "Aantal", rows)


def _installed() -> list[tuple[str, str]]:
    found = {one.metadata["Name"]: one.version for one in metadata.distributions()}
    return sorted(found.items(), key=lambda pair: pair[0].casefold())


def _state(now: dt.datetime) -> Part:
    # Here, as no other page needs it and it holds much.
    from alembic.migration import MigrationContext

    revision = MigrationContext.configure(db.session.connection()).get_current_revision()
    failed = sa.select(sa.func.count()).where(Message.failed_at.is_not(None))
    rows = [
        ("Versie van de tabellen", str(revision)),
        ("Een worker leeft", _yes(is_worker_alive(now))),
        ("Berichten die niet aankwamen", str(db.session.scalar(failed))),
        ("Gemaakt op", f"{local(now):%Y-%m-%d %H:%M}"),
    ]
    note = "Meer zegt servicedesk doctor."
    return _pairs_part("stand", "Stand van de installatie", note, "Wat", "Waarde", rows)

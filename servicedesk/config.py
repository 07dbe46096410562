"""Every setting, its meaning, and the environment variable that sets it."""

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from cmdb.permissions import Role

LOCALES = {"nl": "Nederlands", "fy": "Frysk", "en": "English"}

# A file may be 25 MB; a form holds a few of them and some text.
MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024
MAX_REQUEST_BYTES = 4 * MAX_ATTACHMENT_BYTES
SHORTEST_KEY = 32


def settings() -> dict[str, object]:
    """The settings of this process, read from the environment.

    | variable | meaning | default |
    | --- | --- | --- |
    | SERVICEDESK_INSTANCE | folder for the database file and the secret key | ./instance |
    | SERVICEDESK_DATABASE | SQLAlchemy URL of the application's role | an SQLite file in the instance |
    | SERVICEDESK_OWNER_DATABASE | URL of the role that owns the tables; runs the migrations | the same |
    | SERVICEDESK_SECRET_KEY | signs cookies | a file in the instance, made once |
    | SERVICEDESK_ENCRYPTION_KEYS | seal what is kept secret; the first seals, all open | a file in the instance, made once |
    | SERVICEDESK_DIRECTORY_NETWORKS | networks in which directories may be, as 10.0.0.0/8 | all but this machine |
    | SERVICEDESK_SECOND_STEP | roles whose local accounts must have a second step, as agent administrator | none must |
    | SERVICEDESK_OPENID_LOOPBACK | 1: OpenID providers may be on this machine, without TLS; for tests and demos | 0 |
    | SERVICEDESK_URL | address of the site, for links in messages and for passkeys; https makes cookies secure | http://localhost:8000 |
    | SERVICEDESK_PROXIES | number of reverse proxies in front that set X-Forwarded-* | 0 |
    | SERVICEDESK_SMTP | mail server, as smtp://user:password@host:587 (smtps for TLS at once) | none: messages wait |
    | SERVICEDESK_SENDER | address that messages come from | servicedesk@localhost |
    | SERVICEDESK_SECURITY_CONTACT | address that security.txt names for reports of holes | the sender |
    | SERVICEDESK_DEADLINE_DAYS | days before a contract or certificate ends that a ticket is filed | 30 |
    | SERVICEDESK_CERTIFICATION_DAYS | days between two rounds in which managers confirm their items; 0: never | 30 |
    | SERVICEDESK_DAILY_MESSAGES | tickets and replies that one person may send in on one day | 100 |
    | SERVICEDESK_DAILY_FILES | files that one person may send in on one day | 200 |
    | SERVICEDESK_DAILY_MEGABYTES | how large those files may be together | 500 |
    | SERVICEDESK_CENTRE | name of the centre | De Vlietlanden |
    | SERVICEDESK_PHONE | phone number of the desk | (0299) 55 00 00 |
    """
    env = os.environ.get
    instance = Path(env("SERVICEDESK_INSTANCE", "instance")).resolve()
    database = env("SERVICEDESK_DATABASE") or f"sqlite:///{instance / 'servicedesk.db'}"
    url = env("SERVICEDESK_URL", "http://localhost:8000")
    return {
        "INSTANCE": instance,
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(database),
        "OWNER_DATABASE_URI": env("SERVICEDESK_OWNER_DATABASE") or database,
        "SECRET_KEY": _hard_to_guess(env("SERVICEDESK_SECRET_KEY") or _kept_secret(instance)),
        "ENCRYPTION_KEYS": env("SERVICEDESK_ENCRYPTION_KEYS", "").split(),
        "DIRECTORY_NETWORKS": env("SERVICEDESK_DIRECTORY_NETWORKS", "").split(),
        "SECOND_STEP_ROLES": _roles(env("SERVICEDESK_SECOND_STEP", "")),
        "OPENID_LOOPBACK": env("SERVICEDESK_OPENID_LOOPBACK") == "1",
        "SITE_URL": url.rstrip("/"),
        "PROXIES": int(env("SERVICEDESK_PROXIES", "0")),
        "SMTP_URL": env("SERVICEDESK_SMTP"),
        "SENDER": env("SERVICEDESK_SENDER", "servicedesk@localhost"),
        "SECURITY_CONTACT": env("SERVICEDESK_SECURITY_CONTACT")
        or env("SERVICEDESK_SENDER", "servicedesk@localhost"),
        "DEADLINE_DAYS": int(env("SERVICEDESK_DEADLINE_DAYS", "30")),
        "CERTIFICATION_DAYS": int(env("SERVICEDESK_CERTIFICATION_DAYS", "30")),
        "DAILY_MESSAGES": int(env("SERVICEDESK_DAILY_MESSAGES", "100")),
        "DAILY_FILES": int(env("SERVICEDESK_DAILY_FILES", "200")),
        "DAILY_BYTES": int(env("SERVICEDESK_DAILY_MEGABYTES", "500")) * 1024 * 1024,
        "CENTRE_NAME": env("SERVICEDESK_CENTRE", "De Vlietlanden"),
        "CENTRE_PHONE": env("SERVICEDESK_PHONE", "(0299) 55 00 00"),
        "SESSION_COOKIE_NAME": "servicedesk",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": url.startswith("https:"),
        "SESSION_IDLE": timedelta(minutes=30),
        "SESSION_ABSOLUTE": timedelta(hours=8),
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,
        # Half the time of the usual 6, for pages that are a tenth larger.
        "COMPRESS_LEVEL": 3,
        "BABEL_DEFAULT_LOCALE": "nl",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Amsterdam",
    }


def engine_options(database: str) -> dict[str, object]:
    """How SQLAlchemy talks to `database`."""
    quiet = {"hide_parameters": True}  # an error in the log shows no personal data
    if database.startswith("sqlite"):
        return quiet
    pool = {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": False, "pool_recycle": 1800}
    return quiet | pool


def _roles(named: str) -> frozenset[Role]:
    """The roles in a list divided by spaces.

    Raises:
        ValueError: one is none.
    """
    try:
        return frozenset(map(Role, named.split()))
    except ValueError:
        known = ", ".join(role.value for role in Role)
        raise ValueError(f"SERVICEDESK_SECOND_STEP: roles are needed, of {known}") from None


def _kept_secret(instance: Path) -> str:
    """The key in the instance folder; the first process makes it, readable by its user alone.

    It gets its name when it is whole, so that no other process reads half of it.
    """
    path = instance / "secret-key"
    if path.exists():
        return path.read_text()
    instance.mkdir(parents=True, exist_ok=True)
    draft = instance / f".secret-key-{secrets.token_hex(8)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()


def _hard_to_guess(key: str) -> str:
    """The key, unless guesses would find it: who has it signs in as anybody.

    Raises:
        ValueError: it is shorter than `SHORTEST_KEY` characters, or nearly all the same one.
    """
    if len(key.strip()) < SHORTEST_KEY or len(set(key)) < 8:
        raise ValueError(
            f"The secret key can be guessed: give SERVICEDESK_SECRET_KEY {SHORTEST_KEY} random"
            " characters or more, or leave it out and one is made (and kept in the instance)."
        )
    return key

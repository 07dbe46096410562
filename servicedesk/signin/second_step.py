"""The second step of signing in: a code of an authenticator app (TOTP, RFC 6238), or one on paper.

The other way is a passkey, see `passkeys`. Only for local accounts: of the others, their directory decides what signing in takes.
"""

import base64
import datetime as dt
import hmac
import secrets

import sqlalchemy as sa
from flask import current_app

from cmdb.database import db
from cmdb.people import Person
from servicedesk.secrets import Secret
from servicedesk.signin import story
from servicedesk.signin.account_models import Deed, RecoveryCode, SecondStep
from servicedesk.signin.passkey_models import Passkey
from servicedesk.signin.sessions import hash_token

PERIOD = 30  # seconds that a code is shown
DIGITS = 6
# A clock that is half a minute off is forgiven.
_DRIFT = (0, -1, 1)
# NIST SP 800-63B: after so many wrong codes in a row the app is not asked any more. Only who knows the
# password gets here, so nobody locks out another; a new password or an administrator ends it.
MOST_FAILURES = 100
PAPER_CODES = 10
# Without letters and digits that look alike; four by four they hold 80 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def of(person: Person) -> SecondStep | None:
    """The app of `person`, whether its first code was given or not."""
    return db.session.get(SecondStep, person.id)


def is_on(step: SecondStep | None) -> bool:
    """Whether there is an app that counts."""
    return step is not None and step.confirmed_at is not None


def is_asked(person: Person) -> bool:
    """Whether the password alone is not enough: there is an app that counts, or a passkey."""
    found = sa.select(Person.id).where(Person.id == person.id, has_one(Person.id))
    return db.session.scalar(found) is not None


def has_one(person_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """In SQL, whether that person has an app that counts or a passkey."""
    return sa.or_(
        sa.exists().where(
            SecondStep.person_id == person_id, SecondStep.confirmed_at.is_not(None)
        ),
        sa.exists().where(Passkey.person_id == person_id),
    )


def is_required(person: Person) -> bool:
    """Whether a local account with this role must have one (SERVICEDESK_SECOND_STEP)."""
    return person.role in current_app.config["SECOND_STEP_ROLES"]


def begin(person: Person, now: dt.datetime) -> SecondStep:
    """Make the key for an app, in place of one that was never confirmed.

    Raises:
        ValueError: there is one already that counts.
    """
    step = of(person)
    if is_on(step):
        raise ValueError("the second step is on")
    seed = base64.b32encode(secrets.token_bytes(20)).decode()
    if step is None:
        step = SecondStep(person_id=person.id, municipality_id=person.municipality_id)
        db.session.add(step)
    step.seed, step.made_at = Secret.of(seed), now
    db.session.flush()
    return step


def address(step: SecondStep, person: Person) -> str:
    """What the QR code tells the app."""
    issuer = f"Servicepunt {current_app.config['CENTRE_NAME']}"
    return _totp(step).get_provisioning_uri(person.login, issuer)


def confirm(step: SecondStep, person: Person, code: str, now: dt.datetime) -> list[str] | None:
    """Let the app count from now on, if it gives the right code; codes for on paper for who has none."""
    if is_on(step) or not _fits(step, code, now):
        return None
    step.confirmed_at = now
    story.tell(person, Deed.STEP_ON, person, now)
    return codes_for_who_has_none(person)


def accepts(step: SecondStep | None, person: Person, code: str, now: dt.datetime) -> bool:
    """Whether `code` is of the app at this moment or of the paper; the same is never right twice."""
    has_app = is_on(step)
    if has_app and _fits(step, code, now):
        return True
    if _is_on_paper(person, code, now):
        if has_app:
            step.failures = 0
        story.tell(person, Deed.CODE_USED, person, now)
        return True
    if has_app:
        step.failures = SecondStep.failures + 1
    return False


def codes_for_who_has_none(person: Person) -> list[str]:
    """Codes for on paper, unless there are some left."""
    return [] if codes_left(person) else _on_paper(person)


def renew_codes(person: Person, now: dt.datetime) -> list[str]:
    """New codes for on paper; the old ones are void."""
    story.tell(person, Deed.CODES, person, now)
    return _on_paper(person)


def codes_left(person: Person) -> int:
    return db.session.scalar(
        sa.select(sa.func.count()).where(
            RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None)
        )
    )


def remove(person: Person, actor: Person | None, now: dt.datetime) -> None:
    """Forget app, passkeys and paper of `person`, as they ask themselves or an administrator does."""
    for model in (SecondStep, Passkey, RecoveryCode):
        db.session.execute(sa.delete(model).where(model.person_id == person.id))
    own = actor is not None and actor.id == person.id
    story.tell(person, Deed.STEP_OFF if own else Deed.STEP_RESET, actor, now)


def _fits(step: SecondStep, code: str, now: dt.datetime) -> bool:
    """Whether `code` is the app's; the update makes that of two at once only one is right."""
    digits = "".join(code.split())
    if step.failures >= MOST_FAILURES or not (digits.isascii() and digits.isdigit()):
        return False
    totp, present = _totp(step), int(now.timestamp()) // PERIOD
    for count in (present + drift for drift in _DRIFT):
        if hmac.compare_digest(totp.generate(count * PERIOD), digits.encode()):
            fresh = sa.update(SecondStep).where(
                SecondStep.person_id == step.person_id, SecondStep.last_used < count
            )
            done = db.session.execute(fresh.values(last_used=count, failures=0))
            return done.rowcount == 1
    return False


def _totp(step: SecondStep):
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    return TOTP(base64.b32decode(step.seed.reveal()), DIGITS, SHA1(), PERIOD)  # noqa: S303 - RFC 6238


def _on_paper(person: Person) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(PAPER_CODES)
    ]
    for code in codes:
        made = RecoveryCode(
            code_hash=_hash(code), municipality_id=person.municipality_id, person_id=person.id
        )
        db.session.add(made)
    db.session.flush()
    return codes


def _is_on_paper(person: Person, code: str, now: dt.datetime) -> bool:
    unused = sa.update(RecoveryCode).where(
        RecoveryCode.code_hash == _hash(code),
        RecoveryCode.person_id == person.id,
        RecoveryCode.used_at.is_(None),
    )
    return db.session.execute(unused.values(used_at=now)).rowcount == 1


def _hash(code: str) -> str:
    """However it is typed: small or capital, with or without the lines."""
    return hash_token("".join(char for char in code.casefold() if char.isalnum()))

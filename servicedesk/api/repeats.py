"""A request that comes twice acts once: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the transaction of the deed itself: there is never one without the other.
"""

import datetime as dt
import hashlib

import sqlalchemy as sa
from flask import Response, request

from cmdb.database import db
from cmdb.people import Person
from servicedesk.api.models import KeptAnswer
from servicedesk.problems import Problem, wrong

KEEP = dt.timedelta(hours=24)
_KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def claim(person: Person, now: dt.datetime) -> KeptAnswer | Response | None:
    """The place for the answer to this request, or the answer that it got before.

    None when the request carries no key. A second request at the same moment waits here until the
    first one ends.

    Raises:
        Problem: 400, the key is no key; 422, it came before with another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise wrong("is not 1 to 200 printable characters", header="Idempotency-Key")
    place = KeptAnswer(
        person_id=person.id,
        key_hash=hashlib.sha256(key.encode()).hexdigest(),
        municipality_id=person.municipality_id,
        request_hash=_fingerprint(),
        status=0,
        headers={},
        body="",
        created_at=now,
    )
    known = _known(place)
    if known and known.created_at <= now - KEEP:
        db.session.delete(known)
        db.session.flush()
        known = None
    if known is None:
        try:
            with db.session.begin_nested():
                db.session.add(place)
            return place
        except sa.exc.IntegrityError:
            known = _known(place)
    if known is None or known.request_hash != place.request_hash:
        raise Problem(422, "This Idempotency-Key came before with another request.")
    return Response(known.body, known.status, known.headers)


def keep(place: KeptAnswer, answer: Response) -> None:
    """Keep what was answered; committed together with the deed."""
    place.status = answer.status_code
    place.headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    place.body = answer.get_data(as_text=True)


def _known(place: KeptAnswer) -> KeptAnswer | None:
    return db.session.get(KeptAnswer, (place.person_id, place.key_hash))


def _fingerprint() -> str:
    """What tells two requests apart: method, address and body."""
    parts = (request.method.encode(), request.full_path.encode(), request.get_data())
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

"""A review of access: frozen at its start, decided line by line, carried out when it is signed off.

Nobody decides of themselves. A review only ever takes away: another role is one that may less.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import ROLE_GRANTS, Permission, Reach, Role, reach
from servicedesk.language import gettext as _
from servicedesk.notify import outbox
from servicedesk.reviews import rights
from servicedesk.reviews.models import AccessReview, Decision, Outcome, ReviewLine, Rhythm
from servicedesk.signin import links, sessions, story
from servicedesk.signin.account_models import Deed

class Refused(Exception):
    """It is not done; one sentence says why."""


@dataclass(frozen=True)
class Verdict:
    """What is decided of a line; `remark` says why when something is taken away."""

    decision: Decision
    new_role: Role | None = None
    remark: str = ""


def may_review(person: Person, municipality_id: int | None) -> bool:
    """Whether somebody may decide of the people of a municipality, or of the centre (None)."""
    granted = reach(person, Permission.ACCESS_REVIEW)
    ours = granted == Reach.MUNICIPALITY and municipality_id == person.municipality_id
    return person.is_active and (granted == Reach.EVERYWHERE or ours)


def reviewers() -> list[Person]:
    """Everybody who may review something, by name."""
    roles = [role for role in Role if Permission.ACCESS_REVIEW in ROLE_GRANTS[role]]
    chosen = sa.select(Person).where(Person.is_active, Person.role.in_(roles))
    found = chosen.options(joinedload(Person.municipality)).order_by(Person.name, Person.id)
    return list(db.session.scalars(found))


def lower(role: Role) -> list[Role]:
    """The roles for the same home that may less, and nothing more."""
    held = ROLE_GRANTS[role]
    return [
        other
        for other in Role
        if other != role
        and other.serves_everyone == role.serves_everyone
        and all(granted <= held.get(each, 0) for each, granted in ROLE_GRANTS[other].items())
    ]


def start(
    municipality: Municipality | None,
    rhythm: Rhythm,
    due_on: dt.date,
    reviewer: Person,
    by: Person,
    openness: rights.Openness,
) -> AccessReview:
    """Freeze who has which role now, and ask the reviewer by mail. In scope `EVERYTHING`.

    Raises:
        Refused: the day is past, the reviewer may not, one runs already, or there is nobody.
    """
    now, home = openness.now, municipality.id if municipality else None
    if due_on < local(now).date():
        raise Refused(_("Kies een dag die nog komt."))
    if not may_review(reviewer, home):
        raise Refused(_("Deze persoon mag deze controle niet doen. Kies een ander."))
    found = list(rights.everybody(rights.Question(home or rights.CENTRE), openness))
    if not found:
        raise Refused(_("Hier is niemand die kan inloggen."))
    review = AccessReview(
        municipality_id=home, open_for=home or rights.CENTRE, rhythm=rhythm, due_on=due_on,
        reviewer_id=reviewer.id, started_by_id=by.id, started_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(review)
            db.session.flush()
    except sa.exc.IntegrityError:
        raise Refused(_("Er loopt al een controle. Teken die eerst af.")) from None
    db.session.add_all(_frozen(review, one) for one in found)
    db.session.flush()
    outbox.enqueue(
        reviewer, "access-review", dedup_key=f"access-review:{review.id}", municipality_id=home,
        now=now, review=review, of=municipality, people=len(found), is_late=False,
    )  # fmt: skip
    return review


def _frozen(review: AccessReview, one: rights.Right) -> ReviewLine:
    return ReviewLine(
        review_id=review.id,
        municipality_id=review.municipality_id,
        person_id=one.person.id,
        name=one.person.name,
        login=one.person.login,
        role=one.person.role,
        teams=", ".join(team.name for team in one.person.teams),
        directory_group=one.group,
        last_seen_at=one.signed_in_at,
    )


def lines(
    review: AccessReview, decision: Decision | str | None = None, role: Role | None = None
) -> sa.Select:
    """The lines by name: with a decision, or "open" for those without; of a role."""
    chosen = sa.select(ReviewLine).where(ReviewLine.review_id == review.id)
    if decision == "open":
        chosen = chosen.where(ReviewLine.decision.is_(None))
    elif decision is not None:
        chosen = chosen.where(ReviewLine.decision == decision)
    if role is not None:
        chosen = chosen.where(ReviewLine.role == role)
    return chosen.order_by(ReviewLine.name, ReviewLine.id)


def counts(review: AccessReview) -> dict[Decision | None, int]:
    counted = (
        sa.select(ReviewLine.decision, sa.func.count())
        .where(ReviewLine.review_id == review.id)
        .group_by(ReviewLine.decision)
    )
    return dict(db.session.execute(counted).all())


def decide(
    review: AccessReview, chosen: sa.Select, verdict: Verdict, by: Person, now: dt.datetime
) -> int:
    """Decide of the lines of a select of them; how many. The line of `by` stays as it is.

    Raises:
        Refused: it is signed off, there is nothing to decide of, or the verdict does not fit.
    """
    if not review.is_open:
        raise Refused(_("Deze controle is afgetekend. Er kan niets meer aan veranderen."))
    if verdict.decision != Decision.KEEP and not verdict.remark.strip():
        raise Refused(_("Vul in waarom u iets wegneemt."))
    keys = chosen.with_only_columns(ReviewLine.id, ReviewLine.role).order_by(None)
    found = db.session.execute(keys.where(ReviewLine.person_id != by.id)).all()
    if not found:
        raise Refused(_("Kies wie u nakijkt. Over uzelf beslist een ander."))
    is_change = verdict.decision == Decision.CHANGE
    if is_change and any(verdict.new_role not in lower(role) for _key, role in found):
        raise Refused(_("Kies een rol met minder rechten dan de rol van nu."))
    values = {
        "decision": verdict.decision,
        "new_role": verdict.new_role if is_change else None,
        "remark": verdict.remark.strip(),
        "decided_by_id": by.id,
        "decided_at": now,
    }
    _write([key for key, _role in found], values)
    return len(found)


def _write(keys: Collection[int], values: dict[str, object]) -> None:
    for index in range(0, len(keys), 500):
        some = ReviewLine.id.in_(keys[index : index + 500])
        db.session.execute(sa.update(ReviewLine).where(some).values(values))


def sign(review: AccessReview, by: Person, now: dt.datetime) -> None:
    """Carry out what was decided, and close the review for good.

    Raises:
        Refused: a line waits, somebody decided of themselves, or no administrator would be left.
    """
    if not review.is_open:
        raise Refused(_("Deze controle is afgetekend. Er kan niets meer aan veranderen."))
    if counts(review).get(None):
        raise Refused(_("Er zijn nog regels zonder besluit."))
    own = lines(review).where(
        ReviewLine.person_id == by.id, ReviewLine.decided_by_id == ReviewLine.person_id
    )
    if db.session.scalar(own):
        raise Refused(_("Over uzelf beslist een ander."))
    changed = lines(review).where(ReviewLine.decision != Decision.KEEP)
    for line in db.session.scalars(changed.options(joinedload(ReviewLine.person))).all():
        line.outcome = _carry_out(line, by, now)
    if not _is_administrated(review):
        raise Refused(_("Er moet een beheerder overblijven. Behoud er ten minste één."))
    kept = sa.update(ReviewLine).where(
        ReviewLine.review_id == review.id, ReviewLine.decision == Decision.KEEP
    )
    db.session.execute(kept.values(outcome=Outcome.NOTHING))
    db.session.flush()  # the lines first: those of a signed review do not change
    review.signed_by_id, review.signed_name, review.signed_at = by.id, by.name, now
    review.open_for = None
    db.session.flush()


def _carry_out(line: ReviewLine, by: Person, now: dt.datetime) -> Outcome:
    person = line.person
    is_change = line.decision == Decision.CHANGE
    if not person.is_active or (is_change and person.role != line.role):
        return Outcome.OVERTAKEN
    if is_change and line.directory_group:
        return Outcome.DIRECTORY  # the next synchronisation would give it back
    if is_change:
        story.tell(person, Deed.ROLE, by, now, f"{person.role.value} {line.new_role.value}")
        person.role, outcome = line.new_role, Outcome.CHANGED
    else:
        story.tell(person, Deed.INACTIVE, by, now)
        person.is_active, outcome = False, Outcome.STOPPED
        links.end(person, now)
    sessions.end_all(person, now)
    return outcome


def _is_administrated(review: AccessReview) -> bool:
    """Whether somebody can still administrate; a review of a municipality changes nothing of that."""
    if review.municipality_id is not None:
        return True
    left = sa.select(Person.id).where(Person.is_active, Person.role == Role.ADMINISTRATOR)
    return db.session.scalar(left.limit(1)) is not None


def remind(now: dt.datetime) -> int:
    """Tell each reviewer, once a week, of a review that is late; how many are. In scope `EVERYTHING`."""
    today = local(now).date()
    late = sa.select(AccessReview).where(
        AccessReview.signed_at.is_(None), AccessReview.due_on < today
    )
    found = db.session.scalars(
        late.options(joinedload(AccessReview.reviewer), joinedload(AccessReview.municipality))
    ).all()
    for review in found:
        week = (today - review.due_on).days // 7
        outbox.enqueue(
            review.reviewer, "access-review", dedup_key=f"access-review:{review.id}:late:{week}",
            municipality_id=review.municipality_id, now=now, review=review,
            of=review.municipality, people=sum(counts(review).values()), is_late=True,
        )  # fmt: skip
    return len(found)

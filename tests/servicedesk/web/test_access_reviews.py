"""A review of access: frozen, decided by another, carried out at the sign-off, and then for good."""

import datetime as dt
import io

import openpyxl
import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import ROLE_GRANTS, Role
from servicedesk.notify.models import Message
from servicedesk.reviews import rhythm, rounds
from servicedesk.reviews.models import AccessReview, Decision, Outcome, ReviewLine, Rhythm
from servicedesk.signin.account_models import AccountEvent, Deed
from tests.makers import make_person, make_review
from tests.servicedesk.web.test_access_rights import MANAGERS, directory  # noqa: F401

DUE = utc_now().date() + dt.timedelta(days=14)


@pytest.fixture
def review(cast):
    """Of the centre, by Els."""
    return make_review(None, cast.els, cast.ada)


def line_of(review, person):
    chosen = sa.select(ReviewLine).where(
        ReviewLine.review_id == review.id, ReviewLine.person_id == person.id
    )
    db.session.expire_all()
    return db.session.scalar(chosen)


def decide(browser, review, people, decision, **form):
    lines = [line_of(review, person).id for person in people]
    return browser.post(
        f"/access/reviews/{review.id}/decide",
        data={"line": lines, "decision": decision} | form,
        follow_redirects=True,
    )


def test_a_review_from_start_to_sign_off(cast, sign_in):
    els, ada = sign_in(cast.els), sign_in(cast.ada)
    daan = sign_in(cast.daan)
    begun = els.post("/access/reviews", data={
        "home": "centre", "rhythm": "quarterly", "reviewer": cast.els.id, "due_on": f"{DUE}",
    })  # fmt: skip
    assert begun.status_code == 303
    review = db.session.scalars(sa.select(AccessReview)).one()
    assert begun.location == f"/access/reviews/{review.id}"
    frozen = {row.person_id: row.role for row in db.session.scalars(sa.select(ReviewLine))}
    assert frozen == {one.id: one.role for one in cast.people if one.role.serves_everyone}
    mail = db.session.scalars(sa.select(Message)).one()
    assert mail.recipient_id == cast.els.id and f"/access/reviews/{review.id}" in mail.body

    assert "1 besluit is vastgelegd" in decide(els, review, [cast.ada], "keep").text
    stopped = decide(els, review, [cast.daan], "take-away", remark="Werkt hier niet meer")
    assert "1 besluit is vastgelegd" in stopped.text
    assert decide(els, review, [cast.femke], "keep").status_code == 200
    # Nothing changes before the sign-off, and of Els another decides.
    assert daan.get("/desk").status_code == 200
    assert els.post(f"/access/reviews/{review.id}/sign").status_code == 422
    assert decide(els, review, [cast.els], "keep").status_code == 422
    decide(ada, review, [cast.els], "change", new_role="agent", remark="Was tijdelijk")

    signed = ada.post(f"/access/reviews/{review.id}/sign", follow_redirects=True)
    assert signed.request.path.endswith("/report") and "Toegang gestopt" in signed.text
    db.session.expire_all()
    assert (review.signed_name, review.signed_by_id) == (cast.ada.name, cast.ada.id)
    assert review.signed_at is not None and review.open_for is None
    assert not cast.daan.is_active and cast.femke.is_active and cast.els.role == Role.AGENT
    for ended in (daan, els):
        assert ended.get("/desk").location.startswith("/signin")
    told = {(one.person_id, one.deed, one.actor_id) for one in db.session.scalars(sa.select(AccountEvent))}
    assert told == {
        (cast.daan.id, Deed.INACTIVE, cast.ada.id), (cast.els.id, Deed.ROLE, cast.ada.id),
    }  # fmt: skip
    outcomes = {row.person_id: row.outcome for row in db.session.scalars(sa.select(ReviewLine))}
    assert outcomes == {
        cast.ada.id: Outcome.NOTHING, cast.femke.id: Outcome.NOTHING,
        cast.daan.id: Outcome.STOPPED, cast.els.id: Outcome.CHANGED,
    }  # fmt: skip


def test_a_manager_reviews_her_own_people_and_no_others(cast, sign_in):
    ours, theirs = (make_review(town, cast.mia if town is cast.oosterveen else cast.els, cast.els)
                    for town in (cast.oosterveen, cast.lindhoven))  # fmt: skip
    mia = sign_in(cast.mia)
    page = mia.get(f"/access/reviews/{ours.id}").text
    assert cast.anna.name in page and cast.bram.name in page
    for name in (cast.carla.name, cast.daan.name):
        assert name not in page
    for path in ("", "/report", "/lines.csv"):
        assert mia.get(f"/access/reviews/{theirs.id}{path}").status_code == 404
    line = line_of(theirs, cast.carla)
    mia.post(f"/access/reviews/{ours.id}/decide",
             data={"line": line.id, "decision": "take-away", "remark": "x"})  # fmt: skip
    assert line_of(theirs, cast.carla).decision is None
    assert f"/access/reviews/{theirs.id}" not in mia.get("/access/reviews").text
    assert mia.post("/access/reviews", data={"home": cast.oosterveen.code}).status_code == 404

    decide(mia, ours, [cast.anna], "take-away", remark="Uit dienst")
    decide(mia, ours, [cast.bram], "keep")
    assert mia.post(f"/access/reviews/{ours.id}/sign").status_code == 422  # her own line waits
    decide(sign_in(cast.els), ours, [cast.mia], "keep")
    assert mia.post(f"/access/reviews/{ours.id}/sign").status_code == 303
    db.session.expire_all()
    assert not cast.anna.is_active and cast.bram.is_active and cast.carla.is_active


def test_nobody_decides_of_herself_also_not_in_bulk(cast, sign_in, review):
    els = sign_in(cast.els)
    els.post(f"/access/reviews/{review.id}/decide", data={"all": "1", "decision": "keep"})
    assert line_of(review, cast.els).decision is None
    assert all(line_of(review, one).decision == Decision.KEEP for one in (cast.ada, cast.daan))
    # Also when the row itself were to say so.
    db.session.execute(sa.update(ReviewLine).where(ReviewLine.person_id == cast.els.id).values(
        decision=Decision.KEEP, decided_by_id=cast.els.id, decided_at=utc_now()))  # fmt: skip
    db.session.commit()
    answer = els.post(f"/access/reviews/{review.id}/sign")
    assert answer.status_code == 422 and "Over uzelf beslist een ander" in answer.text


def test_a_review_gives_nobody_more(cast):
    for role in Role:
        for other in rounds.lower(role):
            assert all(ROLE_GRANTS[other][each] <= ROLE_GRANTS[role][each] for each in ROLE_GRANTS[other])
    assert rounds.lower(Role.ADMINISTRATOR) == [Role.AGENT, Role.CENTRE_MANAGER]
    assert rounds.lower(Role.MUNICIPALITY_MANAGER) == [Role.EMPLOYEE]
    assert rounds.lower(Role.EMPLOYEE) == rounds.lower(Role.AGENT) == []


def test_what_does_not_fit_is_refused_with_a_sentence_and_keeps_the_form(cast, sign_in, review):
    els = sign_in(cast.els)
    for people, decision, form, said in (
        ([cast.daan], "take-away", {}, "Vul in waarom"),
        ([cast.daan], "", {"remark": "zie lijst"}, "Kies een besluit"),
        ([cast.daan], "king", {"remark": "zie lijst"}, "Kies een besluit"),
        ([], "keep", {"remark": "zie lijst"}, "Kies wie u nakijkt"),
        ([cast.daan], "change", {"remark": "zie lijst"}, "Kies een rol met minder"),
        ([cast.daan], "change", {"remark": "zie lijst", "new_role": "administrator"}, "minder rechten"),
        ([cast.ada], "change", {"remark": "zie lijst", "new_role": "employee"}, "minder rechten"),
    ):
        answer = decide(els, review, people, decision, **form)
        assert answer.status_code == 422 and said in answer.text, (decision, form)
        assert "remark" not in form or 'value="zie lijst"' in answer.text
    odd = {"line": ["x", "-1", "99999999999999999999", "²"], "decision": "keep"}
    assert els.post(f"/access/reviews/{review.id}/decide", data=odd).status_code == 422
    assert all(row.decision is None for row in db.session.scalars(sa.select(ReviewLine)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"due_on": "2020-01-01"}, "Kies een dag die nog komt"),
        ({"due_on": "morgen"}, "Vul een datum in"),
        ({"home": "9999"}, "Kies een van de mogelijkheden"),
        ({"reviewer": "0"}, "Kies een van de mogelijkheden"),
        ({"reviewer": "mia"}, "mag deze controle niet doen"),
    ],
)
def test_a_start_that_does_not_fit(cast, sign_in, values, said):
    if values.get("reviewer") == "mia":
        values = {"reviewer": cast.mia.id}
    form = {"home": "centre", "rhythm": "quarterly", "reviewer": cast.els.id, "due_on": f"{DUE}"}
    answer = sign_in(cast.ada).post("/access/reviews", data=form | values)
    assert answer.status_code == 422 and said in answer.text
    assert not db.session.scalars(sa.select(AccessReview)).all()


def test_one_review_at_a_time(cast, sign_in, review):
    form = {"home": "centre", "rhythm": "quarterly", "reviewer": cast.els.id, "due_on": f"{DUE}"}
    answer = sign_in(cast.ada).post("/access/reviews", data=form)
    assert answer.status_code == 422 and "Er loopt al een controle" in answer.text
    assert make_review(cast.oosterveen, cast.mia, cast.ada).id != review.id


def keep_all(review, by, other):
    now = utc_now()
    verdict = rounds.Verdict(Decision.KEEP)
    rounds.decide(review, rounds.lines(review), verdict, by, now)
    rounds.decide(review, rounds.lines(review), verdict, other, now)
    db.session.commit()


def test_what_is_signed_does_not_change(cast, sign_in, review):
    keep_all(review, cast.els, cast.ada)
    rounds.sign(review, cast.els, utc_now())
    db.session.commit()
    els = sign_in(cast.els)
    assert decide(els, review, [cast.daan], "keep").status_code == 422
    assert els.post(f"/access/reviews/{review.id}/sign").status_code == 422
    for statement in (
        sa.update(ReviewLine).values(remark="anders"),
        sa.update(AccessReview).values(signed_name="Iemand"),
        sa.delete(ReviewLine),
        sa.delete(AccessReview),
    ):
        with pytest.raises(sa.exc.DBAPIError, match="signed|FOREIGN"), db.session.begin_nested():
            db.session.execute(statement)


def test_an_administrator_is_left(cast, sign_in, review):
    keep_all(review, cast.els, cast.ada)
    els = sign_in(cast.els)
    decide(els, review, [cast.ada], "take-away", remark="Weg")
    answer = els.post(f"/access/reviews/{review.id}/sign")
    assert answer.status_code == 422 and "Er moet een beheerder overblijven" in answer.text
    db.session.expire_all()
    assert cast.ada.is_active and review.signed_at is None
    assert all(row.outcome is None for row in db.session.scalars(sa.select(ReviewLine)))


def test_a_role_of_a_directory_is_told_and_left_to_its_group(cast, sign_in, directory):  # noqa: F811
    review = make_review(cast.oosterveen, cast.els, cast.ada)
    assert line_of(review, cast.mia).directory_group == MANAGERS
    els = sign_in(cast.els)
    decide(els, review, [cast.mia], "change", new_role="employee", remark="Andere baan")
    decide(els, review, [cast.bram], "take-away", remark="Uit dienst")
    decide(els, review, [cast.anna], "keep")
    page = els.post(f"/access/reviews/{review.id}/sign", follow_redirects=True).text
    db.session.expire_all()
    assert cast.mia.role == Role.MUNICIPALITY_MANAGER and not cast.bram.is_active
    assert line_of(review, cast.mia).outcome == Outcome.DIRECTORY
    assert "Wijzig het in de groep van de directory" in page and MANAGERS in page


def test_what_changed_meanwhile_is_told(cast, sign_in, review):
    els, ada = sign_in(cast.els), sign_in(cast.ada)
    keep_all(review, cast.els, cast.ada)
    decide(ada, review, [cast.els], "change", new_role="agent", remark="Minder")
    decide(els, review, [cast.daan], "take-away", remark="Weg")
    cast.els.role, cast.daan.is_active = Role.ADMINISTRATOR, False
    db.session.commit()
    assert ada.post(f"/access/reviews/{review.id}/sign").status_code == 303
    assert line_of(review, cast.els).outcome == line_of(review, cast.daan).outcome == Outcome.OVERTAKEN
    assert cast.els.role == Role.ADMINISTRATOR


def test_in_bulk_by_role_over_all_pages(cast, sign_in):
    for number in range(60):
        make_person(f"Persoon {number:02d}", cast.oosterveen)
    review = make_review(cast.oosterveen, cast.mia, cast.els)
    mia = sign_in(cast.mia)
    page = mia.get(f"/access/reviews/{review.id}?role=employee&chosen=1").text
    assert page.count('type="checkbox"') == 51 and page.count(" checked") == 50
    answer = mia.post(
        f"/access/reviews/{review.id}/decide?role=employee", data={"all": "1", "decision": "keep"},
        follow_redirects=True,
    )  # fmt: skip
    assert "62 besluiten zijn vastgelegd" in answer.text and answer.request.query_string == b"role=employee"
    counts = rounds.counts(review)
    assert counts == {Decision.KEEP: 62, None: 1}
    for query in ("state=x", "role=x"):
        assert mia.get(f"/access/reviews/{review.id}?{query}").status_code == 404


def test_files(cast, sign_in, review):
    db.session.execute(sa.update(ReviewLine).where(ReviewLine.person_id == cast.daan.id).values(
        name="=1+1", remark="@SUM(A1)"))  # fmt: skip
    db.session.commit()
    els = sign_in(cast.els)
    text = els.get(f"/access/reviews/{review.id}/lines.csv").data.decode("utf-8-sig")
    assert "'=1+1" in text and "'@SUM" in text and cast.femke.name in text
    book = openpyxl.load_workbook(io.BytesIO(els.get(f"/access/reviews/{review.id}/lines.xlsx").data))
    assert len(book.sheetnames) == 2


def test_a_late_review_is_told_once_a_week(cast, review):
    def told():
        count = sa.select(sa.func.count()).select_from(Message)
        return db.session.scalar(count.where(Message.subject.contains("te laat")))

    day = dt.timedelta(days=1)
    for after, many in ((14, 0), (15, 1), (16, 1), (21, 2), (22, 2)):
        rounds.remind(utc_now() + after * day)
        assert told() == many, after
    keep_all(review, cast.els, cast.ada)
    rounds.sign(review, cast.els, utc_now())
    rounds.remind(utc_now() + 40 * day)
    assert told() == 2


def test_when_it_is_too_long_ago(cast, sign_in, review):
    ada = sign_in(cast.ada)
    assert "te lang niet nagekeken" in ada.get("/access").text
    standing = {one.municipality: one for one in rhythm.standing(utc_now())}
    assert standing[None].is_overdue and standing[None].is_running
    keep_all(review, cast.els, cast.ada)
    rounds.sign(review, cast.els, utc_now())
    db.session.commit()
    for days, late in ((0, False), (92, False), (93, True)):
        standing = {one.municipality: one for one in rhythm.standing(utc_now() + dt.timedelta(days=days))}
        assert standing[None].is_overdue == late
    assert rhythm.DAYS == {Rhythm.QUARTERLY: 92, Rhythm.YEARLY: 366}
    assert "5.18.01" in ada.get("/access/reviews").text


def test_people_who_come_later_are_not_in_it(cast, review):
    make_person("Nieuw", None, Role.AGENT)
    cast.daan.name = "Daan Anders"
    db.session.commit()
    names = set(db.session.scalars(sa.select(ReviewLine.name)))
    assert "Nieuw" not in names and "Daan Anders" not in names
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) > len(names)

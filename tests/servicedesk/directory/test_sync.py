"""Keeping the people of a municipality as its directory has them."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk import jobs
from servicedesk.commands.directory import group, secrets_group
from servicedesk.directory import sync
from servicedesk.directory.models import DirectoryAccount
from servicedesk.notify.models import Message
from tests.makers import NOW
from tests.servicedesk.directory.conftest import make_directory

PEOPLE = "ou=people,dc=alfa,dc=example"


def run(directory, now=NOW, **values) -> sync.Report:
    for name, value in values.items():
        setattr(directory, name, value)
    db.session.commit()
    report = sync.run(directory, now)
    db.session.commit()
    db.session.expire_all()
    return report


def people(home) -> dict[str, Person]:
    chosen = sa.select(Person).join(DirectoryAccount, DirectoryAccount.person_id == Person.id)
    found = db.session.scalars(chosen.where(Person.municipality_id == home.id))
    return {person.login: person for person in found}


def active(home) -> set[str]:
    return {login for login, person in people(home).items() if person.is_active}


def test_all_who_may_sign_in_are_there_and_nobody_else(alfa, cast):
    report = run(alfa)
    assert (report.outcome, report.found, report.figures.refused) == ("done", 1500, 0)
    found = people(cast.oosterveen)
    assert len(found) == report.figures.added == len(active(cast.oosterveen))
    assert {"al00036@alfa.example", "al00039@alfa.example", "al00204@alfa.example"}.isdisjoint(found)
    managers = [login for login, one in found.items() if one.role == Role.MUNICIPALITY_MANAGER]
    assert sorted(managers) == [f"al000{number}@alfa.example" for number in range(21, 31)]
    assert found["x.rtl@alfa.example"].name == "דנה כהן"
    assert found["al00001@alfa.example"].department.municipality_id == cast.oosterveen.id


def test_a_second_time_changes_nothing(alfa):
    run(alfa)
    figures = run(alfa).figures
    assert (figures.added, figures.changed, figures.left) == (0, 0, 0)


def test_two_municipalities_keep_people_of_the_same_name_apart(alfa, beta, cast):
    run(alfa)
    run(beta)
    ours, theirs = people(cast.oosterveen), people(cast.lindhoven)
    assert ours["jdevries@alfa.example"].id != theirs["jdevries@beta.example"].id
    assert ours["gedeeld@alfa.example"].email == theirs["gedeeld@beta.example"].email
    assert not set(ours) & set(theirs)


def test_who_is_deep_in_a_group_counts_and_a_circle_ends(slapd, cast):
    names = "cn=medewerkers,ou=groups,dc=alfa,dc=example", "cn=kring-a,ou=groups,dc=alfa,dc=example"
    alfa = make_directory(slapd, cast.oosterveen, groups={"employee": list(names)})
    run(alfa)
    assert "al00001@alfa.example" in people(cast.oosterveen)  # medewerkers > ict > ict-beheer
    assert len(people(cast.oosterveen)) == 31


def test_a_group_that_is_not_there_stops_all(slapd, cast):
    alfa = make_directory(slapd, cast.oosterveen, groups={"employee": ["cn=gone,dc=alfa,dc=example"]})
    report = run(alfa)
    assert (report.outcome, report.step) == ("failed", "search") and "cn=gone" in report.detail
    assert not people(cast.oosterveen)


@pytest.fixture
def home(small, cast):
    directory = make_directory(small, cast.oosterveen, groups={})
    run(directory)
    return directory


def change(small, account, text, kind="modify"):
    small.change("alfa", f"dn: cn={account},{PEOPLE}\nchangetype: {kind}\n{text}\n")


def test_somebody_who_is_disabled_or_gone_is_out_and_stays_who_they_were(home, small, cast):
    before = people(cast.oosterveen)
    disabled, gone = before["al00001@alfa.example"].id, before["al00002@alfa.example"].id
    change(small, "al00001", "replace: userAccountControl\nuserAccountControl: 514")
    change(small, "al00002", "", "delete")
    assert run(home).figures.left == 2
    for key in (disabled, gone):
        assert not db.session.get(Person, key).is_active
    change(small, "al00001", "replace: userAccountControl\nuserAccountControl: 512")
    run(home)
    assert db.session.get(Person, disabled).is_active and not db.session.get(Person, gone).is_active


def test_a_renamed_person_is_the_same_and_two_may_change_names(home, small, cast):
    before = people(cast.oosterveen)
    first, second = before["al00001@alfa.example"].id, before["al00002@alfa.example"].id
    change(small, "al00001", "replace: sAMAccountName\nsAMAccountName: al00002")
    change(small, "al00002", "replace: sAMAccountName\nsAMAccountName: al00001")
    change(small, "al00003", "newrdn: cn=elders\ndeleteoldrdn: 1", "modrdn")
    report = run(home)
    assert (report.outcome, report.figures.changed, report.figures.left) == ("done", 2, 0)
    after = people(cast.oosterveen)
    assert after["al00002@alfa.example"].id == first and after["al00001@alfa.example"].id == second
    assert after["al00003@alfa.example"].id == before["al00003@alfa.example"].id


def test_the_name_of_who_left_passes_on_to_somebody_new(home, small, cast):
    old = people(cast.oosterveen)["al00001@alfa.example"].id
    change(small, "al00001", "", "delete")
    change(
        small, "opvolger",
        "objectClass: inetOrgPerson\nobjectClass: user\nobjectCategory: person\ncn: opvolger\nsn: O\n"
        "sAMAccountName: al00001\nuserAccountControl: 512\nobjectGUID:: AAECAwQFBgcICQoLDA0ODw==", "add",
    )  # fmt: skip
    assert run(home).outcome == "done"
    assert people(cast.oosterveen)["al00001@alfa.example"].id != old
    assert not db.session.get(Person, old).is_active


def test_a_name_of_somebody_elsewhere_is_not_taken(small, cast):
    cast.carla.login, cast.ada.login = "al00001@alfa.example", "al00002@alfa.example"
    cast.bram.login = "al00003@alfa.example"  # made for it by an administrator, at Oosterveen
    db.session.commit()
    report = run(make_directory(small, cast.oosterveen, groups={}))
    assert (report.outcome, report.figures.refused) == ("done", 2)
    assert (cast.carla.municipality_id, cast.ada.role) == (cast.lindhoven.id, Role.ADMINISTRATOR)
    assert people(cast.oosterveen)["al00003@alfa.example"].id == cast.bram.id


def test_more_than_a_fifth_gone_changes_nothing_and_rings(home, small, cast):
    before = active(cast.oosterveen)
    report = run(home, people_filter="(uid=al0000*)")
    assert (report.outcome, report.known) == ("stopped", len(before))
    assert active(cast.oosterveen) == before
    run(home)
    alarms = db.session.scalars(sa.select(Message)).all()
    assert [one.recipient_id for one in alarms] == [cast.ada.id]
    assert "alfa.example" in alarms[0].subject and f"{report.leaving} van de" in alarms[0].body
    sync.ask(home, NOW, may_shrink=True)
    report = run(home)
    assert report.outcome == "done" and len(active(cast.oosterveen)) == 9 and not home.may_shrink


@pytest.mark.parametrize("values", [{"hosts": ["localhost:1"]}, {"base": "ou=gone,dc=alfa,dc=example"}])
def test_a_directory_that_gives_no_whole_answer_shuts_nobody_out(home, cast, values):
    before, last = active(cast.oosterveen), home.synced_at
    assert run(home, **values).outcome == "failed"
    assert active(cast.oosterveen) == before and home.synced_at == last
    assert home.last_sync["step"] in ("port", "search")
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 1


def test_the_job_serves_the_others_when_one_is_down(small, cast):
    down = make_directory(small, cast.oosterveen, hosts=["localhost:1"])
    well = make_directory(small, cast.lindhoven, "beta")
    jobs.sync_directories(NOW)
    db.session.expire_all()
    assert (down.last_sync["outcome"], well.last_sync["outcome"]) == ("failed", "done")
    assert sync.due(NOW + sync.EVERY - dt.timedelta(seconds=1)) == []
    assert sync.due(NOW + sync.EVERY) == [down.id, well.id]


def test_two_workers_take_turns(alfa):
    assert sync.claim(alfa.id, NOW) is not None
    assert sync.claim(alfa.id, NOW) is None


def test_the_command_says_what_it_did_and_what_failed(app, small, cast):
    make_directory(small, cast.oosterveen)
    runner = app.test_cli_runner()
    done = runner.invoke(group, ["sync", "alfa.example"])
    assert done.exit_code == 0 and "alfa.example: 60 found, 57 added" in done.output, done.output
    assert runner.invoke(group, ["sync", "nergens.example"]).exit_code == 2
    make_directory(small, cast.lindhoven, "beta", hosts=["localhost:1"])
    failed = runner.invoke(group, ["sync"])
    assert failed.exit_code == 1 and "beta.example: failed at port" in failed.output
    assert "2 secrets" in runner.invoke(secrets_group, ["rotate"]).output
    assert runner.invoke(group, ["sync", "alfa.example"]).exit_code == 0

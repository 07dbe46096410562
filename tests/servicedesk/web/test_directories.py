"""A directory made, tested and changed in the browser; its password shown to nobody."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.directory.models import Directory
from tests.servicedesk.directory.conftest import make_directory, on_this_machine, slapd

__all__ = ["on_this_machine", "slapd"]


@pytest.fixture
def ada(sign_in, cast):
    return sign_in(cast.ada)


def filled(slapd, home, **values) -> dict[str, object]:
    there = slapd.info["tenants"]["alfa"]
    return {
        "municipality": home.id, "domain": " Alfa.Example ", "kind": "active-directory",
        "hosts": f"localhost:{slapd.port}", "security": "starttls", "ca": slapd.ca,
        "base": there["suffix"], "bind_dn": there["sync_dn"], "bind_password": there["sync_password"],
        "group_base": there["groups"], "employees": f"cn=sd-users,{there['groups']}",
        "managers": f"cn=sd-managers,{there['groups']}", "is_active": "y",
    } | values  # fmt: skip


def only() -> Directory:
    db.session.expire_all()
    return db.session.scalars(sa.select(Directory)).one()


def test_made_tested_and_in_use(ada, slapd, cast):
    assert "Directory toevoegen" in ada.get("/directories").text
    answer = ada.post("/directories/new", data=filled(slapd, cast.oosterveen))
    assert answer.status_code == 303
    made = only()
    assert (made.domain, made.hosts) == ("alfa.example", [f"localhost:{slapd.port}"])
    assert answer.location == f"/directories/{made.id}"
    page = ada.post(f"/directories/{made.id}/test").text
    assert "De verbinding werkt" in page and "1.500 personen" in page or "1500 personen" in page
    assert "onder wie 10 managers" in page
    assert ada.post(f"/directories/{made.id}/sync", follow_redirects=True).status_code == 200
    assert "alfa.example" in ada.get("/directories").text


@pytest.mark.parametrize(
    ("values", "failed", "untried"),
    [
        ({"hosts": ["no-such-host.invalid"]}, "Adres van de server opzoeken", 5),
        ({"hosts": ["localhost:1"]}, "Verbinden met de poort", 4),
        ({"ca": "other"}, "Certificaat controleren", 2),
        ({"bind_dn": "cn=nobody,dc=alfa,dc=example"}, "Aanmelden met het account", 1),
        ({"base": "ou=gone,dc=alfa,dc=example"}, "Personen en groepen zoeken", 0),
        ({"people_filter": "(&("}, "Personen en groepen zoeken", 0),
    ],
)
def test_the_test_says_which_step_failed(ada, slapd, cast, values, failed, untried):
    if "ca" in values:
        values = {"ca": slapd.other_ca}
    directory = make_directory(slapd, cast.oosterveen, **values)
    page = ada.post(f"/directories/{directory.id}/test").text
    assert f"<strong>{failed}: mislukt</strong>" in page
    assert page.count("niet geprobeerd") == untried


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"domain": "geen domein"}, "Vul een domein in"),
        ({"hosts": "ldap://dc1.gemeente.nl"}, "Vul een server in"),
        ({"hosts": "file:///etc/passwd"}, "Vul een server in"),
        ({"hosts": "dc1:99999"}, "Vul een server in"),
        ({"hosts": "\n"}, "Vul"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nonzin"}, "Dit is geen certificaat"),
        ({"ca": "ünïcode"}, "Dit is geen certificaat"),
        ({"base": "geen naam"}, "Dit is geen naam in een directory"),
        ({"employees": "cn=goed,dc=x\nfout"}, "Dit is geen naam in een directory: fout"),
        ({"people_filter": "(a=b)(c=d"}, "Dit filter klopt niet"),
        ({"people_filter": "(a=b))(|(c=d)"}, "Dit filter klopt niet"),
        ({"people_filter": "x"}, "Dit filter klopt niet"),
        ({"login": "uid)(x"}, "Een naam van een attribuut"),
        ({"kind": "novell"}, "Kies een van de mogelijkheden"),
        ({"municipality": "999"}, "Kies een van de mogelijkheden"),
        ({"bind_password": ""}, "Vul het wachtwoord in"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(ada, slapd, cast, values, said):
    answer = ada.post(
        "/directories/new", data=filled(slapd, cast.oosterveen, group_base="dc=x", **values)
    )
    assert answer.status_code == 422 and said in answer.text
    assert 'value="dc=x"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Directory.id))) == 0


def test_the_password_is_never_shown_and_stays_when_left_empty(ada, slapd, cast):
    ada.post("/directories/new", data=filled(slapd, cast.oosterveen))
    made = only()
    assert "sync-alfa" not in ada.get(f"/directories/{made.id}").text
    form = filled(slapd, cast.oosterveen, bind_password="", managers="")
    assert ada.post(f"/directories/{made.id}", data=form).status_code == 303
    assert only().bind_password.reveal() == "sync-alfa" and only().groups["municipality-manager"] == []
    form["domain"] = "fout!"
    assert "sync-alfa" not in ada.post(f"/directories/{made.id}", data=form | {"bind_password": "sync-alfa"}).text


@pytest.mark.parametrize(
    "values", [{"hosts": "evil.example"}, {"ca": ""}, {"security": "ldaps"}, {"bind_dn": "cn=x"}]
)
def test_the_kept_password_does_not_go_to_another_server(ada, slapd, cast, values):
    directory = make_directory(slapd, cast.oosterveen, ca=slapd.ca.strip())
    form = filled(slapd, cast.oosterveen, bind_password="") | values
    answer = ada.post(f"/directories/{directory.id}", data=form)
    assert answer.status_code == 422 and "Vul het wachtwoord in" in answer.text
    assert only().hosts == [f"localhost:{slapd.port}"]


def test_a_domain_is_of_one_municipality(ada, slapd, cast):
    make_directory(slapd, cast.lindhoven)
    answer = ada.post("/directories/new", data=filled(slapd, cast.oosterveen))
    assert answer.status_code == 422 and "heeft dit domein al" in answer.text


def test_what_became_of_the_last_time_is_shown(ada, slapd, cast):
    stopped = {"outcome": "stopped", "known": 40, "leaving": 31}
    directory = make_directory(slapd, cast.oosterveen, last_sync=stopped)
    page = ada.get(f"/directories/{directory.id}").text
    assert "Gestopt" in page and "werk toch bij" in page
    assert "te veel personen ontbreken" in ada.get("/directories").text
    ada.post(f"/directories/{directory.id}/sync", data={"may_shrink": "1"})
    assert only().may_shrink
    failed = {"outcome": "failed", "step": "port", "host": "dc1", "detail": "<b>refused</b>"}
    directory.last_sync = failed
    db.session.commit()
    page = ada.get(f"/directories/{directory.id}").text
    assert "Mislukt bij: Verbinden met de poort" in page and "&lt;b&gt;refused" in page

"""Who somebody at a provider is here: never more than an explicit rule says."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.openid import people
from servicedesk.openid.claims import read
from servicedesk.openid.failure import Reason, Refused
from servicedesk.openid.models import OpenIdAccount
from servicedesk.signin import links
from servicedesk.signin.account_models import Purpose
from servicedesk.signin.passwords import set_password
from tests.makers import NOW, make_person
from tests.servicedesk.openid.conftest import GUID, make_provider

ISSUER = "https://login.example"


def come(provider, **claims) -> Person:
    told = {"sub": "one", "preferred_username": "anna", "name": "Anna B", "email": "a@x.nl"} | claims
    return people.person_of(provider, read(provider, told), NOW)


def refused(provider, **claims) -> Reason:
    with pytest.raises(Refused) as error:
        come(provider, **claims)
    return error.value.reason


@pytest.fixture
def local(cast):
    """A local account of Oosterveen that has the name which the provider will give."""
    person = make_person("Anna Oud", cast.oosterveen)
    person.login = "anna@oosterveen.nl"
    set_password(person, "correct paard batterij")
    db.session.commit()
    return person


@pytest.fixture
def in_directory(cast, local):
    """The same, as the directory of Oosterveen knows her."""
    directory = Directory(
        municipality_id=cast.oosterveen.id, domain="oosterveen.nl", hosts=["dc1"], base="dc=x",
        kind="active-directory", security="ldaps", bind_dn="cn=x", next_sync_at=NOW,
    )  # fmt: skip
    db.session.add(directory)
    db.session.flush()
    account = DirectoryAccount(
        directory_id=directory.id, key=GUID.replace("-", ""), municipality_id=cast.oosterveen.id,
        person_id=local.id, is_enabled=True,
    )  # fmt: skip
    db.session.add(account)
    db.session.commit()
    return local


def test_l6_a_mail_address_makes_nobody_somebody_else(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    for other in (cast.anna, cast.carla, cast.ada):
        person = come(provider, sub=f"of {other.id}", preferred_username=f"x{other.id}", email=other.email)
        assert person.id != other.id and person.municipality_id == cast.oosterveen.id


def test_the_domain_of_a_claim_is_no_municipality(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    person = come(provider, preferred_username="piet@lindhoven.nl", tid="x", municipality="Lindhoven")
    assert person.municipality_id == cast.oosterveen.id


def test_l4_the_same_key_at_two_providers_is_two_people(cast):
    here = make_provider(ISSUER, cast.oosterveen, groups={})
    there = make_provider(ISSUER, cast.lindhoven, id=72, domain="lindhoven.nl", groups={})
    assert come(here).id != come(there).id
    assert come(here).municipality_id == cast.oosterveen.id


def test_the_same_key_at_another_issuer_is_somebody_else(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    come(provider)
    provider.issuer = "https://elsewhere.example"
    assert refused(provider) == Reason.TAKEN


def test_a_name_that_is_taken_is_not_given_away(cast, local):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    assert refused(provider) == Reason.TAKEN
    assert local.password_hash


def test_with_the_rule_the_account_of_that_name_goes_over_with_its_history(cast, local):
    provider = make_provider(ISSUER, cast.oosterveen, groups={}, takes_over=True)
    token = links.make(local, Purpose.RESET, NOW)
    assert come(provider).id == local.id
    assert links.find(token, NOW) is None, "a link would give it a password again"
    assert local.password_hash is None and local.name == "Anna B"
    assert refused(provider, sub="two") == Reason.TAKEN, "it is somebody's now"


@pytest.mark.parametrize("whose", ["carla", "ada", "daan"])
def test_with_the_rule_no_account_of_elsewhere_goes_over(cast, whose):
    provider = make_provider(ISSUER, cast.oosterveen, groups={}, takes_over=True)
    person = getattr(cast, whose)
    person.login = "anna@oosterveen.nl"
    db.session.commit()
    assert refused(provider) == Reason.TAKEN


def test_the_account_of_an_administrator_never_goes_over(cast):
    groups = {"administrator": ["a"]}
    provider = make_provider(ISSUER, None, domain="centrum.nl", groups=groups, takes_over=True)
    cast.ada.login, cast.els.login = "anna@centrum.nl", "els@centrum.nl"
    db.session.commit()
    assert refused(provider, groups=["a"]) == Reason.TAKEN
    assert come(provider, sub="els", preferred_username="els").id == cast.els.id


@pytest.mark.parametrize(
    "value", [GUID, GUID.upper(), GUID.replace("-", ""), "/xmWb4aLEdC0LQDAT8lk/w==", f"{{{GUID}}}"]
)
def test_the_key_of_the_directory_finds_its_person(cast, in_directory, value):
    provider = make_provider(ISSUER, cast.oosterveen, groups={}, directory_claim="objectGUID")
    assert come(provider, objectGUID=value, preferred_username="someone.else").id == in_directory.id
    # The directory says who she is, and what she may.
    assert (in_directory.name, in_directory.login) == ("Anna Oud", "anna@oosterveen.nl")


def test_base64_of_the_bytes_is_read_as_active_directory_writes_them():
    import base64
    import uuid

    from servicedesk.directory import entries

    raw = uuid.UUID(GUID).bytes_le
    assert entries.key_of(base64.b64encode(raw).decode()) == uuid.UUID(GUID).hex


@pytest.mark.parametrize("value", [None, "", "x", 5, [GUID], "0" * 32, GUID + "0", "AAAA"])
def test_with_a_directory_only_its_people_come_in(cast, in_directory, value):
    provider = make_provider(
        ISSUER, cast.oosterveen, groups={}, directory_claim="objectGUID", takes_over=True
    )
    assert refused(provider, objectGUID=value) == Reason.UNKNOWN


def test_the_key_in_the_directory_of_another_municipality_is_nobody_here(cast, in_directory):
    provider = make_provider(ISSUER, cast.lindhoven, groups={}, directory_claim="objectGUID")
    assert refused(provider, objectGUID=GUID) == Reason.UNKNOWN


def test_who_is_of_the_directory_is_never_taken_over_by_a_name(cast, in_directory):
    provider = make_provider(ISSUER, cast.oosterveen, groups={}, takes_over=True)
    assert refused(provider) == Reason.TAKEN


def test_whom_the_directory_shut_out_stays_out(cast, in_directory):
    provider = make_provider(ISSUER, cast.oosterveen, groups={}, directory_claim="objectGUID")
    come(provider, objectGUID=GUID)
    in_directory.is_active = False
    db.session.commit()
    assert refused(provider, objectGUID=GUID) == Reason.INACTIVE


def test_who_moved_to_another_municipality_does_not_come_in_by_the_old_one(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    person = come(provider)
    person.municipality_id = cast.lindhoven.id
    db.session.commit()
    assert refused(provider) == Reason.INACTIVE


def test_a_new_name_that_is_taken_changes_nothing_but_the_rest(cast, local):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    person = come(provider, preferred_username="bep")
    assert come(provider, name="Bep").id == person.id
    assert (person.login, person.name) == ("bep@oosterveen.nl", "Bep")


def test_a_role_that_no_group_is_about_stays(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={"employee": ["e"]})
    person = come(provider, groups=["e"])
    person.role = Role.MUNICIPALITY_MANAGER
    db.session.commit()
    assert come(provider, groups=["e"]).role == Role.MUNICIPALITY_MANAGER
    provider.groups = {"employee": ["e"], "municipality-manager": ["m"]}
    assert come(provider, groups=["e"]).role == Role.EMPLOYEE


def test_an_administrator_of_the_centre_who_left_the_group_is_none(cast):
    groups = {"agent": ["w"], "administrator": ["a"]}
    provider = make_provider(ISSUER, None, domain="centrum.nl", groups=groups)
    assert come(provider, groups=["w", "a"]).role == Role.ADMINISTRATOR
    assert come(provider, groups=["w"]).role == Role.AGENT
    assert refused(provider, groups=["x"]) == Reason.NO_GROUP


def test_one_person_has_one_account_however_often_they_come(cast):
    provider = make_provider(ISSUER, cast.oosterveen, groups={})
    assert come(provider).id == come(provider).id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OpenIdAccount)) == 1

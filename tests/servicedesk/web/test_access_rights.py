"""The list of who may see and do what: filters, sources of a role, files."""

import io

import openpyxl
import pytest

from cmdb.database import db, utc_now
from cmdb.permissions import ROLE_GRANTS, Permission, Reach, Role
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.reviews import words
from tests.makers import make_person

MANAGERS = "cn=managers,dc=oosterveen"


@pytest.fixture
def ada(cast, sign_in):
    return sign_in(cast.ada)


@pytest.fixture
def directory(cast):
    made = Directory(
        municipality_id=cast.oosterveen.id, domain="oosterveen.example", hosts=["localhost:1"],
        kind="openldap", security="ldaps", base="dc=x", bind_dn="cn=x", next_sync_at=utc_now(),
        groups={"municipality-manager": [MANAGERS]},
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for person in (cast.mia, cast.bram):
        db.session.add(
            DirectoryAccount(directory_id=made.id, key=person.login, is_enabled=True,
                             municipality_id=person.municipality_id, person_id=person.id)
        )  # fmt: skip
    db.session.commit()
    return made


def test_every_permission_and_reach_has_words():
    assert set(words.PERMISSION) == set(Permission) and set(words.REACH) == set(Reach)


def test_everybody_who_may_sign_in_is_listed(ada, cast):
    cast.bram.is_active = False
    db.session.commit()
    page = ada.get("/access").text
    for person in cast.people:
        assert (person.name in page) == (person is not cast.bram)


def test_filters(ada, cast):
    def shown(query):
        page = ada.get(f"/access?{query}").text
        return {one.name.split()[0].lower() for one in cast.people if f"people/{one.id}" in page}

    assert shown(f"municipality={cast.lindhoven.code}") == {"carla"}
    assert shown("municipality=centre&role=agent") == {"daan", "femke"}
    assert shown("role=municipality-manager") == {"mia"}
    assert shown("permission=access:view-as") == {"ada"}
    assert shown("permission=personal-data") == {"mia", "els", "ada"}
    assert shown("q=ANNA") == {"anna"}
    assert shown("q=%25") == set()
    for query in ("municipality=0000", "role=king", "permission=x"):
        assert ada.get(f"/access?{query}").status_code == 404
    for query in ("page=0", "page=-3", "page=abc", "page=999999999999999999999"):
        assert ada.get(f"/access?{query}").status_code == 200


def test_pages(ada, cast):
    for number in range(60):
        make_person(f"Persoon {number:02d}", cast.oosterveen)
    first = ada.get("/access").text
    assert "Volgende" in first and "Persoon 59" not in first
    assert "Persoon 59" in ada.get("/access?page=2").text


def test_where_a_role_comes_from(ada, cast, directory):
    page = ada.get(f"/access/people/{cast.mia.id}").text
    assert MANAGERS in page and "oosterveen.example" in page
    assert "met de hand gegeven" in ada.get(f"/access/people/{cast.anna.id}").text
    directory.groups = {}
    db.session.commit()
    page = ada.get(f"/access/people/{cast.mia.id}").text
    assert "met de hand gegeven" in page and "oosterveen.example" in page


def test_what_a_person_may_is_what_the_table_says(ada, cast):
    for person in cast.people:
        page = ada.get(f"/access/people/{person.id}").text
        for each in Permission:
            told = str(words.PERMISSION[each]).replace("’", "’")
            assert (f">{told}<" in page) == (each in ROLE_GRANTS[person.role]), (person.name, each)


def test_when_somebody_was_here(ada, cast, sign_in):
    assert "niet in de laatste 30 dagen" in ada.get("/access?q=Bram").text
    sign_in(cast.bram)
    page = ada.get("/access?q=Bram").text
    assert "vandaag" in page and "niet in de laatste 30 dagen" not in page


def test_the_roles(ada):
    page = ada.get("/access/roles").text
    for role in Role:
        assert f"role={role.value}" in page
    assert "van de eigen gemeente" in page


def test_files_hold_the_choice_and_no_formula(ada, cast):
    cast.anna.name = "=cmd|'/c calc'!A1"
    db.session.commit()
    text = ada.get(f"/access/people.csv?municipality={cast.oosterveen.code}").data.decode("utf-8-sig")
    assert "'=cmd" in text and "\n=cmd" not in text and cast.carla.name not in text
    book = openpyxl.load_workbook(io.BytesIO(ada.get("/access/people.xlsx").data))
    people = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert "'=cmd|'/c calc'!A1" in people and cast.carla.name in people
    assert book.sheetnames == ["Personen", "Rollen en rechten"]

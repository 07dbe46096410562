"""What Ada says of a source and a field holds for every file, in the browser and by command."""

import pytest
import sqlalchemy as sa

from cmdb import authority
from cmdb.database import db
from cmdb.item_parts import FieldRule, Fill
from cmdb.items import Item
from tests.servicedesk.test_import_items import take, the_item, town  # noqa: F401 - fixtures


@pytest.fixture
def ada(cast, sign_in):
    return sign_in(cast.ada)


def test_ada_sets_a_rule_changes_it_and_takes_it_away(ada):
    address = "/items/import/rules"
    rule = {"source": "glpi", "field": "memory", "fill": "never"}
    assert ada.post(address, data=rule).status_code == 303
    assert authority.rules("glpi laptop.json") == {"memory": Fill.NEVER}
    page = ada.get(address).text
    assert "Geheugen" in page and "nooit" in page
    ada.post(address, data=rule | {"fill": "empty"})
    assert authority.rules("glpi x") == {"memory": Fill.EMPTY} and authority.rules("nmap x") == {}
    ada.post(address, data=rule | {"fill": ""})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FieldRule)) == 0


@pytest.mark.parametrize("wrong", [{"source": "hacker"}, {"field": "uid"}, {"fill": "soms"}, {"field": ""}])
def test_what_is_not_offered_is_refused(ada, wrong):
    answer = ada.post(
        "/items/import/rules", data={"source": "glpi", "field": "memory", "fill": "never"} | wrong
    )
    assert answer.status_code == 422 and "uit de lijst" in answer.text


def test_a_file_fills_what_it_may(take):  # noqa: F811
    authority.set_rule("import", "description", Fill.NEVER)
    authority.set_rule("import", "serial", Fill.EMPTY)
    db.session.commit()
    table = "naam;omschrijving;serienummer;geheugen\nPC-1;mooi;{};{}\n"
    first = take(table.format("S1", 1024))
    assert [refusal["field"] for refusal in first["refused"]] == ["description"]
    assert (the_item().description, the_item().serial) == ("", "S1")
    second = take(table.format("S2", 2048), "--key", "name")
    assert {refusal["field"] for refusal in second["refused"]} == {"description", "serial"}
    db.session.expire_all()
    item = db.session.scalars(sa.select(Item).where(Item.name == "PC-1")).one()
    assert (item.serial, item.attributes["memory"]) == ("S1", 2048)

"""The page of a round: confirm or correct on one page, without script."""

import re

import pytest

from cmdb import observations, register
from cmdb.database import db, utc_now
from cmdb.items import ItemStatus
from servicedesk.quality import rounds
from tests.makers import make_item
from tests.servicedesk.web.test_query_counts import counted

URL = "/items/round"


@pytest.fixture
def items(cast):
    kind = {"class_key": "database", "manager_id": cast.daan.id}
    made = [
        make_item("db-1", cast.oosterveen, **kind, attributes={"size": 100}),
        make_item("db-2", cast.oosterveen, **kind),
    ]
    observations.record({(made[0].id, "size"): 250}, (), "glpi a.json", utc_now())
    rounds.begin(utc_now(), 30)
    db.session.commit()
    return made


@pytest.fixture
def form(items, cast, sign_in):
    """`form()` is what the browser of Daan would send, `form(right=["db-1"])` with ticks."""
    def filled(right=(), **changed):
        page = sign_in(cast.daan).get(URL).text
        values = dict(re.findall(r'<input [^>]*name="(\d+-[\w-]+)" value="([^"]*)"', page))
        values = {key: each for key, each in values.items() if not key.endswith("-right")}
        for key, options in re.findall(r'<select [^>]*name="(\d+-[\w-]+)">(.*?)</select>', page):
            chosen = re.search("<option selected>([^<]*)", options)
            values[key] = chosen[1] if chosen else ""
        keys = {question.item.name: question.id for question in rounds.current(cast.daan)}
        values |= {f"{keys[name]}-right": "1" for name in right}
        for where, text in changed.items():
            name, _, field = where.partition("__")
            values[f"{keys[name.replace('_', '-')]}-{field}"] = text
        return values

    return filled


def test_the_page_says_what_and_why(items, cast, sign_in):
    page = sign_in(cast.daan).get(URL).text
    assert "0 van 2 gedaan" in page
    assert "nog nooit bevestigd, 1 tegenspraak" in page
    assert "Grootte gezien als 250 MiB door glpi a.json" in page
    assert 'value="100"' in page and 'value="Daan Mulder"' in page
    page = sign_in(cast.femke).get(URL).text
    assert "U hebt nog geen ronde gehad" in page and "db-1" not in page


def test_confirm_one_and_the_other_stays(items, form, cast, sign_in):
    daan = sign_in(cast.daan)
    assert daan.post(URL, data=form(right=["db-1"])).status_code == 303
    db.session.refresh(items[0])
    assert items[0].confirmed_by_id == cast.daan.id and items[0].attributes == {"size": 100}
    page = daan.get(URL).text
    assert "1 van 2 gedaan" in page and "db-2 klopt zo" in page and "db-1 klopt zo" not in page
    daan.post(URL, data=form(right=["db-2"]))
    assert "Klaar, dank u wel" in daan.get(URL).text


def test_correct_while_confirming(items, form, cast, sign_in):
    data = form(right=["db-1"], db_1__size="250", db_1__personal_data="nee",
                db_1__manager_id="Femke Dijkstra", db_2__size="9")  # fmt: skip
    assert sign_in(cast.daan).post(URL, data=data).status_code == 303
    for item in items:
        db.session.refresh(item)
    assert items[0].attributes == {"size": 250, "personal_data": False}
    assert items[0].manager_id == cast.femke.id
    assert items[1].attributes == {}, "no tick, no change"


def test_what_no_longer_exists_is_retired(items, form, cast, sign_in):
    sign_in(cast.daan).post(URL, data=form(right=["db-1"], db_1__status="Afgevoerd"))
    db.session.refresh(items[0])
    assert items[0].status == ItemStatus.RETIRED


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [("size", "veel", "Vul een getal in"), ("manager_id", "Niemand Bekend", "precies een keer"),
     ("status", "Zoek", "Kies een van deze waarden"), ("size", "9" * 40, "getal")],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_kept(items, form, cast, sign_in, field, text, said):
    answer = sign_in(cast.daan).post(URL, data=form(right=["db-1"], **{f"db_1__{field}": text}))
    assert answer.status_code == 422 and said in answer.text
    assert field == "status" or f'value="{text}"' in answer.text
    assert "checked" in answer.text
    db.session.refresh(items[0])
    assert items[0].confirmed_on is None


def test_a_colleague_was_faster(items, form, cast, sign_in):
    data = form(right=["db-1"], db_1__size="7")
    register.change(items[0], register.begin(cast.ada, "browser", utc_now()),
                    attributes={"size": 300})  # fmt: skip
    db.session.commit()
    answer = sign_in(cast.daan).post(URL, data=data)
    assert answer.status_code == 422 and "Een collega heeft dit object net gewijzigd" in answer.text
    assert 'value="7"' in answer.text and "<strong>300</strong>" in answer.text


def test_no_tick_and_nonsense_say_what_to_do(items, cast, sign_in):
    for data in ({}, {"999999-right": "1"}, {"x-right": "1"}):
        answer = sign_in(cast.daan).post(URL, data=data)
        assert answer.status_code == 422 and "Zet een vinkje" in answer.text
    question = rounds.current(cast.daan)[0]
    assert sign_in(cast.femke).post(URL, data={f"{question.id}-right": "1"}).status_code == 422
    db.session.refresh(items[0])
    assert items[0].confirmed_on is None


def test_statements_do_not_grow_with_the_round(cast, sign_in):
    found = []
    for number in (2, 8):
        for index in range(number):
            town = (cast.oosterveen, cast.lindhoven)[index % 2]
            make_item(f"db-{number}-{index}", town, class_key="database", manager_id=cast.daan.id)
        db.session.query(rounds.Question).delete()
        rounds.begin(utc_now(), 30)
        db.session.commit()
        daan = sign_in(cast.daan)
        daan.get(URL)
        with counted() as statements:
            assert daan.get(URL).text.count(" klopt zo") == len(rounds.current(cast.daan))
        found.append(len(statements))
    assert found[0] == found[1]

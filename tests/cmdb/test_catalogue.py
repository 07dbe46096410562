"""The classes of items: what their attributes take, keep and write, and what they have of their parents."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.catalogue import Attribute, ItemClassSpec, concrete, resolved
from cmdb.classes import BUILT_IN, DECLARED
from cmdb.kinds import Kind
from cmdb.relations import BUILT_IN as RELATIONS

pytestmark = pytest.mark.no_database

ANY = {
    Kind.TEXT: st.text("abc é", min_size=1).map(lambda text: " ".join(text.split())).filter(bool),
    Kind.NUMBER: st.integers(-(10**14), 10**14)
    | st.floats(-1e14, 1e14, allow_nan=False).filter(
        lambda number: not number.is_integer() and abs(number) > 1e-9
    ),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates().map(dt.date.isoformat),
    Kind.ADDRESS: st.ip_addresses().map(str),
    Kind.CENTS: st.integers(-(10**14), 10**14),
    Kind.CHOICE: st.sampled_from(("laser", "inkjet")),
}
VALUES = st.sampled_from(sorted(ANY)).flatmap(lambda kind: st.tuples(st.just(kind), ANY[kind]))


def attribute(kind: Kind, **more) -> Attribute:
    return Attribute("it", "Kenmerk", kind, choices=("laser", "inkjet"), **more)


@given(VALUES)
def test_what_is_written_is_read_back(pair):
    kind, value = pair
    one = attribute(kind)
    assert one.parse(one.format(value)) == value
    one.check(value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "  ProLiant   DL380 ", "ProLiant DL380"),
        ("long_text", " een\r\ntwee ", "een\ntwee"),
        ("number", "12", 12), ("number", "12,5", 12.5), ("number", "-3", -3), ("number", "0,10", 0.1),
        ("number", "1.024", 1024), ("number", "1.234.567,5", 1234567.5), ("number", "1 024", 1024),
        ("number", "1.5", 1.5), ("number", "0.125", 0.125), ("number", "16,0", 16), ("number", "007", 7),
        ("boolean", "Ja", True), ("boolean", "NEE", False), ("boolean", "true", True), ("boolean", "0", False),
        ("date", "24-11-2026", "2026-11-24"), ("date", "4-1-2026", "2026-01-04"), ("date", "24/11/2026", "2026-11-24"),
        ("date", "2026-11-24", "2026-11-24"), ("date", "2026-11-24 00:00:00", "2026-11-24"),
        ("date", "29-02-2024", "2024-02-29"),
        ("choice", "LASER", "laser"),
        ("address", " 10.20.0.15 ", "10.20.0.15"), ("address", "2001:DB8:0:0::1", "2001:db8::1"),
        ("network", "10.20.0.0/24", "10.20.0.0/24"), ("network", "2001:db8::/32", "2001:db8::/32"),
        ("mac", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"), ("mac", "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e"),
        ("url", "https://www.vlietlanden.example/x?y=1", "https://www.vlietlanden.example/x?y=1"),
        ("email", "servicedesk@vlietlanden.example", "servicedesk@vlietlanden.example"),
        ("cents", "1250", 125000), ("cents", "€ 1.250,50", 125050), ("cents", "12.5", 1250), ("cents", "12,-", 1200),
        ("number", "   ", None), ("date", "", None),
    ],
)  # fmt: skip
def test_dutch_text_gives_a_value(kind, text, value):
    found = attribute(Kind(kind)).parse(text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "x" * 501), ("text", "a\x00b"), ("text", "\ud800"), ("long_text", "x" * 10_001),
        ("number", "twaalf"), ("number", "1,2,3"), ("number", "1.02.4"), ("number", "1e5"), ("number", "nan"),
        ("number", "9" * 40), ("number", "1" + "0" * 15), ("number", "12,"), ("number", "٣"), ("number", "1.5,5"),
        ("boolean", "misschien"),
        ("date", "31-02-2026"), ("date", "11-24-2026"), ("date", "24-11-26"), ("date", "morgen"), ("date", "0-0-0000"),
        ("choice", "matrix"),
        ("address", "10.20.0.256"), ("address", "10.20.0.0/24"), ("address", "10.20.0.015"),
        ("network", "10.20.0.5/24"), ("network", "10.20.0.0/33"), ("network", "kantoor"),
        ("mac", "00:1a:2b:3c:4d"), ("mac", "zz:1a:2b:3c:4d:5e"),
        ("url", "javascript:alert(1)"), ("url", "www.example.nl"), ("url", "https://"), ("url", "https://[::1"),
        ("url", "https://a b"), ("url", "https://a:99999"),
        ("email", "anna"), ("email", "anna@gemeente"), ("email", "a@b.nl, c@d.nl"), ("email", "<a@b.nl>"),
        ("cents", "12,345"), ("cents", "veel"), ("cents", "€"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(kind, text):
    with pytest.raises(ValueError) as error:
        attribute(Kind(kind)).parse(text)
    assert str(error.value)[-1] in ".?" and "\n" not in str(error.value)


@given(st.sampled_from(sorted(Kind)), st.text())
def test_any_text_is_read_or_refused(kind, text):
    one = attribute(kind)
    try:
        value = one.parse(text)
    except ValueError:
        return
    assert value is None or one.check(value) is None


def test_an_address_within_a_network_proposes_the_network():
    with pytest.raises(ValueError, match=r"10\.20\.0\.0/24\?"):
        attribute(Kind.NETWORK).parse("10.20.0.5/24")


def test_the_unit_may_stand_behind_a_number():
    assert attribute(Kind.NUMBER, unit="GiB").parse("1,5 gib") == 1.5


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "12"), ("number", True), ("number", float("nan")), ("number", 10**16), ("boolean", 1), ("text", 3),
     ("text", " a"), ("date", "24-11-2026"), ("choice", "Laser"), ("mac", "00-1A-2B-3C-4D-5E"), ("cents", 1.5),
     ("text", None), ("text", "")],
)  # fmt: skip
def test_a_value_of_another_kind_is_not_kept(kind, value):
    with pytest.raises(ValueError):
        attribute(Kind(kind)).check(value)


def test_a_class_has_the_attributes_of_its_parents_first():
    server = BUILT_IN["server"]
    keys = [one.key for one in server.attributes]
    assert keys.index("make") < keys.index("rack_unit") < keys.index("cpu_cores") < len(keys)
    assert server.ancestors == ("rack-device", "hardware") and server.is_a("hardware")
    assert (
        server.attribute("memory").title == "Geheugen (MiB)" and server.attribute("nothing") is None
    )
    assert BUILT_IN["contract"].attribute("monthly_cents").title == "Kosten per maand (€)"


def test_the_attributes_of_an_item_are_judged_by_its_class():
    BUILT_IN["server"].check({"memory": 65536, "make": "HPE"})
    with pytest.raises(ValueError, match="Server heeft geen kenmerk 'wheels'"):
        BUILT_IN["server"].check({"wheels": 4})
    with pytest.raises(ValueError, match="Geheugen: "):
        BUILT_IN["server"].check({"memory": "64 GiB"})


def test_every_class_that_the_centre_needs_is_there():
    needed = {
        "server", "virtual-machine", "cluster", "switch", "vlan", "subnet", "access-point", "ssid", "wan-line",
        "firewall", "storage", "fabric-switch", "volume", "dbms-instance", "database", "application", "website",
        "interface", "workstation", "printer", "smartphone", "phone-system", "certificate", "licence", "contract",
        "supplier", "rack", "room", "building", "ups",
    }  # fmt: skip
    items = concrete(BUILT_IN)
    assert needed <= {spec.key for spec in items}
    assert len({spec.prefix for spec in items}) == len(items) == len({spec.name for spec in items})
    for spec in DECLARED:
        assert len({one.key for one in spec.attributes}) == len(spec.attributes), spec.key
        for one in spec.attributes:
            assert bool(one.choices) == (one.kind == Kind.CHOICE), one
            assert not one.unit or one.kind == Kind.NUMBER, one


def test_no_attribute_hides_one_of_a_parent():
    for spec in DECLARED:
        above = {key for parent in BUILT_IN[spec.key].ancestors for key in keys_of(parent)}
        assert not above & keys_of(spec.key), spec.key


def keys_of(key: str) -> set[str]:
    return {one.key for spec in DECLARED if spec.key == key for one in spec.attributes}


def test_a_class_is_not_its_own_ancestor():
    with pytest.raises(ValueError):
        resolved([ItemClassSpec("a", "A", "AA", "b"), ItemClassSpec("b", "B", "BB", "a")])
    with pytest.raises(ValueError):
        resolved([ItemClassSpec("a", "A", "AA", "gone")])


def test_relation_types_join_classes_that_exist():
    for kind in RELATIONS.values():
        assert {*kind.sources, *kind.targets} <= BUILT_IN.keys(), kind.key


def test_a_relation_type_takes_the_descendants_of_its_classes():
    RELATIONS["connected-to"].check(BUILT_IN["server"], BUILT_IN["switch"])
    RELATIONS["runs-on"].check(BUILT_IN["application"], BUILT_IN["virtual-machine"])
    with pytest.raises(ValueError, match="Database kan niet aan het begin staan van 'draait op'"):
        RELATIONS["runs-on"].check(BUILT_IN["database"], BUILT_IN["server"])
    with pytest.raises(ValueError, match="einde"):
        RELATIONS["runs-on"].check(BUILT_IN["application"], BUILT_IN["contract"])

"""The centre's own classes, attributes and relation types are as good as the built-in ones."""

import pytest

from cmdb import register, registry
from cmdb.catalogue import Attribute
from cmdb.classes_common import COMMON
from cmdb.kinds import Kind
from cmdb.registry import ItemClass
from cmdb.relations import Cardinality, RelationKind
from tests.makers import NOW, make_item


def test_without_rows_the_classes_are_the_built_in_ones(session):
    assert registry.classes()["server"].attribute("memory").unit == "MiB"
    assert registry.find_class("server").prefix == "SRV"


def test_an_own_class_has_what_its_parent_has_and_its_own(session):
    registry.add_class("drone", "Drone", "DRN", "hardware")
    registry.add_attribute("drone", Attribute("range", "Bereik", Kind.NUMBER, "km"))
    registry.add_attribute(
        "hardware", Attribute("case", "Behuizing", Kind.CHOICE, choices=("wit", "zwart"))
    )
    keys = [one.key for one in registry.classes()["drone"].attributes]
    common = [one.key for one in COMMON]
    assert keys == ["make", "model", "mac", "power", "case", "range", *common]
    assert registry.classes()["server"].attribute("case").parse("WIT") == "wit"
    drone = make_item("Drone 1", class_key="drone", attributes={"range": 7.5, "case": "wit"})
    assert drone.uid == "DRN-0001"
    with pytest.raises(ValueError, match="Bereik"):
        register.change(drone, register.begin(None, "test", NOW), attributes={"range": "ver"})


def test_a_row_may_rename_a_built_in_class(session):
    session.add(ItemClass(key="application", name="Pakket", prefix="PKT"))
    session.flush()
    session.expire_all()
    session.commit()
    spec = registry.find_class("application")
    assert (spec.name, spec.prefix) == ("Pakket", "PKT") and spec.attribute("domain")
    assert make_item("Zaken").uid == "PKT-0001"


@pytest.mark.parametrize(
    ("key", "name", "prefix", "parent"),
    [
        ("server", "Servers", "SVR", None), ("drone", "Server", "DRN", None), ("drone", "Drone", "SRV", None),
        ("Drone", "Drone", "DRN", None), ("x" * 41, "Drone", "DRN", None), ("drone", " ", "DRN", None),
        ("drone", "Drone", "drn", None), ("drone", "Drone", "DRON", None), ("drone", "Drone", "D1", None),
        ("drone", "Drone", "ÄÖ", None), ("drone", "Drone", "DRN", "gone"), ("drone", "x" * 81, "DRN", None),
        ("hardware", "Spullen", "SPL", None),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_is_refused(session, key, name, prefix, parent):
    with pytest.raises(ValueError):
        registry.add_class(key, name, prefix, parent)
    assert "drone" not in registry.classes()


@pytest.mark.parametrize(
    ("class_key", "attribute"),
    [
        ("gone", Attribute("age", "Leeftijd")), ("server", Attribute("memory", "Geheugen")),
        ("server", Attribute("make", "Merk")), ("hardware", Attribute("imei", "IMEI")),
        ("server", Attribute("Age!", "Leeftijd")), ("server", Attribute("age", " ")),
        ("server", Attribute("age", "Leeftijd", Kind.CHOICE, choices=("oud",))),
        ("server", Attribute("age", "Leeftijd", Kind.CHOICE, choices=("oud", ""))),
    ],
)  # fmt: skip
def test_an_attribute_that_cannot_be_is_refused(session, class_key, attribute):
    with pytest.raises(ValueError):
        registry.add_attribute(class_key, attribute)


def test_an_own_relation_type_joins_the_classes_it_names(cast):
    kind = RelationKind(
        "films", "filmt", "wordt gefilmd door", ("smartphone",), (), Cardinality.ONE_TO_MANY
    )
    registry.add_relation_kind(kind)
    assert registry.relation_kinds()["films"] == kind and "needs" in registry.relation_kinds()
    phones = [make_item(name, class_key="smartphone") for name in ("Telefoon 1", "Telefoon 2")]
    change_set = register.begin(None, "test", NOW)
    register.relate(phones[0], cast.application, "films", change_set)
    with pytest.raises(ValueError, match="maar een keer 'wordt gefilmd door'"):
        register.relate(phones[1], cast.application, "films", change_set)
    with pytest.raises(ValueError, match="bestaat al"):
        registry.add_relation_kind(kind)
    with pytest.raises(ValueError, match="bestaande soorten"):
        registry.add_relation_kind(RelationKind("sees", "ziet", "gezien", ("gone",)))


def test_the_classes_are_read_once_a_transaction(session):
    before, classes = registry.relation_kinds(), registry.classes()
    register.add("server", register.begin(None, "test", NOW), name="vl-db-01", hosting="central")
    assert registry.classes() is classes and registry.relation_kinds() is before
    session.commit()
    assert registry.relation_kinds() is not before


def test_a_class_that_was_taken_back_is_forgotten(session):
    with session.begin_nested() as savepoint:
        registry.add_class("drone", "Drone", "DRN")
        assert "drone" in registry.classes()
        savepoint.rollback()
    assert "drone" not in registry.classes()

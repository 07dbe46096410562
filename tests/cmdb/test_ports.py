"""The ports of a device: read, written, kept, and each for one thing at a time."""

import datetime as dt

import pytest

from cmdb import history, ports, register
from cmdb.undo import undo
from tests.makers import NOW, make_item

TEXT = "Gi1/0/1; 1000; 10,20; 15,4; paneel 2-14\nGi1/0/2\nTe1/1/1; 10000"
PORTS = [
    {"name": "Gi1/0/1", "speed": 1000, "vlans": [10, 20], "power": 15.4, "label": "paneel 2-14"},
    {"name": "Gi1/0/2"},
    {"name": "Te1/1/1", "speed": 10000},
]


def begin(days=0):
    return register.begin(None, "test", NOW + dt.timedelta(days=days))


def test_a_text_is_read_and_written_back():
    assert ports.parse(TEXT + "\n\n") == PORTS
    assert ports.written(PORTS) == TEXT
    assert ports.parse("") == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1; snel", "Regel 1: Vul een getal in"),
        ("1\n2; -5", "Regel 2: Snelheid"),
        ("1; 10; 5000", "Regel 1: Het nummer van een VLAN"),
        ("1; 10; 1,5x", "Regel 1: Vul een getal in"),
        ("; 1000", "Regel 1: Een poort heeft een naam"),
        ("1\n1", "eigen naam"),
        ("1;2;3;4;5;6", "Regel 1: Gebruik ten hoogste vijf delen"),
        ("x" * 81, "Regel 1: "),
        ("\n".join(map(str, range(1001))), "duizend poorten"),
    ],
)
def test_what_is_no_port_is_refused_by_its_line(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        ports.parse(text)


def test_ports_are_in_the_history_and_taken_back(cast):
    switch = make_item("sw-1", class_key="switch")
    register.change(switch, change_set := begin(1), ports=PORTS)
    (told,) = history.diff(NOW, NOW + dt.timedelta(days=1))
    assert told.fields == ["ports"] and told.after["ports"] == PORTS
    undo(change_set, cast.ada, NOW + dt.timedelta(days=2))
    assert switch.ports is None


def test_a_port_has_one_thing_at_a_time(cast):
    switch, first, second = (
        make_item(name, class_key=key)
        for name, key in (("sw-1", "switch"), ("srv-1", "server"), ("srv-2", "server"))
    )
    until = dt.date(2026, 12, 31)
    relation = register.relate(
        first, switch, "connected-to", begin(), port="Gi1/0/1", valid_until=until
    )
    with pytest.raises(ValueError, match="Op poort Gi1/0/1 van sw-1 is al iets aangesloten"):
        register.relate(second, switch, "connected-to", begin(), port="Gi1/0/1")
    later = dt.date(2027, 1, 1)
    register.relate(
        second, switch, "connected-to", begin(), port="Gi1/0/1", valid_on=later
    )
    with pytest.raises(ValueError, match="al iets aangesloten"):
        register.change_relation(relation, begin(1), valid_until=later)

"""`servicedesk import inventory`: what agents and scans saw, matched by what identifies a thing."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cmdb import authority, register
from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemIdentifier
from cmdb.items import Item, ItemStatus, ItemVersion, Relation
from servicedesk.commands import cmdb as cmdb_command
from servicedesk.commands import imports
from tests.conftest import NOW
from tests.makers import make_item, make_municipality

SHARED = Path(__file__).parents[3] / "shared" / "data"
SERVER = {
    "deviceid": "srv-1",
    "itemtype": "Computer",
    "content": {
        "versionclient": "GLPI-Agent_v1.7",
        "bios": {"smanufacturer": "Dell Inc.", "smodel": "PowerEdge R650", "ssn": "SRVX001",
                 "assettag": "To be filled by O.E.M."},
        "hardware": {"name": "SRV-DB1", "chassis_type": "Rack Mount Chassis", "memory": 65536,
                     "uuid": "4c4c4544-0034-3010-8048-b6c04f503732", "vmsystem": "Physical"},
        "operatingsystem": {"full_name": "Debian GNU/Linux 12", "fqdn": "srv-db1.proefstad.nl"},
        "networks": [
            {"description": "lo", "mac": "00:00:00:00:00:00", "ipaddress": "127.0.0.1"},
            {"description": "docker0", "mac": "02:42:11:22:33:44", "ipaddress": "172.17.0.1"},
            {"description": "eno1", "mac": "B0:5A:DA:10:10:80", "ipaddress": "10.1.1.5"},
        ],
        "databases_services": [
            {"name": "MariaDB", "type": "mysql", "version": "10.11", "port": 3306,
             "databases": [{"name": "zaken", "size": 52000}, {"name": "belasting"}]},
        ],
        "virtualmachines": [
            {"name": "vm-web", "uuid": "c37f7ce8-af95-4676-b454-0959f2c5e162", "memory": 2048,
             "vcpu": 2, "vmtype": "libvirt"},
            {"name": "redis", "vmtype": "docker"},
        ],
    },
}  # fmt: skip
NMAP = """<?xml version="1.0"?><nmaprun scanner="nmap">
<host><status state="up"/><address addr="10.1.1.5" addrtype="ipv4"/>
 <address addr="B0:5A:DA:10:10:80" addrtype="mac" vendor="Dell"/>
 <hostnames><hostname name="elders.proefstad.nl" type="PTR"/></hostnames>
 <ports><port protocol="tcp" portid="22"><state state="open"/></port></ports></host>
<host><status state="up"/><address addr="10.1.1.9" addrtype="ipv4"/>
 <ports><port protocol="tcp" portid="9100"><state state="open"/></port></ports></host>
<host><status state="up"/><address addr="10.1.1.10" addrtype="ipv4"/></host>
<host><status state="down"/><address addr="10.1.1.11" addrtype="ipv4"/></host>
<host><status state="up"/><address addr="127.0.0.1" addrtype="ipv4"/>
 <hostnames><hostname name="localhost" type="PTR"/></hostnames></host>
</nmaprun>"""
FACTS = {
    "ansible_hostname": "app1", "ansible_fqdn": "app1.proefstad.nl", "ansible_system": "Linux",
    "ansible_distribution": "Debian", "ansible_distribution_version": "12.5",
    "ansible_virtualization_role": "guest", "ansible_virtualization_type": "VMware",
    "ansible_memtotal_mb": 7961, "ansible_processor_vcpus": 4, "ansible_product_serial": "NA",
    "ansible_product_uuid": "42131F5B-AAAA-BBBB-CCCC-0123456789AB",
    "ansible_default_ipv4": {"address": "10.1.2.3", "macaddress": "00:50:56:93:aa:bb"},
    "ansible_interfaces": ["lo", "ens192", "docker0"],
    "ansible_ens192": {"macaddress": "00:50:56:93:aa:bb"},
    "ansible_docker0": {"macaddress": "02:42:00:00:00:01"},
}  # fmt: skip


@pytest.fixture
def town(session):
    return make_municipality("Proefstad")


@pytest.fixture
def see(town, tmp_path):
    """Import what an inventory says; the JSON that the command writes."""

    def run(content, form="glpi", *options, status=0):
        path = tmp_path / "inventaris"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        arguments = ["inventory", path, "--format", form, "--municipality", town.code, *options]
        done = CliRunner().invoke(imports.group, [str(one) for one in arguments])
        assert done.exit_code == status, done.output
        return json.loads(done.stdout) if status == 0 else done.stderr

    return run


def counts(summary) -> tuple[int, int, int, int]:
    return (*(summary[key] for key in ("new", "changed", "same")), len(summary["refused"]))


def the_item(name: str) -> Item:
    return db.session.scalars(sa.select(Item).where(Item.name == name)).one()


def links() -> set[tuple[str, str, str]]:
    names = dict(db.session.execute(sa.select(Item.id, Item.name)).all())
    return {
        (names[each.source_id], each.kind, names[each.target_id])
        for each in db.session.scalars(sa.select(Relation))
    }


def test_a_server_comes_with_its_databases_and_guests(see, town):
    summary = see(SERVER)
    assert counts(summary) == (5, 0, 0, 0)
    server = the_item("SRV-DB1")
    assert (server.class_key, server.municipality_id) == ("server", town.id)
    assert (server.serial, server.asset_tag) == ("SRVX001", "")
    assert server.attributes == {
        "make": "Dell Inc.", "model": "PowerEdge R650", "form_factor": "rack", "memory": 65536,
        "mac": "b0:5a:da:10:10:80", "address": "10.1.1.5", "hostname": "SRV-DB1",
        "operating_system": "Debian GNU/Linux 12",
    }  # fmt: skip
    assert the_item("MariaDB op SRV-DB1").attributes["port"] == 3306
    assert links() == {
        ("MariaDB op SRV-DB1", "runs-on", "SRV-DB1"),
        ("zaken (MariaDB op SRV-DB1)", "in-instance", "MariaDB op SRV-DB1"),
        ("belasting (MariaDB op SRV-DB1)", "in-instance", "MariaDB op SRV-DB1"),
        ("vm-web", "runs-on", "SRV-DB1"),
    }


def test_it_is_known_by_what_identifies_it(see):
    see(SERVER)
    known = sa.select(ItemIdentifier.kind, ItemIdentifier.value).where(
        ItemIdentifier.item_id == the_item("SRV-DB1").id
    )
    assert set(db.session.execute(known).all()) == {
        (IdentifierKind.UUID, "4c4c4544-0034-3010-8048-b6c04f503732"),
        (IdentifierKind.MAC, "b0:5a:da:10:10:80"),
        (IdentifierKind.FQDN, "srv-db1.proefstad.nl"),
    }


def test_the_same_inventory_again_changes_nothing(see):
    see(SERVER)
    before = db.session.scalar(sa.select(sa.func.count(ItemVersion.id)))
    summary = see(SERVER)
    assert (counts(summary), summary["change_set"]) == ((0, 0, 5, 0), None)
    assert db.session.scalar(sa.select(sa.func.count(ItemVersion.id))) == before


def test_a_dry_run_writes_nothing(see):
    summary = see(SERVER, "glpi", "--dry-run")
    assert (counts(summary), summary["change_set"]) == ((5, 0, 0, 0), None)
    assert not db.session.scalars(sa.select(Item)).all()


def test_what_was_agreed_stays(see, town):
    """Name, state and class are agreed; memory is seen, unless a person confirmed it."""
    agreed = make_item("Databaseserver", town, class_key="server", serial="srvx001",
                       status=ItemStatus.IN_REPAIR, attributes={"memory": 1, "model": "R640"})  # fmt: skip
    register.note_source(agreed, ["model"], authority.CONFIRMED, NOW)
    summary = see(SERVER)
    assert counts(summary) == (4, 1, 0, 1)
    assert summary["refused"][0]["field"] == "model"
    assert (agreed.name, agreed.status) == ("Databaseserver", ItemStatus.IN_REPAIR)
    assert (agreed.attributes["memory"], agreed.attributes["model"]) == (65536, "R640")


def test_a_guest_keeps_the_place_that_was_agreed(see, town):
    cluster = make_item("Cluster", town, class_key="cluster")
    guest = make_item("vm-web", town, class_key="virtual-machine")
    register.relate(guest, cluster, "runs-on", register.begin(None, "test", NOW))
    see(SERVER)
    assert {link for link in links() if link[0] == "vm-web"} == {("vm-web", "runs-on", "Cluster")}


def test_two_items_with_one_serial_number_are_refused(see, town):
    for name in ("A", "B"):
        make_item(name, town, class_key="server", serial="SRVX001")
    assert counts(see(SERVER)) == (4, 0, 0, 1)


def test_a_scan_finds_what_agents_registered(see):
    see(SERVER)
    summary = see(NMAP, "nmap")
    assert counts(summary)[:2] == (1, 1)
    assert the_item("SRV-DB1").attributes["make"] == "Dell Inc."  # a scan only guesses
    assert the_item("10.1.1.9").class_key == "printer"
    refused = [(each["row"], each["field"]) for each in summary["refused"]]
    assert refused == [(1, "make"), (1, "hostname"), (3, None), (4, None)]


@pytest.mark.parametrize(
    "wrapped",
    [FACTS, {"ansible_facts": FACTS, "changed": False}, {"app1": FACTS},
     {"app1": {"ansible_facts": FACTS}}, [{"ansible_facts": FACTS}]],
)  # fmt: skip
def test_ansible_facts_come_in_any_wrapping(see, wrapped):
    assert counts(see(wrapped, "ansible")) == (1, 0, 0, 0)
    guest = the_item("app1")
    assert (guest.class_key, guest.serial) == ("virtual-machine", "")
    assert guest.attributes == {
        "vcpus": 4, "operating_system": "Debian", "os_version": "12.5", "hostname": "app1",
        "memory": 7961, "address": "10.1.2.3",
    }  # fmt: skip
    assert counts(see(wrapped, "ansible")) == (0, 0, 1, 0)


def test_a_host_that_did_not_answer_is_refused_by_name(see):
    gone = {"unreachable": True, "msg": "Failed to connect"}
    summary = see({"app1": FACTS, "app2": gone, "app3": {"ansible_facts": {}}}, "ansible")
    assert counts(summary) == (1, 0, 0, 2)
    assert [each["reason"].partition(":")[0] for each in summary["refused"]] == ["app2", "app3"]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("glpi", "geen json"),
        ("glpi", "[" * 100_000),
        ("glpi", "{}"),
        ("glpi", '{"deviceid": "x", "content": {"hardware": {"memory": "veel"}}}'),
        ("glpi", '{"deviceid": "x", "content": []}'),
        ("ansible", "1"),
        ("ansible", "[]"),
        ("ansible", "{"),
        ("nmap", "geen xml"),
        ("nmap", "<html/>"),
        ("nmap", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><nmaprun>&e;</nmaprun>'),
        ("nmap", '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><nmaprun>&b;</nmaprun>'),
    ],
)
def test_what_is_no_inventory_ends_with_one_line(see, form, content):
    assert see(content, form, status=2).count("\n") == 1


@pytest.mark.parametrize("junk", [None, 1, "x", [], [1], {"a": 1}, True, "\ud800", "\x00"])
def test_facts_of_any_shape_do_no_harm(see, junk):
    told = {key: junk for key in FACTS if key not in ("ansible_hostname", "ansible_system")}
    assert sum(counts(see({"app1": {**FACTS, **told}}, "ansible"))) == 1


def examples(folder: str, ending: str) -> list[Path]:
    return sorted(path for path in (SHARED / folder).glob(ending) if "schema" not in path.name)


@pytest.mark.parametrize("path", examples("glpi_inventory", "*.json"), ids=lambda path: path.name)
def test_the_public_examples_of_glpi(see, path):
    first = see(path.read_text())
    assert first["new"] and not first["refused"]
    assert see(path.read_text())["change_set"] is None


def test_an_inventory_is_taken_back_with_its_relations(see, town):
    agreed = make_item("SRV-DB1", town, class_key="server", attributes={"memory": 1})
    summary = see(SERVER)
    assert counts(summary) == (4, 1, 0, 0)
    done = CliRunner().invoke(cmdb_command.group, ["undo", str(summary["change_set"])])
    assert done.exit_code == 0, done.output
    assert links() == set()
    assert db.session.scalars(sa.select(Item.name)).all() == ["SRV-DB1"]
    db.session.refresh(agreed)
    assert (agreed.serial, agreed.attributes) == ("", {"memory": 1})
    assert not db.session.scalars(sa.select(ItemIdentifier)).all()
    assert counts(see(SERVER)) == (4, 1, 0, 0)


def test_facts_come_in_every_wrapping_of_ansible(see):
    told = {"ansible_facts": FACTS, "changed": False}
    old = {"contacted": {"app1": told}, "dark": {"app2": {"failed": True, "msg": "geen antwoord"}}}
    summary = see(old, "ansible")
    assert counts(summary) == (1, 0, 0, 1) and "app2" in summary["refused"][0]["reason"]
    assert counts(see({"_meta": {"hostvars": {"app1": told}}}, "ansible")) == (0, 0, 1, 0)


def test_a_machine_without_a_default_route_has_its_first_address(see):
    windows = {
        "ansible_hostname": "WIN1", "ansible_os_family": "Windows", "ansible_system": "Win32NT",
        "ansible_os_name": "Microsoft Windows Server 2022", "ansible_default_ipv4": {},
        "ansible_ip_addresses": ["fe80::1", "2001:db8::9", "10.0.0.9", 7],
    }  # fmt: skip
    see({"ansible_facts": windows}, "ansible")
    assert the_item("WIN1").attributes["address"] == "10.0.0.9"

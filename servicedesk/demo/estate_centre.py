"""The machines of the demo's centre: rooms, power, racks, hosts, storage, switches."""

from cmdb.items import Environment
from servicedesk.demo.estate_agreements import under
from servicedesk.demo.estate_plan import Plan, Row

ROOMS = ("A", "B")
_RACKS = 4
_HOSTS = 4
_MIB_IN_GIB = 1024
_HOST_MEMORY = 512  # GiB
_PRODUCTION = {"environment": Environment.PRODUCTION}

CLUSTERS = ("vl-cluster-a", "vl-cluster-b")
CORES = ("vl-core-1", "vl-core-2")
FIREWALLS = ("vl-fw-centrum", "vl-fw-reserve")
ROUTERS = ("vl-wan-1", "vl-wan-2")
INTERNET = ("Internet Waterkant", "Internet Lageland")
VOLUMES = tuple(f"vol-{purpose}-{number}" for purpose in ("app", "db") for number in range(1, 7))


def add(plan: Plan) -> None:
    """Plan the rooms and what stands in them; the items with a fixed number are planned already."""
    _add_rooms(plan)
    _add_switches(plan)
    _add_edge(plan)
    _add_storage(plan)
    _add_clusters(plan)
    _add_fixed(plan)


def device(plan: Plan, make: str, model: str, team: str = "Netwerk") -> Row:
    """Make, model, serial and the dates of a machine of some years old."""
    bought = plan.days(-5 * 365, -200)
    return {
        "attributes": {"make": make, "model": model},
        "serial": f"{make[:2].upper()}{plan.rng.randrange(10**7, 10**8)}",
        "asset_tag": f"VL-{plan.rng.randrange(10_000, 100_000)}",
        "purchased_on": bought,
        "warranty_until": bought.replace(year=bought.year + 5, day=min(bought.day, 28)),
        **plan.of_team(team),
    }


def _add_rooms(plan: Plan) -> None:
    plan.add(
        "building", "Datacentrum Vlietlanden", **plan.of_team("Netwerk"), yearly_cents=9_600_000,
        attributes={"address": "Kadeweg 2", "postcode": "9999 VL", "city": "Vlietdam"},
    )  # fmt: skip
    plan.share("Datacentrum Vlietlanden")
    for letter in ROOMS:
        room = plan.add(
            "room", f"Serverruimte {letter}", **plan.of_team("Netwerk"),
            attributes={"room_kind": "datacenter", "floor": 0, "cooling": 40},
        )  # fmt: skip
        plan.tie(room, "placed-in", "Datacentrum Vlietlanden")
        ups = plan.add("ups", f"vl-ups-{letter.lower()}", **device(plan, "Volthuis", "VH 40"))
        plan.fill(ups, attributes={"capacity": 40_000, "runtime": 25})
        plan.tie(ups, "placed-in", room)
        for number in range(1, _RACKS + 1):
            rack = plan.add(
                "rack", f"Rack {letter}{number}", **plan.of_team("Netwerk"),
                attributes={"units": 42, "free_units": plan.rng.randint(4, 20)},
            )  # fmt: skip
            plan.tie(rack, "placed-in", room)
            if rack == "Rack B4":  # its second feed was forgotten
                plan.tie(rack, "powered-by", "vl-ups-b")
            else:
                plan.any_of(rack, "powered-by", ("vl-ups-a", "vl-ups-b"), "Voeding")


def _add_switches(plan: Plan) -> None:
    plan.fill("vl-core-1", **device(plan, "Heliant", "HX 9300"))
    plan.add("switch", "vl-core-2", **device(plan, "Heliant", "HX 9300"))
    for name, letter in zip(CORES, ROOMS, strict=True):
        plan.fill(name, attributes={"layer": "kern", "ports": 48, "free_ports": 9,
                                    "dual_power": True}, **_PRODUCTION)  # fmt: skip
        plan.tie(name, "placed-in", f"Rack {letter}1")
    for letter in ROOMS:
        for number in (1, 2):
            name = plan.add(
                "switch", f"vl-tor-{letter.lower()}{number}", **device(plan, "Heliant", "HX 5100")
            )
            plan.fill(name, attributes={"layer": "distributie", "ports": 48, "port_speed": 25_000})
            plan.tie(name, "placed-in", f"Rack {letter}{number + 1}")
            plan.any_of(name, "connected-to", CORES, "Uplinks")


def _add_edge(plan: Plan) -> None:
    plan.fill("vl-fw-centrum", **device(plan, "Muurvast", "MV 2200"))
    plan.add("firewall", "vl-fw-reserve", **device(plan, "Muurvast", "MV 2200"))
    for name, router, core, line, letter in zip(
        FIREWALLS, ROUTERS, CORES, INTERNET, ROOMS, strict=True
    ):
        plan.fill(name, attributes={"throughput": 10_000, "vpn_tunnels": 24, "rules": 412,
                                    "rules_reviewed_on": plan.days(-500, -40).isoformat()},
                  support_until=plan.days(40, 900), **under(plan, "Netwerkbeheer"))  # fmt: skip
        plan.tie(name, "connected-to", core)
        plan.tie(name, "placed-in", f"Rack {letter}1")
        plan.add("router", router, **device(plan, "Heliant", "HR 70"))
        plan.fill(router, attributes={"ports": 16, "throughput": 20_000, "routing": "BGP"})
        plan.tie(router, "connected-to", core)
        plan.tie(router, "placed-in", f"Rack {letter}1")
        contract = "Reservelijnen" if "Waterkant" in line else "Glasvezel hoofdlijnen"
        plan.add(
            "wan-line", line, **plan.of_team("Netwerk"), **under(plan, contract),
            yearly_cents=1_860_000,
            attributes={"technology": "glasvezel", "line_role": "hoofdlijn", "download": 10_000_000,
                        "upload": 10_000_000, "a_end": "Vlietdam", "z_end": "internet"},
        )  # fmt: skip
        plan.share(line)
        plan.tie(line, "connected-to", router)


def _add_storage(plan: Plan) -> None:
    for letter, name in zip(ROOMS, ("vl-san-a", "vl-san-b"), strict=True):
        fabric = plan.add(
            "fabric-switch", f"vl-fab-{letter.lower()}", **device(plan, "Brugzicht", "FC 24")
        )
        plan.fill(fabric, attributes={"fabric": letter, "ports": 24, "licensed_ports": 24})
        plan.tie(fabric, "placed-in", f"Rack {letter}4")
        if letter == "B":
            plan.add("storage", name)
        plan.fill(name, **device(plan, "Brugzicht", "Laag 8200"), **_PRODUCTION,
                  yearly_cents=2_340_000)  # fmt: skip
        plan.fill(name, attributes={"controllers": 2, "raw_size": 96_000, "usable_size": 64_000,
                                    "used_size": 51_300, "raid": "RAID 6"},
                  **under(plan, "Hardware datacentrum"))  # fmt: skip
        plan.tie(name, "placed-in", f"Rack {letter}4")
    plan.share("vl-san-b")
    for name in ("vl-san-a", "vl-san-b"):
        plan.any_of(name, "connected-to", ("vl-fab-a", "vl-fab-b"), "Fabrics")
    for number, name in enumerate(VOLUMES):
        plan.add(
            "volume", name, **plan.of_team("Netwerk"),
            attributes={"lun": f"{number}", "size": 4000, "used_size": plan.rng.randint(1500, 3900),
                        "multipath": True, "replicated": number % 3 != 2},
        )  # fmt: skip
        if number % 3 != 2:
            plan.any_of(name, "stored-on", ("vl-san-a", "vl-san-b"), "Spiegel")
        else:
            plan.tie(name, "stored-on", "vl-san-b" if number % 2 else "vl-san-a")


def _add_clusters(plan: Plan) -> None:
    for letter, cluster in zip(ROOMS, CLUSTERS, strict=True):
        hosts = [_add_host(plan, letter, number) for number in range(1, _HOSTS + 1)]
        plan.add(
            "cluster", cluster, **plan.of_team("Netwerk"), **_PRODUCTION,
            **under(plan, "Hardware datacentrum"),
            attributes={"product": "Gastheer", "product_version": "8.2", "cpu_cores": 256,
                        "cluster_kind": "actief-actief", "failover_automatic": True,
                        "memory": _HOSTS * _HOST_MEMORY * _MIB_IN_GIB},
        )  # fmt: skip
        plan.tie(cluster, "licensed-by", "Licentie virtualisatie")
        rule = (
            {"kind": "at_least", "count": 3} if letter == "A"
            else {"kind": "capacity", "need": 2 * _HOST_MEMORY + 128}
        )  # fmt: skip
        plan.group(cluster, "has-member", hosts, "Hosts", rule, failover_minutes=4,
                   capacity=None if letter == "A" else _HOST_MEMORY)  # fmt: skip


def _add_host(plan: Plan, letter: str, number: int) -> str:
    name = f"vl-host-{letter.lower()}{number}"
    plan.add(
        "server", name, **device(plan, "Brugzicht", "Dijk 740"), **_PRODUCTION,
        yearly_cents=412_000, **under(plan, "Hardware datacentrum"),
    )  # fmt: skip
    plan.fill(name, attributes={
        "form_factor": "rack", "cpu_sockets": 2, "cpu_cores": 64, "operating_system": "Gastheer",
        "os_version": "8.2", "memory": _HOST_MEMORY * _MIB_IN_GIB, "hostname": name,
        "address": f"10.20.{1 if letter == 'A' else 2}.{10 + number}", "monitoring": "ja",
    })  # fmt: skip
    plan.share(name)
    plan.tie(name, "placed-in", f"Rack {letter}{1 + number % _RACKS}")
    tor = f"vl-tor-{letter.lower()}"
    plan.any_of(name, "connected-to", (f"{tor}1", f"{tor}2"), "Netwerk")
    return name


def _add_fixed(plan: Plan) -> None:
    """Say more of the servers with a fixed number, and add the one for backups."""
    plan.add("server", "vl-backup-01", **device(plan, "Brugzicht", "Dijk 540"))
    plan.share("vl-backup-01")
    plan.tie("vl-backup-01", "connected-to", "vl-core-2")
    for number, name in enumerate(("vl-db-01", "vl-db-02", "vl-ctx-04", "vl-backup-01")):
        if name != "vl-backup-01":
            plan.fill(name, **device(plan, "Brugzicht", "Dijk 640"))
        plan.fill(name, **_PRODUCTION, yearly_cents=386_000, **under(plan, "Hardware datacentrum"),
                  attributes={
                      "form_factor": "rack", "cpu_sockets": 2, "cpu_cores": 32, "memory": 262_144,
                      "operating_system": "Windows Server" if name == "vl-ctx-04" else "Debian",
                      "os_version": "2019" if name == "vl-ctx-04" else "12", "hostname": name,
                      "address": f"10.20.3.{21 + number}", "backup_policy": "dagelijks",
                      "backup_on": plan.days(-3, -1).isoformat(),
                  })  # fmt: skip
        plan.tie(name, "placed-in", f"Rack {ROOMS[number % 2]}3")
    backup = plan.add(
        "backup-service", "Back-up centrum", **plan.of_team("Netwerk"), yearly_cents=1_140_000,
        **under(plan, "Uitwijk en back-up"),
        attributes={"product": "Kluisgang", "product_version": "11", "retention": 90,
                    "immutable": True, "off_site": True},
    )  # fmt: skip
    plan.share(backup)
    plan.tie(backup, "runs-on", "vl-backup-01")
    plan.tie(backup, "licensed-by", "Licentie back-up")

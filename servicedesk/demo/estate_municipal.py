"""What stands at each municipality of the demo: lines, network, its own software and devices."""

import datetime as dt
from typing import Any

from cmdb.item_parts import IdentifierKind
from cmdb.items import Environment, Hosting
from cmdb.organisation import Municipality
from servicedesk.demo.estate_agreements import under
from servicedesk.demo.estate_centre import INTERNET, ROUTERS, device
from servicedesk.demo.estate_plan import Plan, at_home, short
from servicedesk.demo.estate_software import add_instance

WORKSTATIONS = 900
_PRINTERS = 4
_PHONES = 15
_NO_SPARE_LINE = "Veenakker"
_SAME_DUCT = "Rietwold"  # both its lines lie in one duct, which nobody knew
ROUTE = "Kabeltracé Dijkweg"

_C, _M, _S = Hosting.CENTRAL, Hosting.AT_MUNICIPALITY, Hosting.SAAS
# Domain, component, and by municipality: product, version, hosting.
OWN = {
    "Belastingen": ("Belastingen", "Belastingheffingcomponent", {
        "Duinwijk": ("Heffingsbaak", "11.4", _C), "Oosterveen": ("Heffingsbaak", "11.4", _M),
        "Rietwold": ("Aanslagmeester", "8.0", _M)}),
    "Zaken": ("Zaken en documenten", "Zaakafhandelcomponent", {
        "Rietwold": ("Zaakwerk", "5.9", _M), "Veenakker": ("Dossierflow", "3.2", _S)}),
    "Kaarten": ("Geo-informatie", "Geo-viewercomponent", {
        "Duinwijk": ("Kaartblik", "4.0", _M), "Maasbrugge": ("Landmeter", "2.7", _S)}),
    "Websitebeheer": ("Website en formulieren", "Websitebeheercomponent", {
        "Duinwijk": ("Pleinweb", "3.8", _S), "Lindhoven": ("Pleinweb", "3.8", _S),
        "Maasbrugge": ("Pleinweb", "3.5", _S), "Oosterveen": ("Pleinweb", "3.8", _S),
        "Rietwold": ("Dorpsplein", "1.4", _M), "Veenakker": ("Pleinweb", "3.8", _S)}),
    "Begraafplaatsen": ("Burgerzaken", "Begraafplaatscomponent", {
        "Duinwijk": ("Rustoord", "4.1", _M), "Lindhoven": ("Rustoord", "4.1", _M),
        "Maasbrugge": ("Rustoord", "3.0", _M), "Oosterveen": ("Rustoord", "4.1", _M),
        "Rietwold": ("Grafregister", "2.2", _M), "Veenakker": ("Rustoord", "4.1", _M)}),
    "Parkeren": ("Belastingen", "Parkeervergunningcomponent", {
        "Duinwijk": ("Blauwe Zone", "7.2", _S), "Lindhoven": ("Blauwe Zone", "7.2", _S),
        "Maasbrugge": ("Parkeerwijs", "2026.5", _S), "Oosterveen": ("Blauwe Zone", "7.2", _S),
        "Veenakker": ("Parkeerwijs", "2026.5", _S)}),
    "Afval": ("Bouwen en Wonen", "Afvalbeheercomponent", {
        "Duinwijk": ("Kliko Online", "5.0", _S), "Lindhoven": ("Kliko Online", "5.0", _S),
        "Maasbrugge": ("Kliko Online", "4.6", _S), "Oosterveen": ("Milieustraat", "3.3", _M),
        "Rietwold": ("Kliko Online", "5.0", _S), "Veenakker": ("Milieustraat", "3.1", _M)}),
    "Raadsinformatie": ("Zaken en documenten", "Raadsinformatiecomponent", {
        "Duinwijk": ("Raadhuis Digitaal", "6.1", _S), "Lindhoven": ("Raadhuis Digitaal", "6.1", _S),
        "Maasbrugge": ("Raadhuis Digitaal", "6.1", _S),
        "Oosterveen": ("Raadhuis Digitaal", "6.1", _S),
        "Rietwold": ("Raadhuis Digitaal", "5.8", _S),
        "Veenakker": ("Raadhuis Digitaal", "6.1", _S)}),
}  # fmt: skip
# Make, model, form, memory in GiB, how many of a hundred at a municipality of the plain kind.
MODELS = (
    ("Zegwaard", "Z14 G3", "laptop", 16, 52), ("Zegwaard", "Z14 G2", "laptop", 16, 24),
    ("Zegwaard", "Z24 vast", "vaste pc", 16, 14), ("Zegwaard", "Z10 dun", "thin client", 8, 10),
)  # fmt: skip
_OTHER_MODELS = (("Lantaarn", "L15", "laptop", 8, 60), ("Lantaarn", "L22", "vaste pc", 8, 40))
_OTHER_MAKE = "Maasbrugge"  # bought its own until it joined


def add(plan: Plan) -> None:
    """Plan what each municipality has of its own."""
    _add_wifi(plan)
    plan.add(
        "route-segment", ROUTE, **plan.of_team("Netwerk"),
        attributes={"from": "Rietwold", "to": "Vlietdam", "duct": "mantelbuis 2", "length": 14},
    )  # fmt: skip
    for number, municipality in enumerate(plan.municipalities):
        _add_network(plan, municipality, number)
        _add_server(plan, municipality, number)
        _add_software(plan, municipality)
        _add_website(plan, municipality)
        _add_devices(plan, municipality, number)


def _add_wifi(plan: Plan) -> None:
    for number, (ssid, guest) in enumerate((("Vlietlanden", False), ("Vlietlanden-gast", True))):
        plan.add(
            "ssid", ssid, **plan.of_team("Netwerk"),
            attributes={"ssid": ssid, "guest": guest, "vlan_id": 120 + 10 * number,
                        "authentication": "portaal" if guest else "WPA3-Enterprise"},
        )  # fmt: skip
        plan.share(ssid)


def _add_network(plan: Plan, municipality: Municipality, number: int) -> None:
    name, home = municipality.name, at_home(municipality)
    firewall, switch = f"fw-{name.lower()}", f"sw-{name.lower()}-1"
    plan.any_of(firewall, "connected-to", _add_lines(plan, municipality), "Lijnen")
    plan.fill(firewall, **device(plan, "Muurvast", "MV 220" if name != "Lindhoven" else "MV 110"))
    plan.fill(switch, **device(plan, "Heliant", "HX 3100"))
    plan.tie(switch, "connected-to", firewall)
    for extra in (2, 3):
        make, model = ("Heliant", "HX 3100") if name != "Duinwijk" else ("Schakelaar", "S48")
        plan.add("switch", f"sw-{name.lower()}-{extra}", **home, **device(plan, make, model))
        plan.tie(f"sw-{name.lower()}-{extra}", "connected-to", switch)
    for at in (switch, f"sw-{name.lower()}-2", f"sw-{name.lower()}-3"):
        plan.fill(at, attributes={"layer": "toegang", "ports": 48,
                                  "port_speed": 1_000, "poe_budget": 740})  # fmt: skip
        plan.fill(at, ports=[
            {"name": _port(place), "speed": 1_000, "vlans": [110 + 100 * number], "power": 30,
             "label": f"paneel {place}"} for place in range(1, 49)
        ])  # fmt: skip
    for at, place in ((47, "raadzaal"), (48, "balie")):
        point = f"Accesspoint {place} {name}"
        plan.fill(point, **device(plan, "Heliant", "HW 620"))
        plan.tie(point, "connected-to", f"sw-{name.lower()}-2", port=_port(at))
    for offset, purpose in ((0, "kantoor"), (1, "telefonie")):
        vlan = 110 + 100 * number + offset
        plan.add("vlan", f"VLAN {vlan} {purpose} {name}", **home, **plan.of_team("Netwerk"),
                 attributes={"vlan_id": vlan, "purpose": purpose})  # fmt: skip
        network = f"10.{101 + number}.{offset}.0/24"
        plan.add("subnet", network, **home, **plan.of_team("Netwerk"),
                 attributes={"network": network, "vlan_id": vlan,
                             "gateway": network.replace("0/24", "1"), "zone": purpose})  # fmt: skip
        plan.tie(network, "in-vlan", f"VLAN {vlan} {purpose} {name}")


def _add_lines(plan: Plan, municipality: Municipality) -> list[str]:
    """The line that has a fixed name, and a spare one."""
    name = municipality.name
    main, spare = f"Glasvezel {name}", f"Reservelijn {name}"
    lines = [main] if name == _NO_SPARE_LINE else [main, spare]
    if spare in lines:
        plan.add("wan-line", spare, **at_home(municipality), **plan.of_team("Netwerk"))
    for line, router in zip(lines, ROUTERS, strict=False):
        is_main = line == main
        contract = "Glasvezel hoofdlijnen" if is_main else "Reservelijnen"
        fibre = is_main or name == _SAME_DUCT
        speed = 1_000_000 if is_main else 100_000
        plan.fill(
            line, **under(plan, contract), yearly_cents=684_000 if is_main else 178_800,
            attributes={
                "circuit_id": f"{short(municipality)}-{4410 + len(name)}-{1 if is_main else 2}",
                "technology": "glasvezel" if fibre else "4G/5G",
                "line_role": "hoofdlijn" if is_main else "reserve", "download": speed,
                "upload": speed, "a_end": f"Gemeentehuis {name}", "z_end": "Vlietdam",
                "repair_time": 4 if is_main else 8, "separate_route": False if fibre else None,
                "ends_on": plan.items[contract].attributes["ends_on"],
                "notice_period": plan.items[contract].attributes["notice_period"],
                "encrypted": True, "availability_percent": 99.9 if is_main else 99.5,
            },
        )  # fmt: skip
        plan.tie(line, "connected-to", router)
        if name == _SAME_DUCT:
            plan.tie(line, "needs", ROUTE)
    return lines


def _add_server(plan: Plan, municipality: Municipality, number: int) -> None:
    name, home = municipality.name.lower(), at_home(municipality)
    server = f"srv-{name}-1"
    version = ("2019", "2016", "2019", "2022", "2012 R2", "2019")[number]
    make, model = ("Brugzicht", "Dijk 340") if number != 2 else ("Lantaarn", "T30")
    plan.add("server", server, **home, **device(plan, make, model), yearly_cents=148_000,
             support_until=dt.date(plan.today.year + number % 3, 12, 31),
             environment=Environment.PRODUCTION)  # fmt: skip
    is_small = number in (2, 4)
    plan.fill(server, attributes={
        "form_factor": "toren", "operating_system": "Windows Server", "os_version": version,
        "memory": 32_768 if is_small else 65_536, "cpu_cores": 8 if is_small else 16,
        "hostname": server, "address": f"10.{101 + number}.0.10",
        **({} if is_small else {"backup_policy": "wekelijks"}),
    })  # fmt: skip
    plan.tie(server, "connected-to", f"sw-{name}-1")
    kind = ("ms", "ms", "my", "ms", "ms", "my")[number]
    instance = f"{kind}-{name}-01"
    add_instance(plan, instance, number, **home)
    plan.tie(instance, "runs-on", server)


def _add_software(plan: Plan, municipality: Municipality) -> None:
    for function, (domain, component, chosen) in OWN.items():
        if municipality.name not in chosen:
            continue
        product, version, hosting = chosen[municipality.name]
        name = f"{function} {municipality.name}"
        values: dict[str, Any] = at_home(municipality) | {"hosting": hosting}
        plan.add(
            "application", name, **values, **plan.of_team("Applicatiebeheer"),
            **under(plan, "Websites en formulieren" if hosting == _S else "Onderhoud belastingen"),
            environment=Environment.PRODUCTION, availability=plan.rng.randint(1, 2),
            yearly_cents=plan.rng.randrange(180_000, 960_000, 5_000),
            attributes={
                "domain": domain, "reference_component": component, "product": product,
                "product_version": version, "own_installation": True,
                "users": plan.rng.randint(3, 60),
            },
        )  # fmt: skip
        if hosting == _M:
            plan.tie(name, "runs-on", f"srv-{municipality.name.lower()}-1")
        elif hosting == _C:
            plan.tie(name, "runs-on", "vl-bel-app-01")
        else:
            plan.any_of(name, "connected-to", INTERNET, "Internet")


def _add_website(plan: Plan, municipality: Municipality) -> None:
    certificate = f"{municipality.name.lower()}.example"
    site = f"www.{certificate}"
    ends_on = plan.days(12, 340)
    plan.add("certificate", certificate, **at_home(municipality), **plan.of_team("Netwerk"),
             attributes={"subject": certificate, "issuer": "Zegelhuis CA",
                         "ends_on": ends_on.isoformat()})  # fmt: skip
    plan.fill(site, **under(plan, "Websites en formulieren"), yearly_cents=264_000,
              attributes={"url": f"https://{site}/", "public": True,
                          "visitors": plan.rng.randrange(4_000, 22_000, 100)})  # fmt: skip
    plan.tie(site, "secured-by", certificate)
    plan.tie(site, "needs", f"Websitebeheer {municipality.name}")


def _port(number: int) -> str:
    return f"Gi1/0/{number}"


def _add_devices(plan: Plan, municipality: Municipality, number: int) -> None:
    name, home = municipality.name.lower(), at_home(municipality)
    personal = len(plan.organisation.staff[municipality.id])
    for count in range(1, WORKSTATIONS // len(plan.municipalities) - personal + 1):
        station = plan.add("workstation", f"WP-{short(municipality)}-{count:03d}", **home,
                           **workstation(plan, municipality))  # fmt: skip
        plug = _port((count + 2) // 3)
        plan.tie(station, "connected-to", f"sw-{name}-{1 + count % 3}", port=plug)
    for printer in (f"Multifunctional {floor}e etage {municipality.name}" for floor in (1, 2)):
        plan.fill(printer, **_printer(plan, "Inktvlek", "M 455"))
        plan.tie(printer, "connected-to", f"sw-{name}-2")
    for count in range(1, _PRINTERS + 1):
        make, model = ("Inktvlek", "M 455") if number != 3 else ("Perswerk", "P 30")
        printer = plan.add("printer", f"PR-{short(municipality)}-{count:02d}", **home,
                           **_printer(plan, make, model))  # fmt: skip
        plan.tie(printer, "connected-to", f"sw-{name}-{1 + count % 3}")
    for count in range(1, _PHONES + 1):
        plan.add("smartphone", f"Telefoon {short(municipality)}-{count:02d}", **home,
                 **under(plan, "Smartphones"), yearly_cents=18_000,
                 attributes={"make": "Klinkaart", "model": "K7" if count % 4 else "K5",
                             "operating_system": "Android", "os_version": "15"})  # fmt: skip


def workstation(plan: Plan, municipality: Municipality) -> dict[str, Any]:
    """Make, model and dates of a workstation, leased for four years."""
    models = _OTHER_MODELS if municipality.name == _OTHER_MAKE else MODELS
    make, model, form, memory, _often = plan.rng.choices(models, [row[-1] for row in models])[0]
    values = device(plan, make, model, "Werkplek")
    bought = plan.days(-1600, -20)
    mac = f"02{plan.rng.randrange(16**10):010x}"
    values |= {
        "purchased_on": bought, "warranty_until": bought.replace(year=bought.year + 4, day=1),
        "yearly_cents": 22_800, "identifiers": [(IdentifierKind.MAC, mac)],
        **under(plan, "Lease werkstations"),
    }  # fmt: skip
    values["attributes"] |= {
        "form": form, "memory": memory * 1024, "operating_system": "Windows",
        "os_version": plan.rng.choices(("11 25H2", "11 24H2", "10 22H2"), (6, 3, 1))[0],
        "encrypted": plan.rng.random() < 0.97, "last_seen_on": plan.days(-40, -1).isoformat(),
        "protection": "Schildwacht",
    }  # fmt: skip
    return values


def _printer(plan: Plan, make: str, model: str) -> dict[str, Any]:
    values = device(plan, make, model, "Werkplek")
    values["attributes"] |= {"technique": "laser", "colour": True, "duplex": True,
                             "pages": plan.rng.randrange(9_000, 400_000)}  # fmt: skip
    return values | under(plan, "Afdrukken per pagina") | {"yearly_cents": 42_000}

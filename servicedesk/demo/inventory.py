"""The items of the demo: what the centre runs for all, and what stands at each municipality."""

import datetime as dt
import random
from collections import defaultdict

from cmdb import register
from cmdb.items import Hosting, Item
from cmdb.people import Person
from servicedesk.demo.organisation import Organisation

# Identifier, name, hosting, municipalities that use it, manager, deputy, what it is for.
APPLICATIONS = (
    ("APP-0031", "Zaaksysteem", Hosting.CENTRAL, ("Duinwijk", "Lindhoven", "Maasbrugge", "Oosterveen"), "Youssef Amrani", "Daan Mulder", "Zaakgericht werken en besluiten."),
    ("APP-0044", "Belastingen", Hosting.CENTRAL, ("Lindhoven", "Maasbrugge", "Veenakker"), "Daan Mulder", "Noor Bakker", "WOZ, heffing en inning."),
    ("APP-0058", "GIS-viewer", Hosting.SPLIT, ("Lindhoven", "Oosterveen"), "Noor Bakker", "Tessa van Dijk", "Kaarten en luchtfoto’s."),
    ("APP-0070", "Formulieren", Hosting.SAAS, ("Duinwijk", "Oosterveen"), "Daan Mulder", "Youssef Amrani", "Webformulieren voor inwoners."),
    ("APP-0012", "Burgerzaken", Hosting.CENTRAL, None, "Tessa van Dijk", "Youssef Amrani", "Basisregistratie personen, reisdocumenten."),
    ("APP-0015", "Sociaal Domein", Hosting.CENTRAL, None, "Noor Bakker", "Tessa van Dijk", "Wmo, Jeugdwet en bijstand."),
    ("APP-0019", "Financieel pakket", Hosting.CENTRAL, None, "Tessa van Dijk", "Daan Mulder", "Begroting, inkoop en facturen."),
    ("APP-0023", "Bouwen en wonen", Hosting.CENTRAL, None, "Youssef Amrani", "Noor Bakker", "Omgevingsvergunningen."),
    ("APP-0027", "E-mail en agenda", Hosting.SAAS, None, "Lotte Visser", "Jeroen Kok", "Postvakken en agenda’s."),
    ("APP-0029", "Thuiswerken (Citrix)", Hosting.CENTRAL, None, "Lotte Visser", "Femke Dijkstra", "Werkplek op afstand."),
)  # fmt: skip
# Class, identifier, name, hosting, manager, deputy.
CENTRE = (
    ("server", "SRV-0301", "vl-db-01", Hosting.CENTRAL, "Karim Saïdi", "Bram Hofstra"),
    ("server", "SRV-0302", "vl-db-02", Hosting.CENTRAL, "Karim Saïdi", "Bram Hofstra"),
    ("server", "SRV-0209", "vl-ctx-04", Hosting.CENTRAL, "Lotte Visser", "Femke Dijkstra"),
    ("virtual-machine", "VMS-0114", "vl-zaak-app-01", Hosting.CENTRAL, "Youssef Amrani", "Karim Saïdi"),
    ("virtual-machine", "VMS-0115", "vl-bel-app-01", Hosting.CENTRAL, "Daan Mulder", "Karim Saïdi"),
    ("storage", "SAN-0004", "vl-san-a", Hosting.CENTRAL, "Karim Saïdi", "Wouter Zijlstra"),
    ("dbms-instance", "DBI-0017", "pg-zaken-01", Hosting.CENTRAL, "Daan Mulder", "Karim Saïdi"),
    ("database", "DBS-0041", "zaaksysteem", Hosting.CENTRAL, "Daan Mulder", "Youssef Amrani"),
    ("database", "DBS-0042", "belastingen", Hosting.CENTRAL, "Daan Mulder", "Noor Bakker"),
    ("switch", "SWI-0001", "vl-core-1", Hosting.CENTRAL, "Bram Hofstra", "Aaltje Postma"),
    ("firewall", "FIW-0001", "vl-fw-centrum", Hosting.CENTRAL, "Wouter Zijlstra", "Karim Saïdi"),
    ("phone-system", "TEL-0007", "Telefooncentrale", Hosting.SAAS, "Aaltje Postma", "Bram Hofstra"),
    ("certificate", "CRT-0002", "*.vlietlanden.example", Hosting.CENTRAL, "Wouter Zijlstra", "Karim Saïdi"),
)  # fmt: skip
NEEDS = (
    ("APP-0031", "VMS-0114"), ("APP-0031", "DBS-0041"), ("APP-0044", "VMS-0115"), ("APP-0044", "DBS-0042"),
    ("DBS-0041", "DBI-0017"), ("DBS-0042", "DBI-0017"), ("DBI-0017", "SRV-0301"), ("DBI-0017", "SRV-0302"),
    ("DBI-0017", "SAN-0004"), ("VMS-0114", "SAN-0004"), ("VMS-0115", "SAN-0004"), ("APP-0029", "SRV-0209"),
    ("SRV-0301", "SWI-0001"), ("SRV-0302", "SWI-0001"), ("SRV-0209", "SWI-0001"),
)  # fmt: skip
# Class, name, manager, of each municipality; {} is its name.
LOCAL = (
    ("website", "www.{}.example", "Noor Bakker"),
    ("switch", "sw-{}-1", "Bram Hofstra"),
    ("access-point", "Accesspoint raadzaal {}", "Aaltje Postma"),
    ("access-point", "Accesspoint balie {}", "Aaltje Postma"),
    ("firewall", "fw-{}", "Wouter Zijlstra"),
    ("wan-line", "Glasvezel {}", "Bram Hofstra"),
    ("printer", "Multifunctional 1e etage {}", "Inge Post"),
    ("printer", "Multifunctional 2e etage {}", "Inge Post"),
    ("printer", "Kaartprinter balie {}", "Inge Post"),
)


def build(
    organisation: Organisation, rng: random.Random, since: dt.datetime
) -> dict[str, list[Item]]:
    """Store the items as registered at `since`; give them by class."""
    change_set = register.begin(
        organisation.person("Karim Saïdi"), "inventarisatie", since, "Eerste inventarisatie"
    )
    found: dict[str, list[Item]] = defaultdict(list)

    def add(class_key: str, name: str, **values) -> Item:
        item = register.add(class_key, change_set, name=name, **values)
        found[class_key].append(item)
        return item

    for uid, name, hosting, users, manager, deputy, description in APPLICATIONS:
        item = add(
            "application",
            name,
            uid=uid,
            hosting=hosting,
            description=description,
            **_owners(organisation, manager, deputy),
        )
        _share(organisation, item, users, since)
    for class_key, uid, name, hosting, manager, deputy in CENTRE:
        item = add(
            class_key, name, uid=uid, hosting=hosting, **_owners(organisation, manager, deputy)
        )
        _share(organisation, item, None, since)
    by_uid = {item.uid: item for items in found.values() for item in items}
    for source, target in NEEDS:
        register.relate(by_uid[source], by_uid[target], "needs", change_set)
    for municipality in organisation.municipalities:
        for class_key, name, manager in LOCAL:
            add(
                class_key,
                name.format(
                    municipality.name.lower() if "-" in name or "." in name else municipality.name
                ),
                municipality_id=municipality.id,
                hosting=Hosting.AT_MUNICIPALITY,
                **_owners(organisation, manager, None),
            )
        for number, person in enumerate(organisation.staff[municipality.id]):
            _add_devices(add, person, number, rng)
    return found


def _add_devices(add, person: Person, number: int, rng: random.Random) -> None:
    home = {
        "municipality_id": person.municipality_id,
        "hosting": Hosting.AT_MUNICIPALITY,
        "location_id": person.location_id,
        "user_id": person.id,
    }
    kind = rng.choice(("Laptop", "Laptop", "Vaste pc"))
    add("workstation", f"{kind} {person.name}", **home)
    if number % 3 == 0:
        add("smartphone", f"Telefoon {person.name}", **home)


def _owners(organisation: Organisation, manager: str, deputy: str | None) -> dict[str, int | None]:
    """Technical application manager and deputy."""
    return {
        "manager_id": organisation.person(manager).id,
        "deputy_id": organisation.person(deputy).id if deputy else None,
    }


def _share(
    organisation: Organisation, item: Item, users: tuple[str, ...] | None, since: dt.datetime
) -> None:
    """Let municipalities use an item, by inhabitants; None means all of them."""
    consumers = [m for m in organisation.municipalities if users is None or m.name in users]
    total = sum(m.inhabitants for m in consumers)
    for municipality in consumers:
        register.share(
            item, municipality, since.date(), round(1000 * municipality.inhabitants / total)
        )

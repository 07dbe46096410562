"""The items of the demo: what the centre runs for all, and what stands at each municipality."""

import datetime as dt
import random

from cmdb import register
from cmdb.items import Hosting, Item
from cmdb.organisation import Municipality
from servicedesk.demo import (
    estate_agreements,
    estate_centre,
    estate_municipal,
    estate_past,
    estate_quality,
    estate_software,
)
from servicedesk.demo.estate_plan import Plan, at_home
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
    organisation: Organisation, rng: random.Random, since: dt.datetime, now: dt.datetime
) -> dict[str, list[Item]]:
    """Store the items as registered at `since`, with what changed until `now`; give them by class."""
    change_set = register.begin(
        organisation.person("Karim Saïdi"), "inventarisatie", since, "Eerste inventarisatie"
    )
    plan = Plan(organisation, change_set, now.date())
    for add in (estate_agreements.add_suppliers, estate_agreements.add_contracts):
        add(plan)
        plan.store()
    _add_fixed(plan)
    for municipality in organisation.municipalities:
        _add_local(plan, municipality, rng)
    estate_agreements.add_licences(plan)
    estate_centre.add(plan)
    estate_software.add(plan)
    estate_municipal.add(plan)
    plan.store()
    plan.join()
    estate_past.play(plan, now)
    estate_quality.play(plan, now)
    return plan.by_class()


def _add_fixed(plan: Plan) -> None:
    """What has a number that others mention."""
    for uid, name, hosting, users, manager, deputy, description in APPLICATIONS:
        owners = _owners(plan.organisation, manager, deputy)
        plan.add(
            "application", name, uid=uid, hosting=hosting, description=description, **owners
        )
        plan.share(name, users)
    for class_key, uid, name, hosting, manager, deputy in CENTRE:
        owners = _owners(plan.organisation, manager, deputy)
        plan.add(class_key, name, uid=uid, hosting=hosting, **owners)
        plan.share(name)


def _add_local(plan: Plan, municipality: Municipality, rng: random.Random) -> None:
    for class_key, pattern, manager in LOCAL:
        is_address = "-" in pattern or "." in pattern
        name = pattern.format(municipality.name.lower() if is_address else municipality.name)
        owners = _owners(plan.organisation, manager, None)
        plan.add(class_key, name, **at_home(municipality), **owners)
    for number, person in enumerate(plan.organisation.staff[municipality.id]):
        home = at_home(municipality) | {"location_id": person.location_id, "user_id": person.id}
        kind = rng.choice(("Laptop", "Laptop", "Vaste pc"))
        device = estate_municipal.workstation(plan, municipality)
        plan.add("workstation", f"{kind} {person.name}", **home, **device)
        if number % 3 == 0:
            plan.add("smartphone", f"Telefoon {person.name}", **home)


def _owners(organisation: Organisation, manager: str, deputy: str | None) -> dict[str, int | None]:
    """Technical application manager and deputy."""
    return {
        "manager_id": organisation.person(manager).id,
        "deputy_id": organisation.person(deputy).id if deputy else None,
    }

"""With whom the centre of the demo does business: suppliers, contracts and licences. All invented."""

import datetime as dt

from servicedesk.demo.estate_plan import Plan

# Name, what it delivers.
SUPPLIERS = (
    ("Noorderkade Software", "Zaken en documenten"),
    ("Merelveld Applicaties", "Burgerzaken en belastingen"),
    ("Vestaborg", "Sociaal domein"),
    ("Amstelspoor Financieel", "Financiën en personeel"),
    ("Kaartenmakers Nijeveld", "Geo-informatie en vergunningen"),
    ("Tolhuis Web", "Websites en formulieren"),
    ("Wolkenveen Cloud", "Kantoorautomatisering"),
    ("Brugzicht Systemen", "Servers en opslag"),
    ("Heliant Netwerken", "Netwerk en beveiliging"),
    ("Waterkant Telecom", "Lijnen en telefonie"),
    ("Lageland Glasvezel", "Lijnen"),
    ("Zegwaard Werkplekken", "Werkstations en telefoons"),
    ("Drukhuis De Linde", "Printers"),
    ("Databorg", "Databases"),
)
# Name, supplier, kind, days until it ends, notice in months, renews with months, euro a month.
CONTRACTS = (
    ("Raamcontract zaaksysteem", "Noorderkade Software", "raamcontract", 412, 6, 12, 9_850),
    ("Onderhoud archief en post", "Noorderkade Software", "onderhoud", 96, 3, 12, 1_420),
    ("Onderhoud burgerzaken", "Merelveld Applicaties", "onderhoud", 230, 6, 12, 7_300),
    ("Onderhoud belastingen", "Merelveld Applicaties", "onderhoud", 118, 4, 24, 6_150),
    ("Onderhoud sociaal domein", "Vestaborg", "onderhoud", 590, 6, 12, 11_900),
    ("Leerplicht en schuldhulp", "Vestaborg", "licentie", 47, 1, 12, 1_980),
    ("Financiële pakketten", "Amstelspoor Financieel", "licentie", 301, 3, 12, 5_600),
    ("Salarisdienst", "Amstelspoor Financieel", "dienst", 205, 6, 12, 4_250),
    ("Geo en omgeving", "Kaartenmakers Nijeveld", "onderhoud", 142, 3, 12, 3_700),
    ("Abonnement luchtfoto’s", "Kaartenmakers Nijeveld", "dienst", 38, 0, None, 1_100),
    ("Websites en formulieren", "Tolhuis Web", "dienst", 264, 3, 12, 3_300),
    ("Kantoorwerkplek", "Wolkenveen Cloud", "licentie", 128, 3, 36, 21_400),
    ("Hardware datacentrum", "Brugzicht Systemen", "onderhoud", 480, 3, 12, 4_900),
    ("Uitwijk en back-up", "Brugzicht Systemen", "dienst", 88, 2, 12, 2_150),
    ("Netwerkbeheer", "Heliant Netwerken", "onderhoud", 186, 6, 12, 3_850),
    ("Glasvezel hoofdlijnen", "Lageland Glasvezel", "verbinding", 340, 3, 12, 5_100),
    ("Reservelijnen", "Waterkant Telecom", "verbinding", 111, 3, 12, 1_250),
    ("Telefonie", "Waterkant Telecom", "dienst", 520, 6, 12, 6_700),
    ("Lease werkstations", "Zegwaard Werkplekken", "huur of lease", 395, 6, None, 18_200),
    ("Smartphones", "Zegwaard Werkplekken", "huur of lease", 76, 1, 12, 2_900),
    ("Afdrukken per pagina", "Drukhuis De Linde", "dienst", 154, 4, 12, 2_450),
    ("Databaselicenties", "Databorg", "licentie", 66, 3, 12, 4_400),
)
# Name, product, edition, counted by, bought, used, contract, euro a year.
LICENCES = (
    ("Licentie kantoorwerkplek", "Kantoorpakket", "Zakelijk", "gebruiker", 900, 934, "Kantoorwerkplek", 148_500),
    ("Licentie databaseserver", "SQL Server", "Standard", "kern", 32, 40, "Databaselicenties", 38_400),
    ("Licentie zaaksysteem", "Zaakwerk", "Volledig", "gelijktijdige gebruiker", 220, 187, "Raamcontract zaaksysteem", 61_000),
    ("Licentie belastingen", "Heffingsbaak", "Volledig", "inwoner", 33_710, 33_710, "Onderhoud belastingen", 29_600),
    ("Licentie burgerzaken", "Burgerpoort", "Volledig", "inwoner", 65_520, 65_520, "Onderhoud burgerzaken", 44_000),
    ("Licentie sociaal domein", "Zorgspoor", "Volledig", "gelijktijdige gebruiker", 160, 171, "Onderhoud sociaal domein", 72_500),
    ("Licentie financiën", "Grootboek Noord", "Overheid", "gebruiker", 140, 96, "Financiële pakketten", 26_200),
    ("Licentie kaarten", "Kaartblik", "Server", "vast bedrag", 1, 1, "Geo en omgeving", 14_800),
    ("Licentie thuiswerken", "Thuispoort", "Standaard", "gelijktijdige gebruiker", 250, 205, "Kantoorwerkplek", 33_900),
    ("Licentie virtualisatie", "Gastheer", "Enterprise", "processor", 16, 16, "Hardware datacentrum", 41_600),
    ("Licentie back-up", "Kluisgang", "Standaard", "vast bedrag", 1, 1, "Uitwijk en back-up", 9_700),
    ("Licentie virusbescherming", "Schildwacht", "Zakelijk", "apparaat", 1_050, 968, "Netwerkbeheer", 17_300),
)  # fmt: skip


def add_suppliers(plan: Plan) -> None:
    for number, (name, what) in enumerate(SUPPLIERS, 1):
        site = f"{name.lower().replace(' ', '-')}.example"
        plan.add(
            "supplier", name, description=f"{what}.", **plan.of_team("Applicatiebeheer"),
            attributes={
                "phone": f"(0299) 77 {number:02d} 10", "email": f"info@{site}",
                "website": f"https://www.{site}", "support_email": f"storing@{site}",
                "support_phone": f"(0299) 77 {number:02d} 99",
                "support_hours": "werkdagen 7.30-18.00 uur" if number % 3 else "dag en nacht",
                "customer_number": f"VL-{4000 + 17 * number}",
            },
        )  # fmt: skip


def add_contracts(plan: Plan) -> None:
    for number, row in enumerate(CONTRACTS, 1):
        name, supplier, kind, days, notice, renewal, monthly = row
        ends_on = plan.today + dt.timedelta(days=days)
        plan.add(
            "contract", name, supplier_id=plan.items[supplier].id,
            **plan.of_team("Applicatiebeheer"),
            attributes={
                "number": f"VL-{2020 + number % 6}-{number:03d}", "contract_kind": kind,
                "starts_on": (ends_on - dt.timedelta(days=3 * 365)).isoformat(),
                "ends_on": ends_on.isoformat(), "notice_period": notice,
                "renews_automatically": renewal is not None, "renewal_period": renewal,
                "monthly_cents": monthly * 100, "response_time": 2 + number % 3 * 3,
                "service_level": "95% binnen de afgesproken tijd", "cost_centre": f"{6400 + number}",
            },
        )  # fmt: skip
        plan.share(name)


def add_licences(plan: Plan) -> None:
    for name, product, edition, metric, bought, used, contract, yearly in LICENCES:
        ends_on = plan.items[contract].attributes["ends_on"]
        plan.add(
            "licence", name, yearly_cents=yearly * 100, **under(plan, contract),
            attributes={
                "product": product, "edition": edition, "licence_metric": metric,
                "bought": bought, "used": used, "measured_on": plan.days(-80, -3).isoformat(),
                "ends_on": ends_on,
            },
        )  # fmt: skip
        plan.share(name)


def under(plan: Plan, contract: str) -> dict[str, int]:
    """The contract that something falls under, and its supplier."""
    found = plan.items[contract]
    return {"contract_id": found.id, "supplier_id": found.supplier_id}

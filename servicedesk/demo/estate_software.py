"""The software of the demo's centre: applications, databases, interfaces, certificates."""

import datetime as dt

from cmdb.items import Environment, Hosting
from cmdb.relations import Effect
from servicedesk.demo.estate_agreements import under
from servicedesk.demo.estate_centre import CLUSTERS, FIREWALLS, INTERNET, VOLUMES
from servicedesk.demo.estate_plan import Plan

_C, _S = Hosting.CENTRAL, Hosting.SAAS

# The applications with a fixed number: domain, component, product, version, contract, virtual
# servers, database instance. The rest is planned in `inventory`.
FIXED = (
    ("Zaaksysteem", "Zaken en documenten", "Zaakafhandelcomponent", "Zaakwerk", "6.1", "Raamcontract zaaksysteem", 0, ""),
    ("Belastingen", "Belastingen", "Belastingheffingcomponent", "Heffingsbaak", "12.0", "Onderhoud belastingen", 0, ""),
    ("GIS-viewer", "Geo-informatie", "Geo-viewercomponent", "Kaartblik", "4.2", "Geo en omgeving", 1, "pg-geo-01"),
    ("Formulieren", "Website en formulieren", "E-formulierencomponent", "Invulhuis", "2026.3", "Websites en formulieren", 0, ""),
    ("Burgerzaken", "Burgerzaken", "Burgerzakencomponent", "Burgerpoort", "8.9", "Onderhoud burgerzaken", 2, "ms-burger-01"),
    ("Sociaal Domein", "Sociale Dienst", "Zorg- en ondersteuningcomponent", "Zorgspoor", "7.8", "Onderhoud sociaal domein", 1, "ms-sociaal-01"),
    ("Financieel pakket", "Financiën", "Financiële-administratiecomponent", "Grootboek Noord", "2026", "Financiële pakketten", 1, "ms-finance-01"),
    ("Bouwen en wonen", "Bouwen en Wonen", "Vergunningencomponent", "Bouwspoor", "3.5", "Geo en omgeving", 1, "pg-wonen-01"),
    ("E-mail en agenda", "Kantoorautomatisering", "Kantoorautomatiseringcomponent", "Kantoorpakket", "", "Kantoorwerkplek", 0, ""),
    ("Thuiswerken (Citrix)", "Kantoorautomatisering", "Werkplekcomponent", "Thuispoort", "23", "Kantoorwerkplek", 0, ""),
)  # fmt: skip
# Name, hosting, and then as above.
SHARED = (
    ("Burgerlijke stand", _C, "Burgerzaken", "Burgerlijkestandcomponent", "Aktenkamer", "5.2", "Onderhoud burgerzaken", 1, "ms-burger-01"),
    ("Verkiezingen", _C, "Burgerzaken", "Verkiezingencomponent", "Stemwijzer Noord", "2.1", "Onderhoud burgerzaken", 1, "pg-burger-01"),
    ("Reisdocumenten", _C, "Burgerzaken", "Reisdocumentencomponent", "Paspoortlade", "4.4", "Onderhoud burgerzaken", 1, "ms-burger-02"),
    ("Balieafspraken", _S, "Burgerzaken", "Afsprakencomponent", "Wachtrij Online", "2026.1", "Websites en formulieren", 0, ""),
    ("WOZ-waardering", _C, "Belastingen", "Waarderingcomponent", "Waardebaak", "11.0", "Onderhoud belastingen", 1, "pg-belasting-01"),
    ("Invordering", _C, "Belastingen", "Invorderingcomponent", "Heffingsbaak Invordering", "12.1", "Onderhoud belastingen", 1, "pg-belasting-02"),
    ("Bijstand", _C, "Sociale Dienst", "Uitkeringencomponent", "Uitkeringsspoor", "7.8", "Onderhoud sociaal domein", 1, "ms-sociaal-02"),
    ("Wmo-loket", _C, "Sociale Dienst", "Zorg- en ondersteuningcomponent", "Zorgspoor Loket", "7.6", "Onderhoud sociaal domein", 1, "ms-sociaal-01"),
    ("Jeugdzorg", _C, "Sociale Dienst", "Jeugdcomponent", "Zorgspoor Jeugd", "7.8", "Onderhoud sociaal domein", 1, "ms-sociaal-02"),
    ("Schuldhulp", _C, "Sociale Dienst", "Schuldhulpcomponent", "Schoon Schip", "3.0", "Leerplicht en schuldhulp", 1, "my-samen-01"),
    ("Leerplicht", _C, "Sociale Dienst", "Leerlingencomponent", "Schoolgang", "1.9", "Leerplicht en schuldhulp", 1, "my-samen-01"),
    ("Adressen en gebouwen", _C, "Bouwen en Wonen", "BAG-beheercomponent", "Adreslade", "8.1", "Geo en omgeving", 1, "pg-wonen-01"),
    ("Handhaving", _C, "Bouwen en Wonen", "Toezicht- en handhavingcomponent", "Bouwspoor Toezicht", "3.5", "Geo en omgeving", 1, "pg-wonen-02"),
    ("Woningtoewijzing", _S, "Bouwen en Wonen", "Woonruimteverdelingcomponent", "Sleutelbos", "2026.2", "Geo en omgeving", 0, ""),
    ("Facturen scannen", _C, "Financiën", "Factuurverwerkingcomponent", "Bonnetje", "6.0", "Financiële pakketten", 1, "ms-finance-01"),
    ("Inkoop en contracten", _C, "Financiën", "Inkoopcomponent", "Bestelhuis", "4.7", "Financiële pakketten", 1, "ms-finance-02"),
    ("Subsidies", _C, "Financiën", "Subsidiecomponent", "Toekenning", "2.3", "Financiële pakketten", 1, "pg-burger-02"),
    ("Salarissen", _S, "Personeel", "Salariscomponent", "Loonstaat", "2026.11", "Salarisdienst", 0, ""),
    ("Personeelsdossier", _C, "Personeel", "Personeelsdossiercomponent", "Dossierkast", "5.5", "Salarisdienst", 1, "ms-finance-02"),
    ("Verlof", _S, "Personeel", "Tijdregistratiecomponent", "Vrije Dag", "2026.9", "Salarisdienst", 0, ""),
    ("Leerplein", _S, "Personeel", "Leermanagementcomponent", "Leerplein", "2026.4", "Salarisdienst", 0, ""),
    ("Archief", _C, "Zaken en documenten", "Archiefcomponent", "Depot Noord", "3.2", "Onderhoud archief en post", 1, "pg-archief-01"),
    ("Postregistratie", _C, "Zaken en documenten", "Postregistratiecomponent", "Brievenbus", "7.0", "Onderhoud archief en post", 1, "pg-archief-01"),
    ("Besluitvorming", _C, "Zaken en documenten", "Bestuurlijkebesluitvormingcomponent", "Hamerslag", "4.1", "Raamcontract zaaksysteem", 1, "pg-archief-01"),
    ("Basiskaart", _C, "Geo-informatie", "Geo-beheercomponent", "Kaartblik Beheer", "4.2", "Geo en omgeving", 1, "pg-geo-01"),
    ("Luchtfoto’s", _S, "Geo-informatie", "Geo-viewercomponent", "Vogelvlucht", "2026", "Abonnement luchtfoto’s", 0, ""),
    ("Beheer openbare ruimte", _C, "Geo-informatie", "Openbareruimtecomponent", "Straatbeeld", "9.9", "Geo en omgeving", 1, "pg-geo-01"),
    ("Intranet", _C, "Kantoorautomatisering", "Intranetcomponent", "Pleinweb", "3.8", "Websites en formulieren", 1, "my-samen-02"),
    ("Videovergaderen", _S, "Kantoorautomatisering", "Samenwerkcomponent", "Kijkspraak", "", "Kantoorwerkplek", 0, ""),
    ("Documentsjablonen", _C, "Kantoorautomatisering", "Documentcreatiecomponent", "Briefhoofd", "5.1", "Kantoorwerkplek", 1, "my-samen-02"),
    ("Bewaking", _C, "Infrastructuur", "Monitoringcomponent", "Torenwacht", "6.2", "Netwerkbeheer", 1, "pg-beheer-01"),
    ("Wachtwoordkluis", _C, "Infrastructuur", "Toegangcomponent", "Sleutelkast", "2.0", "Netwerkbeheer", 1, "pg-beheer-01"),
    ("Aanmelddienst", _C, "Infrastructuur", "Toegangcomponent", "Poortwachter", "26.0", "Netwerkbeheer", 2, "pg-beheer-02"),
    ("Klantcontact", _C, "Website en formulieren", "Klantcontactcomponent", "Eerste Lijn", "3.1", "Websites en formulieren", 1, "pg-burger-02"),
)  # fmt: skip
# Engine and version, by the first letters of an instance; support ends when its maker says so.
ENGINES = {
    "pg": ("PostgreSQL", ("16", "15", "14"), {"14": "2026-11-12", "15": "2027-11-11", "16": "2028-11-09"}),
    "ms": ("SQL Server", ("2019", "2022", "2016"), {"2016": "2026-07-14", "2019": "2030-01-08", "2022": "2033-01-11"}),
    "my": ("MariaDB", ("10.11", "10.6"), {"10.6": "2026-07-06", "10.11": "2028-02-16"}),
}  # fmt: skip
_PORTS = {"pg": 5432, "ms": 1433, "my": 3306}
# From, to, standard, what goes over.
INTERFACES = (
    ("Burgerzaken", "Zaaksysteem", "StUF-BG", "personen"),
    ("Burgerzaken", "Sociaal Domein", "Haal Centraal BRP", "personen"),
    ("Burgerzaken", "Belastingen", "StUF-BG", "personen"),
    ("Burgerlijke stand", "Burgerzaken", "StUF-BG", "akten"),
    ("Adressen en gebouwen", "WOZ-waardering", "StUF-BAG", "adressen"),
    ("Adressen en gebouwen", "Basiskaart", "StUF-GEO", "gebouwen"),
    ("Adressen en gebouwen", "Bouwen en wonen", "StUF-BAG", "adressen"),
    ("WOZ-waardering", "Belastingen", "StUF-WOZ", "waarden"),
    ("Belastingen", "Invordering", "bestand", "aanslagen"),
    ("Invordering", "Financieel pakket", "bestand", "ontvangsten"),
    ("Formulieren", "Zaaksysteem", "ZGW", "aanvragen"),
    ("Zaaksysteem", "Archief", "ZGW", "dossiers"),
    ("Zaaksysteem", "Besluitvorming", "ZGW", "besluiten"),
    ("Postregistratie", "Zaaksysteem", "ZGW", "brieven"),
    ("Wmo-loket", "Financieel pakket", "iStandaarden", "declaraties"),
    ("Jeugdzorg", "Financieel pakket", "iStandaarden", "declaraties"),
    ("Bijstand", "Financieel pakket", "bestand", "betalingen"),
    ("Salarissen", "Financieel pakket", "bestand", "salarissen"),
    ("Facturen scannen", "Financieel pakket", "UBL", "facturen"),
    ("Klantcontact", "Zaaksysteem", "ZGW", "contacten"),
)
# Name, how long it still holds in days, what uses it.
CERTIFICATES = (
    ("zaken.vlietlanden.example", 9, ("Zaaksysteem",)),
    ("burgerzaken.vlietlanden.example", 24, ("Burgerzaken", "Burgerlijke stand")),
    ("belastingen.vlietlanden.example", 57, ("Belastingen",)),
    ("sociaal.vlietlanden.example", 88, ("Sociaal Domein", "Wmo-loket")),
    ("thuis.vlietlanden.example", 140, ("Thuiswerken (Citrix)",)),
    ("aanmelden.vlietlanden.example", 211, ("Aanmelddienst",)),
    ("intranet.vlietlanden.example", 302, ("Intranet",)),
)
_APP_CERTIFICATE = "*.vlietlanden.example"
_DATABASE_SERVERS = 6
_INSTANCES = (
    "pg-geo-01", "ms-burger-01", "ms-burger-02", "pg-burger-01", "pg-burger-02", "ms-sociaal-01",
    "ms-sociaal-02", "ms-finance-01", "ms-finance-02", "pg-wonen-01", "pg-wonen-02",
    "pg-belasting-01", "pg-belasting-02", "my-samen-01", "my-samen-02", "pg-archief-01",
    "pg-beheer-01", "pg-beheer-02",
)  # fmt: skip


def add(plan: Plan) -> None:
    """Plan the software; what it runs on is planned by `estate_centre`."""
    for row in FIXED:
        _fill_application(plan, *row)
    for name, hosting, *facts in SHARED:
        plan.add("application", name, hosting=hosting, **plan.of_team("Applicatiebeheer"))
        plan.share(name)
        _fill_application(plan, name, *facts)
    _add_instances(plan)
    _run_fixed(plan)
    _add_interfaces(plan)
    _add_certificates(plan)


def add_virtual_machine(plan: Plan, name: str, volume: str) -> str:
    cluster = CLUSTERS[len(name) % 2]
    version = plan.rng.choices(("12", "2019", "2016"), (6, 3, 1))[0]
    support = {"12": "2028-06-30", "2019": "2029-01-09", "2016": "2027-01-12"}[version]
    plan.add(
        "virtual-machine", name, **plan.of_team("Netwerk"), yearly_cents=96_000,
        environment=Environment.PRODUCTION,
        attributes={
            "vcpus": plan.rng.choice((2, 4, 8)), "memory": plan.rng.choice((8, 16, 32)) * 1024,
            "disk_size": plan.rng.choice((80, 120, 250)), "hostname": name,
            "operating_system": "Debian" if version == "12" else "Windows Server",
            "os_version": version, "os_support_until": support, "datastore": volume,
            "backup_policy": plan.rng.choice(("dagelijks", "dagelijks", "dagelijks", None)),
            "backup_on": plan.days(-4, -1).isoformat(), "restart_priority": plan.rng.randint(1, 4),
        },
    )  # fmt: skip
    plan.share(name)
    plan.tie(name, "runs-on", cluster)
    plan.tie(name, "stored-on", volume)
    if plan.rng.random() < 0.85:
        plan.tie(name, "backed-up-by", "Back-up centrum")
    return name


def _fill_application(plan: Plan, name: str, domain: str, component: str, product: str,
                      version: str, contract: str, machines: int, instance: str) -> None:  # fmt: skip
    plan.fill(
        name, **under(plan, contract), environment=Environment.PRODUCTION,
        yearly_cents=plan.rng.randrange(400_000, 4_800_000, 12_500),
        confidentiality=plan.rng.randint(1, 3), integrity=plan.rng.randint(1, 3),
        availability=plan.rng.randint(1, 3), next_certification=plan.days(-60, 300),
        attributes={
            "domain": domain, "reference_component": component, "product": product,
            "product_version": version, "users": plan.rng.randrange(15, 420, 5),
            "personal_data": domain in ("Burgerzaken", "Sociale Dienst", "Personeel"),
            "own_installation": False, "recovery_time": plan.rng.choice((4, 8, 24, 72)),
            "url": f"https://{''.join(c for c in name.lower() if c.isascii() and c.isalnum())}"
                   ".vlietlanden.example/",
        },
    )  # fmt: skip
    if not machines:
        plan.any_of(name, "connected-to", INTERNET, "Internet")
    hosts = [
        add_virtual_machine(plan, f"vl-{_word(name)}-app-0{number}", plan.rng.choice(VOLUMES[:6]))
        for number in range(1, machines + 1)
    ]
    if hosts:
        plan.any_of(name, "runs-on", hosts, "Webservers")
        database = plan.add(
            "database", f"db_{_word(name)}", **plan.of_team("Applicatiebeheer"),
            attributes={"size": plan.rng.randrange(2_000, 400_000), "recovery_model": "volledig",
                        "measured_on": plan.days(-60, -2).isoformat()},
        )  # fmt: skip
        plan.tie(name, "uses-database", database)
        plan.tie(database, "in-instance", instance)


def _word(name: str) -> str:
    return "".join(c for c in name.split()[0].lower() if c.isascii() and c.isalnum())


def _add_instances(plan: Plan) -> None:
    """Eighteen instances, three to a virtual server."""
    machines = [
        add_virtual_machine(plan, f"vl-dbs-{number:02d}", VOLUMES[6 + number % 6])
        for number in range(1, _DATABASE_SERVERS + 1)
    ]
    for number, name in enumerate(_INSTANCES):
        add_instance(plan, name, number)
        plan.tie(name, "runs-on", machines[number // 3])


def add_instance(plan: Plan, name: str, number: int, **values: object) -> None:
    """Plan a DBMS instance; the first letters of its name tell the engine."""
    kind = name[:2]
    engine, versions, ends = ENGINES[kind]
    version = versions[number % 5 % len(versions)]
    plan.add(
        "dbms-instance", name, **plan.of_team("Applicatiebeheer"),
        support_until=dt.date.fromisoformat(ends[version]),
        attributes={
            "engine": engine, "product_version": version, "port": _PORTS[kind],
            "edition": "Standard" if kind == "ms" else None, "instance_name": name,
            "backup_policy": "dagelijks", "encrypted": number % 3 > 0,
            "licence_quantity": 4 if kind == "ms" else None,
        },
        **values,
    )  # fmt: skip
    if kind == "ms":
        plan.tie(name, "licensed-by", "Licentie databaseserver")


def _run_fixed(plan: Plan) -> None:
    """What the applications with a fixed number run on, as their numbers are known elsewhere."""
    plan.tie("Zaaksysteem", "runs-on", "vl-zaak-app-01")
    plan.tie("Zaaksysteem", "uses-database", "zaaksysteem")
    plan.tie("Belastingen", "runs-on", "vl-bel-app-01")
    plan.tie("Belastingen", "uses-database", "belastingen")
    for database in ("zaaksysteem", "belastingen"):
        plan.tie(database, "in-instance", "pg-zaken-01")
    engine, _versions, _ends = ENGINES["pg"]
    plan.fill("pg-zaken-01", attributes={"engine": engine, "product_version": "16", "port": 5432,
                                         "high_availability": "twee servers"})  # fmt: skip
    plan.any_of("pg-zaken-01", "runs-on", ("vl-db-01", "vl-db-02"), "Databaseservers")
    plan.tie("pg-zaken-01", "stored-on", "vl-san-a")
    for name in ("vl-zaak-app-01", "vl-bel-app-01"):
        plan.tie(name, "stored-on", "vl-san-a")
        plan.tie(name, "runs-on", CLUSTERS[0])
    for name in ("vl-db-01", "vl-db-02", "vl-ctx-04"):
        plan.tie(name, "connected-to", "vl-core-1")
    plan.tie("Thuiswerken (Citrix)", "runs-on", "vl-ctx-04")
    plan.any_of("Thuiswerken (Citrix)", "needs", FIREWALLS, "Firewalls")
    plan.tie("Telefooncentrale", "connected-to", INTERNET[0])
    plan.fill("Telefooncentrale", **under(plan, "Telefonie"), yearly_cents=3_960_000)


def _add_interfaces(plan: Plan) -> None:
    for source, target, standard, data in INTERFACES:
        name = plan.add(
            "interface", f"{source} – {target}", **plan.of_team("Applicatiebeheer"),
            attributes={"standard": standard, "data": data, "direction": "heen",
                        "frequency": "dagelijks" if standard == "bestand" else "direct",
                        "personal_data": data in ("personen", "akten", "declaraties")},
        )  # fmt: skip
        plan.tie(name, "sends-from", source)
        plan.tie(name, "delivers-to", target)
        plan.tie(target, "needs", name, effect=Effect.SOFT)


def _add_certificates(plan: Plan) -> None:
    plan.fill(_APP_CERTIFICATE, attributes=_certificate(plan, _APP_CERTIFICATE, 164))
    for name, days, users in CERTIFICATES:
        plan.add(
            "certificate", name, **plan.of_team("Netwerk"),
            attributes=_certificate(plan, name, days),
        )  # fmt: skip
        for user in users:
            plan.tie(user, "secured-by", name)
    for user in ("Formulieren", "Klantcontact", "Archief"):
        plan.tie(user, "secured-by", _APP_CERTIFICATE)


def _certificate(plan: Plan, name: str, days: int) -> dict[str, object]:
    ends_on = plan.days(days, days)
    return {
        "subject": name, "issuer": "Zegelhuis CA", "pki_government": False,
        "starts_on": ends_on.replace(year=ends_on.year - 1, day=min(ends_on.day, 28)).isoformat(),
        "ends_on": ends_on.isoformat(),
    }  # fmt: skip

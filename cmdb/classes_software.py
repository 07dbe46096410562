"""The built-in classes of software: applications, databases, certificates and licences."""

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.kinds import Kind

# The work of a municipality that an application serves.
DOMAINS = (
    "Burgerzaken", "Belastingen", "Sociale Dienst", "Bouwen en Wonen", "Financiën", "Personeel",
    "Zaken en documenten", "Geo-informatie", "Website en formulieren", "Kantoorautomatisering",
    "Infrastructuur", "Overig",
)  # fmt: skip
_LICENCE_METRICS = (
    "kern", "processor", "gebruiker", "apparaat", "gelijktijdige gebruiker", "inwoner",
    "vast bedrag",
)  # fmt: skip

SOFTWARE = (
    ItemClassSpec(
        "software",
        "Software",
        icon="app-window",
        attributes=(
            Attribute("product", "Product"),
            Attribute("product_version", "Versie"),
        ),
    ),
    ItemClassSpec(
        "application",
        "Applicatie",
        "APP",
        "software",
        icon="app-window",
        attributes=(
            Attribute("domain", "Domein", Kind.CHOICE, choices=DOMAINS),
            Attribute("vendor", "Maker"),
            Attribute("reference_component", "GEMMA-referentiecomponent"),
            Attribute("softwarecatalogus_id", "Nummer in de Softwarecatalogus"),
            Attribute(
                "delivery", "Levering", Kind.CHOICE, choices=("SaaS", "standaardpakket", "maatwerk")
            ),
            Attribute("own_installation", "Eigen installatie per gemeente", Kind.BOOLEAN),
            Attribute("url", "Webadres", Kind.URL),
            Attribute("sign_in", "Manier van inloggen"),
            Attribute("digid", "DigiD of eHerkenning", Kind.BOOLEAN),
            Attribute("users", "Gebruikers", Kind.NUMBER),
            Attribute("licence_metric", "Licentie per", Kind.CHOICE, choices=_LICENCE_METRICS),
            Attribute("personal_data", "Persoonsgegevens", Kind.BOOLEAN),
            Attribute("processing_register", "Nummer in het verwerkingsregister"),
            Attribute("processor_agreement", "Verwerkersovereenkomst", Kind.BOOLEAN),
            Attribute("service_window", "Openstelling"),
            Attribute("freeze_periods", "Perioden zonder wijzigingen", Kind.LONG_TEXT),
            Attribute("recovery_time", "Hersteltijd (RTO)", Kind.NUMBER, "uur"),
            Attribute("recovery_point", "Gegevensverlies (RPO)", Kind.NUMBER, "uur"),
            Attribute("exit_plan", "Exitplan", Kind.BOOLEAN),
        ),
    ),
    ItemClassSpec(
        "website",
        "Website",
        "WEB",
        "software",
        icon="globe",
        attributes=(
            Attribute("url", "Webadres", Kind.URL),
            Attribute("public", "Openbaar", Kind.BOOLEAN),
            Attribute("accessibility_statement", "Toegankelijkheidsverklaring", Kind.URL),
            Attribute("visitors", "Bezoekers per maand", Kind.NUMBER),
        ),
    ),
    ItemClassSpec(
        "interface",
        "Koppeling",
        "KOP",
        icon="arrow-left-right",
        attributes=(
            Attribute("standard", "Standaard"),
            Attribute("data", "Gegevens"),
            Attribute("frequency", "Hoe vaak"),
            Attribute("direction", "Richting", Kind.CHOICE, choices=("heen", "terug", "beide")),
            Attribute("protocol", "Protocol"),
            Attribute("endpoint", "Adres van de koppeling", Kind.URL),
            Attribute("personal_data", "Persoonsgegevens", Kind.BOOLEAN),
            Attribute("documentation", "Beschrijving", Kind.URL),
        ),
    ),
    ItemClassSpec(
        "dbms-instance",
        "DBMS-instantie",
        "DBI",
        icon="database",
        attributes=(
            Attribute("engine", "DBMS"),
            Attribute("edition", "Editie"),
            Attribute("product_version", "Versie"),
            Attribute("patch_level", "Patchniveau"),
            Attribute("instance_name", "Naam van de instantie"),
            Attribute("port", "Poort", Kind.NUMBER),
            Attribute("high_availability", "Hoge beschikbaarheid"),
            Attribute("collation", "Sortering"),
            Attribute("data_path", "Map met gegevens"),
            Attribute("memory_limit", "Geheugengrens", Kind.NUMBER, "MiB"),
            Attribute("authentication", "Aanmelding"),
            Attribute("encrypted", "Versleuteld", Kind.BOOLEAN),
            Attribute("licence_metric", "Licentie per", Kind.CHOICE, choices=_LICENCE_METRICS),
            Attribute("licence_quantity", "Aantal licenties", Kind.NUMBER),
            Attribute("backup_policy", "Back-upbeleid"),
            Attribute("backup_on", "Laatste goede back-up", Kind.DATE),
            Attribute("restore_tested_on", "Laatste hersteltest", Kind.DATE),
            Attribute("patch_window", "Onderhoudsvenster"),
        ),
    ),
    ItemClassSpec(
        "database",
        "Database",
        "DBS",
        icon="database",
        attributes=(
            Attribute("size", "Grootte", Kind.NUMBER, "MiB"),
            Attribute("measured_on", "Gemeten op", Kind.DATE),
            Attribute("recovery_model", "Herstelmodel"),
            Attribute("collation", "Sortering"),
            Attribute("retention", "Bewaartermijn", Kind.NUMBER, "dagen"),
            Attribute("personal_data", "Persoonsgegevens", Kind.BOOLEAN),
            Attribute("linked_databases", "Gekoppelde databases"),
        ),
    ),
    ItemClassSpec(
        "certificate",
        "Certificaat",
        "CRT",
        icon="key-round",
        attributes=(
            Attribute("subject", "Onderwerp"),
            Attribute("alternative_names", "Andere namen", Kind.LONG_TEXT),
            Attribute("issuer", "Uitgever"),
            Attribute("certificate_serial", "Serienummer van het certificaat"),
            Attribute("pki_government", "PKIoverheid", Kind.BOOLEAN),
            Attribute("starts_on", "Geldig vanaf", Kind.DATE),
            Attribute("ends_on", "Geldig tot", Kind.DATE),
        ),
    ),
    ItemClassSpec(
        "licence",
        "Licentie",
        "LIC",
        icon="key-round",
        attributes=(
            Attribute("product", "Product"),
            Attribute("edition", "Editie"),
            Attribute("licence_metric", "Licentie per", Kind.CHOICE, choices=_LICENCE_METRICS),
            Attribute("bought", "Gekocht aantal", Kind.NUMBER),
            Attribute("used", "Gebruikt aantal", Kind.NUMBER),
            Attribute("measured_on", "Gemeten op", Kind.DATE),
            Attribute("starts_on", "Begint op", Kind.DATE),
            Attribute("ends_on", "Eindigt op", Kind.DATE),
        ),
    ),
)

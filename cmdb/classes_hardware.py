"""The built-in classes of machines: servers, storage, what stands on a desk, and its power."""

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.kinds import Kind

_SYSTEM = (
    Attribute("operating_system", "Besturingssysteem"),
    Attribute("os_version", "Versie besturingssysteem"),
    Attribute("os_support_until", "Ondersteuning besturingssysteem tot", Kind.DATE),
    Attribute("hostname", "Hostnaam"),
    Attribute("domain", "Domein"),
    Attribute("memory", "Geheugen", Kind.NUMBER, "MiB"),
    Attribute("disk_size", "Schijfruimte", Kind.NUMBER, "GiB"),
    Attribute("encrypted", "Schijf versleuteld", Kind.BOOLEAN),
    Attribute("protection", "Virusbescherming"),
)
_CARE = (
    Attribute("address", "IP-adres", Kind.ADDRESS),
    Attribute("patch_window", "Onderhoudsvenster"),
    Attribute("patched_on", "Laatst bijgewerkt", Kind.DATE),
    Attribute("backup_policy", "Back-upbeleid"),
    Attribute("backup_on", "Laatste goede back-up", Kind.DATE),
    Attribute("restore_tested_on", "Laatste hersteltest", Kind.DATE),
    Attribute("monitoring", "Bewaking"),
)

HARDWARE = (
    ItemClassSpec(
        "hardware", "Apparaat", icon="hard-drive",
        attributes=(
            Attribute("make", "Merk"),
            Attribute("model", "Model"),
            Attribute("mac", "MAC-adres", Kind.MAC),
            Attribute("power", "Vermogen", Kind.NUMBER, "W"),
        ),
    ),
    ItemClassSpec(
        "rack-device", "Apparaat in een rack", parent="hardware",
        attributes=(
            Attribute("rack_unit", "Plaats in het rack", Kind.NUMBER, "U"),
            Attribute("height", "Hoogte", Kind.NUMBER, "U"),
            Attribute("power_feed_a", "Voeding A"),
            Attribute("power_feed_b", "Voeding B"),
            Attribute("firmware", "Firmware"),
            Attribute("management_address", "Beheeradres", Kind.ADDRESS),
        ),
    ),
    ItemClassSpec(
        "server", "Server", "SRV", "rack-device", icon="server",
        attributes=(
            Attribute("form_factor", "Vorm", Kind.CHOICE, choices=("rack", "blade", "toren")),
            Attribute("cpu_model", "Processor"),
            Attribute("cpu_sockets", "Processors", Kind.NUMBER),
            Attribute("cpu_cores", "Kernen", Kind.NUMBER),
            Attribute("cpu_threads", "Threads", Kind.NUMBER),
            *_SYSTEM,
            *_CARE,
            Attribute("out_of_band", "Adres beheerkaart", Kind.ADDRESS),
        ),
    ),
    ItemClassSpec(
        "virtual-machine", "Virtuele server", "VMS", icon="server",
        attributes=(
            Attribute("vcpus", "Virtuele processors", Kind.NUMBER),
            *_SYSTEM,
            *_CARE,
            Attribute("datastore", "Opslaglocatie"),
            Attribute("snapshot_policy", "Snapshotbeleid"),
            Attribute("replicated", "Gerepliceerd", Kind.BOOLEAN),
            Attribute("restart_priority", "Volgorde bij herstart", Kind.NUMBER),
        ),
    ),
    ItemClassSpec(
        "cluster", "Cluster", "CLU", icon="layers",
        attributes=(
            Attribute("product", "Product"),
            Attribute("product_version", "Versie"),
            Attribute(
                "cluster_kind", "Soort cluster", Kind.CHOICE,
                choices=("actief-passief", "actief-actief", "verdeeld over locaties"),
            ),
            Attribute("witness", "Getuige"),
            Attribute("failover_automatic", "Neemt vanzelf over", Kind.BOOLEAN),
            Attribute("failover_minutes", "Duur van overname", Kind.NUMBER, "minuten"),
            Attribute("cpu_cores", "Kernen", Kind.NUMBER),
            Attribute("memory", "Geheugen", Kind.NUMBER, "MiB"),
        ),
    ),
    ItemClassSpec(
        "storage", "Opslag (SAN)", "SAN", "rack-device", icon="database",
        attributes=(
            Attribute("controllers", "Controllers", Kind.NUMBER),
            Attribute("raw_size", "Bruto ruimte", Kind.NUMBER, "GiB"),
            Attribute("usable_size", "Netto ruimte", Kind.NUMBER, "GiB"),
            Attribute("used_size", "Gebruikte ruimte", Kind.NUMBER, "GiB"),
            Attribute("raid", "RAID"),
            Attribute("replication", "Repliceert naar"),
        ),
    ),
    ItemClassSpec(
        "fabric-switch", "SAN-switch", "FSW", "rack-device", icon="network",
        attributes=(
            Attribute("fabric", "Fabric", Kind.CHOICE, choices=("A", "B")),
            Attribute("wwn", "WWN"),
            Attribute("ports", "Poorten", Kind.NUMBER),
            Attribute("licensed_ports", "Poorten met licentie", Kind.NUMBER),
            Attribute("port_speed", "Snelheid per poort", Kind.NUMBER, "Gbit/s"),
        ),
    ),
    ItemClassSpec(
        "volume", "Volume", "VOL", icon="hard-drive",
        attributes=(
            Attribute("lun", "LUN"),
            Attribute("pool", "Pool"),
            Attribute("size", "Grootte", Kind.NUMBER, "GiB"),
            Attribute("used_size", "Gebruikte ruimte", Kind.NUMBER, "GiB"),
            Attribute("multipath", "Meerdere paden", Kind.BOOLEAN),
            Attribute("snapshot_policy", "Snapshotbeleid"),
            Attribute("replicated", "Gerepliceerd", Kind.BOOLEAN),
        ),
    ),
    ItemClassSpec(
        "backup-service", "Back-upvoorziening", "BCK", icon="save",
        attributes=(
            Attribute("product", "Product"),
            Attribute("product_version", "Versie"),
            Attribute("retention", "Bewaartermijn", Kind.NUMBER, "dagen"),
            Attribute("immutable", "Niet te wijzigen", Kind.BOOLEAN),
            Attribute("off_site", "Ook op een andere locatie", Kind.BOOLEAN),
            Attribute("restore_tested_on", "Laatste hersteltest", Kind.DATE),
        ),
    ),
    ItemClassSpec(
        "ups", "Noodstroom (UPS)", "UPS", "rack-device", icon="shield",
        attributes=(
            Attribute("capacity", "Capaciteit", Kind.NUMBER, "VA"),
            Attribute("runtime", "Overbrugt", Kind.NUMBER, "minuten"),
            Attribute("battery_replaced_on", "Accu vervangen", Kind.DATE),
            Attribute("tested_on", "Laatst getest", Kind.DATE),
        ),
    ),
    ItemClassSpec(
        "workstation", "Werkstation", "WST", "hardware", icon="laptop",
        attributes=(
            Attribute("form", "Vorm", Kind.CHOICE, choices=("laptop", "vaste pc", "thin client", "tablet")),
            Attribute("cpu_model", "Processor"),
            *_SYSTEM,
            Attribute("image", "Standaardinrichting"),
            Attribute("last_seen_on", "Laatst gezien", Kind.DATE),
            Attribute("lease_until", "Lease tot", Kind.DATE),
        ),
    ),
    ItemClassSpec(
        "smartphone", "Smartphone", "MOB", "hardware", icon="phone",
        attributes=(
            Attribute("imei", "IMEI"),
            Attribute("iccid", "ICCID (simkaart)"),
            Attribute("phone_number", "Telefoonnummer"),
            Attribute("operating_system", "Besturingssysteem"),
            Attribute("os_version", "Versie besturingssysteem"),
            Attribute("mdm_id", "Kenmerk in mobiel beheer"),
            Attribute("lease_until", "Lease tot", Kind.DATE),
        ),
    ),
    ItemClassSpec(
        "printer", "Printer", "PRN", "hardware", icon="printer",
        attributes=(
            Attribute("technique", "Techniek", Kind.CHOICE, choices=("laser", "inkjet", "label", "kaart")),
            Attribute("colour", "Kleur", Kind.BOOLEAN),
            Attribute("duplex", "Dubbelzijdig", Kind.BOOLEAN),
            Attribute("largest_paper", "Grootste papier", Kind.CHOICE, choices=("A4", "A3", "A2", "A0")),
            Attribute("queue", "Wachtrij"),
            Attribute("address", "IP-adres", Kind.ADDRESS),
            Attribute("pages", "Tellerstand", Kind.NUMBER, "pagina's"),
        ),
    ),
    ItemClassSpec(
        "phone-system", "Telefooncentrale", "TEL", icon="phone",
        attributes=(
            Attribute("make", "Merk"),
            Attribute("model", "Model"),
            Attribute("product_version", "Versie"),
            Attribute("extensions", "Toestellen", Kind.NUMBER),
            Attribute("channels", "Gelijktijdige gesprekken", Kind.NUMBER),
            Attribute("main_number", "Hoofdnummer"),
            Attribute("number_range", "Nummerreeks"),
        ),
    ),
)  # fmt: skip

"""The built-in classes of what stands around the machines: contracts, suppliers and places."""

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.kinds import Kind

AGREEMENTS_AND_PLACES = (
    ItemClassSpec(
        "contract",
        "Contract",
        "CON",
        icon="file-text",
        counted=("manager_id", "supplier_id", "number", "ends_on", "notice_period"),
        attributes=(
            Attribute("number", "Contractnummer"),
            Attribute(
                "contract_kind",
                "Soort contract",
                Kind.CHOICE,
                choices=(
                    "onderhoud",
                    "licentie",
                    "huur of lease",
                    "dienst",
                    "verbinding",
                    "raamcontract",
                ),
            ),
            Attribute("starts_on", "Begint op", Kind.DATE),
            Attribute("ends_on", "Eindigt op", Kind.DATE),
            Attribute("notice_period", "Opzegtermijn", Kind.NUMBER, "maanden"),
            Attribute("renews_automatically", "Verlengt vanzelf", Kind.BOOLEAN),
            Attribute("renewal_period", "Verlengt met", Kind.NUMBER, "maanden"),
            Attribute("monthly_cents", "Kosten per maand", Kind.CENTS),
            Attribute("service_level", "Afgesproken service"),
            Attribute("response_time", "Reactietijd", Kind.NUMBER, "uur"),
        ),
    ),
    ItemClassSpec(
        "supplier",
        "Leverancier",
        "LEV",
        icon="truck",
        counted=("phone", "support_phone"),
        attributes=(
            Attribute("phone", "Telefoon"),
            Attribute("email", "E-mail", Kind.EMAIL),
            Attribute("website", "Website", Kind.URL),
            Attribute("support_phone", "Telefoon bij storing"),
            Attribute("support_email", "E-mail bij storing", Kind.EMAIL),
            Attribute("support_hours", "Bereikbaar"),
            Attribute("customer_number", "Klantnummer"),
            Attribute("kvk_number", "KvK-nummer"),
        ),
    ),
    ItemClassSpec(
        "building",
        "Gebouw",
        "GEB",
        icon="building-2",
        counted=("address",),
        attributes=(
            Attribute("address", "Adres"),
            Attribute("postcode", "Postcode"),
            Attribute("city", "Plaats"),
            Attribute("opening_hours", "Open"),
            Attribute("access", "Toegang", Kind.LONG_TEXT),
        ),
    ),
    ItemClassSpec(
        "room",
        "Ruimte",
        "RMT",
        icon="map-pin",
        counted=("room_kind",),
        attributes=(
            Attribute("floor", "Verdieping", Kind.NUMBER),
            Attribute("room_number", "Kamernummer"),
            Attribute(
                "room_kind",
                "Soort ruimte",
                Kind.CHOICE,
                choices=("datacenter", "technische ruimte", "kantoor"),
            ),
            Attribute("cooling", "Koeling", Kind.NUMBER, "kW"),
            Attribute("power_available", "Beschikbaar vermogen", Kind.NUMBER, "kW"),
            Attribute("access", "Toegang", Kind.LONG_TEXT),
        ),
    ),
    ItemClassSpec(
        "rack",
        "Rack",
        "RCK",
        icon="rows-3",
        counted=("units",),
        attributes=(
            Attribute("units", "Hoogte", Kind.NUMBER, "U"),
            Attribute("free_units", "Vrij", Kind.NUMBER, "U"),
            Attribute("power_available", "Beschikbaar vermogen", Kind.NUMBER, "W"),
            Attribute("key", "Sleutel"),
        ),
    ),
)

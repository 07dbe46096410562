"""What items of every class may have beside the fields of the envelope: protection and money."""

from cmdb.catalogue import Attribute
from cmdb.kinds import Kind

PROTECTION = (
    Attribute("personal_data", "Persoonsgegevens", Kind.BOOLEAN),
    Attribute("bbn", "BBN", Kind.CHOICE, choices=("1", "2", "2+", "3")),
    Attribute("recovery_time", "Hersteltijd (RTO)", Kind.NUMBER, "uur"),
    Attribute("recovery_point", "Gegevensverlies (RPO)", Kind.NUMBER, "uur"),
    Attribute("longest_outage", "Langste uitval", Kind.NUMBER, "uur"),
)
MONEY = (
    Attribute("order_number", "Bestel- of factuurnummer"),
    Attribute("cost_centre", "Kostenplaats"),
    Attribute(
        "acquisition", "Verkrijging", Kind.CHOICE, choices=("koop", "lease", "huur", "bruikleen")
    ),
    Attribute("depreciation", "Afschrijving", Kind.NUMBER, "maanden"),
)
COMMON = (*PROTECTION, *MONEY)

"""The measures of BIO2 (v1.3, 9 January 2026) that this product has to do with, and where its proof is.

Only numbers that stand in the text of BIO2 as MinBZK publishes it. Texts are Dutch, whatever language
the reader has: the proof is for an auditor of a Dutch municipality.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """`parts` are the parts of the proof that show it; without any, `note` says what is missing."""

    numbers: str
    asks: str
    parts: tuple[str, ...] = ()
    note: str = ""


MEASURES = (
    Measure("5.09.01", "Een actueel overzicht van bedrijfsmiddelen, dat geregeld wordt nagekeken.", ("objecten",)),
    Measure(
        "5.16.01, 5.16.02",
        "Formele registratie van gebruikers; geen groepsaccounts zonder motivering.",
        ("rechten", "directories"),
        "Of een account van één persoon is, ziet het product niet: kijk dat na in de lijst.",
    ),
    Measure(
        "5.17.01",
        "Een tweede factor bij inloggen; opvallende en mislukte pogingen worden gevolgd.",
        ("inloggen",),
        "Mislukte pogingen worden begrensd; een alarm bij veel pogingen is er nog niet.",
    ),
    Measure("5.17.03", "Regels voor wachtwoorden worden automatisch afgedwongen.", ("inloggen",)),
    Measure(
        "5.18.01, 5.18.02, 8.02.01",
        "Rechten elk jaar nakijken en bijzondere rechten elk kwartaal; wijzigingen volgen.",
        ("controles", "rechten", "rollen", "meekijken"),
    ),
    Measure(
        "5.20.06",
        "Een strategie om bij een leverancier weg te gaan.",
        (),
        "Elke lijst is op te halen als CSV en XLSX; een volledige uitvoer per gemeente is er nog niet.",
    ),
    Measure("5.28.01", "Gegevens over beveiligingsincidenten ten minste drie jaar bewaren.", ("bewaren",)),
    Measure("5.33.01", "Bewaartermijnen zijn ingesteld en worden nagekeken.", ("bewaren",)),
    Measure("8.03.02", "Gevoelige informatie alleen voor wie haar nodig heeft.", ("rollen", "instellingen")),
    Measure(
        "8.15.01",
        "Een logregel noemt handeling, object, resultaat, herkomst, uitvoerder en tijdstip.",
        ("logging",),
    ),
    Measure(
        "8.15.02, 8.15.05, 8.15.06",
        "Geen geheimen in de log; knoeien wordt gemeld; de log wordt op juistheid nagekeken.",
        ("logging",),
        "Een afgetekende controle kan niet meer veranderen. Een keten van hashes over de hele log is er niet.",
    ),
    Measure("8.15.04", "De bewaartermijn van logging volgt uit het risico.", ("bewaren",)),
    Measure("8.24.04", "Cryptografie volgens de adviezen van NCSC en AIVD.", ("cryptografie",)),
    Measure("8.29.01, 8.31", "Gestructureerde, geautomatiseerde tests; niet testen in productie.", ("onderdelen",),
            "De tests horen bij de broncode: make test, op SQLite en op PostgreSQL."),
    Measure(
        "8.32.01, 8.32.02",
        "Een wijziging heeft een testresultaat, risico, terugvalplan en goedkeuring.",
        (),
        "Wijzigingsbeheer zit nog niet in het product.",
    ),
)  # fmt: skip

# What an auditor asks as well, and for which no number stands in our source.
UNNUMBERED = ("back-up", "onderdelen", "stand")

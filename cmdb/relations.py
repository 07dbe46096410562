"""The types of relation: what each says in both directions, between which classes, and its effect.

A relation runs from the item that needs something (the source) to what it needs (the target).
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from cmdb.catalogue import ItemClassSpec
from cmdb.impact import Effect
from cmdb.refusal import Unfit, Said


class Cardinality(enum.StrEnum):
    """How many targets a source may have, and how many sources a target."""

    MANY_TO_MANY = "n:n"
    MANY_TO_ONE = "n:1"
    ONE_TO_MANY = "1:n"
    ONE_TO_ONE = "1:1"

    @property
    def one_target(self) -> bool:
        return self.endswith(":1")

    @property
    def one_source(self) -> bool:
        return self.startswith("1:")


@dataclass(frozen=True)
class RelationKind:
    """A type of relation; empty `sources` or `targets` allow every class."""

    key: str
    name: str
    reverse: str
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    cardinality: Cardinality = Cardinality.MANY_TO_MANY
    effect: Effect = Effect.HARD

    def check(self, source: ItemClassSpec, target: ItemClassSpec) -> None:
        """Accept the classes of both ends.

        Raises:
            ValueError: this type does not join them; one Dutch sentence.
        """
        if not allows(self.sources, source):
            raise Unfit(
                "%(name)s kan niet aan het begin staan van '%(relation)s'.",
                name=Said(source.name), relation=Said(self.name),
            )  # fmt: skip
        if not allows(self.targets, target):
            raise Unfit(
                "%(name)s kan niet aan het einde staan van '%(relation)s'.",
                name=Said(target.name), relation=Said(self.name),
            )  # fmt: skip


def allows(keys: tuple[str, ...], spec: ItemClassSpec) -> bool:
    return not keys or any(spec.is_a(key) for key in keys)


_SYSTEMS = ("server", "virtual-machine", "cluster")
_ONE = Cardinality.MANY_TO_ONE

BUILT_IN: Mapping[str, RelationKind] = {
    kind.key: kind
    for kind in (
        RelationKind("needs", "heeft nodig", "is nodig voor"),
        RelationKind(
            "runs-on",
            "draait op",
            "draagt",
            (
                "software",
                "interface",
                "virtual-machine",
                "dbms-instance",
                "phone-system",
                "backup-service",
            ),
            (*_SYSTEMS, "rack-device"),
        ),
        RelationKind(
            "has-member", "bestaat uit", "is lid van", ("cluster", "storage", "switch", "firewall")
        ),
        RelationKind(
            "uses-database",
            "gebruikt database",
            "wordt gebruikt door",
            ("software", "interface"),
            ("database",),
        ),
        RelationKind(
            "in-instance", "staat in instantie", "bevat", ("database",), ("dbms-instance",), _ONE
        ),
        RelationKind(
            "stored-on",
            "is opgeslagen op",
            "bewaart",
            targets=("storage", "volume", "server", "backup-service"),
        ),
        RelationKind(
            "connected-to", "is aangesloten op", "sluit aan", targets=("hardware", "wan-line")
        ),
        RelationKind("placed-in", "staat in", "huisvest", (), ("rack", "room", "building"), _ONE),
        RelationKind("powered-by", "krijgt stroom van", "geeft stroom aan", (), ("ups",)),
        RelationKind("secured-by", "gebruikt certificaat", "beveiligt", (), ("certificate",)),
        RelationKind(
            "sends-from", "haalt op bij", "levert aan koppeling", ("interface",), ("software",)
        ),
        RelationKind(
            "delivers-to",
            "levert aan",
            "krijgt van koppeling",
            ("interface",),
            ("software",),
            effect=Effect.NONE,
        ),
        RelationKind("in-vlan", "hoort bij VLAN", "bevat", (), ("vlan",), effect=Effect.NONE),
        RelationKind(
            "in-subnet", "heeft adres in", "bevat adres van", (), ("subnet",), effect=Effect.NONE
        ),
        RelationKind(
            "backed-up-by",
            "wordt veiliggesteld door",
            "stelt veilig",
            (),
            ("backup-service", "storage"),
            effect=Effect.NONE,
        ),
        RelationKind(
            "licensed-by", "valt onder licentie", "geldt voor", (), ("licence",), effect=Effect.NONE
        ),
        RelationKind(
            "covered-by", "valt onder contract", "dekt", (), ("contract",), effect=Effect.NONE
        ),
        RelationKind(
            "supplied-by", "wordt geleverd door", "levert", (), ("supplier",), effect=Effect.NONE
        ),
    )
}

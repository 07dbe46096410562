"""What a source outside says of items, row by row, before it is compared with the register."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.item_parts import IdentifierKind
from cmdb.items import Item
from cmdb.reconcile import NAME, Mark, mark

# Sources do not agree on what is a server and what a workstation.
COMPUTERS = ("workstation", "server", "virtual-machine")


@dataclass(frozen=True)
class Refusal:
    """What is not taken over: the row in the file, the field when it is about one, and why."""

    row: int
    field: str | None
    reason: str


@dataclass(frozen=True)
class Proposal:
    """One item as a source tells it.

    `values` are typed values by the key of their column, None where the source clears a field;
    `defaults` are those that only a new item takes. A proposal with refusals is not taken over.
    """

    row: int
    class_key: str
    values: Mapping[str, Any]
    marks: tuple[Mark, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    identifiers: tuple[tuple[IdentifierKind, str], ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Verdict(enum.StrEnum):
    """What becomes of a row, or of a cell."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Cell:
    """A field of a row: what the item holds, what the source says, as text."""

    key: str
    label: str
    old: str
    new: str
    verdict: Verdict
    reason: str = ""


@dataclass
class Planned:
    """A row with its verdict. `values` are what is to be written, by the key of the column."""

    proposal: Proposal
    verdict: Verdict
    item: Item | None = None
    values: dict[str, Any] = field(default_factory=dict)
    identifiers: tuple[tuple[IdentifierKind, str], ...] = ()
    cells: tuple[Cell, ...] = ()
    refusals: tuple[Refusal, ...] = ()


@dataclass
class Plan:
    """What an import does; `missing` are the numbers of items that the source does not name."""

    rows: list[Planned]
    missing: list[str]

    def count(self, verdict: Verdict) -> int:
        return sum(row.verdict == verdict for row in self.rows)

    @property
    def refused(self) -> list[Refusal]:
        return [refusal for row in self.rows for refusal in row.refusals]

    @property
    def writes(self) -> bool:
        return any(row.verdict in (Verdict.NEW, Verdict.CHANGED) for row in self.rows)


def name_mark(class_key: str, name: str) -> Mark | None:
    """The mark of a name: weak, and only among things of a kind."""
    family = "computer" if class_key in COMPUTERS else class_key
    return mark(NAME, f"{family}: {name}") if name.strip() else None

"""A list of items and relations to be, by name, and how it is registered in a few statements."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cmdb import register
from cmdb.costs import WHOLE, apportion
from cmdb.items import ChangeSet, Hosting, Item, Relation
from cmdb.organisation import Municipality
from servicedesk.demo.organisation import Organisation

Row = dict[str, Any]


class Plan:
    """What will stand in the register; every name occurs once."""

    def __init__(self, organisation: Organisation, change_set: ChangeSet, today: dt.date):
        self.organisation = organisation
        self.change_set = change_set
        self.today = today
        self.rng = random.Random(2011)  # its own, so that people and stories stay the same
        self.items: dict[str, Item] = {}
        self.relations: dict[tuple[str, str], Relation] = {}
        self._rows: dict[str, Row] = {}
        self._shares: dict[str, Mapping[int, int]] = {}
        self._ties: dict[tuple[str, str], Row] = {}

    @property
    def municipalities(self) -> Sequence[Municipality]:
        return self.organisation.municipalities

    def add(self, class_key: str, name: str, **values: Any) -> str:
        """Plan an item; its name."""
        assert name not in self._rows and name not in self.items, name
        self._rows[name] = {
            "class_key": class_key, "name": name, "hosting": Hosting.CENTRAL,
            "confirmed_on": self._confirmed(), "attributes": {}, "groups": [],
        }  # fmt: skip
        self.fill(name, **values)
        return name

    def fill(self, name: str, **values: Any) -> None:
        """Say more of an item that is planned; what is not known (None or "") is left out."""
        row, attributes = self._rows[name], values.pop("attributes", {})
        unknown = (None, "")
        row["attributes"] |= {key: each for key, each in attributes.items() if each not in unknown}
        row |= values

    def share(self, name: str, users: Iterable[str] | None = None) -> str:
        """Let municipalities use an item by their inhabitants; None means all of them."""
        chosen = [m for m in self.municipalities if users is None or m.name in tuple(users)]
        parts = apportion(WHOLE, [m.inhabitants for m in chosen])
        self._shares[name] = {m.id: part for m, part in zip(chosen, parts, strict=True)}
        return name

    def tie(self, source: str, kind: str, *targets: str, **values: Any) -> None:
        """Plan a relation to each of the targets, each a group of its own."""
        for target in targets:
            self._ties[source, target] = {"kind": kind, **values}

    def group(
        self, source: str, kind: str, targets: Sequence[str], label: str, rule: Row, **values: Any
    ) -> None:
        """Plan relations that form a dependency group; `capacity` is that of each member."""
        capacity = values.pop("capacity", None)
        self.tie(source, kind, *targets, group=label, capacity=capacity)
        self._rows[source]["groups"].append({"label": label, "rule": rule, **values})

    def any_of(self, source: str, kind: str, targets: Sequence[str], label: str) -> None:
        """Plan relations of which one is enough."""
        self.group(source, kind, targets, label, {"kind": "at_least", "count": 1})

    def store(self) -> None:
        """Register the items that were planned since, with their consumers."""
        rows = [row | {"shares": self._shares.get(name, {})} for name, row in self._rows.items()]
        stored = register.add_many(rows, self.change_set)
        self.items |= dict(zip(self._rows, stored, strict=True))
        self._rows, self._shares = {}, {}

    def join(self) -> None:
        """Register the relations that were planned."""
        rows = [
            {"source": self.items[source], "target": self.items[target], **tie}
            for (source, target), tie in self._ties.items()
        ]
        stored = register.relate_many(rows, self.change_set)
        self.relations |= dict(zip(self._ties, stored, strict=True))
        self._ties = {}

    def by_class(self) -> dict[str, list[Item]]:
        found = defaultdict(list)
        for item in self.items.values():
            found[item.class_key].append(item)
        return found

    def of_team(self, team: str) -> dict[str, int]:
        """A manager and a deputy of a team of the centre."""
        manager, deputy = self.rng.sample(self.organisation.agents[team], 2)
        return {"manager_id": manager.id, "deputy_id": deputy.id}

    def days(self, first: int, last: int) -> dt.date:
        """A day between so many days from today; negative is before."""
        return self.today + dt.timedelta(days=self.rng.randint(first, last))

    def _confirmed(self) -> dt.date | None:
        """Most was looked at this half year, some long ago, some never."""
        lately, long_ago = self.days(-170, -1), self.days(-900, -370)
        return self.rng.choices((lately, long_ago, None), (75, 17, 8))[0]


def short(municipality: Municipality) -> str:
    """The three letters by which its devices are numbered."""
    return municipality.name[:3].upper()


def at_home(municipality: Municipality) -> dict[str, Any]:
    """What every item at a municipality's own place has."""
    return {"municipality_id": municipality.id, "hosting": Hosting.AT_MUNICIPALITY}

"""What the page about impact shows to a reader: of what fails, only the items that are seen."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import sqlalchemy as sa
from flask import url_for

from cmdb import registry
from cmdb.affected import classes_and_owners, known, people, uses
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.language import gettext as _
from servicedesk.tickets.failure import Failure
from servicedesk.web import impact_words as words
from servicedesk.web.impact_drawing import BOX, Node, draw

_SERVICES = ("application", "website")
DEPTH, _DEEPEST = 2, 12
_ROWS, _NAMED = 100, 6
_FELT = (State.DOWN, State.DEGRADED, State.AT_RISK)


@dataclass(frozen=True)
class Question:
    """Which items fail and how, from which moment it is looked at, and how far the picture goes."""

    items: Sequence[Item]
    state: State
    now: dt.datetime
    at: dt.datetime | None
    depth: int


class View:
    """The answer as `person` may see it; hidden items take no place and leave no count."""

    def __init__(self, question: Question, failure: Failure, person: Person):
        self._asked, self._found, self._person = question, failure.found, person
        self._seen = visible(Item, person, Permission.ITEM_READ)
        self._specs = registry.classes()
        self._classes, self._owned = classes_and_owners(self._seen, failure.hit)
        self._hit = {key: state for key, state in failure.hit.items() if key in self._classes}
        self._start = {item.id for item in question.items}
        self._columns = self._walk(failure.hit)
        self._touched = self._by_state()
        self._services, self._others = self._apart()
        near = (key for key in self._hit if self._columns[key] <= question.depth)
        self._drawing = draw(self._node(key) for key in near)
        self._already = failure.already
        self._used = self._by_town()
        self._services_of = {
            town: [key for key in self._services if key in used]
            for town, used in self._used.items()
        }
        self._names = known(self._seen, self._to_name())
        self._drawing.entitle(self._names)

    def context(self) -> dict[str, object]:
        towns = self._towns()
        return {
            "summary": self._summary(towns),
            "towns": towns,
            "already": self._told_already(),
            "services": [self._row(key) for key in self._services[:_ROWS]],
            "services_left": max(0, len(self._services) - _ROWS),
            "others": [self._row(key) for key in self._others[:_ROWS]],
            "others_left": max(0, len(self._others) - _ROWS),
            "classes": self._counted_by_class(),
            "drawing": self._drawing,
            "box": BOX,
            "deeper": max(self._columns.values(), default=0) > self._asked.depth,
            "badges": {state: words.badge(state) for state in State},
            "legend": [words.badge(state) for state in reversed(State)],
        }

    def _by_state(self) -> dict[State, list[int]]:
        """What fails with the items that it is about: the worst first, and then the nearest."""
        touched: dict[State, list[int]] = {state: [] for state in _FELT}
        for key, state in self._hit.items():
            if key not in self._start:
                touched[state].append(key)
        for keys in touched.values():
            keys.sort(key=self._columns.__getitem__)
        return touched

    def _apart(self) -> tuple[list[int], list[int]]:
        """The services among what is touched, and all else."""
        known_as, classes = service_classes(), self._classes
        touched = list(chain(*self._touched.values()))
        services = [key for key in touched if classes[key] in known_as]
        return services, [key for key in touched if classes[key] not in known_as]

    def _walk(self, hit: Collection[int]) -> dict[int, int]:
        """The column of each item that is seen: so many seen items lie before it."""
        classes, columns = self._classes, dict.fromkeys(self._start, 0)
        parents: dict[int, int | None] = {}
        for key, cause in self._found.causes.items():
            if key in columns or key not in hit:
                continue
            parents[key] = parent = cause if cause in columns else parents.get(cause)
            if key in classes:
                columns[key] = columns.get(parent, 0) + 1
        self._parents = parents
        return columns

    def _to_name(self) -> set[int]:
        """All that is named in rows, reasons and the picture."""
        keys = self._start.union(self._services[:_ROWS], self._others[:_ROWS])
        for key in list(keys):
            for each, why in self._found.chain(key):
                keys.add(each)
                keys.update(why.group.members if why else ())
        keys.update(sorted(self._already)[:_ROWS])
        for services in self._services_of.values():
            keys.update(services[:_NAMED])
        return keys.union(node.key for node in self._drawing.nodes if node.count == 1)

    def _row(self, key: int) -> dict[str, object]:
        item = self._names[key]
        return self._brief(key, self._hit[key]) | {
            "uid": item.uid,
            "class": _(self._specs[item.class_key].name),
            "no_spare": key in self._found.no_spare,
            "reason": words.reason(key, self._found, self._names),
            "path": [step and step.name for step in words.path(key, self._found, self._names)],
        }

    def _brief(self, key: int, state: State) -> dict[str, object]:
        item = self._names[key]
        return {
            "name": item.name,
            "url": url_for("items.item", uid=item.uid),
            "state": words.badge(state),
        }

    def _told_already(self) -> list[dict[str, object]]:
        """Some of what an outage hit before, in short."""
        seen = [key for key in sorted(self._already) if key in self._names][:_NAMED]
        return [self._brief(key, self._already[key]) for key in seen]

    def _counted_by_class(self) -> list[dict[str, object]]:
        """What is no service, by class: how many there are in each state, the worst first."""
        rows = defaultdict(lambda: [0] * len(self._touched))
        for place, keys in enumerate(self._touched.values()):
            for class_key, count in Counter(map(self._classes.get, keys)).items():
                rows[class_key][place] = count
        others = rows.keys() - service_classes()
        named = [(_(self._specs[class_key].name), rows[class_key]) for class_key in others]
        return [{"name": name, "counts": counts} for name, counts in sorted(named)]

    def _by_town(self) -> dict[int, dict[int, int | None]]:
        """What each municipality that the reader may know of uses of it."""
        used = uses(self._owned, local(self._asked.now).date())
        mine = self._person.municipality_id
        return {town: keys for town, keys in used.items() if mine in (None, town)}

    def _towns(self) -> list[dict[str, object]]:
        """What each municipality that the reader may know of has of it."""
        names = db.session.execute(
            sa.select(Municipality.id, Municipality.name).where(Municipality.id.in_(self._used))
        )
        felt = [key for key, state in self._hit.items() if state >= State.DEGRADED]
        at_desk = people(felt)
        towns = (
            self._town(town, name, at_desk.get(town, 0))
            for town, name in sorted(names, key=lambda row: row.name)
        )
        return [town for town in towns if any(town["counts"])]

    def _town(self, town: int, name: str, at_desk: int) -> dict[str, object]:
        used, services = self._used[town], self._services_of[town]
        states = Counter(self._hit[key] for key in used if key not in self._start)
        reached = (
            round(self._names[key].users * (used[key] or 0) / 1000) for key in services
            if key in self._names and self._hit[key] >= State.DEGRADED
        )  # fmt: skip
        return {
            "name": name,
            "people": max([at_desk, *reached]),
            "services": [self._brief(key, self._hit[key]) for key in services[:_NAMED]],
            "services_left": max(0, len(services) - _NAMED),
            "counts": [states[state] for state in _FELT],
        }

    def _summary(self, towns: list[dict]) -> dict[str, int]:
        return {
            "services": len(self._services),
            "people": sum(town["people"] for town in towns),
            "towns": len(towns),
            "down": len(self._touched[State.DOWN]),
            "degraded": len(self._touched[State.DEGRADED]),
            "at_risk": len(self._touched[State.AT_RISK]),
        }

    def _node(self, key: int) -> Node:
        spec = self._specs[self._classes[key]]
        parents = tuple(self._above(key))
        return Node(key, self._columns[key], parents, self._hit[key], _(spec.name), spec.prefix)

    def _above(self, key: int) -> Iterator[int]:
        """The nodes that its lines come from: what caused it, or the nearest seen before that."""
        if key in self._start:
            return
        causes = [each for each in self._found.blamed(key) if each in self._classes]
        parent = self._parents.get(key)
        yield from dict.fromkeys(causes or ([parent] if parent is not None else self._start))


def service_classes() -> set[str]:
    """The classes of what people know by name, and work with."""
    specs = registry.classes().items()
    return {key for key, spec in specs if any(spec.is_a(each) for each in _SERVICES)}


def depth_of(text: str | None) -> int:
    """How many steps the picture goes; the usual number for what is none."""
    if text and text.isascii() and text.isdecimal() and len(text) < 3:
        return min(max(int(text), 1), _DEEPEST)
    return DEPTH

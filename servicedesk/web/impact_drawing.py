"""Where the boxes and lines of the picture stand: in columns, few lines crossing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cmdb.affected import Known
from cmdb.impact import State

BOX = (160, 54)
_STEP_X, _STEP_Y, _TOP = 210, 68, 27
_LETTERS, _ALIKE, MOST = 19, 20, 300


@dataclass(slots=True)
class Node:
    """A box: an item, or `count` items of one class that nothing hangs on.

    `kind` is the name of its class, `prefix` what starts the identifiers of that.
    """

    key: object
    column: int
    parents: Sequence[object]
    state: State
    kind: str
    prefix: str
    count: int = 1
    title: str = ""
    uid: str = ""
    x: int = field(default=0, init=False)
    y: int = field(default=0, init=False)

    @property
    def short(self) -> str:
        fits = len(self.title) <= _LETTERS
        return self.title if fits else f"{self.title[: _LETTERS - 1].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Line:
    state: State
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    nodes: list[Node]
    lines: list[Line]
    columns: list[int]
    width: int
    height: int
    left_out: int

    def entitle(self, names: Mapping[object, Known]) -> None:
        """Write the names of items in their boxes."""
        for node in self.nodes:
            if node.key in names:
                node.title, node.uid = names[node.key].name, names[node.key].uid


def draw(nodes: Iterable[Node]) -> Drawing:
    """Place the nodes; many that are alike become one, and what is over `MOST` is left out."""
    joined = _joined(list(nodes))
    kept = sorted(joined, key=lambda node: node.column)[:MOST]
    columns: dict[int, list[Node]] = defaultdict(list)
    for node in kept:
        columns[node.column].append(node)
    placed: dict[object, Node] = {}
    for index, column in enumerate(sorted(columns)):
        for row, node in enumerate(sorted(columns[column], key=lambda node: _height(node, placed))):
            node.x, node.y = 1 + index * _STEP_X, _TOP + row * _STEP_Y
        placed |= {node.key: node for node in columns[column]}
    tallest = max(map(len, columns.values()), default=0)
    return Drawing(
        nodes=kept,
        lines=[line for node in kept for line in _lines(node, placed)],
        columns=[1 + index * _STEP_X for index in range(len(columns))],
        width=max(0, len(columns) - 1) * _STEP_X + BOX[0] + 2,
        height=_TOP + tallest * _STEP_Y,
        left_out=sum(node.count for node in joined) - sum(node.count for node in kept),
    )


def _joined(nodes: list[Node]) -> list[Node]:
    """The nodes, those at an end that are of one class and state taken together above a number."""
    inner = {parent for node in nodes for parent in node.parents}
    alike: dict[tuple, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.key not in inner and node.column:
            alike[node.column, node.kind, node.state].append(node)
    drawn = []
    for node in nodes:
        same = alike.get((node.column, node.kind, node.state), [])
        if node.key in inner or not node.column or len(same) <= _ALIKE:
            drawn.append(node)
        elif node is same[0]:
            drawn.append(_together(same))
    return drawn


def _together(nodes: list[Node]) -> Node:
    parents = list(dict.fromkeys(parent for node in nodes for parent in node.parents))
    first = nodes[0]
    return replace(
        first,
        key=(first.column, first.kind, first.state),
        parents=parents,
        count=len(nodes),
        title=f"{len(nodes)} × {first.kind}",
    )


def _height(node: Node, placed: Mapping[object, Node]) -> tuple[float, int, str]:
    """As high as its parents on average; the worst first among equals."""
    heights = [placed[parent].y for parent in node.parents if parent in placed]
    middle = sum(heights) / len(heights) if heights else 0.0
    return middle, -node.state, node.kind


def _lines(node: Node, placed: Mapping[object, Node]) -> Iterable[Line]:
    width, height = BOX
    for parent in node.parents:
        if parent in placed:
            start = placed[parent]
            x1, y1, y2 = start.x + width, start.y + height // 2, node.y + height // 2
            bend = (x1 + node.x) // 2
            yield Line(node.state, f"M{x1} {y1}C{bend} {y1} {bend} {y2} {node.x} {y2}")

"""Who stands beside whom, as numbers packed so that half a million pairs take a few megabytes."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat


class Adjacency:
    """A row of numbers for each key, a whole number from 0. It never changes.

    Takes four bytes for each number, and four for each key up to the largest.
    """

    def __init__(self, rows: Iterable[tuple[int, Sequence[int]]] = ()):
        """`rows` are keys, in ascending order, with what stands beside each."""
        self._starts, self._numbers = array("i", (0,)), array("i")
        for key, row in rows:
            self._starts.extend(repeat(len(self._numbers), key + 1 - len(self._starts)))
            self._numbers.extend(row)
            self._starts.append(len(self._numbers))
        self._replaced: dict[int, Sequence[int]] = {}

    @property
    def replacements(self) -> int:
        """How many rows stand beside the packed ones."""
        return len(self._replaced)

    def get(self, key: int, default: Sequence[int] = ()) -> Sequence[int]:
        """The row of `key`; `default` for a key that is larger than all with a row."""
        if key in self._replaced:
            return self._replaced[key]
        try:
            return self._numbers[self._starts[key] : self._starts[key + 1]]
        except IndexError:
            return default

    def replace(self, rows: Mapping[int, Sequence[int]]) -> "Adjacency":
        """The same, but for these rows; costs what was replaced before, and not what is packed."""
        changed = Adjacency.__new__(Adjacency)
        changed._starts, changed._numbers = self._starts, self._numbers
        changed._replaced = {**self._replaced, **rows}
        return changed

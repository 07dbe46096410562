"""Names that are nearly equal. Pure.

Numbers and short parts (`a`, `vl`) tell things apart, and must agree; capitals, accents and signs
say nothing. In the words that remain, one letter may be missing, too many, other or swapped.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations

_PART = re.compile(r"\d+|[^\W\d_]+")
_SHORT = 2
_LEAST = 5  # letters; of shorter words one letter is too much of a difference
_MANY = 10  # of so many that are called alike, the name tells nothing


def near_pairs(named: Iterable[tuple[Hashable, str]]) -> Iterator[tuple[Hashable, Hashable]]:
    """The pairs of keys whose names are nearly equal, each once, in the order given."""
    groups: dict[tuple, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for key, name in named:
        numbering, letters = _parts(name)
        if letters:
            groups[numbering][letters].append(key)
    for spelled in groups.values():
        for keys in spelled.values():
            if len(keys) <= _MANY:
                yield from combinations(keys, 2)
        for one, other in _misspelled(spelled):
            if len(spelled[one]) + len(spelled[other]) <= _MANY:
                yield from ((left, right) for left in spelled[one] for right in spelled[other])


def _parts(name: str) -> tuple[tuple[str, ...], str]:
    """What must agree, and the letters of the longer words."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    parts = _PART.findall(plain)
    numbering = tuple(
        part.lstrip("0") or "0" if part.isdigit() else part
        for part in parts
        if part.isdigit() or len(part) <= _SHORT
    )
    return numbering, "".join(part for part in parts if len(part) > _SHORT and not part.isdigit())


def _misspelled(spelled: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The pairs of spellings that one letter apart are alike.

    Two words one edit apart share a form with one letter left out of each, or of one of them.
    """
    forms: dict[str, list[str]] = defaultdict(list)
    for word in spelled:
        if len(word) >= _LEAST:
            for form in {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}:
                forms[form].append(word)
    told = set()
    for words in forms.values():
        for pair in combinations(words, 2):
            if pair not in told and _is_one_apart(*pair):
                told.add(pair)
                yield pair


def _is_one_apart(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    swapped = left[:2] == right[1::-1] and len(right) > 1 and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped

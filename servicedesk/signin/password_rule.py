"""Which passwords are refused: NIST SP 800-63B, that is length and what guessers try first.

There is no rule about kinds of characters. The lists of guesses lie in files that are searched where
they are, so that a web process keeps none of them in memory (`.ci/vendor.py` makes them).
"""

import enum
from pathlib import Path

from flask import current_app

from cmdb.people import Person

SHORTEST, LONGEST = 12, 1000

_GUESSES = Path(__file__).with_name("guesses")
_LISTS = (_GUESSES / "passwords.txt", _GUESSES / "dutch.txt")
_ROWS = ("0123456789" * 100, "abcdefghijklmnopqrstuvwxyz" * 4, "qwertyuiopasdfghjklzxcvbnm" * 4)
_FEWEST_CHARACTERS = 5
# What of a password must be left without the names that stand in it.
_SHORTEST_REST = 8
_SHORTEST_NAME = 4
_PRODUCT = ("servicedesk", "servicepunt", "service desk")


class Fault(enum.StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"


def fault(password: str, person: Person) -> Fault | None:
    """What is wrong with `password` for `person`; None when it may be used."""
    if len(password) < SHORTEST:
        return Fault.SHORT
    if len(password) > LONGEST:
        return Fault.LONG
    plain = password.casefold()
    if _is_own(plain, person):
        return Fault.OWN
    return Fault.COMMON if _is_common(plain) else None


def _is_own(plain: str, person: Person) -> bool:
    """Whether little is left without the names of the person, of the product and of the centre."""
    told = (person.name, person.login, person.email, current_app.config["CENTRE_NAME"], *_PRODUCT)
    names = {name for text in told for name in (text, *_words(text)) if len(name) >= _SHORTEST_NAME}
    rest = plain
    for name in sorted((name.casefold() for name in names), key=len, reverse=True):
        rest = rest.replace(name, "")
    return rest != plain and len(rest) < _SHORTEST_REST


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text).split()


def _is_common(plain: str) -> bool:
    """Whether it is a guess, a guess with signs around it, one part over and over, or a row of keys."""
    if len(set(plain)) < _FEWEST_CHARACTERS or any(plain in row for row in _ROWS):
        return True
    part = plain[: (plain + plain).find(plain, 1)]
    guesses = {word for text in (plain, part) for word in (text, _core(text)) if word}
    return any(_stands_in(path, guess) for path in _LISTS for guess in guesses)


def _core(text: str) -> str:
    """The text from its first letter to its last."""
    letters = [index for index, char in enumerate(text) if char.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _stands_in(path: Path, word: str) -> bool:
    """Whether `word` is a line of the file, whose lines are in the order of their bytes."""
    wanted = word.encode()
    with path.open("rb") as file:
        first, beyond = 0, path.stat().st_size
        # The line wanted, if it is there, begins at `first` or later and before `beyond`.
        while first < beyond:
            middle = (first + beyond) // 2
            file.seek(middle - 1 if middle > first else first)
            if middle > first:
                file.readline()
            begins = file.tell()
            line = file.readline().rstrip(b"\n") if begins < beyond else None
            if line is None or line > wanted:
                beyond = middle
            elif line == wanted:
                return True
            else:
                first = file.tell()
    return False

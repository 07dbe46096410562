"""Burgerservicenummers in text: found by the 11-test, so that they are not stored by accident.

Standard library only. Source of the test: Logisch Ontwerp GBA, 09.01.20.
"""

import re

_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
# 123456782, 1234.56.782 or 123 456 782; eight digits are a number without its first 0.
_CANDIDATE = re.compile(
    r"(?<![\w.,-])(?:\d{8,9}|\d{4}([ .-])\d{2}\1\d{3}|\d{3}([ .-])\d{3}\2\d{3})(?![\w-]|[.,]\d)"
)
_DIGIT = re.compile(r"\d")


def is_bsn(digits: str) -> bool:
    """Whether eight or nine digits pass the 11-test."""
    padded = digits.zfill(9)
    if len(padded) != 9 or padded == "000000000":
        return False
    return (
        sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, padded, strict=True)) % 11 == 0
    )


def find_bsns(text: str) -> list[str]:
    """The numbers in `text` that pass the test, as they are written there, each once."""
    found = (match.group() for match in _CANDIDATE.finditer(text))
    return list(
        dict.fromkeys(number for number in found if is_bsn("".join(_DIGIT.findall(number))))
    )


def mask(number: str) -> str:
    """The number with all digits but the last two hidden, so that its writer knows it again."""
    return _DIGIT.sub("•", number[:-2]) + number[-2:]


def without_bsns(text: str) -> str:
    """`text` with every number that passes the test wholly hidden."""
    for number in find_bsns(text):
        text = text.replace(number, _DIGIT.sub("•", number))
    return text

"""The list of abuse cases holds every number once, and each test that it names exists."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.abuse.cases import ABSENT, COUNTS, cases

ROOT = Path(__file__).resolve().parents[2]
CASES = cases()

pytestmark = pytest.mark.no_database


def names_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_number_is_there_once():
    numbers = {f"{group}{n}" for group, most in COUNTS.items() for n in range(1, most + 1)}
    assert len(numbers) == 105
    assert Counter(case.number for case in CASES) == Counter(numbers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_a_case_is_held_by_tests_that_exist_or_waits_for_a_reason(case):
    assert case.tests or case.waits
    assert set(case.waits) <= set(ABSENT)
    for test in case.tests:
        path, _, name = test.partition("::")
        assert name in names_in(ROOT / path), f"{case.number} names {test}, which is not there"


def test_every_test_here_is_in_the_list_under_its_own_numbers():
    listed = {(test, case.number) for case in CASES for test in case.tests}
    for path in Path(__file__).parent.glob("test_*.py"):
        for name in names_in(path) if path != Path(__file__) else ():
            numbers = re.match(r"test_([a-z]\d+(?:_to_[a-z]\d+|_[a-z]\d+)*)_", name)
            assert numbers, f"{path.name}::{name} does not begin with its number"
            for number in numbers_of(numbers[1]):
                assert (f"tests/abuse/{path.name}::{name}", number) in listed, name


def numbers_of(text: str) -> list[str]:
    """s1_to_s6 is six numbers, f1_f2 is two."""
    first, _, last = text.partition("_to_")
    if last:
        group = first[0].upper()
        return [f"{group}{n}" for n in range(int(first[1:]), int(last[1:]) + 1)]
    return [part.upper() for part in text.split("_")]


def test_a_reason_that_no_case_gives_is_gone():
    assert {reason for case in CASES for reason in case.waits} == set(ABSENT)

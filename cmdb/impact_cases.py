"""Answer the impact cases of a file by rules I1-I5 (`servicedesk cmdb impact`)."""

import json
from decimal import Decimal, DecimalException
from typing import Any

from cmdb.graph import Graph
from cmdb.impact import Effect, Group, RuleKind, State
from cmdb.impact_input import check_once, field, read_amount, read_effect, read_rule, shown


def answer(text: str) -> dict[str, list[dict[str, Any]]]:
    """`{"cases": [...]}` as JSON gives `{"results": [{"id", "states", "no_spare"}]}`, in order.

    Raises:
        ValueError: something in it is wrong, with one line that names the place.
    """
    cases = field(_read(text), "cases", list, "")
    return {"results": [_answer(case, f"cases[{i}]") for i, case in enumerate(cases)]}


def _read(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except json.JSONDecodeError as wrong:
        place = f"line {wrong.lineno} column {wrong.colno}"
        raise ValueError(f"not JSON: {place}: {wrong.msg}") from None
    except RecursionError:
        raise ValueError("not JSON that can be read: nested too deep") from None
    except (ValueError, DecimalException) as wrong:
        raise ValueError(f"not JSON that can be read: {wrong}") from None


def _refuse(name: str):
    raise ValueError(f"{name} is no number")


def _answer(case: object, place: str) -> dict[str, Any]:
    name = field(case, "id", object, place)
    items = _names(case, "items", place)
    check_once(items, f"{place}.items")
    known = set(items)
    listed = field(case, "groups", list, place)
    groups = [_group(each, known, f"{place}.groups[{i}]") for i, each in enumerate(listed)]
    found = Graph(groups).impact(_said(case, known, place))
    return {
        "id": name,
        "states": {item: found.state(item).name for item in items},
        "no_spare": sorted(found.no_spare),
    }


def _said(case: object, known: set[str], place: str) -> dict[str, State]:
    """Who is said to be DOWN or DEGRADED; DOWN where both are said."""
    said = {}
    for key, state in (("degraded", State.DEGRADED), ("down", State.DOWN)):
        for i, item in enumerate(_names(case, key, place)):
            said[_known(item, known, f"{place}.{key}[{i}]")] = state
    return said


def _group(source: object, known: set[str], place: str) -> Group:
    dependent = _known(field(source, "dependent", str, place), known, f"{place}.dependent")
    rule = read_rule(field(source, "rule", dict, place), f"{place}.rule")
    effect = read_effect(source.get("effect", Effect.HARD), f"{place}.effect")
    members, capacities = [], []
    for i, member in enumerate(field(source, "members", list, place)):
        at = f"{place}.members[{i}]"
        members.append(_known(field(member, "upstream", str, at), known, f"{at}.upstream"))
        if rule.kind is RuleKind.CAPACITY:
            capacity = field(member, "capacity", object, at)
            capacities.append(read_amount(capacity, f"{at}.capacity"))
    check_once(members, f"{place}.members")
    return Group(dependent, tuple(members), rule, effect, capacities=tuple(capacities))


def _names(source: object, key: str, place: str) -> list[str]:
    names = field(source, key, list, place)
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(f"{place}.{key}[{i}]: expected text, not {shown(name)}")
    return names


def _known(item: str, known: set[str], place: str) -> str:
    if item not in known:
        raise ValueError(f"{place}: unknown item {shown(item)}")
    return item

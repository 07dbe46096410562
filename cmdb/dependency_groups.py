"""What a dependency group of an item looks like, where it is kept.

A group is `{"label", "rule", "effect", "failover_minutes"}`. The rule is `{"kind": "all"}`,
`{"kind": "at_least", "count": 2}`, `{"kind": "percent", "percent": 50}` or
`{"kind": "capacity", "need": 100}`. The members are the relations whose `group` is the label.
"""

from collections.abc import Sequence
from typing import Any

from cmdb.refusal import Unfit
from cmdb.relations import Effect

# What each rule measures: the name of its number, whether that is whole, and the largest.
_RULES = {
    "all": None,
    "at_least": ("count", int, 100_000),
    "percent": ("percent", (int, float), 100),
    "capacity": ("need", (int, float), 10**15),
}
_FIELDS = {"label", "rule", "effect", "failover_minutes"}


def check(groups: Sequence[Any]) -> None:
    """Accept the groups of an item.

    Raises:
        ValueError: one of them is none, or two have the same label; one Dutch sentence.
    """
    for group in groups:
        if not isinstance(group, dict) or not {"label", "rule"} <= group.keys() <= _FIELDS:
            raise Unfit("Een groep heeft een naam en een regel.")
        if not isinstance(group["label"], str) or not 0 < len(group["label"]) <= 80:
            raise Unfit("Geef elke groep een naam van ten hoogste 80 tekens.")
        if group.get("effect", Effect.HARD) not in list(Effect):
            raise Unfit("Het effect van een groep is hard, soft of none.")
        if not _is_amount(group.get("failover_minutes", 0), (int, float), 10**6):
            raise Unfit("De overnametijd van een groep is een aantal minuten.")
        _check_rule(group["rule"])
    if len({group["label"] for group in groups}) < len(groups):
        raise Unfit("Elke groep heeft een eigen naam.")


def _check_rule(rule: Any) -> None:
    if not isinstance(rule, dict) or rule.get("kind") not in _RULES:
        raise Unfit("De regel van een groep is all, at_least, percent of capacity.")
    measure = _RULES[rule["kind"]]
    if rule.keys() != {"kind", *(measure[:1] if measure else ())}:
        raise Unfit("De regel van een groep heeft precies het getal dat erbij hoort.")
    if measure and not _is_amount(rule[measure[0]], *measure[1:]):
        raise Unfit("Het getal van een regel is nul of meer, en niet te groot.")


def _is_amount(value: Any, kinds: type | tuple[type, ...], largest: int) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and 0 <= value <= largest

"""By what an item is found: its number, name, serial number, addresses, each as words in an index.

A word that is typed finds the terms that begin with it; a name has a term for each of its parts, so
that `db-02` finds vl-db-02.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import registry
from cmdb.database import db
from cmdb.item_parts import ItemTerm
from cmdb.key_lists import batches
from cmdb.kinds import Kind, format_of

LONGEST = 80
_MOST = 60  # terms of an item: a text that holds more is no name
_MOST_WORDS = 6
_PART = re.compile(r"[^\W_]+")
_HELD = ("uid", "name", "serial", "asset_tag")
_KINDS = (Kind.MAC, Kind.ADDRESS, Kind.NETWORK)
_NOT_ITS_OWN = ("dns_primary", "dns_secondary", "dhcp_from", "dhcp_to", "provider_address")
_NUMBERS = (
    "hostname", "imei", "iccid", "phone_number", "main_number", "mdm_id", "wwn", "circuit_id",
    "order_number", "number", "customer_number", "certificate_serial", "alternative_names",
)  # fmt: skip
_AFTER_ALL = "\U0010ffff"


def of_state(state: Mapping[str, Any], attributes: Iterable[str]) -> set[str]:
    """The terms of an item by its state, as `item_state.written` gives it. Pure."""
    held = state.get("attributes") or {}
    texts = [state.get(key) for key in _HELD]
    texts += [held.get(key) for key in attributes]
    texts += [value for _kind, value in state.get("identifiers") or ()]
    terms: dict[str, None] = {}
    for text in texts:
        if isinstance(text, str):
            terms.update(dict.fromkeys(_terms(text)))
    return set(list(terms)[:_MOST])


def _terms(text: str) -> Iterable[str]:
    """Each word of a text, and what is left of it from each of its parts."""
    for word in text.casefold().split():
        yield word[:LONGEST]
        for part in _PART.finditer(word):
            if part.start():
                yield word[part.start() :][:LONGEST]


def found_by() -> list[str]:
    """The attributes by which the outside world knows an item: addresses, host names, numbers."""
    wanted = {
        one.key
        for spec in registry.classes().values()
        for one in spec.attributes
        if one.kind in _KINDS or one.key in _NUMBERS
    }
    return sorted(wanted.difference(_NOT_ITS_OWN))


def keep(states: Mapping[int, Mapping[str, Any]]) -> None:
    """Let items be found by their states, from now on, and by nothing else."""
    attributes = found_by()
    rows = [
        {"item_id": key, "term": term}
        for key, state in states.items()
        for term in sorted(of_state(state, attributes))
    ]
    for some in batches(list(states)):
        db.session.execute(sa.delete(ItemTerm).where(ItemTerm.item_id.in_(some)))
    if rows:
        db.session.execute(sa.insert(ItemTerm), rows)


def matching(words: str, most: int | None = None) -> sa.Select:
    """The keys of the items that have a term for every word; of none where nothing was typed.

    A key may come more than once. `most` is after how many it stops, as a word such as "pc" may be
    of a hundred thousand items.
    """
    typed = sorted(as_mac(words).casefold().split()[:_MOST_WORDS], key=len, reverse=True)
    found = sa.select(ItemTerm.item_id)
    if not typed:
        return found.where(sa.false())
    for word in typed[1:]:
        other = sa.orm.aliased(ItemTerm)
        found = found.where(
            sa.exists().where(other.item_id == ItemTerm.item_id, _begins(other, word))
        )
    return found.where(_begins(ItemTerm, typed[0])).limit(most)


def _begins(term: Any, word: str) -> sa.ColumnElement[bool]:
    word = word[:LONGEST]
    return term.term.between(word, word + _AFTER_ALL)


def as_mac(words: str) -> str:
    """An address of hardware as it is kept, however it is written."""
    try:
        return format_of(Kind.MAC).parse(words)
    except ValueError:
        return words

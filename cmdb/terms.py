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
    """Let items be found by their states, from now on; their old terms stay for lists of old days."""
    attributes = found_by()
    wanted = {
        (key, term) for key, state in states.items() for term in of_state(state, attributes)
    }
    held: dict[tuple[int, str], bool] = {}
    for some in batches(list(states)):
        rows = sa.select(ItemTerm.item_id, ItemTerm.term, ItemTerm.is_current)
        for key, term, is_current in db.session.execute(rows.where(ItemTerm.item_id.in_(some))):
            held[key, term] = is_current
    new = [
        {"item_id": key, "term": term, "is_current": True}
        for key, term in sorted(wanted - held.keys())
    ]
    turned = [
        {"item_id": key, "term": term, "is_current": not is_current}
        for (key, term), is_current in held.items()
        if is_current != ((key, term) in wanted)
    ]
    if new:
        db.session.execute(sa.insert(ItemTerm), new)
    if turned:
        db.session.execute(sa.update(ItemTerm), turned)


def matching(words: str, most: int | None = None, *, ever: bool = False) -> sa.Select:
    """The keys of the items that have a term for every word; of none where nothing was typed.

    A key may come more than once. `most` is after how many it stops, as a word such as "pc" may be
    of a hundred thousand items. `ever` finds also by what an item was known by once.
    """
    typed = sorted(words_of(words), key=len, reverse=True)
    found = sa.select(ItemTerm.item_id)
    if not typed:
        return found.where(sa.false())
    for word in typed[1:]:
        other = sa.orm.aliased(ItemTerm)
        found = found.where(
            sa.exists().where(other.item_id == ItemTerm.item_id, *_begins(other, word, ever))
        )
    return found.where(*_begins(ItemTerm, typed[0], ever)).limit(most)


def is_of(key: Any, words: str, *, ever: bool = False) -> sa.ColumnElement[bool]:
    """Whether the item with that key has a term for every word, looked up for each item by itself.

    Right for words that very many items have: a list in order can then stop at the end of its page,
    where `matching` collects them all. `ever` is as there.
    """
    looked_for = []
    for word in words_of(words):
        term = sa.orm.aliased(ItemTerm)
        one = sa.select(term.item_id).where(term.item_id == key, *_begins(term, word, ever))
        looked_for.append(one.offset(0).exists())  # an offset keeps PostgreSQL from joining it
    return sa.and_(sa.true(), *looked_for) if looked_for else sa.false()


def words_of(words: str) -> list[str]:
    """What was typed as the words that are looked for."""
    return as_mac(words).casefold().split()[:_MOST_WORDS]


def _begins(term: Any, word: str, ever: bool) -> list[sa.ColumnElement[bool]]:
    word = word[:LONGEST]
    begins = term.term.between(word, word + _AFTER_ALL)
    return [begins] if ever else [begins, term.is_current]


def as_mac(words: str) -> str:
    """An address of hardware as it is kept, however it is written."""
    try:
        return format_of(Kind.MAC).parse(words)
    except ValueError:
        return words

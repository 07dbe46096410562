"""Which item a record from outside is about, told by weighted marks such as a serial number.

Pure. The strongest mark on which a record and an item agree decides; a weaker one counts for
nothing between two that each have a stronger mark and differ in it.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

UID, KEY, UUID, SERIAL, ASSET_TAG, MAC, FQDN, NAME = (
    "uid", "key", "uuid", "serial", "asset_tag", "mac", "fqdn", "name",
)  # fmt: skip
WEIGHTS = {UID: 10, KEY: 10, UUID: 5, SERIAL: 5, ASSET_TAG: 4, MAC: 4, FQDN: 3, NAME: 2}
# A thing has one of these, so that two different ones are two things.
_SINGLE = (UID, KEY, UUID, SERIAL)

# What makers leave in a field that they forgot to fill.
_JUNK = {
    "tobefilledbyoem", "defaultstring", "systemserialnumber", "chassisserialnumber", "serialnumber",
    "baseboardserialnumber", "notspecified", "notapplicable", "notavailable", "na", "none", "null",
    "nvt", "onbekend", "unknown", "empty", "oem", "invalid", "assettag", "noassettag",
    "123456789", "0123456789", "1234567890", "system", "releasekeys", "testkeys", "localhost",
    "localhostlocaldomain", "geen",
    "03000200040005000006000700080009", "123456781234567890abcddeefaabbcc",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Something that tells things apart: its kind, a key of `WEIGHTS`, and what it says."""

    kind: str
    value: str


@dataclass(frozen=True)
class Match:
    """The item of a record, if any; with why there is doubt: other items, or other records."""

    item: Hashable | None = None
    rivals: tuple[Hashable, ...] = ()
    twins: tuple[int, ...] = ()


def mark(kind: str, text: str | None) -> Mark | None:
    """The mark as it is compared; None when the text is blank or says nothing."""
    value = " ".join((text or "").split()).casefold()
    if kind == FQDN:
        value = value.rstrip(".")
    bare = re.sub(r"[\W_]", "", value)
    if not bare or (kind not in (UID, KEY, NAME) and _is_junk(bare)):
        return None
    return Mark(kind, value)


def _is_junk(bare: str) -> bool:
    one_sign = len(set(bare)) == 1 and (len(bare) > 3 or bare[0] == "0")
    return one_sign or bare in _JUNK


def match(
    records: Sequence[Collection[Mark]], items: Mapping[Hashable, Collection[Mark]]
) -> list[Match]:
    """For each record the item that it is about.

    Records for one item, and records without an item that are about one thing, are each other's
    `twins`, by their place in `records`.
    """
    index = _index(items)
    found = [_candidates(record, index) for record in records]
    matches = [
        Match(item=each[0]) if len(each) == 1 else Match(rivals=tuple(each)) for each in found
    ]
    unmatched = {at: records[at] for at, each in enumerate(matches) if each == Match()}
    for group in (*_claims(matches), *_lookalikes(unmatched)):
        for at in group:
            others = {*matches[at].twins, *group} - {at}
            matches[at] = replace(matches[at], twins=tuple(sorted(others)[:10]))
    return matches


_Index = dict[Mark, dict[frozenset[str], list]]


def _index(things: Mapping[Hashable, Collection[Mark]]) -> _Index:
    """Things by mark, apart by which kinds of stronger single marks they have."""
    index: _Index = defaultdict(lambda: defaultdict(list))
    for key, marks in things.items():
        for one in set(marks):
            index[one][_stronger(marks, one)].append(key)
    return index


def _stronger(marks: Collection[Mark], than: Mark) -> frozenset[str]:
    return frozenset(
        one.kind for one in marks if one.kind in _SINGLE and WEIGHTS[one.kind] > WEIGHTS[than.kind]
    )


def _candidates(record: Collection[Mark], index: _Index) -> list:
    """The items that agree on the strongest mark; those that agreed on a stronger came before."""
    for weight in sorted(set(WEIGHTS.values()), reverse=True):
        found = {}
        for one in record:
            if WEIGHTS[one.kind] == weight and one in index:
                kinds = _stronger(record, one)
                for theirs, keys in index[one].items():
                    if not kinds & theirs:
                        found.update(dict.fromkeys(keys))
        if found:
            return list(found)
    return []


def _claims(matches: Sequence[Match]) -> list[list[int]]:
    """Records that are about the same item."""
    claims = defaultdict(list)
    for at, each in enumerate(matches):
        if each.item is not None:
            claims[each.item].append(at)
    return [group for group in claims.values() if len(group) > 1]


def _lookalikes(records: Mapping[int, Collection[Mark]]) -> list[list[int]]:
    """Records that share a mark, where none has a stronger mark that tells it from the others."""
    groups = []
    for apart in _index(records).values():
        for kinds, members in apart.items():
            others = [
                at
                for theirs, group in apart.items()
                if theirs != kinds and not kinds & theirs
                for at in group
            ]
            if others or (len(members) > 1 and not kinds):
                groups.append(sorted({*members, *others}))
    return groups

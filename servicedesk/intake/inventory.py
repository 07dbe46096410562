"""Things as an inventory saw them, whatever program made it, and what they are as proposals.

Pure. An inventory tells what is there, not what was agreed: of an item that exists it proposes no
other name, state or hosting.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.item_parts import IdentifierKind
from cmdb.items import Hosting
from cmdb.kinds import clean
from cmdb.reconcile import ASSET_TAG, FQDN, MAC, SERIAL, UUID, mark
from servicedesk.intake.proposals import Proposal, Refusal, name_mark
from servicedesk.language import gettext as _

# The adapters of containers and virtual networks: the same on many machines.
_MADE_UP = re.compile(r"lo\d*$|docker|veth|virbr|br-|cni|flannel|tun|tap|cali|vnet", re.IGNORECASE)
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Link:
    """A relation to another thing of the inventory; `otherwise` where the classes forbid `kind`."""

    kind: str
    target: int
    otherwise: str = ""


@dataclass(frozen=True)
class Thing:
    """One thing. `row` is its place in the inventory, from 1; `values` hold what was read, by the
    key of the attribute. One with a `refusal` is not taken over.
    """

    row: int
    class_key: str
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    uuid: str = ""
    serial: str = ""
    asset_tag: str = ""
    macs: tuple[str, ...] = ()
    fqdn: str = ""
    links: tuple[Link, ...] = ()
    refusal: str = ""


def refused(row: int, name: str, reason: str) -> Thing:
    """A thing that cannot be taken over; the reason follows its name."""
    return Thing(row, "", name, refusal=f"{name}: {reason}" if name else reason)


def unknown_kind(row: int, name: str) -> Thing:
    return refused(row, name, _("Het is niet duidelijk wat voor apparaat dit is."))


def proposals(
    things: Iterable[Thing], specs: Mapping[str, ItemClassSpec], is_central: bool
) -> Iterator[Proposal]:
    """What each thing proposes; what does not fit its field is left out."""
    for thing in things:
        if thing.refusal:
            yield Proposal(thing.row, "workstation", {}, refusals=(_refusal(thing),))
        else:
            yield _proposal(thing, specs[thing.class_key], is_central)


def _refusal(thing: Thing) -> Refusal:
    return Refusal(thing.row, None, thing.refusal)


def _proposal(thing: Thing, spec: ItemClassSpec, is_central: bool) -> Proposal:
    values = fitting(thing.values, spec)
    for key in ("serial", "asset_tag"):
        text = plain(getattr(thing, key), _LONGEST_NAME)
        if mark(key, text):
            values[key] = text
    name = plain(thing.name, _LONGEST_NAME)
    known_as = [(IdentifierKind.UUID, thing.uuid), (IdentifierKind.FQDN, thing.fqdn)]
    known_as += [(IdentifierKind.MAC, mac) for mac in thing.macs]
    identifiers = {
        (kind, plain(value, 255).lower()) for kind, value in known_as if mark(kind.value, value)
    }
    told = [(SERIAL, thing.serial), (ASSET_TAG, thing.asset_tag), (UUID, thing.uuid)]
    told += [(FQDN, thing.fqdn), *((MAC, mac) for mac in thing.macs)]
    marks = [*(mark(kind, text) for kind, text in told), name_mark(thing.class_key, name)]
    return Proposal(
        row=thing.row,
        class_key=thing.class_key,
        values=values,
        marks=tuple(one for one in marks if one),
        defaults={
            "name": name,
            "hosting": Hosting.CENTRAL if is_central else Hosting.AT_MUNICIPALITY,
        },
        identifiers=tuple(sorted(identifiers)),
    )


def fitting(values: Mapping[str, Any], spec: ItemClassSpec) -> dict[str, Any]:
    """The values that the attributes of a class can hold, as they are kept."""
    kept = {}
    for key, value in values.items():
        attribute = spec.attribute(key)
        read = None if attribute is None or value in (None, "") else _read(attribute, value)
        if read is not None:
            kept[key] = read
    return kept


def _read(attribute: Attribute, value: Any) -> Any:
    try:
        if isinstance(value, str):
            return attribute.parse(value)
        attribute.check(value)
    except ValueError:
        return None
    return value


def plain(value: Any, longest: int = 500) -> str:
    """Text as an inventory gives it, without what nothing can show; blank for anything else."""
    text = " ".join(value.split())[:longest] if isinstance(value, str) else ""
    try:
        return clean(text, longest)
    except ValueError:
        return ""


def whole(value: Any) -> int | None:
    """A whole number above nought, also when it is given as text."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def total(values: Iterable[Any]) -> int | None:
    """The sum of whole numbers; None when there are none."""
    return sum(number for value in values if (number := whole(value))) or None


def host_address(value: Any) -> str:
    """An IP address that says where a machine is; blank for one of every machine."""
    try:
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return ""
    return (
        ""
        if address.is_loopback or address.is_link_local or address.is_unspecified
        else str(address)
    )


def is_made_up(adapter: Any) -> bool:
    """Whether an adapter exists in software only, by its name."""
    return isinstance(adapter, str) and bool(_MADE_UP.match(adapter))


def tidy_mac(value: Any) -> str:
    """A MAC address as it is kept; blank for anything else."""
    digits = re.sub(r"[:.\- ]", "", value.lower()) if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not mark(MAC, digits):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def part(document: Any, *path: str) -> Any:
    """What a document holds along a path; an empty dictionary where it holds nothing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document if document is not None else {}


def parts(document: Any, *path: str) -> list[dict[str, Any]]:
    """The dictionaries of a list along a path."""
    found = part(document, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

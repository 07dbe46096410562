"""Subnets of the register: which may stand beside each other, and what is taken in each."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import registry
from cmdb.addressing import Address, Network, Usage, clashes, usage
from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemIdentifier
from cmdb.items import Item, ItemStatus
from cmdb.refusal import Unfit

# The attributes by which a device says that it has an address; `gateway` is that of a subnet.
_ATTRIBUTES = ("address", "management_address", "out_of_band", "gateway")
_SUBNET = "subnet"


@dataclass(frozen=True)
class Taken:
    """An address, and the item that has it."""

    address: Address
    uid: str
    name: str


def in_use() -> sa.Select:
    """The subnets that are not retired."""
    family = [key for key, spec in registry.classes().items() if spec.is_a(_SUBNET)]
    return sa.select(Item).where(Item.class_key.in_(family), Item.status != ItemStatus.RETIRED)


def network_of(item: Item) -> Network | None:
    text = item.attributes.get("network")
    return ipaddress.ip_network(text) if text else None


def refuse_overlaps(items: Iterable[Item]) -> None:
    """Accept subnets that were just written, each in the addresses that it may have.

    Private addresses are used again at every municipality: networks may overlap when their owners
    differ, or their VRFs.

    Raises:
        ValueError: one shares addresses with another; one Dutch sentence that names both.
    """
    written = {item.id for item in items if item.attributes.get("network")}
    if not written:
        return
    realms = defaultdict(list)
    known = {subnet.uid: subnet for subnet in db.session.scalars(in_use()) if network_of(subnet)}
    for subnet in known.values():
        vrf = subnet.attributes.get("vrf", "").lower()
        realms[vrf or subnet.municipality_id].append((subnet.uid, network_of(subnet)))
    for networks in realms.values():
        for one, other in clashes(networks):
            if known[one].id in written or known[other].id in written:
                raise Unfit(
                    "%(one)s (%(its)s) overlapt met %(other)s (%(theirs)s)."
                    " Kies een ander netwerk of een eigen VRF.",
                    one=one, its=network_of(known[one]),
                    other=other, theirs=network_of(known[other]),
                )  # fmt: skip


def usages(subnets: Sequence[Item]) -> dict[str, Usage]:
    """How full each subnet is, by its identifier; in two statements, whatever their number."""
    networks = {item.uid: (item, network) for item in subnets if (network := network_of(item))}
    taken = _taken([network for _, network in networks.values()])
    return {
        uid: usage(network, (one.address for one in taken), _pool(item.attributes))
        for uid, (item, network) in networks.items()
    }


def taken_in(network: Network) -> list[Taken]:
    """Who has which address of `network`, in order."""
    inside = [one for one in _taken([network]) if one.address in network]
    return sorted(inside, key=lambda one: (int(one.address), one.uid))


def _pool(attributes: Mapping[str, Any]) -> tuple[Address, Address] | None:
    span = attributes.get("dhcp_from"), attributes.get("dhcp_to")
    if None in span:
        return None
    first, last = (ipaddress.ip_address(text) for text in span)
    return (first, last) if first.version == last.version else None


def _taken(networks: Iterable[Network]) -> list[Taken]:
    """The addresses that are written as those of the networks are: all of theirs, and some more."""
    starts = {_beginning(network) for network in networks}
    if not starts:
        return []
    is_here = Item.status != ItemStatus.RETIRED
    known = (
        sa.select(ItemIdentifier.value, Item.uid, Item.name)
        .join(Item, Item.id == ItemIdentifier.item_id)
        .where(ItemIdentifier.kind == IdentifierKind.ADDRESS, _begins(ItemIdentifier.value, starts), is_here)
    )
    rows = [tuple(row) for row in db.session.execute(known)]
    told = [Item.attributes[key].as_string() for key in _ATTRIBUTES]
    held = sa.select(Item.uid, Item.name, *told).where(sa.or_(*(_begins(one, starts) for one in told)), is_here)
    for uid, name, *texts in db.session.execute(held):
        rows.extend((text, uid, name) for text in texts if text)
    return [Taken(ipaddress.ip_address(text), uid, name) for text, uid, name in sorted(set(rows))]


def _begins(column: sa.ColumnElement[str], starts: Iterable[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.startswith(start, autoescape=True) for start in sorted(starts)))


def _beginning(network: Network) -> str:
    """What the text of each address in the network begins with, as long as can be said."""
    if network.version == 4:
        width, parts, mark = 8, str(network.network_address).split("."), "."
    else:
        width, mark = 16, ":"
        parts = [f"{int(part, 16):x}" for part in network.network_address.exploded.split(":")]
        if "0" in parts:  # where zeros are left out depends on what follows
            parts = parts[: parts.index("0")]
    said = parts[: network.prefixlen // width]
    return mark.join(said) + (mark if 0 < len(said) * width < network.max_prefixlen else "")

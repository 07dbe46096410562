"""Counting addresses: how full a network is, what is free, what overlaps. Knows no database."""

import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Usage:
    """How many addresses a network has for devices, how many are taken or handed out by DHCP."""

    size: int
    taken: int
    dynamic: int
    next_free: Address | None

    @property
    def free(self) -> int:
        return self.size - self.taken - self.dynamic

    @property
    def percent(self) -> int:
        """The part that is in use, 0 to 100; only a full network is at 100."""
        used = self.taken + self.dynamic
        return 100 if used == self.size else min(99, round(100 * used / self.size))


def hosts(network: Network) -> tuple[int, int]:
    """The first and the last address that a device can have, as numbers.

    In IPv4 the first address names the network and the last reaches all of it, but not in a /31
    (RFC 3021) or /32; in IPv6 the first is for routers (RFC 4291 2.6.1).
    """
    first, last = int(network.network_address), int(network.broadcast_address)
    room = last - first >= 2
    if not room:
        return first, last
    return first + 1, last - (network.version == 4)


def usage(
    network: Network, taken: Iterable[Address], dynamic: tuple[Address, Address] | None = None
) -> Usage:
    """How full `network` is; `dynamic` are the first and last address that DHCP hands out.

    Addresses outside it count for nothing, twice the same for one. Takes a time that grows with
    what is taken, not with the size of the network.
    """
    first, last = hosts(network)
    low, high = _within(dynamic, first, last) if dynamic else (last + 1, last)
    used = sorted(
        {int(one) for one in taken if one.version == network.version and first <= int(one) <= last}
    )
    in_pool = max(0, bisect_right(used, high) - bisect_left(used, low))
    return Usage(
        size=last - first + 1,
        taken=len(used) - in_pool,
        dynamic=max(0, high - low + 1),
        next_free=_next_free(network, used, first, last, low, high),
    )


def clashes(networks: Iterable[tuple[str, Network]]) -> list[tuple[str, str]]:
    """The names of networks that share an address: the smaller first, the larger second.

    A network overlaps another only by holding all of it, so each looks for those that hold it.
    """
    seen: dict[tuple[int, int, int], str] = {}
    found = []
    for name, network in sorted(networks, key=lambda pair: pair[1].prefixlen):
        keys = [_masked(network, length) for length in range(network.prefixlen + 1)]
        found.extend((name, seen[key]) for key in keys if key in seen)
        seen.setdefault(keys[-1], name)
    return found


def _masked(network: Network, length: int) -> tuple[int, int, int]:
    return network.version, length, int(network.network_address) >> (network.max_prefixlen - length)


def _within(span: tuple[Address, Address], first: int, last: int) -> tuple[int, int]:
    return max(first, int(span[0])), min(last, int(span[1]))


def _next_free(network, used: list[int], first: int, last: int, low: int, high: int) -> Address | None:
    """The lowest address that nobody has and DHCP does not hand out."""
    candidate = first
    for number in (*used, last + 1):
        if low <= candidate <= high:
            candidate = high + 1
        if candidate < number:
            break
        candidate = max(candidate, number + 1)
    if low <= candidate <= high:
        candidate = high + 1
    return type(network.network_address)(candidate) if candidate <= last else None

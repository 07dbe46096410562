"""How full networks are: the edges of each, and what is free."""

from ipaddress import ip_address, ip_network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.addressing import clashes, hosts, usage

pytestmark = pytest.mark.no_database


def taken(*texts):
    return [ip_address(text) for text in texts]


@pytest.mark.parametrize(
    ("network", "size"),
    [
        ("10.20.0.0/24", 254),
        ("10.20.0.0/30", 2),
        ("10.20.0.0/31", 2),
        ("10.20.0.1/32", 1),
        ("0.0.0.0/0", 2**32 - 2),
        ("2001:db8::/64", 2**64 - 1),
        ("2001:db8::/127", 2),
        ("2001:db8::1/128", 1),
    ],
)
def test_a_network_has_room_for(network, size):
    assert usage(ip_network(network), []).size == size


def test_the_next_free_skips_what_is_taken_and_what_dhcp_hands_out():
    network = ip_network("10.20.0.0/28")
    pool = (ip_address("10.20.0.3"), ip_address("10.20.0.6"))
    found = usage(network, taken("10.20.0.1", "10.20.0.2", "10.20.0.5", "10.20.0.7"), pool)
    assert (found.taken, found.dynamic, found.free) == (3, 4, 7)
    assert found.next_free == ip_address("10.20.0.8")


def test_a_full_network_has_no_next_and_only_it_is_at_hundred_percent():
    network = ip_network("10.20.0.0/29")
    six = [network[n] for n in range(1, 7)]
    assert usage(network, six).next_free is None and usage(network, six).percent == 100
    assert usage(ip_network("10.20.0.0/20"), list(ip_network("10.20.0.0/20").hosts())[1:]).percent == 99


def test_addresses_of_elsewhere_or_written_twice_count_once_or_not_at_all():
    found = usage(
        ip_network("10.20.0.0/24"),
        taken("10.20.0.5", "10.20.0.5", "10.20.1.5", "2001:db8::5", "10.20.0.0", "10.20.0.255"),
    )
    assert (found.taken, found.next_free) == (1, ip_address("10.20.0.1"))


def test_a_pool_beyond_the_network_is_cut_to_it():
    found = usage(ip_network("10.20.0.0/29"), [], (ip_address("10.20.0.4"), ip_address("10.20.0.99")))
    assert (found.dynamic, found.next_free) == (3, ip_address("10.20.0.1"))


def test_what_overlaps():
    named = {"a": "10.0.0.0/8", "b": "10.20.0.0/24", "c": "10.20.0.128/25", "d": "10.20.0.0/24", "e": "::/0"}
    found = clashes((name, ip_network(text)) for name, text in named.items())
    assert sorted(found) == [("b", "a"), ("c", "a"), ("c", "b"), ("d", "a"), ("d", "b")]


@given(st.lists(st.tuples(st.integers(24, 32), st.integers(0, 255)), max_size=6))
def test_every_pair_that_overlaps_is_found(drawn):
    networks = [ip_network((0x0A140000 + number, length), strict=False) for length, number in drawn]
    named = {str(at): network for at, network in enumerate(networks)}
    pairs = {frozenset(pair) for pair in combinations(named, 2) if named[pair[0]].overlaps(named[pair[1]])}
    found = {frozenset(pair) for pair in clashes(named.items())}
    assert found <= pairs and bool(found) == bool(pairs)


@given(
    st.integers(26, 32), st.sets(st.integers(0, 63)), st.tuples(st.integers(0, 63), st.integers(0, 63))
)
def test_the_same_as_looking_at_every_address(length, numbers, pool):
    network = ip_network(f"10.20.0.0/{length}")
    base = network.network_address
    first, last = hosts(network)
    dynamic = {int(base) + n for n in range(pool[0], pool[1] + 1)} & set(range(first, last + 1))
    used = {int(base) + n for n in numbers} & set(range(first, last + 1))
    free = sorted(set(range(first, last + 1)) - used - dynamic)
    found = usage(network, [base + n for n in numbers], (base + pool[0], base + pool[1]))
    assert found.free == len(free) and found.dynamic == len(dynamic)
    assert found.next_free == (ip_address(free[0]) if free else None)

"""Subnets in the register: what overlaps is refused, and what is taken is found."""

from ipaddress import ip_address, ip_network

import pytest

from cmdb import register, subnets
from cmdb.item_parts import IdentifierKind
from cmdb.items import Hosting, ItemStatus
from tests.makers import NOW


@pytest.fixture
def change_set(session):
    return register.begin(None, "test", NOW)


def subnet(change_set, network, municipality=None, **attributes):
    return register.add(
        "subnet", change_set, name=f"Net {network}", hosting=Hosting.CENTRAL,
        municipality_id=municipality and municipality.id, attributes={"network": network, **attributes},
    )  # fmt: skip


def device(change_set, name, *addresses, **values):
    return register.add(
        "server", change_set, name=name, hosting=Hosting.CENTRAL,
        identifiers=[(IdentifierKind.ADDRESS, address) for address in addresses], **values,
    )  # fmt: skip


def test_a_network_within_another_is_refused_by_name(change_set):
    first = subnet(change_set, "10.20.0.0/16")
    with pytest.raises(ValueError, match=f"overlapt met {first.uid}"):
        subnet(change_set, "10.20.4.0/24")


def test_a_change_that_overlaps_is_refused_too(change_set):
    first = subnet(change_set, "10.20.0.0/24")
    second = subnet(change_set, "10.20.1.0/24")
    with pytest.raises(ValueError, match=first.uid):
        register.change(second, change_set, attributes={"network": "10.20.0.0/23"})


def test_municipalities_and_vrfs_may_use_the_same_addresses(change_set, cast):
    subnet(change_set, "192.168.1.0/24", cast.oosterveen)
    subnet(change_set, "192.168.1.0/24", cast.lindhoven)
    subnet(change_set, "192.168.1.0/24", vrf="beheer")
    with pytest.raises(ValueError):
        subnet(change_set, "192.168.1.0/25", vrf="Beheer")


def test_a_retired_network_is_in_nobodys_way(change_set):
    register.change(subnet(change_set, "10.20.0.0/24"), change_set, status=ItemStatus.RETIRED)
    subnet(change_set, "10.20.0.0/24")


def test_usage_counts_devices_and_dhcp_and_finds_the_next(change_set):
    lan = subnet(
        change_set, "10.20.0.0/24", gateway="10.20.0.1", dhcp_from="10.20.0.100", dhcp_to="10.20.0.199"
    )
    device(change_set, "een", "10.20.0.2", "10.20.0.120")
    device(change_set, "twee", attributes={"management_address": "10.20.0.3"})
    device(change_set, "elders", "10.20.10.2")
    device(change_set, "weg", "10.20.0.4", status=ItemStatus.RETIRED)
    found = subnets.usages([lan])[lan.uid]
    assert (found.taken, found.dynamic, found.next_free) == (3, 100, ip_address("10.20.0.4"))
    listed = subnets.taken_in(ip_network("10.20.0.0/24"))
    assert [str(one.address) for one in listed] == ["10.20.0.1", "10.20.0.2", "10.20.0.3", "10.20.0.120"]
    assert [one.name for one in listed][1:] == ["een", "twee", "een"]


@pytest.mark.parametrize(
    ("network", "inside"),
    [
        ("2001:db8:1::/64", "2001:db8:1::5"),
        ("2001:db8:1::/48", "2001:db8:1:0:1::5"),
        ("2001:0:0:1::/64", "2001::1:1:2:3:5"),
        ("10.20.0.7/32", "10.20.0.7"),
        ("10.20.4.0/22", "10.20.7.1"),
        ("0.0.0.0/0", "10.20.0.7"),
        ("2001:db8::7/128", "2001:db8::7"),
    ],
)
def test_an_address_is_found_however_it_is_written(change_set, network, inside):
    device(change_set, "hier", inside)
    assert [one.name for one in subnets.taken_in(ip_network(network))] == ["hier"]

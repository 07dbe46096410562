"""Facts that Ansible gathered: of one host, or of many by name. Pure: bytes in, things out."""

import json
from collections.abc import Iterator
from typing import Any

from servicedesk.intake.inventory import (
    Thing,
    host_address,
    is_made_up,
    part,
    plain,
    refused,
    tidy_mac,
    whole,
)
from servicedesk.intake.kinds_of_device import computer_class, network_class
from servicedesk.language import gettext as _


def read(data: bytes) -> list[Thing]:
    """The hosts whose facts the file holds; those that did not answer are refused by name.

    Raises:
        ValueError: this is no JSON, or holds no facts; one Dutch sentence.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError(_("Dit is geen JSON. Kies de uitvoer van de module setup.")) from None
    hosts = list(_hosts(document))
    if not hosts:
        raise ValueError(_("In dit bestand staan geen feiten van Ansible."))
    return [_thing(name, told, row) for row, (name, told) in enumerate(hosts, start=1)]


def _hosts(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(document, list):
        for each in document:
            yield from _hosts(each)
    elif _is_host(document):
        yield "", document
    elif isinstance(document, dict):
        for name, told in _opened(document).items():
            if isinstance(told, dict):
                yield name, told


def _opened(document: dict[str, Any]) -> dict[str, Any]:
    """The hosts of a file by name, also where what answered and what did not are kept apart, or
    where they stand in an inventory.
    """
    answered, silent = document.get("contacted"), document.get("dark")
    if isinstance(answered, dict) and isinstance(silent, dict):
        return {**answered, **{name: {"unreachable": True} for name in silent}}
    known = part(document, "_meta", "hostvars")
    return known if isinstance(known, dict) and known else document


def _is_host(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    own = ("ansible_facts", "unreachable", "failed", "msg")
    return any(key in own or key.startswith("ansible_") for key in document)


class _Facts:
    """The facts of a host, with or without the prefix that Ansible gives them."""

    def __init__(self, facts: dict[str, Any]):
        self._facts = facts

    def __call__(self, key: str) -> Any:
        return self._facts.get(f"ansible_{key}", self._facts.get(key))

    def text(self, key: str) -> str:
        text = plain(self(key))
        return "" if text.upper() in ("NA", "N/A") else text


def _thing(name: str, told: dict[str, Any], row: int) -> Thing:
    facts = part(told, "ansible_facts") or told
    fact = _Facts(facts if isinstance(facts, dict) else {})
    name = plain(name)
    if told.get("unreachable") or told.get("failed"):
        return refused(row, name or "?", _("Deze host gaf geen antwoord."))
    own_name = fact.text("net_hostname") or fact.text("hostname") or name.partition(".")[0]
    if not own_name or not (fact.text("net_hostname") or fact.text("hostname") or fact("system")):
        return refused(row, name or "?", _("Van deze host staan er geen feiten."))
    if fact.text("net_hostname"):
        return _network_device(fact, own_name, row)
    return _computer(fact, own_name, row)


def _computer(fact: _Facts, name: str, row: int) -> Thing:
    model, system = fact.text("product_name"), _system(fact)
    is_guest = fact.text("virtualization_role") == "guest"
    virtual = fact.text("virtualization_type") if is_guest else ""
    class_key, form = computer_class(fact.text("form_factor"), model, system, virtual)
    if class_key == "workstation" and not form:  # it is servers that Ansible looks after
        class_key = "server"
    macs, cpus = _macs(fact), fact("processor")
    fqdn = fact.text("fqdn").lower()
    return Thing(
        row=row,
        class_key=class_key,
        name=name,
        values={
            **form,
            "make": fact.text("system_vendor"),
            "model": model,
            "mac": macs[0] if macs else "",
            "address": _address(fact),
            "operating_system": system,
            "os_version": fact.text("distribution_version"),
            "hostname": fact.text("hostname"),
            "domain": fact.text("domain"),
            "memory": whole(fact("memtotal_mb")),
            "cpu_model": _processor(cpus),
            "cpu_sockets": whole(fact("processor_count")),
            "cpu_cores": (whole(fact("processor_cores")) or 0)
            * (whole(fact("processor_count")) or 0)
            or None,
            "cpu_threads": whole(fact("processor_vcpus")),
            "vcpus": whole(fact("processor_vcpus")),
        },
        uuid=fact.text("product_uuid"),
        serial=fact.text("product_serial"),
        asset_tag=fact.text("chassis_asset_tag"),
        macs=macs,
        fqdn=fqdn if "." in fqdn and not fqdn.startswith("localhost") else "",
    )


def _network_device(fact: _Facts, name: str, row: int) -> Thing:
    model = fact.text("net_model")
    return Thing(
        row=row,
        class_key=network_class(model, fact.text("net_system"), fact.text("net_image")),
        name=name,
        values={
            "model": model,
            "firmware": fact.text("net_version"),
            "management_address": host_address(
                next(iter(fact("net_all_ipv4_addresses") or ()), "")
                if isinstance(fact("net_all_ipv4_addresses"), list)
                else ""
            ),
        },
        serial=fact.text("net_serialnum"),
    )


def _address(fact: _Facts) -> str:
    """That of the default route, else the first IPv4 address that says where the machine is."""
    told = [part(fact("default_ipv4"), "address")]
    for key in ("ip_addresses", "all_ipv4_addresses"):  # of Windows, of the rest
        found = fact(key)
        told += found if isinstance(found, list) else []
    known = [address for address in map(host_address, told) if address]
    return next((address for address in known if ":" not in address), next(iter(known), ""))


def _system(fact: _Facts) -> str:
    if fact.text("os_family") == "Windows":
        return fact.text("os_name") or fact.text("distribution")
    return fact.text("distribution") or fact.text("system")


def _processor(told: Any) -> str:
    """The model among index, maker and model, which Linux gives for each thread in turn."""
    texts = [plain(each) for each in told] if isinstance(told, list) else [plain(told)]
    return max((text for text in texts if not text.isdigit()), key=len, default="")


def _macs(fact: _Facts) -> tuple[str, ...]:
    """The MAC addresses of the real adapters, that of the default route first."""
    found = [tidy_mac(part(fact("default_ipv4"), "macaddress"))]
    names = fact("interfaces")
    for name in names if isinstance(names, list) else ():
        if isinstance(name, str) and not is_made_up(name):
            adapter = fact(name.replace("-", "_").replace(":", "_").replace(".", "_"))
            found.append(tidy_mac(part(adapter, "macaddress")))
        elif isinstance(name, dict):  # Windows tells them as a list
            found.append(tidy_mac(name.get("macaddress")))
    return tuple(dict.fromkeys(filter(None, found)))

"""Inventories of the GLPI agent: JSON by the schema of `glpi-project/inventory_format`.

Pure: bytes in, things out. The schema is theirs (MIT), kept in schemas/.
"""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from servicedesk.intake.inventory import (
    Link,
    Thing,
    host_address,
    is_made_up,
    part,
    parts,
    plain,
    tidy_mac,
    total,
    unknown_kind,
    whole,
)
from servicedesk.intake.kinds_of_device import computer_class, network_class
from servicedesk.language import gettext as _

_SCHEMA = Path(__file__).parent / "schemas" / "glpi_inventory.schema.json"
_OF_NETWORK_DEVICE = {"Printer": "printer", "Storage": "storage", "Power": "ups"}


def read(data: bytes) -> list[Thing]:
    """The things in an inventory, or in a list of inventories.

    Raises:
        ValueError: this is no JSON, or not as the schema has it; one Dutch sentence.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError(_("Dit is geen JSON. Kies het bestand dat de agent schreef.")) from None
    things: list[Thing] = []
    for inventory in document if isinstance(document, list) else [document]:
        _check(inventory)
        things.extend(_things(inventory, len(things) + 1))
    return things


@functools.cache
def _validator():
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def _check(inventory: Any) -> None:
    from jsonschema.exceptions import best_match

    try:
        error = best_match(_validator().iter_errors(inventory))
    except RecursionError:
        raise ValueError(_("Dit is geen inventaris van GLPI.")) from None
    if error is not None:
        place = "/".join(map(str, error.absolute_path)) or "/"
        raise ValueError(
            _(
                "Dit is geen inventaris van GLPI: bij %(place)s staat iets anders.",
                place=place[:200],
            )
        )


def _things(inventory: dict[str, Any], row: int) -> Iterator[Thing]:
    content = inventory["content"]
    device = content.get("network_device")
    kind = inventory.get("itemtype") or (device or {}).get("type") or "Computer"
    if kind == "Phone":
        yield _phone(content, row)
    elif device or kind in ("NetworkEquipment", "Printer"):
        yield _network_device(content, kind, row)
    elif kind == "Computer":
        yield from _computer(content, row)
    else:
        yield unknown_kind(row, plain(part(content, "hardware", "name")) or inventory["deviceid"])


def _computer(content: dict[str, Any], row: int) -> Iterator[Thing]:
    bios, hardware = part(content, "bios"), part(content, "hardware")
    system = part(content, "operatingsystem")
    system_name = plain(system.get("full_name")) or plain(system.get("name"))
    class_key, form = computer_class(
        plain(hardware.get("chassis_type")),
        plain(bios.get("smodel")),
        system_name,
        plain(hardware.get("vmsystem")),
    )
    macs, address = _adapters(content)
    cores = total(cpu.get("core") or cpu.get("corecount") for cpu in parts(content, "cpus"))
    host = Thing(
        row=row,
        class_key=class_key,
        name=plain(hardware.get("name")),
        values={
            **form,
            "make": plain(bios.get("smanufacturer")),
            "model": plain(bios.get("smodel")),
            "mac": macs[0] if macs else "",
            "address": address,
            "operating_system": system_name,
            "os_version": plain(system.get("version")),
            "hostname": plain(hardware.get("name")),
            "domain": plain(system.get("dns_domain")) or plain(hardware.get("workgroup")),
            "memory": whole(hardware.get("memory")),
            "disk_size": _gibibytes(
                total(one.get("disksize") for one in parts(content, "storages"))
            ),
            "encrypted": _encrypted(content),
            "protection": plain(next((one.get("name") for one in parts(content, "antivirus")), "")),
            "cpu_model": plain(next((one.get("name") for one in parts(content, "cpus")), "")),
            "cpu_sockets": len(parts(content, "cpus")) or None,
            "cpu_cores": cores,
            "vcpus": cores,
        },
        uuid=plain(hardware.get("uuid")),
        serial=plain(bios.get("ssn")) or plain(bios.get("enclosureserial")),
        asset_tag=plain(bios.get("assettag")),
        macs=macs,
        fqdn=_full_name(system.get("fqdn")),
    )
    yield host
    yield from _beside(content, host)


def _beside(content: dict[str, Any], host: Thing) -> Iterator[Thing]:
    """What runs on a computer: database services with their databases, virtual machines."""
    row = host.row
    for service in parts(content, "databases_services"):
        row += 1
        instance = _instance(service, host, row)
        yield instance
        for database in parts(service, "databases"):
            row += 1
            yield Thing(
                row=row,
                class_key="database",
                name=f"{plain(database.get('name'))} ({instance.name})",
                values={"size": whole(database.get("size"))},
                links=(Link("in-instance", instance.row),),
            )
    for guest in parts(content, "virtualmachines"):
        if "docker" not in plain(guest.get("vmtype")).lower():
            row += 1
            yield _guest(guest, host, row)


def _instance(service: dict[str, Any], host: Thing, row: int) -> Thing:
    name = plain(service.get("name"))
    backup = plain(service.get("last_backup_date"))[:10] if service.get("is_onbackup") else ""
    return Thing(
        row=row,
        class_key="dbms-instance",
        name=_("%(service)s op %(host)s", service=name, host=host.name),
        values={
            "engine": plain(service.get("type")) or name,
            "instance_name": name,
            "product_version": plain(service.get("version")),
            "port": whole(service.get("port")),
            "data_path": plain(service.get("path")),
            "backup_on": backup,
        },
        links=(Link("runs-on", host.row, otherwise="needs"),),
    )


def _guest(guest: dict[str, Any], host: Thing, row: int) -> Thing:
    mac = tidy_mac(guest.get("mac"))
    return Thing(
        row=row,
        class_key="virtual-machine",
        name=plain(guest.get("name")),
        values={
            "memory": whole(guest.get("memory")),
            "vcpus": whole(guest.get("vcpu")),
            "operating_system": plain(part(guest, "operatingsystem", "full_name")),
            "address": host_address(guest.get("ipaddress")),
        },
        uuid=plain(guest.get("uuid")),
        serial=plain(guest.get("serial")),
        macs=(mac,) if mac else (),
        links=(Link("runs-on", host.row, otherwise="needs"),),
    )


def _phone(content: dict[str, Any], row: int) -> Thing:
    bios, hardware = part(content, "bios"), part(content, "hardware")
    system, macs = part(content, "operatingsystem"), _adapters(content)[0]
    card = next(iter(parts(content, "simcards")), {})
    return Thing(
        row=row,
        class_key="smartphone",
        name=plain(hardware.get("name")),
        values={
            "make": plain(bios.get("smanufacturer")),
            "model": plain(bios.get("smodel")),
            "mac": macs[0] if macs else "",
            "operating_system": plain(system.get("full_name")) or plain(system.get("name")),
            "os_version": plain(system.get("version")),
            "iccid": plain(card.get("iccid")) or plain(card.get("serial")),
            "phone_number": plain(card.get("phone_number")),
        },
        uuid=plain(hardware.get("uuid")),
        serial=plain(bios.get("ssn")),
        asset_tag=plain(bios.get("assettag")),
        macs=macs,
    )


def _network_device(content: dict[str, Any], kind: str, row: int) -> Thing:
    device = part(content, "network_device")
    make, model = plain(device.get("manufacturer")), plain(device.get("model"))
    name = plain(device.get("name")) or model
    if device.get("type") in ("Video", "KVM", "Unmanaged", "Phone", "Computer"):
        return unknown_kind(row, name)
    class_key = _OF_NETWORK_DEVICE.get(device.get("type")) or _OF_NETWORK_DEVICE.get(kind)
    address = next(filter(None, map(host_address, part(device, "ips") or ())), "")
    mac = tidy_mac(device.get("mac"))
    ports = [port for port in parts(content, "network_ports") if port.get("iftype") in (6, 62, 117)]
    return Thing(
        row=row,
        class_key=class_key or network_class(make, model, plain(device.get("description"))),
        name=name,
        values={
            "make": make,
            "model": model,
            "mac": mac,
            "firmware": plain(device.get("firmware")),
            "management_address": address,
            "address": address,
            "ports": len(ports) or None,
            "pages": whole(part(content, "pagecounters", "total")),
        },
        serial=plain(device.get("serial")),
        asset_tag=plain(device.get("assettag")),
        macs=(mac,) if mac else (),
    )


def _adapters(content: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    """The MAC addresses of the real adapters, and the first IP address."""
    macs, addresses = [], []
    for adapter in parts(content, "networks"):
        if adapter.get("virtualdev") or is_made_up(adapter.get("description")):
            continue
        if mac := tidy_mac(adapter.get("mac")):
            macs.append(mac)
        if address := host_address(adapter.get("ipaddress")):
            addresses.append(address)
    return tuple(dict.fromkeys(macs)), next(iter(addresses), "")


def _gibibytes(megabytes: int | None) -> int | None:
    """Disks are sold in millions of bytes."""
    return megabytes and (megabytes * 10**6 // 2**30 or None)


def _encrypted(content: dict[str, Any]) -> bool | None:
    said = [plain(drive.get("encrypt_status")).lower() for drive in parts(content, "drives")]
    return any(word in ("yes", "partially") for word in said) if any(said) else None


def _full_name(value: Any) -> str:
    name = plain(value).lower()
    return name if "." in name else ""

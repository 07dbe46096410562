"""What a scan by nmap saw: `nmap -oX`. Pure: bytes in, things out; the XML is not trusted."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from servicedesk.intake.inventory import (
    Thing,
    host_address,
    plain,
    refused,
    tidy_mac,
    unknown_kind,
)
from servicedesk.language import gettext as _

_CLASSES = {
    "printer": "printer",
    "print server": "printer",
    "switch": "switch",
    "bridge": "switch",
    "hub": "switch",
    "router": "router",
    "broadband router": "router",
    "WAP": "access-point",
    "firewall": "firewall",
    "security-misc": "firewall",
    "storage-misc": "storage",
    "power-device": "ups",
    "phone": "smartphone",
    "PBX": "phone-system",
}
_PRINTER_PORT = "9100"


def read(data: bytes) -> list[Thing]:
    """The hosts that were up.

    Raises:
        ValueError: this is no XML, XML that reaches outside itself, or not of nmap.
    """
    try:
        root = fromstring(data)
    except DefusedXmlException:
        raise ValueError(
            _("Dit XML-bestand verwijst naar andere bestanden. Dat laten wij niet toe.")
        ) from None
    except (ParseError, ValueError, RecursionError, LookupError):
        raise ValueError(_("Dit is geen XML van nmap. Maak het bestand met nmap -oX.")) from None
    if root.tag != "nmaprun":
        raise ValueError(_("Dit is geen XML van nmap. Maak het bestand met nmap -oX."))
    return list(_things(root))


def _things(root: Element) -> Iterator[Thing]:
    row = 0
    for host in root.iter("host"):
        state = host.find("status")
        if state is None or state.get("state") == "up":
            row += 1
            yield _thing(host, row)


def _thing(host: Element, row: int) -> Thing:
    addresses = {each.get("addrtype"): each for each in host.iter("address")}
    raw = addresses.get("ipv4", addresses.get("ipv6"))
    said = "" if raw is None else plain(raw.get("addr"))
    address, fqdn = host_address(said), _host_name(host)
    name = fqdn.partition(".")[0] or address
    if not name:
        return refused(row, said, _("Dit is het adres van de scanner zelf."))
    class_key = _class(host)
    if not class_key:
        return unknown_kind(row, name)
    hardware = addresses.get("mac")
    mac = "" if hardware is None else tidy_mac(hardware.get("addr"))
    return Thing(
        row=row,
        class_key=class_key,
        name=name,
        values={
            "address": address,
            "management_address": address,
            "mac": mac,
            "make": "" if hardware is None else plain(hardware.get("vendor")),
            "hostname": fqdn,
            "operating_system": _system(host),
        },
        macs=(mac,) if mac else (),
        fqdn=fqdn if "." in fqdn else "",
    )


def _host_name(host: Element) -> str:
    names = [plain(each.get("name")).lower() for each in host.iter("hostname")]
    return next((name for name in names if name and not name.startswith("localhost")), "")


def _guess(host: Element) -> Element | None:
    guesses = list(host.iter("osclass"))
    return max(guesses, key=lambda one: _accuracy(one.get("accuracy")), default=None)


def _accuracy(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _class(host: Element) -> str | None:
    guess = _guess(host)
    is_open = [
        port.get("portid")
        for port in host.iter("port")
        if (state := port.find("state")) is not None and state.get("state") == "open"
    ]
    if _PRINTER_PORT in is_open:
        return "printer"
    if guess is not None and guess.get("type") in _CLASSES:
        return _CLASSES[guess.get("type")]
    if guess is not None and guess.get("type") == "general purpose":
        is_desk = guess.get("osfamily") == "Windows" and "Server" not in _system(host)
        return "workstation" if is_desk else "server"
    return "server" if is_open else None


def _system(host: Element) -> str:
    """The best guess at the operating system; nothing where it is no more than a guess."""
    matches = [each for each in host.iter("osmatch") if _accuracy(each.get("accuracy")) >= 95]
    return plain(matches[0].get("name")) if matches else ""

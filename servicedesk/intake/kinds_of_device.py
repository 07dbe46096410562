"""What class a device is of, told by what it says of itself."""

import re

_PORTABLE = re.compile(r"laptop|notebook|portable|convertible|detachable|hand held", re.IGNORECASE)
_RACKED = re.compile(r"rack mount|server|blade|multi-system", re.IGNORECASE)
_DESK = re.compile(
    r"desktop|tower|all in one|mini pc|space-saving|lunch box|pizza box|stick pc|tablet|thin",
    re.IGNORECASE,
)
_VIRTUAL = re.compile(
    r"vmware|virtualbox|kvm|qemu|xen|hyper-v|virtual machine|bhyve|parallels|openstack|ec2",
    re.IGNORECASE,
)
_SERVER_SYSTEM = re.compile(r"server|esxi|proxmox|centos|red hat|rhel|solaris|aix", re.IGNORECASE)

# Told from the first that fits.
_NETWORK = (
    ("firewall", r"firewall|fortigate|palo alto|\bpa-\d|\basa\b|asa5|firepower|srx|check ?point"
     r"|sophos|pfsense|opnsense|sonicwall|watchguard"),
    ("access-point", r"access point|aironet|\bair-|\buap\b|unifi ap|\biap-|\bap-\d|\bwap\b"),
    ("fabric-switch", r"brocade|fibre channel|\bmds \d|fc switch"),
    ("router", r"router|\bisr\b|\basr\b|isr\d{4}|routeros|routerboard"),
)  # fmt: skip


def computer_class(
    chassis: str, model: str, system: str, virtual: str
) -> tuple[str, dict[str, str]]:
    """The class of a computer, with what its chassis says of its form.

    Args:
        chassis: as the firmware names it, such as "Notebook" or "Rack Mount Chassis".
        virtual: what it runs in; blank or "Physical" for nothing.
    """
    if virtual.lower() not in ("", "physical") or _VIRTUAL.search(model):
        return "virtual-machine", {}
    if _RACKED.search(chassis):
        return "server", {"form_factor": "blade" if "blade" in chassis.lower() else "rack"}
    if _PORTABLE.search(chassis):
        return "workstation", {"form": "laptop"}
    if _SERVER_SYSTEM.search(system):
        return "server", {}
    if "tablet" in chassis.lower():
        return "workstation", {"form": "tablet"}
    return "workstation", {"form": "vaste pc"} if _DESK.search(chassis) else {}


def network_class(*texts: str) -> str:
    """The class of a network device by its maker, model and description; a switch unless told."""
    said = " ".join(texts)
    for key, pattern in _NETWORK:
        if re.search(pattern, said, re.IGNORECASE):
            return key
    return "switch"

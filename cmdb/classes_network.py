"""The built-in classes of the network: the LAN, its addresses, Wi-Fi, WAN lines and firewalls."""

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.kinds import Kind

NETWORK = (
    ItemClassSpec(
        "network-device", "Netwerkapparaat", parent="rack-device", icon="network",
        attributes=(
            Attribute("config_saved_on", "Configuratie bewaard", Kind.DATE),
            Attribute("port_security", "802.1X", Kind.BOOLEAN),
        ),
    ),
    ItemClassSpec(
        "switch", "Switch", "SWI", "network-device", icon="network",
        attributes=(
            Attribute("layer", "Laag", Kind.CHOICE, choices=("kern", "distributie", "toegang")),
            Attribute("stack", "Stapel"),
            Attribute("stack_member", "Nummer in de stapel", Kind.NUMBER),
            Attribute("ports", "Poorten", Kind.NUMBER),
            Attribute("free_ports", "Vrije poorten", Kind.NUMBER),
            Attribute("port_speed", "Snelheid per poort", Kind.NUMBER, "Mbit/s"),
            Attribute("uplinks", "Uplinks", Kind.NUMBER),
            Attribute("poe_budget", "PoE-budget", Kind.NUMBER, "W"),
            Attribute("dual_power", "Dubbele voeding", Kind.BOOLEAN),
        ),
    ),
    ItemClassSpec(
        "router", "Router", "RTR", "network-device", icon="network",
        attributes=(
            Attribute("ports", "Poorten", Kind.NUMBER),
            Attribute("throughput", "Doorvoer", Kind.NUMBER, "Mbit/s"),
            Attribute("routing", "Routeprotocol"),
        ),
    ),
    ItemClassSpec(
        "firewall", "Firewall", "FIW", "network-device", icon="shield",
        attributes=(
            Attribute("throughput", "Doorvoer", Kind.NUMBER, "Mbit/s"),
            Attribute("zones", "Zones"),
            Attribute("contexts", "Virtuele firewalls", Kind.NUMBER),
            Attribute("vpn_tunnels", "VPN-tunnels", Kind.NUMBER),
            Attribute("rules", "Regels", Kind.NUMBER),
            Attribute("rules_reviewed_on", "Regels nagekeken", Kind.DATE),
            Attribute("subscription_until", "Abonnement tot", Kind.DATE),
            Attribute("log_target", "Logt naar"),
        ),
    ),
    ItemClassSpec(
        "access-point", "Accesspoint", "ACP", "hardware", icon="wifi",
        attributes=(
            Attribute("firmware", "Firmware"),
            Attribute("address", "IP-adres", Kind.ADDRESS),
            Attribute("controller", "Controller"),
            Attribute("standard", "Wifi-standaard"),
            Attribute("bands", "Banden"),
            Attribute("channel", "Kanaal", Kind.NUMBER),
            Attribute("transmit_power", "Zendvermogen", Kind.NUMBER, "dBm"),
            Attribute("poe", "Voeding via PoE", Kind.BOOLEAN),
            Attribute("switch_port", "Switchpoort"),
        ),
    ),
    ItemClassSpec(
        "ssid", "Wifi-netwerk (SSID)", "SSD", icon="wifi",
        attributes=(
            Attribute("ssid", "SSID"),
            Attribute("authentication", "Aanmelding"),
            Attribute("guest", "Voor gasten", Kind.BOOLEAN),
            Attribute("vlan_id", "VLAN-nummer", Kind.NUMBER),
        ),
    ),
    ItemClassSpec(
        "vlan", "VLAN", "VLN", icon="layers",
        attributes=(
            Attribute("vlan_id", "VLAN-nummer", Kind.NUMBER),
            Attribute("purpose", "Doel"),
            Attribute("zone", "Beveiligingszone"),
        ),
    ),
    ItemClassSpec(
        "subnet", "Subnet", "NET", icon="network",
        attributes=(
            Attribute("network", "Netwerk", Kind.NETWORK),
            Attribute("vlan_id", "VLAN-nummer", Kind.NUMBER),
            Attribute("vrf", "VRF"),
            Attribute("gateway", "Gateway", Kind.ADDRESS),
            Attribute("dhcp_from", "DHCP vanaf", Kind.ADDRESS),
            Attribute("dhcp_to", "DHCP tot en met", Kind.ADDRESS),
            Attribute("dns_primary", "Eerste DNS-server", Kind.ADDRESS),
            Attribute("dns_secondary", "Tweede DNS-server", Kind.ADDRESS),
            Attribute("zone", "Beveiligingszone"),
        ),
    ),
    ItemClassSpec(
        "wan-line", "WAN-lijn", "LYN", icon="arrow-left-right",
        attributes=(
            Attribute("circuit_id", "Lijnnummer"),
            Attribute("order_number", "Ordernummer"),
            Attribute(
                "technology", "Techniek", Kind.CHOICE,
                choices=("glasvezel", "dark fiber", "DSL", "4G/5G", "MPLS", "VPN over internet", "SD-WAN"),
            ),
            Attribute("line_role", "Functie", Kind.CHOICE, choices=("hoofdlijn", "reserve", "noodbeheer")),
            Attribute("download", "Snelheid naar beneden", Kind.NUMBER, "kbit/s"),
            Attribute("upload", "Snelheid naar boven", Kind.NUMBER, "kbit/s"),
            Attribute("burst", "Pieksnelheid", Kind.NUMBER, "kbit/s"),
            Attribute("a_end", "Eindpunt A"),
            Attribute("z_end", "Eindpunt B"),
            Attribute("device_port", "Aansluiting (apparaat en poort)"),
            Attribute("provider_address", "Adres van de leverancier", Kind.ADDRESS),
            Attribute("public_range", "Openbare adressen", Kind.NETWORK),
            Attribute("encrypted", "Versleuteld", Kind.BOOLEAN),
            Attribute("availability_percent", "Beschikbaarheid", Kind.NUMBER, "%"),
            Attribute("repair_time", "Hersteltijd", Kind.NUMBER, "uur"),
            Attribute("fault_desk", "Storingsnummer"),
            Attribute("fault_desk_asks", "Wat het storingsnummer vraagt", Kind.LONG_TEXT),
            Attribute("starts_on", "Begint op", Kind.DATE),
            Attribute("ends_on", "Eindigt op", Kind.DATE),
            Attribute("notice_period", "Opzegtermijn", Kind.NUMBER, "maanden"),
            Attribute("renews_automatically", "Verlengt vanzelf", Kind.BOOLEAN),
            Attribute("one_off_cents", "Eenmalige kosten", Kind.CENTS),
            Attribute("monthly_cents", "Kosten per maand", Kind.CENTS),
            Attribute("separate_route", "Gescheiden route aangetoond", Kind.BOOLEAN),
            Attribute("distance", "Lengte", Kind.NUMBER, "km"),
        ),
    ),
    ItemClassSpec(
        "route-segment", "Kabeltracé", "TRC", icon="arrow-left-right",
        attributes=(
            Attribute("from", "Van"),
            Attribute("to", "Naar"),
            Attribute("duct", "Mantelbuis"),
            Attribute("length", "Lengte", Kind.NUMBER, "km"),
        ),
    ),
)  # fmt: skip

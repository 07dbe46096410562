"""The ports of a device, as an item keeps them: in order, each with a name of its own.

A port is `{"name", "speed", "vlans", "power", "label"}`: Mbit/s, numbers of VLANs, watts of PoE,
and what stands on the patch panel; what is not known is left out. What is connected to a port is
a relation that names it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cmdb import kinds
from cmdb.kinds import Kind
from cmdb.refusal import Unfit

MOST = 1000
_FIELDS = {"name", "speed", "vlans", "power", "label"}
_NUMBER = kinds.format_of(Kind.NUMBER)


def check(ports: Sequence[Any]) -> None:
    """Accept the ports of an item.

    Raises:
        ValueError: one of them is none, or two have the same name; one Dutch sentence.
    """
    if len(ports) > MOST:
        raise Unfit("Een apparaat heeft ten hoogste duizend poorten.")
    for port in ports:
        if not isinstance(port, dict) or not {"name"} <= port.keys() <= _FIELDS:
            raise Unfit("Een poort heeft een naam.")
        for key, longest in (("name", 80), ("label", 200)):
            text = port.get(key, "-")
            if not isinstance(text, str) or not text or kinds.clean(text, longest) != text:
                raise Unfit("Geef elke poort een naam van ten hoogste 80 tekens.")
        if not all(_is_amount(port.get(key, 0)) for key in ("speed", "power")):
            raise Unfit("Snelheid en vermogen van een poort zijn nul of meer.")
        vlans = port.get("vlans", [])
        if not isinstance(vlans, list) or not all(_is_vlan(one) for one in vlans):
            raise Unfit("Het nummer van een VLAN ligt tussen 1 en 4094.")
    if len({port["name"] for port in ports}) < len(ports):
        raise Unfit("Elke poort heeft een eigen naam.")


def parse(text: str) -> list[dict[str, Any]]:
    """The ports of a text: one a line, its parts in order of the fields, with semicolons.

    Raises:
        ValueError: a line that is none; one Dutch sentence that names it.
    """
    ports = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                ports.append(_parsed(line))
                check(ports[-1:])
            except ValueError as error:
                raise Unfit("Regel %(number)s: %(problem)s", number=number, problem=error) from None
    check(ports)
    return ports


def written(ports: Sequence[Mapping[str, Any]]) -> str:
    """The ports as `parse` reads them."""
    return "\n".join("; ".join(_parts(port)).rstrip("; ") for port in ports)


def _parsed(line: str) -> dict[str, Any]:
    name, speed, vlans, power, label, *rest = *map(str.strip, line.split(";")), "", "", "", ""
    if any(rest):
        raise Unfit("Gebruik ten hoogste vijf delen, met puntkomma's ertussen.")
    numbers = [_NUMBER.parse(one) for one in vlans.replace(" ", "").split(",") if one]
    found = {
        "name": name,
        "speed": _NUMBER.parse(speed) if speed else None,
        "vlans": numbers,
        "power": _NUMBER.parse(power) if power else None,
        "label": label,
    }
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def _parts(port: Mapping[str, Any]) -> list[str]:
    def amount(key: str) -> str:
        return _NUMBER.format(port[key]) if key in port else ""

    vlans = ",".join(map(str, port.get("vlans", ())))
    return [port["name"], amount("speed"), vlans, amount("power"), port.get("label", "")]


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9


def _is_vlan(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 4094

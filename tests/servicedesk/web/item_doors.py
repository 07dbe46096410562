"""What the doors of items in the API are tried with: which records, and what is sent."""

FILE = b"naam;serienummer\nLaptop 14;S14X\n"


def values(endpoint: str, world) -> dict[str, object]:
    """How the address of an operation on items names the records at stake; nothing of another."""
    if endpoint == "api.item_class":
        return {"key": "server"}
    if "change_set" in endpoint:
        return {"key": world.change_set.id}
    if "import" in endpoint:
        return {"key": world.batch.id}
    known = {"key": world.relation.id} if endpoint.endswith("_relation") else {}
    parts = ("item", "relation", "consumers", "role", "step")
    return known | ({"number": world.item.uid} if any(part in endpoint for part in parts) else {})


def bodies(world) -> dict[str, dict[str, object] | bytes]:
    """What makes that the deed of an operation on items is done."""
    consumer = {"municipality": world.item.municipality.code, "share": 10}
    return {
        "api.add_import": FILE,
        "api.add_item": {"class": "server", "name": "srv-9", "hosting": "central"},
        "api.add_relation": {"kind": "needs", "other": world.switch.uid},
        "api.add_step": {"status": "retired", "stepDate": "2199-01-01"},
        "api.change_item": {"name": "Laptop 15", "version": world.item.version},
        "api.change_relation": {"effect": "soft"},
        "api.set_consumers": {"consumers": [consumer]},
        "api.set_role": {"duty": "budget-holder", "contact": "Team Inkoop"},
    }

"""What the doors of items in the API are tried with: which records, and what is sent."""


def values(endpoint: str, world) -> dict[str, object]:
    """How the address of an operation on items names the records at stake; nothing of another."""
    if endpoint == "api.item_class":
        return {"key": "server"}
    if endpoint.partition("_item")[1] or endpoint.startswith("api.item"):
        return {"number": world.item.uid}
    return {}

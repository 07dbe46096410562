"""Every subject of the API; a new one is added here, and its operations are then doors."""

from servicedesk.api import (
    description,
    imports,
    item_classes,
    item_history,
    item_impact,
    item_parts,
    item_tickets,
    item_writing,
    items,
    municipalities,
    people,
    roster,
    ticket_deeds,
    tickets,
)
from servicedesk.api.door import pages

__all__ = [
    "description",
    "imports",
    "item_classes",
    "item_history",
    "item_impact",
    "item_parts",
    "item_tickets",
    "item_writing",
    "items",
    "municipalities",
    "pages",
    "people",
    "roster",
    "ticket_deeds",
    "tickets",
]

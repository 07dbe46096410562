"""The pages on which people keep the register right, as tabs above each of them."""

from flask import request, url_for

from servicedesk.language import gettext as _


def tabs() -> list[dict[str, object]]:
    """The pages to go to; the one that is asked for is current."""
    pages = {
        "item_rounds.index": _("Mijn controle"),
        "item_drift.index": _("Afwijkingen"),
        "item_duplicates.index": _("Dubbelen"),
    }
    current = f"{request.blueprint}.index"
    return [
        {"label": label, "url": url_for(endpoint), "current": current == endpoint}
        for endpoint, label in pages.items()
    ]

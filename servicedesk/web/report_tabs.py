"""The reports that there are, as tabs above each of them."""

from flask import url_for

from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

OVERVIEW = "overview"
ABOUT_ITEMS = {
    OVERVIEW: lazy_gettext("Wie heeft wat"),
    "uniformity": lazy_gettext("Gelijkheid"),
    "applications": lazy_gettext("Applicaties"),
    "licences": lazy_gettext("Licenties"),
    "deadlines": lazy_gettext("Deadlines"),
    "quality": lazy_gettext("Kwaliteit"),
    "rounds": lazy_gettext("Controles"),
}
"""The reports about items, by the last part of their address."""


def tabs(current: str = "") -> list[dict[str, object]]:
    """The reports to go to, that on agreements first: the current one unless another is named."""
    entries = [{"label": _("Afspraken"), "url": url_for("reports.sla"), "current": not current}]
    for key, title in ABOUT_ITEMS.items():
        address = url_for("item_reports.page", report=key)
        entries.append({"label": title, "url": address, "current": key == current})
    return entries

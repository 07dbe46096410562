"""The pages about access, as tabs above each of them: those that the reader may open."""

from flask import request, url_for

from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.language import gettext as _


def tabs() -> list[dict[str, object]]:
    reviews = {"access_reviews.index": _("Controles")}
    pages = reviews
    if may(me(), Permission.ACCESS_READ):
        pages = {
            "access_rights.index": _("Personen"),
            "access_rights.roles": _("Rollen"),
            **reviews,
            "access_rights.viewings": _("Meekijken"),
        }
    return [
        {"label": label, "url": url_for(endpoint), "current": request.endpoint == endpoint}
        for endpoint, label in pages.items()
    ]

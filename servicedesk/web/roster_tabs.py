"""The pages of the roster that somebody may see, as tabs above each of them."""

from flask import request, url_for

from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.language import gettext as _


def tabs() -> list[dict[str, object]]:
    """The tabs, for the macro of that name."""
    entries = [
        ("roster.index", _("Rooster"), Permission.ROTA_READ),
        ("roster_absences.index", _("Afwezigheid"), Permission.ROTA_ABSENCE),
        ("roster_swaps.index", _("Ruilen"), Permission.ROTA_SWAP),
        ("roster_balance.index", _("Dekking en verdeling"), Permission.ROTA_READ),
        ("roster_plan.index", _("Plannen"), Permission.ROTA_PLAN),
        ("roster_duties.index", _("Diensten"), Permission.ROTA_PLAN),
        ("roster_team.index", _("Team"), Permission.ROTA_PLAN),
        ("roster_rules.index", _("Regels"), Permission.ROTA_PLAN),
    ]
    return [
        {
            "label": label,
            "url": url_for(endpoint),
            "current": request.blueprint == endpoint.partition(".")[0],
        }
        for endpoint, label, permission in entries
        if may(me(), permission)
    ]

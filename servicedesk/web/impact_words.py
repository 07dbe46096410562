"""The state of an item as pages draw it, beside its words and why it is so."""

from cmdb.impact import State
from servicedesk.inventory.why import STATE, Names, path, reason

__all__ = ["LOOK", "STATE", "Names", "badge", "path", "reason"]

# How the state looks: the end of its style's name, and its icon.
LOOK = {
    State.OK: ("ok", "circle-check"),
    State.AT_RISK: ("risk", "shield-alert"),
    State.DEGRADED: ("degraded", "triangle-alert"),
    State.DOWN: ("down", "octagon-x"),
}


def badge(state: State) -> dict[str, str]:
    """What the macro `impact_state` draws."""
    look, icon = LOOK[state]
    return {"look": look, "icon": icon, "text": str(STATE[state])}

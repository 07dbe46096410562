"""The state of an item in words, and why it is so: only with what the reader may see."""

from collections.abc import Mapping, Sequence

from flask_babel import ngettext

from cmdb.affected import Known
from cmdb.impact import Amount, Effect, Group, Impact, RuleKind, State, Why
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

STATE = {
    State.OK: lazy_gettext("In orde"),
    State.AT_RISK: lazy_gettext("Kwetsbaar"),
    State.DEGRADED: lazy_gettext("Verminderd"),
    State.DOWN: lazy_gettext("Uitgevallen"),
}
_NAMED = 3

Names = Mapping[int, Known]


def reason(key: int, found: Impact, names: Names) -> str:
    """One or two plain sentences: what made the state of an item that is not in order."""
    why = found.why(key)
    if why is None:
        return _("Dit is waar het begint.")
    if not why.members:
        return _("De groep %(label)s kan nooit genoeg hebben.", label=_label(why.group))
    if why.group.rule.kind is RuleKind.ALL:
        return _plain(why, found, names)
    if any(member not in names for member in why.group.members):
        return _about_hidden(why.group, found.state(key))
    return _counted(why, found, names)


def path(key: int, found: Impact, names: Names) -> list[Known | None]:
    """The items from this one down to what failed; None stands for any number that are hidden."""
    steps: list[Known | None] = []
    for each, _why in found.chain(key):
        known = names.get(each)
        if known is not None or steps[-1:] != [None]:
            steps.append(known)
    return steps


def _plain(why: Why, found: Impact, names: Names) -> str:
    state = STATE[found.state(why.members[0])]
    parts = {"name": _listed(why.members, names), "state": str(state).lower()}
    if why.group.effect is Effect.SOFT:
        return _("Werkt minder goed zonder %(name)s: %(state)s.", **parts)
    return _("Heeft %(name)s nodig: %(state)s.", **parts)


def _about_hidden(group: Group, state: State) -> str:
    """Of members that the reader may not all see, not even how many there are."""
    if state is State.AT_RISK:
        told = _("Van de groep %(label)s werkt nog genoeg, met minder reserve.", label=_label(group))
    else:
        told = _("Van de groep %(label)s werkt niet genoeg meer.", label=_label(group))
    return told


def _counted(why: Why, found: Impact, names: Names) -> str:
    group, members = why.group, why.group.members
    weights = dict(zip(members, group.weights, strict=True))
    works = sum(weights[member] for member in members if found.state(member) is not State.DOWN)
    parts = {
        "name": _listed(why.members, names),
        "label": _label(group),
        "works": _number(works),
        "total": _number(group.total),
        "need": _number(group.need),
    }
    if group.by_capacity:
        return _(
            "Door %(name)s heeft de groep %(label)s nog %(works)s van %(total)s capaciteit,"
            " %(need)s is nodig.",
            **parts,
        )
    return _(
        "Door %(name)s doen er in de groep %(label)s nog %(works)s van %(total)s mee,"
        " minstens %(need)s is nodig.",
        **parts,
    )


def _listed(keys: Sequence[int], names: Names) -> str:
    """The first names, and how many more when none is hidden."""
    seen = [names[key].name for key in keys if key in names]
    if len(seen) < len(keys):
        return ", ".join([*seen[:_NAMED], _("een ander onderdeel")])
    more = len(seen) - _NAMED
    if more > 0:
        return ", ".join(seen[:_NAMED]) + " " + ngettext("en nog %(num)d", "en nog %(num)d", more)
    return ", ".join(seen)


def _label(group: Group) -> str:
    return f"“{group.label}”"


def _number(amount: Amount) -> str:
    return f"{float(amount):g}".replace(".", ",")

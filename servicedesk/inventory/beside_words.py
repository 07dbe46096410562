"""What stands beside the fields of an item, in one line: for its history.

The names in a state are those of `cmdb.beside`, `groups` and `ports`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import ports
from cmdb.database import db
from cmdb.item_parts import Duty
from cmdb.items import ItemStatus
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from servicedesk.inventory import shares
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import labels

Names = dict[str, dict[int, str]]

LABELS = {
    "identifiers": lazy_gettext("Ook bekend als"),
    "roles": lazy_gettext("Rollen"),
    "groups": lazy_gettext("Groepen"),
    "ports": lazy_gettext("Poorten"),
    "shares": lazy_gettext("Gebruikt door"),
    "steps": lazy_gettext("Stappen"),
    "documents": lazy_gettext("Documenten"),
}
DUTY = {
    Duty.TECHNICAL_MANAGER: lazy_gettext("Technisch applicatiebeheerder"),
    Duty.FUNCTIONAL_MANAGER: lazy_gettext("Functioneel beheerder"),
    Duty.PROCESS_OWNER: lazy_gettext("Proceseigenaar"),
    Duty.BUDGET_HOLDER: lazy_gettext("Budgethouder"),
    Duty.RESOLVER_TEAM: lazy_gettext("Oplosgroep"),
    Duty.SUPPLIER_CONTACT: lazy_gettext("Contact bij leverancier"),
}
_POINTING = {"person_id": Person, "team_id": Team, "municipality_id": Municipality}


def names_for(states: Iterable[Mapping[str, Any]]) -> Names:
    """The names of whom roles and shares point at: a statement for each kind."""
    wanted: dict[str, set[int]] = {key: set() for key in _POINTING}
    for state in states:
        for row in (*(state.get("roles") or ()), *(state.get("shares") or ())):
            for key in _POINTING.keys() & row.keys():
                if row[key] is not None:
                    wanted[key].add(row[key])
    return {key: _names(_POINTING[key], sorted(keys)) for key, keys in wanted.items() if keys}


def text(name: str, rows: Iterable[Any], names: Names) -> str:
    """What a state keeps under a name, in one line."""
    return "; ".join(_WRITERS[name](row, names) for row in rows)


def _names(model: Any, keys: list[int]) -> dict[int, str]:
    found = sa.select(model.id, model.name).where(model.id.in_(keys))
    return dict(db.session.execute(found).all())


def _role(row: Mapping[str, Any], names: Names) -> str:
    duty = DUTY[Duty(row["role"])]
    label = f"{duty} ({_('vervanger')})" if row["is_deputy"] else str(duty)
    held = [names.get(key, {}).get(row[key]) for key in ("person_id", "team_id") if row[key]]
    who = row["contact"] or next(iter(held), None) or _("onbekend")
    return f"{label}: {who} {_span(row)}"


def _share(row: Mapping[str, Any], names: Names) -> str:
    town = names.get("municipality_id", {}).get(row["municipality_id"], _("onbekend"))
    part = "" if row["share"] is None else f" {shares.percent(row['share'])}%"
    return f"{town}{part} {_span(row)}"


def _step(row: Mapping[str, Any], names: Names) -> str:
    status = labels.ITEM_STATUS[ItemStatus(row["status"])]
    if row["done_on"]:
        return f"{status} {_('gedaan op %(date)s', date=_day(row['done_on']))}"
    return f"{status} {_('gepland op %(date)s', date=_day(row['planned_on']))}"


def _group(row: Mapping[str, Any], names: Names) -> str:
    rule = row["rule"]
    match rule["kind"]:
        case "at_least":
            needed = _("minstens %(count)s nodig", count=rule["count"])
        case "percent":
            needed = _("%(percent)s%% nodig", percent=rule["percent"])
        case "capacity":
            needed = _("capaciteit %(need)s nodig", need=rule["need"])
        case _:
            needed = _("alle nodig")
    return f"{row['label']}: {needed}"


def _span(row: Mapping[str, Any]) -> str:
    text = _("vanaf %(date)s", date=_day(row["valid_from"]))
    if row["valid_to"]:
        text += " " + _("tot %(date)s", date=_day(row["valid_to"]))
    return text


def _day(text: str) -> str:
    return f"{dt.date.fromisoformat(text):%d-%m-%Y}"


_WRITERS: dict[str, Callable[[Any, Names], str]] = {
    "identifiers": lambda row, names: f"{row[0].upper()} {row[1]}",
    "roles": _role,
    "shares": _share,
    "steps": _step,
    "documents": lambda row, names: row["name"],
    "groups": _group,
    "ports": lambda row, names: ports.written([row]).replace(";", ""),
}

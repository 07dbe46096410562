"""The changes of a ticket as sentences: `Entry.change` in, words out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any


from servicedesk import moments
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.tickets.workflow import Status, WaitingFor

_ICON = {
    "assignment": "corner-up-left",
    "category": "tag",
    "filed": "plus",
    "outage": "megaphone",
    "priority": "gauge",
    "site-day": "map-pin",
}


def sentence(change: Mapping[str, Any], author: str | None) -> str:
    """What happened, and by whom; `author` is None when the product itself did it."""
    if change["event"] == "assignment" and author and change["to"].get("assignee") == author:
        return _("Genomen door %(who)s", who=author)
    said = _WORDS.get(change["event"], _unknown)(change)
    if author:
        said = _("%(what)s door %(who)s", what=said, who=author)
    reason = change.get("reason")
    return f"{said}: {reason}" if reason else said


def icon(change: Mapping[str, Any]) -> str:
    """The icon that goes with it."""
    if change["event"] == "status":
        return labels.STATUS_ICON.get(change["to"], "circle-dot")
    return _ICON.get(change["event"], "circle-dot")


def _filed(change) -> str:
    return _("Ingevoerd")


def _status(change) -> str:
    before, after = Status(change["from"]), Status(change["to"])
    if after == Status.WAITING:
        return _waiting(change)
    if after == Status.IN_PROGRESS and not before.is_open:
        return _("Heropend")
    return {
        Status.NEW: _("Teruggezet naar nieuw"),
        Status.IN_PROGRESS: _("Weer in behandeling genomen")
        if before == Status.WAITING
        else _("In behandeling genomen"),
        Status.RESOLVED: _("Opgelost"),
        Status.CLOSED: _("Gesloten"),
        Status.CANCELLED: _("Ingetrokken"),
    }[after]


def _waiting(change) -> str:
    waiting_for = change.get("waiting_for")
    said = str(labels.status_words(Status.WAITING, waiting_for and WaitingFor(waiting_for)))
    if until := change.get("until"):
        day = moments.day(dt.datetime.fromisoformat(until))
        said = _("%(what)s tot %(day)s", what=said, day=day)
    return _("%(what)s, gezet", what=said)


def _assignment(change) -> str:
    team, person = change["to"].get("team"), change["to"].get("assignee")
    if person and team:
        return _("Toegewezen aan %(person)s (%(team)s)", person=person, team=team)
    if person or team:
        return _("Toegewezen aan %(to)s", to=person or team)
    return _("Niet meer toegewezen")


def _priority(change) -> str:
    return _("Prioriteit van %(before)s naar %(after)s", before=change["from"], after=change["to"])


def _category(change) -> str:
    return _("Categorie van %(before)s naar %(after)s", before=change["from"], after=change["to"])


def _outage(change) -> str:
    return _("Gekoppeld aan de storing in %(name)s", name=change["to"])


def _site_day(change) -> str:
    if change["to"] == "done":
        return _("Ter plaatse gedaan")
    if change["to"] == "dropped":
        return _("Van de lijst voor de locatiedag gehaald")
    if not change.get("on"):
        return _("Op de lijst voor een locatiedag gezet")
    day = moments.written_day(dt.date.fromisoformat(change["on"]))
    return _("Op de lijst voor de locatiedag van %(day)s gezet", day=day)


def _unknown(change) -> str:
    return _("Gewijzigd")


_WORDS = {
    "filed": _filed,
    "status": _status,
    "assignment": _assignment,
    "priority": _priority,
    "category": _category,
    "outage": _outage,
    "site-day": _site_day,
}

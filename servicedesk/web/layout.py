"""What stands around every page: the menu with its counters, who is signed in, whom to call."""

from typing import NamedTuple

from flask import Flask, current_app, g, request
from flask_login import current_user
from werkzeug.local import LocalProxy

from cmdb.database import utc_now
from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.language import gettext as _
from servicedesk.tickets import mine, queue
from servicedesk.web.numbers import counted
from servicedesk.web.templating import address_of


class Entry(NamedTuple):
    """A line of the menu. Those with `more` come after the others; `narrow` ones stand only on small screens."""

    url: str
    icon: str
    label: str
    count: int | str | None
    alert: bool
    more: bool
    narrow: bool
    current: bool


def init_app(app: Flask) -> None:
    app.context_processor(_around)


def counters() -> queue.Counters:
    """The counters of the queue for who is signed in; counted once a request."""
    if "counters" not in g:
        g.counters = queue.counters(me(), utc_now())
    return g.counters


def options() -> queue.Options:
    """What there is to choose in the desk's filters and forms; read once a request."""
    if "options" not in g:
        g.options = queue.options(utc_now())
    return g.options


def _around() -> dict[str, object]:
    """For every template. The menu is counted only where it is drawn, so that mail costs nothing."""
    person = current_user._get_current_object()  # a page asks of it twenty times
    signed_in = person.is_authenticated
    return {
        "me": person,
        "nav": LocalProxy(_menu),
        "home_url": _home(person) if signed_in else address_of("signin.signin"),
        "new_ticket_url": _new_ticket_url(person) if signed_in else None,
        "idle_seconds": int(current_app.config["SESSION_IDLE"].total_seconds()) if signed_in else None,
        "session_seconds": _session_seconds(),
        "centre": {
            "name": "Servicepunt",
            "sub": current_app.config["CENTRE_NAME"],
            "phone": current_app.config["CENTRE_PHONE"],
            "hours": _("Bereikbaar op werkdagen van 8 tot 17 uur"),
        },
    }


def _session_seconds() -> int:
    """How long the session can last at most, from now."""
    if "web_session" not in g:
        return 0
    ends_at = g.web_session.created_at + current_app.config["SESSION_ABSOLUTE"]
    return max(0, int((ends_at - utc_now()).total_seconds()))


def _home(person: Person) -> str:
    return address_of("start.index" if may(person, Permission.QUEUE_READ) else "portal.mine")


def _new_ticket_url(person: Person) -> str | None:
    return address_of("desk.new") if may(person, Permission.TICKET_FILE_FOR_OTHERS) else None


def _menu() -> list[Entry]:
    if "menu" not in g:
        person = me()
        works = may(person, Permission.QUEUE_READ)
        g.menu = _menu_of_desk(person) if works else _menu_of_portal(person)
    return g.menu


def _menu_of_desk(person: Person) -> list[Entry]:
    count = g.get("counters") or queue.in_menu(person)
    on_mine = request.endpoint == "desk.queue" and request.args.get("view") == "mine"
    on_queue = request.blueprint == "desk" and not on_mine
    entries = [
        _entry("start.index", "house", _("Start"), current=_is_on_start()),
        _entry("desk.queue", "inbox", _("Werkvoorraad"), counted(count.all), current=on_queue),
        _entry("desk.queue", "user-round", _("Mijn werk"), counted(count.mine), current=on_mine, view="mine"),
        _entry(
            "outages.index", "megaphone", _("Storingen"), count.outages, alert=count.outages > 0,
            current=request.blueprint in ("outages", "planned_work"),
        ),
        _entry("search.results", "search", _("Zoeken"), more=True, narrow=True),
        _entry("items.index", "database", _("Objecten"), more=True, current=_is_on_items()),
    ]
    if may(person, Permission.ROTA_READ):
        entries.append(
            _entry("roster.index", "calendar-days", _("Rooster"), more=True, current=_is_roster())
        )
    if may(person, Permission.REPORT_READ):
        entries.append(
            _entry("reports.sla", "chart-column", _("Rapportages"), more=True, current=_is_report())
        )
    if may(person, Permission.PERSON_WRITE):
        entries.append(_entry("people.index", "briefcase", _("Medewerkers"), more=True))
    if may(person, Permission.DIRECTORY_WRITE):
        entries.append(
            _entry(
                "directories.index", "users-round", _("Directory’s"), more=True,
                current=request.blueprint in ("directories", "openid_providers"),
            )
        )
    if may(person, Permission.ACCESS_REVIEW):
        reads = may(person, Permission.ACCESS_READ)
        page = "access_rights.index" if reads else "access_reviews.index"
        entries.append(_entry(page, "shield", _("Toegang"), more=True, current=_is_access()))
    return entries


def _menu_of_portal(person: Person) -> list[Entry]:
    open_count, _done = mine.counts(person)
    entries = [
        _entry("portal.report", "plus", _("Melden"), current=request.endpoint == "portal.report"),
        _entry(
            "portal.request_service", "plus", _("Aanvragen"), current=request.endpoint == "portal.request_service"
        ),
        _entry("portal.mine", "inbox", _("Mijn meldingen"), open_count, current=_is_on_own_ticket()),
    ]
    if may(person, Permission.SITE_READ):
        entries.append(_entry("visits.index", "map-pin", _("Wie komt er")))
    if may(person, Permission.REPORT_READ):
        entries.append(_entry("reports.sla", "chart-column", _("Rapportage"), current=_is_report()))
    if may(person, Permission.ACCESS_REVIEW):
        entries.append(_entry("access_reviews.index", "shield", _("Rechten")))
    return entries


def _is_on_start() -> bool:
    return request.blueprint in ("start", "handover", "visits")


def _is_access() -> bool:
    return request.blueprint in ("access_rights", "access_reviews")


def _is_report() -> bool:
    return request.blueprint in ("reports", "item_reports")


def _is_roster() -> bool:
    return (request.blueprint or "").startswith("roster")


def _is_on_items() -> bool:
    return (request.blueprint or "").startswith("item") and not _is_report()


def _is_on_own_ticket() -> bool:
    return request.endpoint in ("portal.mine", "portal.ticket")


def _entry(
    endpoint: str, icon: str, label: str, count: int | str | None = None, *,
    alert: bool = False, more: bool = False, narrow: bool = False, current: bool | None = None,
    **values: str,
) -> Entry:  # fmt: skip
    is_current = request.blueprint == endpoint.split(".")[0] if current is None else current
    return Entry(address_of(endpoint, **values), icon, label, count, alert, more, narrow, is_current)

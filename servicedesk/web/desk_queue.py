"""The desk: the queue with a ticket beside it, and a ticket by itself."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask_babel import ngettext

from cmdb.database import utc_now
from cmdb.items import Item
from cmdb.people import initials, tone
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets import labels, queue, search
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status, WaitingFor
from servicedesk.web import desk_detail, numbers
from servicedesk.web.layout import counters, options
from servicedesk.web.numbers import counted
from servicedesk.web.words import Chip, sla_chip

pages = Blueprint("desk", __name__)

# What each filter is called and offers, by its name.
Choices = dict[str, tuple[str, list[tuple[object, str]]]]

_PEOPLE_SHOWN = 8
# What of an address makes up the list, as opposed to the place in it.
_LIST = ("view", "municipality", "priority", "status", "team", "category", "item", "q", "sort", "dir")
_PLACE = ("after", "before")
_ANY_STATUS = "any"


@pages.get("/desk", endpoint="queue")
@requires(Permission.QUEUE_READ)
def show_queue():
    now = utc_now()
    number = request.args.get("ticket")
    chosen = find(Ticket, number, Permission.TICKET_READ, by="number", options=desk_detail.SHOWN) if number else None
    detail = desk_detail.context(chosen, now, back=_back()) if chosen else {"ticket": None}
    if chosen and is_partial():
        return render_template("desk/_ticket.html", **detail)
    return render_template("desk/queue.html", **_list(now, number), **detail)


@pages.get("/desk/tickets/<number>")
@requires(Permission.QUEUE_READ)
def ticket(number: str):
    chosen = find(Ticket, number, Permission.TICKET_READ, by="number", options=desk_detail.SHOWN)
    template = "desk/_ticket.html" if is_partial() else "desk/ticket.html"
    return render_template(template, **desk_detail.context(chosen, utc_now()))


def is_partial() -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def _back() -> str:
    return urlencode([(name, value) for name, value in request.args.items(True) if name in (*_LIST, *_PLACE)])


def list_query(back: str) -> dict[str, str]:
    """The arguments of a list, of a query string that came back with a form."""
    return {name: value for name, value in parse_qsl(back) if name in (*_LIST, *_PLACE)}


def _list(now: dt.datetime, number: str | None) -> dict[str, object]:
    count = counters()
    asked = {name: request.args[name].strip() for name in _LIST if request.args.get(name, "").strip()}
    view = asked.get("view")
    if view not in queue.VIEWS:
        view = "all" if "q" in asked or not count.teams else "mine-group"
    asked["view"] = view
    order = _order(asked)
    conditions = _conditions(asked, view, now)
    found, total = _found(asked, conditions, order, count.of_view(view))
    choices = _choices(asked)
    return {
        "summary": _summary(count, asked, total),
        "views": _views(count, view),
        "search": {"url": url_for(".queue"), "value": asked.get("q", ""), "keep": _kept(asked, "q")},
        "filters": _filters(asked, choices),
        "filters_keep": {name: asked[name] for name in ("view", "q", "item", "sort", "dir") if name in asked},
        "chips": _chips(asked, choices),
        "clear_url": url_for(".queue", view=view),
        "columns": _columns(asked, order),
        "rows": _rows(found.rows, asked, number, now),
        "pager": {
            "text": _hits(total),
            "previous_url": found.before and url_for(".queue", **asked, before=found.before),
            "next_url": found.after and url_for(".queue", **asked, after=found.after),
        },
    }


def _order(asked: dict[str, str]) -> queue.Order:
    """The order that is asked for; an unknown one is the usual: what is due first, or the newest hit."""
    if asked.get("sort") in queue.SORTS:
        return queue.Order(asked["sort"], asked.get("dir") == "desc")
    return queue.Order("newest", descending=True) if "q" in asked else queue.Order()


def _conditions(asked: dict[str, str], view: str, now: dt.datetime) -> list[sa.ColumnElement[bool]]:
    conditions = [] if view == "all" else [queue.in_view(view, me(), now)]
    for name, column in _COLUMNS.items():
        if asked.get(name, "").isdecimal() and len(asked[name]) < 10:
            conditions.append(column == int(asked[name]))
    status = asked.get("status", _ANY_STATUS if "q" in asked else "")
    if status in _STATUSES:
        conditions.append(Ticket.status == Status(status))
    elif status != _ANY_STATUS:
        conditions.append(queue.IS_OPEN)
    if "item" in asked:
        named = sa.select(Item.id).where(Item.uid == asked["item"]).scalar_subquery()
        conditions.append(queue.about_item(named))
    return conditions


_COLUMNS = {
    "municipality": Ticket.municipality_id,
    "priority": Ticket.priority,
    "team": Ticket.team_id,
    "category": Ticket.category_id,
}
_STATUSES = {status.value for status in Status}
_NARROWING = ("municipality", "priority", "status", "team", "category", "item")


def _found(asked, conditions, order: queue.Order, in_view: int) -> tuple[queue.Page, int]:
    """The page that is asked for, and how many there are in all, at most one beyond `COUNTED`."""
    place = {name: request.args.get(name) for name in _PLACE}
    if "q" not in asked:
        total = queue.count(conditions) if any(name in asked for name in _NARROWING) else in_view
        return queue.page(conditions, order, **place), total
    if order.sort == "newest" and order.descending and not any(place.values()):
        hits = search.newest(me(), asked["q"], *conditions)
        return queue.page_of(hits), len(hits)
    conditions = [*conditions, Ticket.id.in_(search.matching(me(), asked["q"]))]
    return queue.page(conditions, order, **place), queue.count(conditions)


def _summary(count: queue.Counters, asked: dict[str, str], total: int) -> dict[str, object]:
    return {
        "late": count.late and counted(count.late),
        "soon": counted(count.soon),
        "hits": _hits(total),
        "total": None if "q" in asked else counted(count.all),
    }


def _hits(total: int) -> str:
    if total > queue.COUNTED:
        return _("Meer dan %(n)s meldingen", n=numbers.count(queue.COUNTED))
    return ngettext("%(num)d melding", "%(num)d meldingen", total)


def _views(count: queue.Counters, current: str) -> list[dict[str, object]]:
    names = {
        "mine-group": _("Mijn groep"),
        "mine": _("Aan mij toegewezen"),
        "unassigned": _("Niet toegewezen"),
        "at-risk": _("Dreigt te verlopen"),
        "all": _("Alle gemeenten"),
    }
    return [
        {
            "label": label,
            "url": url_for(".queue", view=view),
            "current": view == current,
            "count": counted(count.of_view(view)),
            "alert": view == "at-risk" and count.at_risk > 0,
        }
        for view, label in names.items()
    ]


def _kept(asked: dict[str, str], *left_out: str) -> dict[str, str]:
    return {name: value for name, value in asked.items() if name not in left_out}


def _choices(asked: dict[str, str]) -> Choices:
    """What each filter is called and offers."""
    known = options()
    everything = [("", _("Alle"))]
    open_or_hits = [(_ANY_STATUS, _("Alle"))] if "q" in asked else [("", _("Open")), (_ANY_STATUS, _("Alle"))]
    return {
        "municipality": (_("Gemeente"), [*everything, *known.municipality]),
        "priority": (_("Prioriteit"), everything + [(n, f"{n} {name}") for n, name in labels.PRIORITY.items()]),
        "status": (_("Status"), open_or_hits + [(key.value, str(word)) for key, word in labels.STATUS.items()]),
        "team": (_("Groep"), [*everything, *known.team]),
        "category": (_("Categorie"), [*everything, *known.category]),
    }


def _filters(asked: dict[str, str], choices: Choices) -> list[dict[str, object]]:
    return [
        {"id": f"filter-{name}", "name": name, "label": label, "options": offered, "value": asked.get(name, "")}
        for name, (label, offered) in choices.items()
    ]


def _chips(asked: dict[str, str], choices: Choices) -> list[dict[str, str]]:
    chips = [
        {"label": label, "value": value, "url": url_for(".queue", **_kept(asked, name))}
        for name, (label, offered) in choices.items()
        if name in asked
        for key, value in offered
        if str(key) == asked[name]
    ]
    if "item" in asked:
        url = url_for(".queue", **_kept(asked, "item"))
        chips.append({"label": _("Object"), "value": asked["item"], "url": url})
    return chips


def _columns(asked: dict[str, str], order: queue.Order) -> dict[str, dict[str, object]]:
    heads = {
        "priority": {"label": _("Prio")},
        "title": {"label": _("Melding")},
        "agent": {"label": _("Behandelaar"), "icon": "user-round"},
        "due": {"label": _("Oplostijd")},
    }
    for sort, head in heads.items():
        current = order.sort == sort
        turned = {"dir": "desc"} if current and not order.descending else {}
        head["url"] = url_for(".queue", **_kept(asked, "sort", "dir"), sort=sort, **turned)
        head["direction"] = ("descending" if order.descending else "ascending") if current else None
    return heads


class Named(NamedTuple):
    name: str
    initials: str
    tone: int


class Shown(NamedTuple):
    """A row as the list shows it."""

    url: str
    number: str
    title: str
    priority: int
    status: Status
    waiting_for: WaitingFor | None
    municipality: str
    requester: str
    assignee: Named | None
    chip: Chip
    selected: bool


def _rows(
    found: Sequence[sa.Row], asked: dict[str, str], number: str | None, now: dt.datetime
) -> list[Shown]:
    url = _row_url(asked)
    return [_row(row, url, number, now) for row in found]


def _row(row: sa.Row, url: str, number: str | None, now: dt.datetime) -> Shown:
    assignee = row.assignee
    # How much is used tells something only while there is time left.
    share = queue.used_share(row, now) if row.due_at and row.due_at > now else 1.0
    return Shown(
        url + row.number,
        row.number,
        row.title,
        row.priority,
        row.status,
        row.waiting_for,
        row.municipality,
        row.requester,
        assignee and Named(assignee, initials(assignee), tone(assignee)),
        sla_chip(row.due_at, row.state, share, row.breached_at is not None, now),
        row.number == number,
    )


def _row_url(asked: dict[str, str]) -> str:
    """The address of a row up to its number; the page stays where it is."""
    place = [(name, request.args[name]) for name in _PLACE if request.args.get(name)]
    return f"{url_for('.queue')}?{urlencode([*asked.items(), *place, ('ticket', '')])}"

"""The hand-over of the desk: its sheet, its lines, and taking over."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.rota import reading
from servicedesk.tickets import handover, queue
from servicedesk.tickets.handover_models import HandoverLine
from servicedesk.web.start import handover_of, ticket_row

pages = Blueprint("handover", __name__)

_SHOWN = 20
_LONGEST = 300


@pages.get("/desk/handover")
@requires(Permission.QUEUE_READ)
def index():
    return _page()


@pages.post("/desk/handover/lines")
@requires(Permission.TICKET_WORK)
def add():
    text = " ".join(request.form.get("text", "").split())
    if not text or len(text) > _LONGEST:
        error = (
            _("Maak de regel korter: hoogstens %(n)s tekens", n=_LONGEST)
            if text
            else _("Schrijf wat de volgende dienst moet weten")
        )
        return _page(error, text), 422
    handover.write(me(), text, utc_now())
    db.session.commit()
    return _back(_("De regel staat op het blad."))


@pages.post("/desk/handover/lines/<int:key>")
@requires(Permission.TICKET_WORK)
def tick(key: int):
    """Tick a line off, or take that back."""
    line = find(HandoverLine, key, Permission.TICKET_WORK, lock=True)
    if request.form.get("done"):
        handover.tick(line, me(), utc_now())
        said = _("Afgevinkt.")
    else:
        handover.untick(line)
        said = _("De regel staat weer open.")
    db.session.commit()
    return _back(said)


@pages.post("/desk/handover/accept")
@requires(Permission.TICKET_WORK)
def accept():
    now = utc_now()
    today = local(now).date()
    if handover.accept(reading.seats(today, today), me(), now):
        db.session.commit()
        return _back(_("U hebt de balie overgenomen."))
    flash(_("U hebt nu geen dienst die u kunt overnemen."), "warning")
    return redirect(url_for(".index"), 303)


def _back(said: str):
    flash(said, "success")
    return redirect(url_for("start.index") + "#t-handover", 303)


def _page(error: str = "", text: str = "") -> str:
    now = utc_now()
    today = local(now).date()
    parts = (
        ("risk", _("Dreigt te verlopen"), handover.at_risk(now), url_for("desk.queue", view="at-risk")),
        ("waiting", _("Wacht, en vandaag weer aan de beurt"), handover.waiting(now), ""),
        ("promised", _("Vandaag beloofd"), handover.promised_today(now), ""),
    )
    lists = []
    for key, title, condition, url in parts:
        found = db.session.execute(queue.rows([condition], queue.Order()).limit(_SHOWN + 1)).all()
        rows = [ticket_row(row, now) for row in found[:_SHOWN]]
        note = _("de eerste %(n)s", n=_SHOWN) if len(found) > _SHOWN else _count(len(rows))
        lists.append((key, title, note, rows, url))
    return render_template(
        "start/handover.html",
        lists=lists,
        handover=handover_of(reading.seats(today, today), now),
        line_error=error,
        line_text=text,
    )


def _count(number: int) -> str:
    return ngettext("%(num)d melding", "%(num)d meldingen", number)

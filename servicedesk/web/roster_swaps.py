"""Swapping duties with a colleague: propose it, answer it, approve it, undo it, and its history."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.permissions import Permission, visible
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.rota import loading, reading, swapping
from servicedesk.rota.models import Duty, Seat, SwapRequest
from servicedesk.rota.seating import Refused
from servicedesk.rota.words import Step
from servicedesk.web.roster_words import STEP, STEP_ICON, SWAP_STATE, refusal, seat_title

pages = Blueprint("roster_swaps", __name__)

PAGE = 30
_MOST_OPEN = 100
_STEPS = (Step.ACCEPT, Step.DECLINE, Step.APPROVE, Step.REJECT, Step.WITHDRAW, Step.UNDO)
_ENDS = (SwapRequest.by, SwapRequest.to, SwapRequest.decided_by)
_WITH_ALL = [
    *(joinedload(end) for end in _ENDS),
    *(
        joinedload(seat).joinedload(Seat.duty).joinedload(Duty.municipality)
        for seat in (SwapRequest.seat, SwapRequest.other_seat)
    ),
]


@dataclass(frozen=True)
class Row:
    """A request in words, with the steps that the reader may take."""

    request: SwapRequest
    title: str
    state: str
    steps: Sequence[tuple[Step, str, str]]


@pages.get("/roster/swaps")
@requires(Permission.ROTA_SWAP)
def index():
    return _page("")


@pages.post("/roster/swaps/<int:key>/step")
@requires(Permission.ROTA_SWAP)
def step(key: int):
    """Take one step with a request; the rules are asked again."""
    chosen = find(SwapRequest, key, Permission.ROTA_SWAP)
    taken = request.form.get("step")
    if taken not in _STEPS:
        return _page(_("Kies wat u met het verzoek wilt doen.")), 422
    try:
        swapping.take_step(chosen, Step(taken), me(), utc_now())
    except Refused as error:
        db.session.rollback()
        return _page(refusal(error)), 409
    db.session.commit()
    db.session.refresh(chosen)
    state = SWAP_STATE[chosen.state]
    text = _("Het verzoek is nu: %(state)s. Beide collega’s krijgen bericht.", state=state)
    flash(text, "success")
    return redirect(url_for(".index"), 303)


@pages.get("/roster/seats/<int:key>/swap")
@requires(Permission.ROTA_SWAP)
def offer(key: int):
    return _offer_page(_mine(key), "")


@pages.post("/roster/seats/<int:key>/swap")
@requires(Permission.ROTA_SWAP)
def propose(key: int):
    """Offer a duty to a colleague ("p12"), or for one of theirs ("s345")."""
    seat = _mine(key)
    kind, number = request.form.get("for", "")[:1], request.form.get("for", "")[1:]
    if kind not in ("p", "s") or not number.isdecimal() or len(number) > 9:
        return _offer_page(seat, _("Kies een collega of een dienst.")), 422
    other = db.session.get(Seat, int(number)) if kind == "s" else None
    to_id = other.person_id if other else int(number)
    to = next((person for person in reading.people() if person.id == to_id), None)
    if to is None or (kind == "s" and other is None):
        return _offer_page(seat, _("Kies een collega of een dienst.")), 422
    try:
        swapping.propose(me(), seat, to, other, utc_now())
    except Refused as error:
        db.session.rollback()
        return _offer_page(_mine(key), refusal(error)), 409
    db.session.commit()
    flash(_("%(name)s is gevraagd en krijgt bericht.", name=to.name), "success")
    return redirect(url_for(".index"), 303)


def _mine(key: int) -> Seat:
    """A seat of who asks: nobody offers what is another's."""
    seat = find(Seat, key, Permission.ROTA_SWAP, options=reading.SEAT_WITH_ALL)
    if seat.person_id != me().id:
        abort(404)
    return seat


def _offer_page(seat: Seat, refused: str) -> str:
    names = {person.id: person.name for person in reading.people()}
    groups: dict[str, list[tuple[str, str]]] = {}
    for to_id, other in swapping.possible(seat, utc_now()):
        if to_id in names:
            label = seat_title(other) if other else _("Zonder ruil, alleen overnemen")
            value = f"s{other.id}" if other else f"p{to_id}"
            groups.setdefault(names[to_id], []).append((value, label))
    return render_template(
        "rota/offer.html",
        seat=seat,
        title=seat_title(seat),
        groups=dict(sorted(groups.items())),
        needs_approval=loading.setting().swaps_need_approval,
        refused=refused,
        chosen=request.form.get("for", ""),
    )


def _page(refused: str) -> str:
    chosen = visible(SwapRequest, me(), Permission.ROTA_SWAP).options(*_WITH_ALL)
    running = chosen.where(SwapRequest.state.in_(swapping.OPEN)).order_by(SwapRequest.id)
    past = chosen.where(SwapRequest.state.not_in(swapping.OPEN)).order_by(SwapRequest.id.desc())
    before = request.args.get("before", "")
    if before.isdecimal() and len(before) < 10:
        past = past.where(SwapRequest.id < int(before))
    found = list(db.session.scalars(past.limit(PAGE + 1)))
    today = local(utc_now()).date()
    mine = reading.seats_of(me(), today, today + dt.timedelta(days=60))
    return render_template(
        "rota/swaps.html",
        running=[_row(one) for one in db.session.scalars(running.limit(_MOST_OPEN))],
        past=[_row(one) for one in found[:PAGE]],
        next_url=len(found) > PAGE and url_for(".index", before=found[PAGE - 1].id),
        first_url=before and url_for(".index"),
        mine=[(one, seat_title(one)) for one in mine if not loading.row_is_over(one, utc_now())],
        refused=refused,
    )


def _row(one: SwapRequest) -> Row:
    steps = [
        (step, str(STEP[step]), STEP_ICON[step])
        for step in _STEPS
        if swapping.may_step(one, step, me()) and not _is_anothers(one, step)
    ]
    if one.other_seat:
        title = _(
            "%(by)s geeft %(seat)s, en krijgt %(other)s van %(to)s",
            by=one.by.name, seat=seat_title(one.seat),
            other=seat_title(one.other_seat), to=one.to.name,
        )  # fmt: skip
    elif one.is_ask:
        title = _(
            "%(by)s vraagt %(to)s voor %(seat)s",
            by=one.by.name, to=one.to.name, seat=seat_title(one.seat),
        )  # fmt: skip
    else:
        title = _(
            "%(by)s geeft %(seat)s aan %(to)s",
            by=one.by.name, seat=seat_title(one.seat), to=one.to.name,
        )  # fmt: skip
    return Row(one, title, str(SWAP_STATE[one.state]), steps)


def _is_anothers(one: SwapRequest, step: Step) -> bool:
    """Steps that a planner may take for somebody, but has an equal of: one button for one deed."""
    return {
        Step.DECLINE: me().id != one.to_id,
        Step.WITHDRAW: me().id != one.by_id,
        Step.REJECT: me().id in (one.by_id, one.to_id),
    }.get(step, False)

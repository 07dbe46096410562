"""What we promise the requester: who has it, what we wait for, when you hear again.

Nothing is promised that no agreement or agent said; what is late is called late.
"""

import datetime as dt
from dataclasses import dataclass

from markupsafe import Markup

from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.language import gettext as _
from servicedesk.moments import before, day, moment
from servicedesk.tickets.actions import CLOSE_AFTER, REOPEN_WITHIN
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status, WaitingFor
from sla.clock import PAUSED, RUNNING
from sla.models import Clock


@dataclass(frozen=True)
class Situation:
    """How a ticket stands. `response_due` is None once somebody looked at it, `due` while the clock
    of the solution stands still or nothing is agreed; `close_at` and `reopen_until` are set after
    the solution; `is_own` when the reader is the requester."""

    status: Status
    is_own: bool = True
    assignee: str | None = None
    team: str | None = None
    waiting_for: WaitingFor | None = None
    waiting_until: dt.datetime | None = None
    response_due: dt.datetime | None = None
    due: dt.datetime | None = None
    is_paused: bool = False
    resolved_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    close_at: dt.datetime | None = None
    reopen_until: dt.datetime | None = None


@dataclass(frozen=True)
class Promise:
    """`asks`: the requester has to act; `is_solved`: the question is whether it works again."""

    text: Markup
    note: str = ""
    asks: bool = False
    is_solved: bool = False


def promise(situation: Situation, now: dt.datetime) -> Promise:
    """The promise about a ticket that stands as `situation` at `now`."""
    if situation.status == Status.RESOLVED:
        return _solved(situation, now)
    if situation.status == Status.CLOSED:
        return _closed(situation, now)
    if situation.status == Status.CANCELLED:
        return Promise(
            _cancelled(situation, now), _("Hebt u toch hulp nodig? Maak dan een nieuwe melding.")
        )
    if situation.status == Status.WAITING:
        return _waiting(situation, now)
    return _at_work(situation, now)


def situation_of(ticket: Ticket, reader: Person, now: dt.datetime) -> Situation:
    """How `ticket` stands for `reader`; its assignee, team and clocks are best loaded with it."""
    clock = ticket.resolution_clock
    closes = ticket.resolved_at and max(ticket.resolved_at + CLOSE_AFTER, now)
    closed = ticket.closed_at or closes
    return Situation(
        status=ticket.status,
        is_own=ticket.belongs_to(reader),
        assignee=ticket.assignee and ticket.assignee.name,
        team=ticket.team and ticket.team.name,
        waiting_for=ticket.waiting_for,
        waiting_until=ticket.waiting_until,
        response_due=_running_due(ticket.response_clock),
        due=_running_due(clock),
        is_paused=clock is not None and clock.state == PAUSED,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        close_at=closes,
        reopen_until=closed and closed + REOPEN_WITHIN,
    )


def _running_due(clock: Clock | None) -> dt.datetime | None:
    """The deadline of a clock while it runs."""
    return clock.due_at if clock and clock.state == RUNNING else None


def _say(sentence: str, **parts: object) -> Markup:
    """A translated sentence whose parts are stressed, and escaped."""
    return Markup(sentence) % {
        name: Markup("<strong>{}</strong>").format(part) for name, part in parts.items()
    }


def _join(*sentences: Markup | str | None) -> Markup:
    return Markup(" ").join(sentence for sentence in sentences if sentence)


def _at_work(situation: Situation, now: dt.datetime) -> Promise:
    if situation.status == Status.NEW:
        holder = _held(situation)
        news = _first_news(situation, now)
    else:
        holder = _worked_on(situation)
        news = _next_news(situation, situation.due, now)
    return Promise(_join(holder, _late(situation, now), news), _target_note(situation, now))


def _held(situation: Situation) -> Markup:
    if situation.assignee:
        return _say(_("%(who)s heeft de melding gekregen."), who=situation.assignee)
    if situation.team:
        return _say(_("De melding ligt bij team %(who)s."), who=situation.team)
    return _say(_("De melding is binnen."))


def _worked_on(situation: Situation) -> Markup:
    if situation.assignee:
        return _say(_("%(who)s werkt aan de melding."), who=situation.assignee)
    if situation.team:
        return _say(_("Team %(who)s werkt aan de melding."), who=situation.team)
    return _say(_("Wij werken aan de melding."))


def _first_news(situation: Situation, now: dt.datetime) -> Markup | None:
    """When the requester hears for the first time; lateness of the solution tells more."""
    if not situation.is_own or _is_past(situation.due, now):
        return None
    if situation.response_due is None:
        return _next_news(situation, situation.due, now)
    if situation.response_due < now:
        return _say(
            _("Dat duurt langer dan afgesproken: u had %(when)s van ons moeten horen."),
            when=before(situation.response_due, now),
        )
    return _say(_("U hoort %(when)s van ons."), when=before(situation.response_due, now))


def _next_news(situation: Situation, at: dt.datetime | None, now: dt.datetime) -> Markup | None:
    if not situation.is_own:
        return None
    if at is None or at < now:
        return _say(_("U hoort van ons zodra er nieuws is."))
    return _say(_("U hoort %(when)s weer van ons."), when=before(at, now))


def _late(situation: Situation, now: dt.datetime) -> Markup | None:
    if not _is_past(situation.due, now):
        return None
    return _say(
        _(
            "Het duurt langer dan afgesproken: het had %(when)s opgelost moeten zijn."
            " Dat spijt ons."
        ),
        when=before(situation.due, now),
    )


def _is_past(at: dt.datetime | None, now: dt.datetime) -> bool:
    return at is not None and at < now


def _waiting(situation: Situation, now: dt.datetime) -> Promise:
    if situation.waiting_for == WaitingFor.REQUESTER:
        return _waiting_for_requester(situation, now)
    reason = {
        WaitingFor.SUPPLIER: _say(_("Wij wachten op %(what)s."), what=_("de leverancier")),
        WaitingFor.SITE_DAY: _say(
            _("Wij komen hiervoor langs op %(what)s."), what=_("een locatiedag")
        ),
        WaitingFor.CHANGE: _say(
            _("Wij wachten op %(what)s."), what=_("akkoord voor een wijziging")
        ),
        WaitingFor.PROBLEM: _say(
            _("Wij zoeken eerst %(what)s, want meer mensen hebben hier last van."),
            what=_("de oorzaak"),
        ),
    }[situation.waiting_for]
    text = _join(_with(situation), reason, _late(situation, now), _news_of_wait(situation, now))
    return Promise(text, _target_note(situation, now))


def _news_of_wait(situation: Situation, now: dt.datetime) -> Markup | None:
    until = situation.waiting_until
    if until is None:
        return _next_news(situation, situation.due, now)
    if local(until).date() < local(now).date():
        return _say(
            _("Dat duurt langer dan verwacht: wij rekenden op %(day)s."), day=day(until, now)
        )
    if situation.waiting_for == WaitingFor.SITE_DAY:
        return _say(_("Dat is %(day)s."), day=day(until, now))
    return (
        _say(_("U hoort %(day)s weer van ons."), day=day(until, now)) if situation.is_own else None
    )


def _waiting_for_requester(situation: Situation, now: dt.datetime) -> Promise:
    if not situation.is_own:
        text = _join(
            _with(situation),
            _say(_("Wij wachten op %(what)s."), what=_("antwoord van de aanmelder")),
        )
        return Promise(text, _target_note(situation, now))
    who = situation.assignee
    asked = (
        _say(_("%(who)s heeft u iets gevraagd."), who=who)
        if who
        else _say(_("Wij hebben u iets gevraagd."))
    )
    text = _join(
        asked,
        _say(_("Wij wachten op %(what)s."), what=_("uw antwoord")),
        _say(_("Daarna gaan wij meteen verder.")),
        _late(situation, now),
    )
    return Promise(text, _target_note(situation, now), asks=True)


def _with(situation: Situation) -> Markup | None:
    if not situation.assignee:
        return None
    return _say(_("De melding is bij %(who)s."), who=situation.assignee)


def _target_note(situation: Situation, now: dt.datetime) -> str:
    if situation.is_paused:
        return _("De afgesproken tijd staat stil zolang wij wachten.")
    if situation.due is None:
        return _("Over de tijd voor deze melding is niets afgesproken.")
    return _("Streeftijd voor de oplossing: %(when)s.", when=moment(situation.due, now))


def _solved(situation: Situation, now: dt.datetime) -> Promise:
    who = situation.assignee or situation.team
    when = moment(situation.resolved_at, now)
    text = (
        _say(_("%(who)s heeft de melding %(when)s opgelost."), who=who, when=when)
        if who
        else _say(_("De melding is %(when)s opgelost."), when=when)
    )
    note = _(
        "Komt er geen antwoord, dan sluiten wij de melding %(day)s.",
        day=day(situation.close_at, now),
    )
    if situation.is_own:
        note = _(
            "Antwoordt u niet, dan sluiten wij de melding %(day)s."
            " Heropenen kan tot en met %(last)s.",
            day=day(situation.close_at, now),
            last=day(situation.reopen_until, now),
        )
    return Promise(text, note, asks=situation.is_own, is_solved=True)


def _closed(situation: Situation, now: dt.datetime) -> Promise:
    text = _say(
        _("De melding is opgelost en %(when)s gesloten."), when=moment(situation.closed_at, now)
    )
    if not situation.is_own:
        return Promise(text)
    if situation.reopen_until and situation.reopen_until >= now:
        until = day(situation.reopen_until, now)
        return Promise(
            text,
            _("Werkt het toch niet? U kunt de melding tot en met %(day)s heropenen.", day=until),
        )
    return Promise(text, _("Heropenen kan niet meer. Komt het terug? Maak dan een nieuwe melding."))


def _cancelled(situation: Situation, now: dt.datetime) -> Markup:
    return _say(_("De melding is %(when)s ingetrokken."), when=moment(situation.closed_at, now))

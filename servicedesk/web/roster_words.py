"""The roster in words: days, parts of days, why somebody cannot, how a request stands."""

import datetime as dt
from collections.abc import Iterable, Mapping

from babel.dates import format_date, get_day_names
from flask_babel import get_locale
from wtforms import SelectChoice

from cmdb.people import Person
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota.facts import Kind, Origin, Part
from servicedesk.rota.models import Seat
from servicedesk.rota.roster import Obstacle
from servicedesk.rota.seating import Refused
from servicedesk.rota.swaps import Refusal
from servicedesk.rota.titles import hours_of
from servicedesk.rota.words import AbsenceKind, Step, SwapState

PART = {
    Part.DAY: lazy_gettext("Hele dag"),
    Part.MORNING: lazy_gettext("Ochtend"),
    Part.AFTERNOON: lazy_gettext("Middag"),
}
ABSENCE_KIND = {
    AbsenceKind.LEAVE: lazy_gettext("Verlof"),
    AbsenceKind.ILLNESS: lazy_gettext("Ziek"),
    AbsenceKind.TRAINING: lazy_gettext("Opleiding"),
    AbsenceKind.OTHER: lazy_gettext("Anders"),
}
OBSTACLE = {
    Obstacle.OFF: lazy_gettext("werkt dan niet"),
    Obstacle.ABSENT: lazy_gettext("afwezig"),
    Obstacle.NOT_QUALIFIED: lazy_gettext("komt daar niet"),
    Obstacle.SKILL: lazy_gettext("mist de vaardigheid"),
    Obstacle.DOUBLE_BOOKED: lazy_gettext("heeft die dag al een dienst"),
    Obstacle.DESK_IN_WEEK: lazy_gettext("zit die week al genoeg aan de balie"),
    Obstacle.DESK_IN_ROW: lazy_gettext("zit te veel dagen achter elkaar aan de balie"),
    Obstacle.HOURS: lazy_gettext("gaat over de contracturen"),
}
# Of a `Refusal`, an `Obstacle` or a word of `Refused`.
REFUSED = {
    Refusal.NOT_OWNER: lazy_gettext("Deze dienst is intussen van een ander. Kijk in het rooster."),
    Refusal.IN_PAST: lazy_gettext("Deze dienst is begonnen of voorbij. Kies een latere."),
    Refusal.ABSENT: lazy_gettext("De collega werkt dan niet. Kies iemand anders."),
    Refusal.NOT_QUALIFIED: lazy_gettext(
        "De collega kan deze dienst niet doen. Kies iemand anders."
    ),
    Refusal.SKILL: lazy_gettext(
        "De collega mist de vaardigheid voor deze dienst. Kies iemand anders."
    ),
    Refusal.DOUBLE_BOOKED: lazy_gettext(
        "De collega heeft die dag al een dienst. Kies iemand anders of een andere dag."
    ),
    Refusal.HOURS: lazy_gettext(
        "De collega komt dan boven de grens van die week. Kies iemand anders."
    ),
    Obstacle.OFF: lazy_gettext("De collega werkt dan niet. Kies iemand anders."),
    Obstacle.DESK_IN_WEEK: lazy_gettext(
        "De collega zit die week al genoeg aan de balie. Kies iemand anders."
    ),
    Obstacle.DESK_IN_ROW: lazy_gettext(
        "De collega zit dan te veel dagen achter elkaar aan de balie. Kies iemand anders."
    ),
    "already_asked": lazy_gettext("Voor deze dienst loopt al een verzoek. Wacht op het antwoord."),
    "not_allowed": lazy_gettext("Deze stap kan niet meer. Kijk hoe het verzoek er nu voor staat."),
}
SWAP_STATE = {
    SwapState.REQUESTED: lazy_gettext("gevraagd"),
    SwapState.ACCEPTED: lazy_gettext("wacht op akkoord van de planner"),
    SwapState.APPROVED: lazy_gettext("akkoord"),
    SwapState.REJECTED: lazy_gettext("afgewezen"),
    SwapState.WITHDRAWN: lazy_gettext("ingetrokken"),
    SwapState.EXPIRED: lazy_gettext("vervallen"),
    SwapState.UNDONE: lazy_gettext("teruggedraaid"),
}
STEP = {
    Step.ACCEPT: lazy_gettext("Aannemen"),
    Step.DECLINE: lazy_gettext("Weigeren"),
    Step.APPROVE: lazy_gettext("Goedkeuren"),
    Step.REJECT: lazy_gettext("Afwijzen"),
    Step.WITHDRAW: lazy_gettext("Intrekken"),
    Step.UNDO: lazy_gettext("Terugdraaien"),
}
STEP_ICON = {
    Step.ACCEPT: "check", Step.DECLINE: "x", Step.APPROVE: "check", Step.REJECT: "x",
    Step.WITHDRAW: "undo-2", Step.UNDO: "undo-2",
}  # fmt: skip
ORIGIN = {
    Origin.TURN: lazy_gettext("aan de beurt"),
    Origin.FACE: lazy_gettext("vast gezicht"),
    Origin.FAIR: lazy_gettext("eerlijk verdeeld"),
    Origin.SUBSTITUTE: lazy_gettext("vervanger"),
    Origin.SWAP: lazy_gettext("geruild"),
    Origin.HAND: lazy_gettext("door de planner gekozen"),
}
REASON = {
    "absence": lazy_gettext("afwezigheid"),
    "closed": lazy_gettext("dicht"),
    "duty": lazy_gettext("dienst gewijzigd"),
    "hand": lazy_gettext("door de planner gekozen"),
    "moved": lazy_gettext("bezoek verzet"),
    "opened": lazy_gettext("toch open"),
    "replan": lazy_gettext("opnieuw gepland"),
    "swap": lazy_gettext("geruild of aangenomen"),
    "undo": lazy_gettext("teruggedraaid"),
}


def chosen_of(words: Mapping[str, object]) -> list[SelectChoice]:
    """Words as the choices of a field."""
    return [SelectChoice(key, text) for key, text in words.items()]


def refusal(error: Refused) -> str:
    """Why the roster does not allow it, and what to do."""
    return str(REFUSED[error.reason])


def weekday(number: int, width: str = "wide") -> str:
    """The name of an ISO weekday; `width` is "wide" or "abbreviated"."""
    return get_day_names(width, locale=get_locale())[number - 1].replace(".", "")


def written(day: dt.date, pattern: str) -> str:
    """A day as `pattern` of CLDR says, in the language of the reader."""
    return format_date(day, pattern, get_locale()).replace(".", "")


def long_day(day: dt.date) -> str:
    """ "donderdag 26 november" """
    return written(day, "EEEE d MMMM")


def short_day(day: dt.date) -> str:
    """ "do 26 nov" """
    return written(day, "EEE d MMM")


def week_of(day: dt.date) -> str:
    """ "week 48" """
    return _("week %(n)s", n=day.isocalendar().week)


def duty_name(seat: Seat) -> str:
    """What a seat is called inside the roster: the municipality, or the shift of the desk."""
    if seat.duty.kind == Kind.SITE:
        return seat.duty.municipality.name
    return _("Balie: %(name)s", name=seat.duty.name)


def seat_title(seat: Seat) -> str:
    """A seat in one line with its day: "Balie: Middag, donderdag 26 november, 13:00–17:30"."""
    return f"{duty_name(seat)}, {long_day(seat.date)}, {hours_of(seat.duty)}"


def short_names(people: Iterable[Person]) -> Mapping[int, str]:
    """First names, and the whole name of who shares a first name with another."""
    people = list(people)
    first = [person.name.split(" ")[0] for person in people]
    return {
        person.id: name if first.count(name) == 1 else person.name
        for person, name in zip(people, first, strict=True)
    }


def signed(number: float) -> str:
    """A difference with its sign, in the language of the reader: "+1,5", "−0,5", "0"."""
    rounded = round(number, 1)
    if not rounded:
        return "0"
    text = f"{abs(rounded):.1f}".removesuffix(".0")
    mark = "." if get_locale() and get_locale().language == "en" else ","
    return ("+" if rounded > 0 else "−") + text.replace(".", mark)

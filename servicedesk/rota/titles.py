"""What duties are called, in the language of the reader."""

from servicedesk.language import gettext as _
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Duty, Seat


def title_of(duty: Duty) -> str:
    """What a duty is called on a calendar."""
    if duty.kind == Kind.SITE:
        return _("Op locatie: %(name)s", name=duty.municipality.name)
    return _("Balie: %(name)s", name=duty.name)


def place_of(duty: Duty) -> str:
    """Where a duty is: the municipality and the room; empty at the desk."""
    if duty.kind != Kind.SITE:
        return ""
    return ", ".join(part for part in (duty.municipality.name, duty.room) if part)


def clock(minute: int) -> str:
    """Minutes since midnight as people write them: "07:30"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours_of(duty: Duty) -> str:
    """The hours of a duty: "07:30–12:30"."""
    return f"{clock(duty.starts)}–{clock(duty.ends)}"


def line_of(seat: Seat) -> str:
    """A seat in one line but for its day: "Balie: Ochtend, 07:30–12:30"."""
    return f"{title_of(seat.duty)}, {hours_of(seat.duty)}"

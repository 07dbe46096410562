"""Priority of a ticket from its impact and its urgency, in one table."""
from enum import StrEnum


class Impact(StrEnum):
    """Whom it touches: alleen ik, mijn team, een hele locatie of afdeling, inwoners."""

    PERSON = "person"
    TEAM = "team"
    DEPARTMENT = "department"
    PUBLIC = "public"


class Urgency(StrEnum):
    """Can they work on ("Kunt u doorwerken?"): ja, met moeite, nee."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


MATRIX: dict[Impact, dict[Urgency, int]] = {
    Impact.PERSON: {Urgency.LOW: 4, Urgency.MEDIUM: 3, Urgency.HIGH: 3},
    Impact.TEAM: {Urgency.LOW: 3, Urgency.MEDIUM: 2, Urgency.HIGH: 2},
    Impact.DEPARTMENT: {Urgency.LOW: 3, Urgency.MEDIUM: 2, Urgency.HIGH: 1},
    Impact.PUBLIC: {Urgency.LOW: 2, Urgency.MEDIUM: 1, Urgency.HIGH: 1},
}


def priority(impact: Impact, urgency: Urgency) -> int:
    """Give the priority, 1 (kritiek) to 4 (laag). Raises ValueError for an unknown value."""
    return MATRIX[Impact(impact)][Urgency(urgency)]

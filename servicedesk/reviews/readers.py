"""Who can see a ticket, and why: asked of the table of permissions, never told by heart."""

from collections.abc import Sequence
from dataclasses import dataclass

from cmdb.database import db
from cmdb.holders import holders
from cmdb.people import Person
from cmdb.permissions import Permission, Reach, reach
from servicedesk.tickets.models import Ticket

# Names of one group that a page shows; the rest is counted.
SHOWN = 40


@dataclass(frozen=True)
class Group:
    """People who see a ticket for one and the same reason.

    `reach` is how far their right to read goes, `role` the word for them; `count` people, of whom
    the first are `people`. `reads_notes`: they see the internal notes too.
    """

    reach: Reach
    role: str
    count: int
    people: Sequence[Person]
    reads_notes: bool


def readers(ticket: Ticket) -> list[Person]:
    """Everybody who may open the ticket, by name."""
    chosen = holders(Ticket, ticket.id, Permission.TICKET_READ)
    return list(db.session.scalars(chosen.order_by(Person.name, Person.id)))


def groups(ticket: Ticket) -> list[Group]:
    """The same people by their reason: whose own it is, then the municipality, then the centre."""
    found: dict[tuple[Reach, str], list[Person]] = {}
    for person in readers(ticket):
        how = Reach.OWN if ticket.belongs_to(person) else reach(person, Permission.TICKET_READ)
        found.setdefault((how, person.role), []).append(person)
    return [
        Group(
            how,
            role,
            len(people),
            people[:SHOWN],
            all(reach(one, Permission.TICKET_NOTE) is not None for one in people),
        )
        for (how, role), people in sorted(found.items(), key=lambda pair: pair[0])
    ]

"""The people of the municipalities and the centre, and its teams: for the desk."""

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.people import Person, Team
from cmdb.permissions import Permission
from servicedesk.api import municipalities
from servicedesk.api.door import operation
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import nullable, record, text

KNOWN = record(
    "KnownPerson",
    {
        "login": text("The sign-in name, by which operations mean somebody."),
        "name": text(),
        "municipality": nullable(municipalities.MUNICIPALITY),
        "email": text(),
        "phone": text(),
    },
    description="Somebody who is active; of the centre when `municipality` is null.",
)
TEAM = record("Team", {"name": text()})


@operation(
    "GET", "/people", "People by name", page_of(KNOWN),
    permission=Permission.TICKET_FILE_FOR_OTHERS,
    query={"name": text("A part of the name.", least=2)} | {"municipality": municipalities.CODE} | PAGE,
)  # fmt: skip
def people(query):
    """In order of name."""
    chosen = sa.select(Person).where(Person.is_active).options(joinedload(Person.municipality))
    if "name" in query:
        chosen = chosen.where(Person.name.icontains(query["name"], autoescape=True))
    if municipality := municipalities.asked(query.get("municipality")):
        chosen = chosen.where(Person.municipality_id == municipality.id)
    return page(chosen, [Person.name, Person.id], _told, query)


def _told(people: list[Person]) -> list[dict[str, object]]:
    return [
        {
            "login": person.login,
            "name": person.name,
            "municipality": person.municipality and municipalities.told(person.municipality),
            "email": person.email,
            "phone": person.phone,
        }
        for person in people
    ]


@operation(
    "GET", "/teams", "The teams that tickets go to", page_of(TEAM),
    permission=Permission.QUEUE_READ, query=PAGE,
)  # fmt: skip
def teams(query):
    """By name."""
    return page(
        sa.select(Team), [Team.name], lambda found: [{"name": team.name} for team in found], query
    )

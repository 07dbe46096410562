"""The municipality that a command is about, named by its CBS code or its name."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Municipality


def find_municipality(named: str) -> Municipality:
    """The municipality with that code or name.

    Raises:
        ValueError: there is none, with one line that lists those there are.
    """
    known = db.session.scalars(sa.select(Municipality).order_by(Municipality.name)).all()
    for municipality in known:
        if named in (municipality.code, municipality.name):
            return municipality
    there_are = ", ".join(f"{each.code} {each.name}" for each in known) or "none"
    raise ValueError(f"no municipality {named!r}; there are: {there_are}")

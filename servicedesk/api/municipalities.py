"""The municipalities that take part."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.api.door import operation
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import record, text
from servicedesk.problems import wrong

CODE = text("Municipality code of CBS: four digits.", most=4, pattern="^[0-9]{4}$")
MUNICIPALITY = record("Municipality", {"code": CODE, "name": text()})


def told(municipality: Municipality) -> dict[str, object]:
    return {"code": municipality.code, "name": municipality.name}


def asked(code: str | None) -> Municipality | None:
    """The municipality that a parameter names; None when it names none.

    Raises:
        Problem: 400, there is none of that code, or it is not one's own.
    """
    if code is None:
        return None
    found = db.session.scalar(_mine().where(Municipality.code == code))
    if found is None:
        raise wrong("is not a municipality that you may see", parameter="municipality")
    return found


@operation("GET", "/municipalities", "The municipalities", page_of(MUNICIPALITY), query=PAGE)
def municipalities(query):
    """Those that take part in the centre; who belongs to one sees that one."""
    return page(
        _mine(), [Municipality.name], lambda found: [told(one) for one in found], query
    )


def _mine() -> sa.Select[tuple[Municipality]]:
    chosen = sa.select(Municipality)
    if may(me(), Permission.QUEUE_READ):
        return chosen
    return chosen.where(Municipality.id == me().municipality_id)

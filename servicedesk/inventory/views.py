"""Lists that are kept under a name: one's own, and those shared with everybody at the desk."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb import kinds
from cmdb.database import Model, db
from cmdb.people import Person
from servicedesk.language import gettext as _

_MOST = 20


class ItemView(Model):
    """A list of items under a name; `query` is the part of its address after the question mark."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    query: Mapped[str] = mapped_column(sa.String(4000))
    is_shared: Mapped[bool] = mapped_column(default=False)


def of_person(person: Person) -> list[ItemView]:
    """The views that somebody may use, by name."""
    mine = sa.or_(ItemView.person_id == person.id, ItemView.is_shared)
    return list(
        db.session.scalars(sa.select(ItemView).where(mine).order_by(ItemView.name, ItemView.id))
    )


def keep(person: Person, name: str, query: str, is_shared: bool) -> ItemView:
    """Keep a list under a name.

    Raises:
        ValueError: no name, too many views, or too long a list of filters; one Dutch sentence.
    """
    name = kinds.clean(name, 80)
    if not name:
        raise ValueError(_("Geef de weergave een naam."))
    if len(query) > 4000:
        raise ValueError(_("Deze lijst heeft te veel filters om te bewaren."))
    own = sa.select(sa.func.count()).select_from(ItemView).where(ItemView.person_id == person.id)
    if (db.session.scalar(own) or 0) >= _MOST:
        raise ValueError(_("U hebt al twintig weergaven. Verwijder er eerst een."))
    view = ItemView(person_id=person.id, name=name, query=query, is_shared=is_shared)
    db.session.add(view)
    db.session.flush()
    return view


def remove(view: ItemView) -> None:
    db.session.delete(view)
    db.session.flush()

"""The table of figures that no longer change."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model
from cmdb.tenancy import Owned


class KeptMonth(Owned, Model):
    """What a month that is over counts of a municipality, priority and kind, by its first day.

    Kept for the trend alone, since counting a year anew takes longer than a page may. It holds
    nothing that clocks and their ledger do not tell: a month may be forgotten, and is then counted
    again. A month that is kept has a row for every priority and kind.
    """

    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"), primary_key=True)
    first: Mapped[dt.date] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    met: Mapped[int]
    breached: Mapped[int]

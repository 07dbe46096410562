"""The table of figures that no longer change."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model
from cmdb.tenancy import Owned


class KeptMonth(Owned, Model):
    """What a finished month counts of one municipality: `[priority, kind, met, breached]` each.

    Kept for the trend alone, since counting a year anew takes longer than a page may. It holds nothing
    that clocks and their ledger do not tell: a month may be forgotten, and is then counted again.
    """

    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"), primary_key=True)
    first: Mapped[dt.date] = mapped_column(primary_key=True)
    tallies: Mapped[list[Any]]

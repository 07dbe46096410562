"""Imports on their way: the rows of a file as they were read, and what would become of each."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.tenancy import Walled
from servicedesk.intake.proposals import Verdict


class ImportBatch(Walled, Model):
    """One file for items of one class and owner; the centre owns where `owner_id` is None.

    `form` says of which program it is an inventory; it is blank for a table, and then
    `class_key` is not. `mapping` gives the field of each heading, blank for none; `keys` the
    fields that tell an item, empty for the usual marks. `fingerprint` is of the class and
    headings, by which a mapping is remembered. `counts` are rows by verdict. After
    `change_set_id` is set nothing changes any more.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    class_key: Mapped[str] = mapped_column(sa.String(40))
    form: Mapped[str] = mapped_column(sa.String(10), default="")
    file_name: Mapped[str] = mapped_column(sa.String(200))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[dt.datetime]
    headings: Mapped[list[Any]]
    fingerprint: Mapped[str] = mapped_column(sa.String(64), index=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    keys: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    missing: Mapped[list[Any]] = mapped_column(default=list)
    change_set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_set.id"))
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_set.id"))

    owner: Mapped[Municipality | None] = relationship()
    by: Mapped[Person] = relationship()


class ImportRow(Walled, Model):
    """A row as it was read, its verdict, and what to show of it: the `Cell`s that matter."""

    __table_args__ = (sa.Index("ix_import_row_verdict", "batch_id", "verdict", "number"),)

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[Any]]
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict), default=Verdict.SAME)
    uid: Mapped[str] = mapped_column(sa.String(16), default="")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    shown: Mapped[list[Any]] = mapped_column(default=list)

"""Which acts on the register were committed since it was last looked at, for what a process keeps.

A number or a time that an act was given tells nothing: another may get a later one and be committed
before it. PostgreSQL knows which transactions a statement does not see yet, so an act keeps the
number of its transaction. SQLite has one writer at a time: there the keys of acts ascend.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db


@dataclass(frozen=True)
class Seen:
    """What a statement saw of the acts; `place` is the server and the table that it looked at."""

    place: str
    seen: str | int


# A row for each act since `:seen`, or one. What a dump brought from another server may have a number
# that is still to come here; it was seen when it was loaded.
_TEXTS = {
    "postgresql": """
        SELECT now.place, now.seen, false AS is_behind, change_set.id
        FROM (
            SELECT concat(pg_postmaster_start_time(), pg_relation_filenode('change_set')) AS place,
                CAST(pg_current_snapshot() AS text) AS seen
        ) AS now
        LEFT JOIN change_set
            ON xid >= CAST(CAST(pg_snapshot_xmin(CAST(:seen AS pg_snapshot)) AS text) AS bigint)
            AND xid < CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
            AND NOT pg_visible_in_snapshot(
                CAST(CAST(xid AS text) AS xid8), CAST(:seen AS pg_snapshot)
            )
        """,
    "sqlite": """
        SELECT '' AS place, now.seen, now.seen < :seen AS is_behind, change_set.id
        FROM (SELECT coalesce(max(id), 0) AS seen FROM change_set) AS now
        LEFT JOIN change_set ON id > :seen
        """,
}
# As selects: also who only looks along with somebody may ask.
_SINCE = {
    dialect: sa.text(text).columns(*map(sa.column, ("place", "seen", "is_behind", "id")))
    for dialect, text in _TEXTS.items()
}


def since(seen: Seen | None) -> tuple[Seen, list[int]] | None:
    """What is seen now, and the acts that were not when `seen` was; no acts without it.

    None when `seen` is from after what the transaction sees: SQLite shows a reader what was there
    when it began. Ask in scope `EVERYTHING`; what the transaction itself did counts.
    """
    asked = _SINCE[db.session.get_bind().dialect.name]
    rows = db.session.execute(asked, {"seen": seen and seen.seen}).all()
    if rows[0].is_behind:
        return None
    return Seen(rows[0].place, rows[0].seen), [row.id for row in rows if row.id is not None]


def note() -> None:
    """Tell that the transaction acts on the register: it sees what may never be."""
    db.session.info["acts_in"] = db.session().get_transaction()


def is_acting() -> bool:
    """Whether the transaction acted on the register."""
    acted = db.session.info.get("acts_in")
    return acted is not None and acted is db.session().get_transaction()

"""Planned work on items, how bad an outage is, and the tickets that an outage explains

Revision ID: 0009
Revises: 0008

"""
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
# Rows of one municipality: seen and written within the scope only.
WALLED = ("outage_ticket",)
# Rows without an owner: written for everybody only, seen with the items that they are about.
UNOWNED = {
    "planned_work": "id IN (SELECT planned_work_id FROM planned_work_item)",
    "planned_work_item": "item_id IN (SELECT id FROM item)",
}


def _severity():
    return sa.Enum("degraded", "down", name="severity", native_enum=False, length=20)


def upgrade():
    op.add_column(
        "outage", sa.Column("severity", _severity(), nullable=False, server_default="down")
    )
    with op.batch_alter_table("outage") as batch:
        batch.alter_column("severity", server_default=None, existing_type=_severity())
    op.create_table(
        "outage_ticket",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("outage_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id", "ticket_id"],
            ["ticket.municipality_id", "ticket.id"],
            name=op.f("fk_outage_ticket_municipality_id_ticket_id"),
        ),
        _link("outage_ticket", "outage_id", "outage"),
        _link("outage_ticket", "municipality_id", "municipality"),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_outage_ticket")),
    )
    op.create_index("ix_outage_ticket_outage_id", "outage_ticket", ["outage_id"])
    op.create_table(
        "planned_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("severity", _severity(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        _link("planned_work", "announced_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_work")),
    )
    op.create_index("ix_planned_work_ends_at", "planned_work", ["ends_at"])
    op.create_table(
        "planned_work_item",
        sa.Column("planned_work_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        _link("planned_work_item", "planned_work_id", "planned_work"),
        _link("planned_work_item", "item_id", "item"),
        sa.PrimaryKeyConstraint("planned_work_id", "item_id", name=op.f("pk_planned_work_item")),
    )
    op.create_index("ix_planned_work_item_item_id", "planned_work_item", ["item_id"])
    if op.get_bind().dialect.name == "postgresql":
        _build_wall()


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")


def _link(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _build_wall():
    for table in (*WALLED, *UNOWNED):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table in WALLED:
        within = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
        seen = "EXISTS (SELECT FROM outage WHERE outage.id = outage_id)"
        op.execute(
            f"CREATE POLICY own ON {table} USING ({within})"
            f" WITH CHECK ({EVERYTHING} OR ({within}) AND {seen})"
        )
    for table, condition in UNOWNED.items():
        op.execute(
            f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})"
        )
        op.execute(
            f"CREATE POLICY seen ON {table} FOR SELECT USING ({EVERYTHING} OR {condition})"
        )

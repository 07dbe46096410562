"""Work on site, the hand-over of the desk, quiet hours, and categories that go to who is on duty

Revision ID: 0019
Revises: 0018

"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WALLED = ("site_task",)
# The centre's own affairs: no municipality sees them.
UNOWNED = {"handover_acceptance": "false", "handover_line": "false"}
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
WITHIN = (
    f"{EVERYTHING} OR municipality_id = ANY ((SELECT string_to_array(nullif(nullif("
    "(SELECT current_setting('servicedesk.scope', true)), 'all'), ''), ',')::int[])::int[])"
)
NOT_DONE = sa.text("done_at IS NULL")


def upgrade():
    op.create_table(
        "site_task",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(40), nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("day", "am", "pm", name="part", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_site_task_asked_by_id")
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_site_task_done_by_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "ticket_id"],
            ["ticket.municipality_id", "ticket.id"],
            name=op.f("fk_site_task_municipality_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_site_task_municipality_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_site_task")),
    )
    op.create_index(
        "ix_site_task_open",
        "site_task",
        ["municipality_id", "not_before"],
        postgresql_where=NOT_DONE,
        sqlite_where=NOT_DONE,
    )
    _hand_over()
    op.add_column("person", sa.Column("quiet_from", sa.Integer(), nullable=True))
    op.add_column("person", sa.Column("quiet_until", sa.Integer(), nullable=True))
    route = sa.Enum("desk", "site", name="route", native_enum=False, length=20)
    op.add_column("category", sa.Column("route", route, nullable=True))
    op.add_column("category", sa.Column("skill", sa.String(40), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        for table in (*WALLED, *UNOWNED):
            seen = WITHIN if table in WALLED else EVERYTHING
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own ON {table} USING ({seen}) WITH CHECK ({seen})")


def _hand_over():
    op.create_table(
        "handover_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_handover_line_by_id")),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["person.id"], name=op.f("fk_handover_line_done_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_line")),
    )
    op.create_index(
        "ix_handover_line_open",
        "handover_line",
        ["id"],
        postgresql_where=NOT_DONE,
        sqlite_where=NOT_DONE,
    )
    op.create_index("ix_handover_line_done_at", "handover_line", ["done_at"])
    op.create_table(
        "handover_acceptance",
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_handover_acceptance_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["seat_id"], ["seat.id"], name=op.f("fk_handover_acceptance_seat_id")
        ),
        sa.PrimaryKeyConstraint("seat_id", "person_id", name=op.f("pk_handover_acceptance")),
    )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

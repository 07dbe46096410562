"""The open tickets of a person and of a team are counted in an index that is theirs

Revision ID: 0032
Revises: 0031

"""
import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('new', 'in-progress', 'waiting')")


def upgrade():
    # Without the municipality, for which the wall asks, PostgreSQL went through all open tickets.
    for whose in ("team", "assignee"):
        op.drop_index(f"ix_ticket_open_{whose}", "ticket")
        op.create_index(
            f"ix_ticket_open_{whose}",
            "ticket",
            [f"{whose}_id", "due_at", "id", "municipality_id"],
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""An index on the open tickets by priority, for the queue and for how items stand

Revision ID: 0013
Revises: 0012

"""
import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = sa.text("status IN ('new', 'in-progress', 'waiting')")


def upgrade():
    op.create_index(
        "ix_ticket_open_priority",
        "ticket",
        ["priority", "due_at", "id", "type", "created_at", "municipality_id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


def downgrade():
    op.drop_index("ix_ticket_open_priority", "ticket")

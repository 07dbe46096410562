"""What hangs on an item is read from an index alone

Revision ID: 0025
Revises: 0024

"""
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = ["target_id", "source_id", "group", "effect", "valid_on", "valid_until"]


def upgrade():
    op.create_index("ix_relation_below", "relation", COLUMNS)
    op.drop_index("ix_relation_target_id", "relation")


def downgrade():
    op.create_index("ix_relation_target_id", "relation", ["target_id"])
    op.drop_index("ix_relation_below", "relation")

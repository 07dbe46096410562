"""What hangs on an item is read from an index alone

Revision ID: 0026
Revises: 0023

"""
from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None

COLUMNS = ["target_id", "source_id", "group", "effect", "valid_on", "valid_until"]


def upgrade():
    op.create_index("ix_relation_below", "relation", COLUMNS)
    op.drop_index("ix_relation_target_id", "relation")


def downgrade():
    op.create_index("ix_relation_target_id", "relation", ["target_id"])
    op.drop_index("ix_relation_below", "relation")

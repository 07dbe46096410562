"""The list of items as of a day is read and counted from one index

Revision ID: 0006
Revises: 0005

"""
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(
        "ix_item_version_list",
        "item_version",
        ["name", "item_id", "valid_from", "valid_to", "class_key", "municipality_id", "id"],
    )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

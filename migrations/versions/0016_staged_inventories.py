"""An inventory is staged as a table is

Revision ID: 0016
Revises: 0015

"""
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "import_batch", sa.Column("form", sa.String(10), nullable=False, server_default="")
    )
    with op.batch_alter_table("import_batch") as batch:
        batch.alter_column("form", server_default=None, existing_type=sa.String(10))


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

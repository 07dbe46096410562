"""Own attributes that are retired, and lists that are kept under a name

Revision ID: 0008
Revises: 0007

"""
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "item_attribute",
        sa.Column("is_retired", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("item_attribute") as batch:
        batch.alter_column("is_retired", server_default=None, existing_type=sa.Boolean())
    op.create_table(
        "item_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(4000), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_item_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_view")),
    )
    op.create_index("ix_item_view_person_id", "item_view", ["person_id"])


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""Acts on the register keep the number of their transaction, so that others can tell whether they see it

Revision ID: 0030
Revises: 0029

"""
import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("change_set", sa.Column("xid", sa.BigInteger(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        number = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
        op.execute(f"ALTER TABLE change_set ALTER COLUMN xid SET DEFAULT {number}")
    op.create_index("ix_change_set_xid", "change_set", ["xid"])


def downgrade():
    op.drop_index("ix_change_set_xid", "change_set")
    with op.batch_alter_table("change_set") as table:
        table.drop_column("xid")

"""A clock that cannot be settled is set aside

Revision ID: 0003
Revises: 0002

"""
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SET_ASIDE = sa.text("faulty_since IS NOT NULL")


def upgrade():
    op.add_column("clock", sa.Column("faulty_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_clock_faulty_since",
        "clock",
        ["faulty_since"],
        postgresql_where=SET_ASIDE,
        sqlite_where=SET_ASIDE,
    )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""The ports of devices, and the port that a relation is connected to

Revision ID: 0014
Revises: 0013

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.add_column("item", sa.Column("ports", JSON, nullable=True))
    op.add_column("relation", sa.Column("port", sa.String(80), nullable=True))
    op.add_column("relation_version", sa.Column("port", sa.String(80), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('servicedesk.scope', 'all', true)")
        state = "state || '{\"ports\": null}'"
    else:
        state = "json_set(state, '$.ports', NULL)"
    op.execute(f"UPDATE item_version SET state = {state} WHERE valid_to IS NULL")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

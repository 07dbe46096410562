"""When a source of items may fill a field

Revision ID: 0017
Revises: 0016

"""
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
# Seen and written for everybody only: it is of those who look after all items.
UNOWNED = {"field_rule": "false"}


def upgrade():
    op.create_table(
        "field_rule",
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column(
            "fill", sa.Enum("never", "empty", name="fill", native_enum=False, length=24),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("source", "field", name=op.f("pk_field_rule")),
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        for table in UNOWNED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})"
            )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

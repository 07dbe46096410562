"""The rule of a team about approving swaps

Revision ID: 0021
Revises: 0020

"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# The centre's own affairs: no municipality sees them.
UNOWNED = {"swap_rule": "false"}
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"


def upgrade():
    op.create_table(
        "swap_rule",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_swap_rule_team_id")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_swap_rule")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in UNOWNED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

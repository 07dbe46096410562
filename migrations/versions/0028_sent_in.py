"""What each person sent in today

Revision ID: 0028
Revises: 0027

"""
import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
WITHIN = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
WALLED = ("sent_in",)


def upgrade():
    op.create_table(
        "sent_in",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_sent_in_municipality_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sent_in_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_sent_in")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE sent_in ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE sent_in FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON sent_in USING ({WITHIN}) WITH CHECK ({WITHIN})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""A directory per municipality, and the people that came out of it

Revision ID: 0020
Revises: 0019

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
# The settings of a directory are for who serves everybody; people are seen by their municipality.
WALLED = ("directory", "directory_account")


def upgrade():
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("kind", sa.Enum("active-directory", "openldap", name="kind", native_enum=False, length=24), nullable=False),
        sa.Column("hosts", JSON, nullable=False),
        sa.Column("security", sa.Enum("starttls", "ldaps", name="security", native_enum=False, length=24), nullable=False),
        sa.Column("ca", sa.Text(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("bind_dn", sa.String(), nullable=False),
        sa.Column("bind_password", sa.Text(), nullable=True),
        sa.Column("people_filter", sa.String(), nullable=False),
        sa.Column("group_base", sa.String(), nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("may_shrink", sa.Boolean(), nullable=False),
        sa.Column("next_sync_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sync", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_directory_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory")),
        sa.UniqueConstraint("municipality_id", name=op.f("uq_directory_municipality_id")),
        sa.UniqueConstraint("domain", name=op.f("uq_directory_domain")),
    )  # fmt: skip
    op.create_table(
        "directory_account",
        sa.Column("directory_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["directory_id"], ["directory.id"], name=op.f("fk_directory_account_directory_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"],
            name=op.f("fk_directory_account_municipality_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "person_id"], ["person.municipality_id", "person.id"],
            name=op.f("fk_directory_account_municipality_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("directory_id", "key", name=op.f("pk_directory_account")),
        sa.UniqueConstraint("person_id", name=op.f("uq_directory_account_person_id")),
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        _build_wall()


def _build_wall():
    within = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
    for table, seen in (("directory", EVERYTHING), ("directory_account", within)):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({seen}) WITH CHECK ({EVERYTHING})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

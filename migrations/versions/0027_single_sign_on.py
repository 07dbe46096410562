"""Single sign-on: the OpenID providers, who came in by them, and in which browsers

Revision ID: 0027
Revises: 0026

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
WITHIN = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
# The settings of a provider are for who serves everybody; a municipality sees its own people.
WALLED = {"openid_provider": EVERYTHING, "openid_account": WITHIN, "openid_session": WITHIN}
KIND = sa.Enum(
    "entra-id", "keycloak", "adfs", "other", name="kind", native_enum=False, length=24
)


def upgrade():
    op.create_table(
        "openid_provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column("ca", sa.Text(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("claims", JSON, nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("directory_claim", sa.String(), nullable=False),
        sa.Column("takes_over", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"],
            name=op.f("fk_openid_provider_municipality_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_provider")),
        sa.UniqueConstraint("municipality_id", name=op.f("uq_openid_provider_municipality_id")),
        sa.UniqueConstraint("domain", name=op.f("uq_openid_provider_domain")),
    )  # fmt: skip
    op.create_table(
        "openid_account",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["openid_provider.id"], name=op.f("fk_openid_account_provider_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"],
            name=op.f("fk_openid_account_municipality_id"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_openid_account_person_id")
        ),
        sa.PrimaryKeyConstraint("provider_id", "issuer", "key", name=op.f("pk_openid_account")),
    )  # fmt: skip
    op.create_index(op.f("ix_openid_account_person_id"), "openid_account", ["person_id"])
    op.create_table(
        "openid_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("sid", sa.String(255), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["web_session.token_hash"], ondelete="CASCADE",
            name=op.f("fk_openid_session_token_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"],
            name=op.f("fk_openid_session_municipality_id"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["openid_provider.id"], name=op.f("fk_openid_session_provider_id")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_openid_session")),
    )  # fmt: skip
    op.create_index(
        "ix_openid_session_subject", "openid_session", ["provider_id", "subject"]
    )
    op.create_table(
        "openid_mark",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_openid_mark")),
    )
    op.create_index(op.f("ix_openid_mark_until"), "openid_mark", ["until"])
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in WALLED.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own ON {table} USING ({seen}) WITH CHECK ({EVERYTHING})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

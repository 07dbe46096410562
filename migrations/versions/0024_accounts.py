"""Links to choose a password, the second step, and what was done to accounts

Revision ID: 0024
Revises: 0023

"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
WALLED = ("account_link", "second_step", "recovery_code", "pending_sign_in", "account_event")
ROLES = ("employee", "agent", "municipality-manager", "centre-manager", "administrator")
DEEDS = (
    "added", "invited", "withdrawn", "accepted", "reset", "password", "role", "active", "inactive",
    "step-on", "step-off", "step-reset", "codes", "code-used",
)  # fmt: skip


def upgrade():
    _make("account_link", "token_hash", _moment("made_at"), _moment("expires_at"), _moment("ended_at", True),
          sa.Column("purpose", _word("purpose", "reset", "invitation"), nullable=False))  # fmt: skip
    _make("second_step", None, _moment("made_at"), _moment("confirmed_at", True),
          sa.Column("seed", sa.Text(), nullable=False),
          sa.Column("last_used", sa.BigInteger(), nullable=False),
          sa.Column("failures", sa.Integer(), nullable=False))  # fmt: skip
    _make("recovery_code", "code_hash", _moment("used_at", True))
    _make("pending_sign_in", "token_hash", _moment("made_at"),
          sa.Column("failures", sa.Integer(), nullable=False))  # fmt: skip
    _make("account_event", "id", _moment("at"),
          sa.Column("actor_id", sa.Integer(), nullable=True),
          sa.Column("deed", _word("deed", *DEEDS), nullable=False),
          sa.Column("detail", sa.String(), nullable=False),
          sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_account_event_actor_id")))  # fmt: skip
    op.create_table(
        "password_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        _moment("at"),
        _moment("answered_at", True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_ask")),
    )
    op.create_index("ix_password_ask_address", "password_ask", ["address", "at"])
    op.add_column("message", sa.Column("secret", sa.Text(), nullable=True))
    _note_roles()
    if op.get_bind().dialect.name == "postgresql":
        _build_wall()


def _make(table, key, *columns):
    """A table of a person's, with its key; without one, the person is the key."""
    types = {"id": sa.Integer(), None: sa.Integer()}
    op.create_table(
        table,
        *([sa.Column(key, types.get(key, sa.String(64)), nullable=False)] if key else []),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f(f"fk_{table}_municipality_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.PrimaryKeyConstraint(key or "person_id", name=op.f(f"pk_{table}")),
    )
    if key:
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])


def _moment(name, nullable=False):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _word(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, length=24)


def _note_roles():
    """Who is signed in keeps the session, with the role of this moment."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('servicedesk.scope', 'all', true)")
    op.add_column("web_session", sa.Column("role", _word("role", *ROLES), nullable=True))
    op.execute(
        "UPDATE web_session SET role ="
        " (SELECT person.role FROM person WHERE person.id = web_session.person_id)"
    )
    with op.batch_alter_table("web_session") as batch:
        batch.alter_column("role", existing_type=_word("role", *ROLES), nullable=False)


def _build_wall():
    within = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({within}) WITH CHECK ({within})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

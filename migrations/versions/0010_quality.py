"""What inventories saw beside what was agreed, rounds of confirmation, and duplicates

Revision ID: 0010
Revises: 0009

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
# Seen and written for everybody only: they are work of who looks after all items.
UNOWNED = {"certification_question": "false", "duplicate_pair": "false", "observation": "false"}


def upgrade():
    _keep_what_was_seen()
    _ask_managers()
    _pair_duplicates()
    # A message to somebody of the centre need not be about one municipality.
    with op.batch_alter_table("message") as message:
        message.alter_column("municipality_id", existing_type=sa.Integer(), nullable=True)
    if op.get_bind().dialect.name == "postgresql":
        for table in UNOWNED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})"
            )


def _keep_what_was_seen():
    op.create_table(
        "observation",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rejected_by_id", sa.Integer(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_observation_item_id")),
        sa.ForeignKeyConstraint(
            ["rejected_by_id"], ["person.id"], name=op.f("fk_observation_rejected_by_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "field", name=op.f("pk_observation")),
    )


def _ask_managers():
    op.create_table(
        "certification_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("confirmed", "corrected", name="outcome", native_enum=False, length=24),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certification_question_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_question")),
        sa.UniqueConstraint(
            "person_id", "asked_on", "item_id",
            name=op.f("uq_certification_question_person_id_asked_on_item_id"),
        ),
    )  # fmt: skip
    for column in ("item_id", "asked_on"):
        op.create_index(
            op.f(f"ix_certification_question_{column}"), "certification_question", [column]
        )


def _pair_duplicates():
    op.create_table(
        "duplicate_pair",
        sa.Column("first_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("second_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("open", "distinct", "merged", name="verdict", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("judged_by_id", sa.Integer(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("moved", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["judged_by_id"], ["person.id"], name=op.f("fk_duplicate_pair_judged_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_set.id"], name=op.f("fk_duplicate_pair_change_set_id")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_duplicate_pair")),
    )
    op.create_index(op.f("ix_duplicate_pair_second_id"), "duplicate_pair", ["second_id"])
    op.create_index(op.f("ix_duplicate_pair_change_set_id"), "duplicate_pair", ["change_set_id"])
    op.create_index(
        "ix_duplicate_pair_verdict", "duplicate_pair", ["verdict", "first_id", "second_id"]
    )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""Reviews of access, and who looked with whose eyes

Revision ID: 0023
Revises: 0022

"""
import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
EVERYTHING = f"{SCOPE} = 'all'"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
WITHIN = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"
# Who manages a municipality decides of her own people; who looks with whose eyes is the centre's.
WALLED = {"access_review": WITHIN, "access_review_line": WITHIN, "viewing": EVERYTHING}
# What is signed off stays as it was signed.
SIGNED = {
    "access_review": "OLD.signed_at IS NOT NULL",
    "access_review_line": (
        "EXISTS (SELECT 1 FROM access_review WHERE id = OLD.review_id AND signed_at IS NOT NULL)"
    ),
}


def upgrade():
    op.create_table(
        "access_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("open_for", sa.Integer(), nullable=True),
        sa.Column("rhythm", sa.Enum("quarterly", "yearly", name="rhythm", native_enum=False, length=24), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("signed_name", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_access_review_municipality_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_access_review_reviewer_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["person.id"], name=op.f("fk_access_review_signed_by_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_access_review_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review")),
        sa.UniqueConstraint("open_for", name=op.f("uq_access_review_open_for")),
    )  # fmt: skip
    op.create_table(
        "viewing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("viewer_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_viewing_municipality_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"], name=op.f("fk_viewing_subject_id")),
        sa.ForeignKeyConstraint(["viewer_id"], ["person.id"], name=op.f("fk_viewing_viewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
    )  # fmt: skip
    op.create_index("ix_viewing_subject", "viewing", ["subject_id", "id"])

    op.create_table(
        "access_review_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("role", sa.Enum("employee", "agent", "municipality-manager", "centre-manager", "administrator", name="role", native_enum=False, length=24), nullable=False),
        sa.Column("teams", sa.String(), nullable=False),
        sa.Column("directory_group", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Enum("keep", "take-away", "change", name="decision", native_enum=False, length=24), nullable=True),
        sa.Column("new_role", sa.Enum("employee", "agent", "municipality-manager", "centre-manager", "administrator", name="role", native_enum=False, length=24), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Enum("nothing", "stopped", "changed", "directory", "overtaken", name="outcome", native_enum=False, length=24), nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_access_review_line_decided_by_id")),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_access_review_line_municipality_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_review_line_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["access_review.id"], name=op.f("fk_access_review_line_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_review_line")),
        sa.UniqueConstraint("review_id", "person_id", name=op.f("uq_access_review_line_review_id_person_id")),
    )  # fmt: skip
    op.create_index("ix_access_review_line_name", "access_review_line", ["review_id", "name", "id"])
    _keep_what_is_signed(op.get_bind().dialect.name)
    if op.get_bind().dialect.name == "postgresql":
        _build_wall()


def _keep_what_is_signed(database):
    said = "a signed review does not change"
    for table, condition in SIGNED.items():
        if database == "postgresql":
            op.execute(
                f"CREATE FUNCTION keep_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {condition} THEN RAISE EXCEPTION '{said}'; END IF;"
                " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
            )
            op.execute(
                f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table}"
                f" FOR EACH ROW EXECUTE FUNCTION keep_{table}()"
            )
            continue
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER keep_{table}_{deed.lower()} BEFORE {deed} ON {table}"
                f" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )


def _build_wall():
    for table, written in WALLED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING ({WITHIN}) WITH CHECK ({written})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

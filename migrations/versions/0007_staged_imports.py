"""Imports are staged row by row, to be looked at before they are applied

Revision ID: 0007
Revises: 0006

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
# Seen and written for everybody only: a file is of those who look after all items.
UNOWNED = {"import_batch": "false", "import_row": "false"}


def upgrade():
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("class_key", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headings", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("keys", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("missing", JSON, nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_import_batch_{column}"))
            for column, table in (
                ("owner_id", "municipality"),
                ("by_id", "person"),
                ("change_set_id", "change_set"),
                ("undone_by_id", "change_set"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_fingerprint"), "import_batch", ["fingerprint"])
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("new", "changed", "same", "refused", name="verdict", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_verdict", "import_row", ["batch_id", "verdict", "number"])
    if op.get_bind().dialect.name == "postgresql":
        for table in UNOWNED:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})"
            )


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

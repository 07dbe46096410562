"""The present state of items keeps shares, steps and documents; a removed document stays

Revision ID: 0011
Revises: 0010

"""
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# By name in a state: the table and what of its rows is kept, in the order of these columns.
KEPT = {
    "shares": ("item_consumer", ("municipality_id", "share", "valid_from", "valid_to"),
               ("municipality_id", "valid_from")),
    "steps": ("item_step", ("status", "planned_on", "done_on"), ("id",)),
    "documents": ("item_document", ("id", "name", "size"), ("id",)),
}  # fmt: skip


def upgrade():
    op.add_column(
        "item_document",
        sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    with op.batch_alter_table("item_document") as batch:
        batch.alter_column("is_removed", server_default=None, existing_type=sa.Boolean())
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute("SELECT set_config('servicedesk.scope', 'all', true)")
    for name, (table, columns, order) in KEPT.items():
        fill = _on_postgresql if postgresql else _on_sqlite
        op.execute(
            f"UPDATE item_version SET state = {fill(name, table, columns, ', '.join(order))}"
            " WHERE valid_to IS NULL"
        )


def _on_postgresql(name, table, columns, order):
    parts = ", ".join(f"'{column}', {column}" for column in columns)
    rows = (
        f"SELECT jsonb_agg(jsonb_build_object({parts}) ORDER BY {order})"
        f" FROM {table} WHERE {table}.item_id = item_version.item_id"
    )
    return f"state || jsonb_build_object('{name}', COALESCE(({rows}), '[]'))"


def _on_sqlite(name, table, columns, order):
    parts = ", ".join(f"'{column}', {column}" for column in columns)
    rows = (
        f"SELECT json_group_array(json_object({parts}))"
        f" FROM (SELECT * FROM {table} WHERE item_id = item_version.item_id ORDER BY {order})"
    )
    return f"json_set(state, '$.{name}', ({rows}))"


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""Among many items the wall looks up the few that are asked for, and facets are counted from an index

Revision ID: 0031
Revises: 0030

"""
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

COLUMNS = ["class_key", "hosting", "municipality_id", "id"]

# Of `IN (SELECT ...)` PostgreSQL makes the whole list first, of all that the scope may see: at each
# mention of a table, for a page about one item. Of EXISTS it looks up each row where these are few.
# Versions stay as they are: reports read all of a day, and it takes EXISTS for dear there.
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
ABOUT_ITEM = (
    "field_source", "item_document", "item_identifier", "item_role", "item_step", "item_term",
    "outage", "planned_work_item",
)  # fmt: skip


def upgrade():
    op.create_index("ix_item_facets", "item", COLUMNS)
    op.drop_index("ix_item_class_key", "item")
    if op.get_bind().dialect.name == "postgresql":
        for table, policy, condition in _policies():
            op.execute(f"ALTER POLICY {policy} ON {table} USING ({condition})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")


def _policies():
    """Table, policy and condition."""
    for table in ABOUT_ITEM:
        yield table, "seen", f"{EVERYTHING} OR {_exists('item', 'id', f'{table}.item_id')}"
    for table in ("relation", "relation_version"):
        ends = (_exists("item", "id", f"{table}.{end}_id") for end in ("source", "target"))
        yield table, "seen", f"{EVERYTHING} OR {' AND '.join(ends)}"
    acts = _exists("item_version", "change_set_id", "change_set.id")
    yield "change_set", "seen", f"{EVERYTHING} OR {acts}"
    yield "item", "also_seen", _exists("item_consumer", "item_id", "item.id")


def _exists(table, column, value):
    return f"EXISTS (SELECT FROM {table} WHERE {table}.{column} = {value})"

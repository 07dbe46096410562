"""The wall asks first whether the scope is everything, before it looks who may see the items

Revision ID: 0005
Revises: 0004

"""
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# PostgreSQL asked the policy `seen` first: whoever may see everything read all items for nothing,
# at each step through the relations.
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
ENDS = "source_id IN (SELECT id FROM item) AND target_id IN (SELECT id FROM item)"
ABOUT_ITEM = "item_id IN (SELECT id FROM item)"
SEEN = {
    "change_set": "id IN (SELECT change_set_id FROM item_version)",
    "field_source": ABOUT_ITEM,
    "item_document": ABOUT_ITEM,
    "item_identifier": ABOUT_ITEM,
    "item_role": ABOUT_ITEM,
    "item_step": ABOUT_ITEM,
    "outage": ABOUT_ITEM,
    "relation": ENDS,
    "relation_version": ENDS,
}


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in SEEN.items():
            op.execute(f"ALTER POLICY seen ON {table} USING ({EVERYTHING} OR {condition})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

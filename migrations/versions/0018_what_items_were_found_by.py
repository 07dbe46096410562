"""Items are found in lists of old days by what they were known by then

Revision ID: 0018
Revises: 0017

"""
import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEYS = (
    "address", "mac", "management_address", "out_of_band", "gateway", "network", "public_range",
    "hostname", "imei", "iccid", "phone_number", "main_number", "mdm_id", "wwn", "circuit_id",
    "order_number", "number", "customer_number", "certificate_serial", "alternative_names",
)  # fmt: skip
PART = re.compile(r"[^\W_]+")
MANY = 5_000


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('servicedesk.scope', 'all', true)")
    op.drop_index("ix_item_term_term", "item_term")
    op.add_column(
        "item_term", sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    with op.batch_alter_table("item_term") as batch:
        batch.alter_column("is_current", server_default=None, existing_type=sa.Boolean())
    _find_what_was(op.get_bind())
    op.create_index("ix_item_term_term", "item_term", ["term", "item_id", "is_current"])


def _find_what_was(connection):
    """The terms of former states that are none of the present."""
    version = sa.table("item_version", *map(sa.column, ("item_id", "state", "valid_to")))
    item = sa.table("item", sa.column("id"))
    term = sa.table("item_term", *map(sa.column, ("item_id", "term", "is_current")))
    held = set(map(tuple, connection.execute(sa.select(term.c.item_id, term.c.term))))
    former = sa.select(version.c.item_id, version.c.state).where(
        version.c.valid_to.is_not(None), version.c.item_id.in_(sa.select(item.c.id))
    )
    found = set()
    for key, state in connection.execute(former):
        state = json.loads(state) if isinstance(state, str) else state or {}
        attributes = state.get("attributes") or {}
        texts = [state.get(one) for one in ("uid", "name", "serial", "asset_tag")]
        texts += [attributes.get(one) for one in KEYS]
        texts += [value for _kind, value in state.get("identifiers") or ()]
        words = [word for text in texts if isinstance(text, str) for word in text.casefold().split()]
        terms = {word[part.start() :][:80] for word in words for part in PART.finditer(word)}
        terms |= {word[:80] for word in words}
        found |= {(key, one) for one in sorted(terms)[:60]}
    rows = [
        {"item_id": key, "term": one, "is_current": False} for key, one in sorted(found - held)
    ]
    for start in range(0, len(rows), MANY):
        connection.execute(sa.insert(term), rows[start : start + MANY])


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

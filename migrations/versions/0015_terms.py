"""Items are found by an index of words: numbers, names, addresses

Revision ID: 0015
Revises: 0014

"""
import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
# Seen with the item, written for everybody only.
UNOWNED = {"item_term": "item_id IN (SELECT id FROM item)"}
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
    op.create_table(
        "item_term",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "term",
            sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_term_item_id")),
        sa.PrimaryKeyConstraint("item_id", "term", name=op.f("pk_item_term")),
    )
    _find_what_is_there(op.get_bind())
    op.create_index("ix_item_term_term", "item_term", ["term", "item_id"])
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in UNOWNED.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})"
            )
            op.execute(
                f"CREATE POLICY seen ON {table} FOR SELECT USING ({EVERYTHING} OR {condition})"
            )


def _find_what_is_there(connection):
    """A term for each word of each item, and for what is left of a word from each of its parts."""
    item = sa.table(
        "item", *map(sa.column, ("id", "uid", "name", "serial", "asset_tag", "attributes"))
    )
    identifier = sa.table("item_identifier", sa.column("item_id"), sa.column("value"))
    term = sa.table("item_term", sa.column("item_id"), sa.column("term"))
    known = {}
    for key, value in connection.execute(sa.select(identifier)):
        known.setdefault(key, []).append(value)
    found = []
    for key, uid, name, serial, tag, attributes in connection.execute(sa.select(item)).all():
        held = json.loads(attributes) if isinstance(attributes, str) else attributes or {}
        texts = [uid, name, serial, tag, *(held.get(one) for one in KEYS), *known.get(key, ())]
        words = [word for text in texts if isinstance(text, str) for word in text.casefold().split()]
        terms = {word[part.start() :][:80] for word in words for part in PART.finditer(word)}
        terms |= {word[:80] for word in words}
        found += [{"item_id": key, "term": one} for one in sorted(terms)[:60]]
    for start in range(0, len(found), MANY):
        connection.execute(sa.insert(term), found[start : start + MANY])


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

"""Full-text search, and the wall between municipalities in PostgreSQL

Revision ID: 0002
Revises: 0001

"""
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Rows of one municipality: seen and written within the scope only.
WALLED = (
    "agreement", "agreement_version", "attachment", "blob", "clock", "clock_entry", "clock_event",
    "department", "draft", "entry", "item", "item_consumer", "item_version", "kept_month",
    "location", "message",
    "outage_report", "person", "target", "ticket", "ticket_item", "web_session",
)  # fmt: skip

# What a municipality sees besides its own rows. The tables named here are walled themselves.
ALSO_SEEN = {
    "person": "municipality_id IS NULL",
    "item": "id IN (SELECT item_id FROM item_consumer)",
    "item_version": "item_id IN (SELECT id FROM item)",
}

# Rows without an owner: written for everybody only, seen with the items that they are about.
ENDS = "source_id IN (SELECT id FROM item) AND target_id IN (SELECT id FROM item)"
UNOWNED = {
    "change_set": "id IN (SELECT change_set_id FROM item_version)",
    "outage": "item_id IN (SELECT id FROM item)",
    "relation": ENDS,
    "relation_version": ENDS,
}

# A foreign key is checked above the wall; these point at rows that may be somebody else's.
LINKED = {
    "outage_report": "EXISTS (SELECT FROM outage WHERE outage.id = outage_id)",
    "ticket_item": "EXISTS (SELECT FROM item WHERE item.id = item_id)",
}

# Each sub-select runs once a statement, not once a row.
SCOPE = "(SELECT current_setting('servicedesk.scope', true))"
MUNICIPALITIES = f"(SELECT string_to_array(nullif(nullif({SCOPE}, 'all'), ''), ',')::int[])"
EVERYTHING = f"{SCOPE} = 'all'"
WITHIN = f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[])"

INDEXED = {"ticket": "title", "entry": "body"}

# The wall lets no operator that might leak see a row before its policy did, and `@@` counts as one:
# above the wall the text index is of no use, and each search would read every text. So this one
# function searches behind the wall, as the owner of the tables, and gives what is within the scope,
# of the tickets whose key is beyond `above`.
TICKETS_WITH = """
CREATE FUNCTION tickets_with(words text, internal boolean, above integer DEFAULT 0) RETURNS SETOF integer
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200 SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  query constant tsquery := websearch_to_tsquery('dutch', words);
  scope constant text := current_setting('servicedesk.scope', true);
  municipalities constant integer[] := string_to_array(nullif(nullif(scope, 'all'), ''), ',')::integer[];
BEGIN
  RETURN QUERY
  SELECT id FROM ticket WHERE to_tsvector('dutch', title) @@ query AND id > above
    AND (scope = 'all' OR municipality_id = ANY (municipalities))
  UNION
  SELECT ticket_id FROM entry WHERE to_tsvector('dutch', body) @@ query AND ticket_id > above
    AND (NOT is_internal OR internal AND scope = 'all') AND (scope = 'all' OR municipality_id = ANY (municipalities));
END $$
"""


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        _index_in_postgresql()
        _build_wall()
    else:
        _index_in_sqlite()


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")


def _index_in_postgresql():
    for table, column in INDEXED.items():
        op.execute(
            f"CREATE INDEX ix_{table}_text ON {table}"
            f" USING gin (to_tsvector('dutch', {column})) WITH (fastupdate = off)"
        )
    op.execute(TICKETS_WITH)


def _build_wall():
    for table in WALLED:
        _guard(table)
        op.execute(f"CREATE POLICY own ON {table} USING ({WITHIN}) WITH CHECK ({_writable(table)})")
    for table, condition in ALSO_SEEN.items():
        op.execute(f"CREATE POLICY also_seen ON {table} FOR SELECT USING ({condition})")
    for table, condition in UNOWNED.items():
        _guard(table)
        op.execute(f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({condition})")


def _writable(table):
    if table not in LINKED:
        return WITHIN
    return f"{EVERYTHING} OR municipality_id = ANY ({MUNICIPALITIES}::int[]) AND {LINKED[table]}"


def _guard(table):
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    if table not in INDEXED:  # there the owner passes, for `tickets_with`
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _index_in_sqlite():
    for table, column in INDEXED.items():
        text = f"{table}_text"
        op.execute(
            f"CREATE VIRTUAL TABLE {text} USING fts5({column}, content='{table}', content_rowid='id',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        gone = f"INSERT INTO {text}({text}, rowid, {column}) VALUES ('delete', old.id, old.{column});"
        come = f"INSERT INTO {text}(rowid, {column}) VALUES (new.id, new.{column});"
        op.execute(f"CREATE TRIGGER {text}_insert AFTER INSERT ON {table} BEGIN {come} END")
        op.execute(f"CREATE TRIGGER {text}_delete AFTER DELETE ON {table} BEGIN {gone} END")
        op.execute(
            f"CREATE TRIGGER {text}_update AFTER UPDATE OF {column} ON {table} BEGIN {gone} {come} END"
        )
        op.execute(f"INSERT INTO {text}({text}) VALUES ('rebuild')")

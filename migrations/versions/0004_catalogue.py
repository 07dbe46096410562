"""The catalogue of classes, the envelope of items, dependency groups, and history that ends and begins by name

Revision ID: 0004
Revises: 0003

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# The classes that came with the product; from now on they need no row.
BUILT_IN = (
    ("application", "Applicatie", "APP"),
    ("website", "Website", "WEB"),
    ("database", "Database", "DBS"),
    ("dbms-instance", "DBMS-instantie", "DBI"),
    ("server", "Server", "SRV"),
    ("virtual-machine", "Virtuele server", "VMS"),
    ("storage", "Opslag (SAN)", "SAN"),
    ("switch", "Switch", "SWI"),
    ("access-point", "Accesspoint", "ACP"),
    ("firewall", "Firewall", "FIW"),
    ("wan-line", "WAN-lijn", "LYN"),
    ("phone-system", "Telefooncentrale", "TEL"),
    ("workstation", "Werkstation", "WST"),
    ("smartphone", "Smartphone", "MOB"),
    ("printer", "Printer", "PRN"),
    ("certificate", "Certificaat", "CRT"),
)

# Relation types that came with the product: any other kind of an old relation becomes a type of its own.
RELATION_KINDS = (
    "needs", "runs-on", "has-member", "uses-database", "in-instance", "stored-on", "connected-to", "placed-in",
    "powered-by", "secured-by", "sends-from", "delivers-to", "in-vlan", "in-subnet", "backed-up-by",
    "licensed-by", "covered-by", "supplied-by",
)  # fmt: skip

# Rows without an owner: written for everybody only, seen with the items that they are about.
SEEN = "item_id IN (SELECT id FROM item)"
UNOWNED = {
    "field_source": SEEN,
    "item_document": SEEN,
    "item_identifier": SEEN,
    "item_role": SEEN,
    "item_step": SEEN,
}
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('servicedesk.scope', 'all', true)")
    _make_tables()
    _widen_items()
    _free_classes()
    _widen_relations()
    _name_what_ended_versions()
    _tell_versions_apart()
    if op.get_bind().dialect.name == "postgresql":
        _build_wall()


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")


def _key(table, *columns):
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _link(table, column, target):
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _enum(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, length=24)


def _effect():
    return _enum("effect", "hard", "soft", "none")


def _make_tables():
    op.create_table(
        "item_attribute",
        sa.Column("class_key", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column(
            "kind",
            _enum(
                "kind", "text", "long_text", "number", "boolean", "date", "choice", "address", "network", "mac",
                "url", "email", "cents",
            ),
            nullable=False,
        ),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _key("item_attribute", "class_key", "key"),
    )
    op.create_table(
        "relation_type",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("reverse", sa.String(80), nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("targets", JSON, nullable=False),
        sa.Column("cardinality", _enum("cardinality", "n:n", "n:1", "1:n", "1:1"), nullable=False),
        sa.Column("effect", _effect(), nullable=False),
        _key("relation_type", "key"),
    )
    op.create_table(
        "item_number",
        sa.Column("prefix", sa.String(3), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _key("item_number", "prefix"),
    )
    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        _link("baseline", "created_by_id", "person"),
        _key("baseline", "id"),
        sa.UniqueConstraint("name", name=op.f("uq_baseline_name")),
    )
    _make_parts()


def _make_parts():
    op.create_table(
        "item_identifier",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("identifierkind", "uuid", "mac", "fqdn", "address", "other"), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        _link("item_identifier", "item_id", "item"),
        _key("item_identifier", "item_id", "kind", "value"),
    )
    op.create_index("ix_item_identifier_value", "item_identifier", ["kind", "value"])
    op.create_table(
        "item_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            _enum(
                "duty", "technical-manager", "functional-manager", "process-owner", "budget-holder",
                "resolver-team", "supplier-contact",
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("contact", sa.String(255), nullable=False),
        sa.Column("is_deputy", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "CASE WHEN person_id IS NULL THEN 0 ELSE 1 END + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN contact = '' THEN 0 ELSE 1 END = 1",
            name=op.f("ck_item_role_one_holder"),
        ),
        _link("item_role", "item_id", "item"),
        _link("item_role", "person_id", "person"),
        _link("item_role", "team_id", "team"),
        _key("item_role", "id"),
    )
    op.create_index(op.f("ix_item_role_item_id"), "item_role", ["item_id"])
    op.create_index(op.f("ix_item_role_person_id"), "item_role", ["person_id"])
    op.create_table(
        "item_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            _enum("itemstatus", "planned", "in-stock", "in-use", "in-repair", "retired"),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=False),
        _link("item_step", "item_id", "item"),
        _key("item_step", "id"),
    )
    op.create_index(op.f("ix_item_step_item_id"), "item_step", ["item_id"])
    op.create_table(
        "item_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        _link("item_document", "item_id", "item"),
        _key("item_document", "id"),
    )
    op.create_index(op.f("ix_item_document_item_id"), "item_document", ["item_id"])
    op.create_table(
        "field_source",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _link("field_source", "item_id", "item"),
        _key("field_source", "item_id", "field"),
    )


def _widen_items():
    with op.batch_alter_table("item", table_kwargs={"sqlite_autoincrement": True}) as item:
        item.drop_constraint(op.f("fk_item_class_key"), type_="foreignkey")
        item.add_column(
            sa.Column(
                "environment",
                _enum("environment", "production", "acceptance", "test", "development", "none"),
                nullable=False,
                server_default="none",
            )
        )
        for name in ("confidentiality", "integrity", "availability"):
            item.add_column(sa.Column(name, sa.Integer(), nullable=True))
            item.create_check_constraint(op.f(f"ck_item_{name}"), f"{name} BETWEEN 1 AND 3")
        for name in ("serial", "asset_tag"):
            item.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name, target in (("supplier_id", "item"), ("contract_id", "item"), ("confirmed_by_id", "person")):
            item.add_column(sa.Column(name, sa.Integer(), nullable=True))
            item.create_foreign_key(op.f(f"fk_item_{name}"), target, [name], ["id"])
        for name in (
            "purchased_on", "warranty_until", "support_until", "end_of_life", "next_certification", "confirmed_on",
        ):
            item.add_column(sa.Column(name, sa.Date(), nullable=True))
        for name in ("purchase_cents", "yearly_cents"):
            item.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        for name in ("tags", "groups"):
            item.add_column(sa.Column(name, JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("item", table_kwargs={"sqlite_autoincrement": True}) as item:
        for name in ("environment", "serial", "asset_tag", "tags", "groups"):
            item.alter_column(name, server_default=None)
    for name in ("serial", "asset_tag", "supplier_id", "contract_id"):
        op.create_index(op.f(f"ix_item_{name}"), "item", [name])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_item_attributes_gin ON item USING gin (attributes jsonb_path_ops)")


def _free_classes():
    with op.batch_alter_table("item_class") as item_class:
        item_class.drop_constraint(op.f("fk_item_class_parent_key"), type_="foreignkey")
    for key, name, prefix in BUILT_IN:
        op.execute(
            sa.text("DELETE FROM item_class WHERE key = :key AND name = :name AND prefix = :prefix").bindparams(
                key=key, name=name, prefix=prefix
            )
        )


def _widen_relations():
    for table, options in (("relation", {"sqlite_autoincrement": True}), ("relation_version", {})):
        with op.batch_alter_table(table, table_kwargs=options) as tie:
            tie.add_column(sa.Column("group", sa.String(80), nullable=False, server_default=""))
            tie.add_column(sa.Column("effect", _effect(), nullable=False, server_default="hard"))
            tie.add_column(sa.Column("capacity", sa.Double(), nullable=True))
            tie.add_column(sa.Column("valid_on", sa.Date(), nullable=True))
            tie.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
            if table == "relation_version":
                tie.add_column(sa.Column("ended_by_id", sa.Integer(), nullable=True))
                tie.create_foreign_key(op.f("fk_relation_version_ended_by_id"), "change_set", ["ended_by_id"], ["id"])
                tie.drop_constraint(op.f("fk_relation_version_source_id"), type_="foreignkey")
                tie.drop_constraint(op.f("fk_relation_version_target_id"), type_="foreignkey")
        with op.batch_alter_table(table, table_kwargs=options) as tie:
            tie.alter_column("group", server_default=None)
            tie.alter_column("effect", server_default=None)
    op.create_index(op.f("ix_relation_version_ended_by_id"), "relation_version", ["ended_by_id"])
    op.create_index("ix_relation_version_span", "relation_version", ["valid_from", "valid_to"])
    op.create_index("ix_relation_version_end", "relation_version", ["valid_to"])
    known = ", ".join(f"'{kind}'" for kind in RELATION_KINDS)
    nothing = "'[]'" if op.get_bind().dialect.name == "sqlite" else "'[]'::jsonb"
    op.execute(
        "INSERT INTO relation_type (key, name, reverse, sources, targets, cardinality, effect)"
        f" SELECT DISTINCT kind, kind, kind, {nothing}, {nothing}, 'n:n', 'hard' FROM relation_version"
        f" WHERE kind NOT IN ({known})"
    )


def _name_what_ended_versions():
    with op.batch_alter_table("item_version") as version:
        version.drop_constraint(op.f("fk_item_version_item_id"), type_="foreignkey")
        version.add_column(sa.Column("ended_by_id", sa.Integer(), nullable=True))
        version.create_foreign_key(op.f("fk_item_version_ended_by_id"), "change_set", ["ended_by_id"], ["id"])
        version.add_column(sa.Column("class_key", sa.String(40), nullable=True))
        version.add_column(sa.Column("name", sa.String(), nullable=True))
    op.create_index(op.f("ix_item_version_ended_by_id"), "item_version", ["ended_by_id"])
    op.create_index("ix_item_version_end", "item_version", ["valid_to"])
    for table, thing in (("item_version", "item_id"), ("relation_version", "relation_id")):
        op.execute(
            f"UPDATE {table} SET ended_by_id = (SELECT next.change_set_id FROM {table} AS next"
            f" WHERE next.{thing} = {table}.{thing} AND next.id > {table}.id ORDER BY next.id LIMIT 1)"
            " WHERE valid_to IS NOT NULL"
        )


def _tell_versions_apart():
    """Lists of a day choose by class and go by name: both stand outside the JSON from now on."""
    for name in ("class_key", "name"):
        op.execute(
            f"UPDATE item_version SET {name} = json_extract(state, '$.{name}')"
            if op.get_bind().dialect.name == "sqlite"
            else f"UPDATE item_version SET {name} = state ->> '{name}'"
        )
    with op.batch_alter_table("item_version") as version:
        version.alter_column("class_key", existing_type=sa.String(40), nullable=False)
        version.alter_column("name", existing_type=sa.String(), nullable=False)


def _build_wall():
    for table, condition in UNOWNED.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY everything ON {table} USING ({EVERYTHING}) WITH CHECK ({EVERYTHING})")
        op.execute(f"CREATE POLICY seen ON {table} FOR SELECT USING ({condition})")

"""The roster

Revision ID: 0012
Revises: 0011

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# Rows that may be of one municipality: it sees its own, and writes none but its calendar links.
WALLED = ("closed_day", "duty", "feed_token", "move", "seat")
# The centre's own affairs: no municipality sees them.
UNOWNED = dict.fromkeys((
    "absence", "duty_person", "employment", "hand_choice", "on_call", "person_skill", "publication",
    "rota_setting", "seat_log", "swap_request", "turn", "turn_member", "work_pattern",
), "false")  # fmt: skip
EVERYTHING = "(SELECT current_setting('servicedesk.scope', true)) = 'all'"
WITHIN = (
    f"{EVERYTHING} OR municipality_id = ANY ((SELECT string_to_array(nullif(nullif("
    "(SELECT current_setting('servicedesk.scope', true)), 'all'), ''), ',')::int[])::int[])"
)


def upgrade():
    op.create_table(
        "rota_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_duty_per_day", sa.Boolean(), nullable=False),
        sa.Column("max_desk_per_week", sa.Integer(), nullable=True),
        sa.Column("max_desk_days_in_row", sa.Integer(), nullable=True),
        sa.Column("respect_hours", sa.Boolean(), nullable=False),
        sa.Column("visit_before_desk", sa.Boolean(), nullable=False),
        sa.Column("swaps_need_approval", sa.Boolean(), nullable=False),
        sa.Column("publish_days", sa.Integer(), nullable=False),
        sa.Column("liberation_day", sa.String(length=8), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_setting")),
    )
    # Before the wall stands: an owner who upgrades has no scope.
    op.execute(
        "INSERT INTO rota_setting (id, one_duty_per_day, respect_hours, visit_before_desk,"
        " swaps_need_approval, publish_days, liberation_day)"
        " VALUES (1, true, false, true, true, 28, 'yearly')"
    )
    op.create_table(
        "closed_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_closed_day_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_day")),
        sa.UniqueConstraint(
            "date", "municipality_id", name=op.f("uq_closed_day_date_municipality_id")
        ),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("desk", "site", name="kind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("weekdays", JSON, nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=True),
        sa.Column("skilled_seats", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("room", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'site') = (municipality_id IS NOT NULL)", name=op.f("ck_duty_site_is_theirs")
        ),
        sa.CheckConstraint(
            "0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_duty_hours")
        ),
        sa.CheckConstraint("every >= 1", name=op.f("ck_duty_every")),
        sa.CheckConstraint(
            "seats >= 1 AND skilled_seats BETWEEN 0 AND seats", name=op.f("ck_duty_seats")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"],
            ["location.municipality_id", "location.id"],
            name=op.f("fk_duty_municipality_id_location_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_duty_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index("ix_duty_municipality_id", "duty", ["municipality_id"])

    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("day", "am", "pm", name="part", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "leave",
                "illness",
                "training",
                "other",
                name="absencekind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("registered", "withdrawn", name="absencestate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("first <= last", name=op.f("ck_absence_order")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_absence_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_person_id_last", "absence", ["person_id", "last"])

    op.create_table(
        "duty_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_duty_person_duty_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_duty_person_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_person")),
        sa.UniqueConstraint(
            "duty_id", "person_id", "weekday", name=op.f("uq_duty_person_duty_id_person_id_weekday")
        ),
    )
    op.create_index("ix_duty_person_person_id", "duty_person", ["person_id"])
    op.create_index(
        "ix_duty_person_rank",
        "duty_person",
        ["duty_id", "weekday", "rank"],
        unique=True,
        postgresql_where=sa.text("rank IS NOT NULL"),
        sqlite_where=sa.text("rank IS NOT NULL"),
    )

    op.create_table(
        "employment",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("at_desk", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_employment")),
    )
    op.create_table(
        "feed_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "person", "team", "municipality", name="feedscope", native_enum=False, length=24
            ),
            nullable=False,
        ),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(scope = 'municipality') = (municipality_id IS NOT NULL)",
            name=op.f("ck_feed_token_municipality"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_feed_token_municipality_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_token_token_hash")),
    )
    op.create_index("ix_feed_token_person_id", "feed_token", ["person_id"])

    op.create_table(
        "hand_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_hand_choice_by_id")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_hand_choice_duty_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hand_choice_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_choice")),
        sa.UniqueConstraint(
            "date", "duty_id", "person_id", name=op.f("uq_hand_choice_date_duty_id_person_id")
        ),
    )
    op.create_table(
        "move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("away", sa.Date(), nullable=False),
        sa.Column("to", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("municipality_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_move_by_id")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_move_duty_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_move_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
        sa.UniqueConstraint("duty_id", "away", name=op.f("uq_move_duty_id_away")),
    )
    op.create_table(
        "on_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_on_call_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_on_call_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call")),
    )
    op.create_index("ix_on_call_starts_at", "on_call", ["starts_at"])

    op.create_table(
        "person_skill",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_skill_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "skill", name=op.f("pk_person_skill")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_publication_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("municipality_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "turn",
                "face",
                "fair",
                "substitute",
                "swap",
                "hand",
                name="origin",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_needed", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_seat_duty_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_seat_municipality_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("date", "duty_id", "nr", name=op.f("uq_seat_date_duty_id_nr")),
    )
    op.create_index("ix_seat_municipality_id_date", "seat", ["municipality_id", "date"])
    op.create_index("ix_seat_person_id_date", "seat", ["person_id", "date"])

    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "unit IN ('week', 'workday') AND length >= 1", name=op.f("ck_turn_unit")
        ),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_turn_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("duty_id", "valid_from", name=op.f("uq_turn_duty_id_valid_from")),
    )
    op.create_table(
        "work_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum("day", "am", "pm", name="part", native_enum=False, length=24),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_work_pattern_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_pattern")),
        sa.UniqueConstraint(
            "person_id",
            "valid_from",
            "weekday",
            name=op.f("uq_work_pattern_person_id_valid_from_weekday"),
        ),
    )
    op.create_table(
        "seat_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "turn",
                "face",
                "fair",
                "substitute",
                "swap",
                "hand",
                name="origin",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["person.id"], name=op.f("fk_seat_log_after_id")),
        sa.ForeignKeyConstraint(["before_id"], ["person.id"], name=op.f("fk_seat_log_before_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_seat_log_by_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_seat_log_seat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_log")),
    )
    op.create_index("ix_seat_log_before_id_at", "seat_log", ["before_id", "at"])
    op.create_index("ix_seat_log_seat_id", "seat_log", ["seat_id"])

    op.create_table(
        "swap_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("other_seat_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "accepted",
                "approved",
                "rejected",
                "withdrawn",
                "expired",
                "undone",
                name="swapstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_ask", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_swap_request_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_swap_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_seat_id"], ["seat.id"], name=op.f("fk_swap_request_other_seat_id")
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_swap_request_seat_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_swap_request_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap_request")),
    )
    op.create_index("ix_swap_request_by_id", "swap_request", ["by_id"])
    op.create_index("ix_swap_request_other_seat_id", "swap_request", ["other_seat_id"])
    op.create_index(
        "ix_swap_request_seat_id_open",
        "swap_request",
        ["seat_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('requested', 'accepted')"),
        sqlite_where=sa.text("state IN ('requested', 'accepted')"),
    )
    op.create_index("ix_swap_request_state", "swap_request", ["state", "id"])
    op.create_index("ix_swap_request_to_id", "swap_request", ["to_id"])

    op.create_table(
        "turn_member",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_turn_member_person_id")
        ),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"], name=op.f("fk_turn_member_turn_id")),
        sa.PrimaryKeyConstraint("turn_id", "position", "person_id", name=op.f("pk_turn_member")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in (*WALLED, *UNOWNED):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            seen = WITHIN if table in WALLED else EVERYTHING
            written = WITHIN if table == "feed_token" else EVERYTHING
            op.execute(f"CREATE POLICY own ON {table} USING ({seen}) WITH CHECK ({written})")


def downgrade():
    raise RuntimeError("restore the backup that was made before the upgrade")

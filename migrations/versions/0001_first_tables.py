"""First tables

Revision ID: 0001
Revises: 
Create Date: 2026-11-24 00:00:25.794255

"""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('heartbeat',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeat'))
    )
    op.create_table('item_class',
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('prefix', sa.String(length=3), nullable=False),
    sa.Column('parent_key', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['parent_key'], ['item_class.key'], name=op.f('fk_item_class_parent_key')),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_item_class')),
    sa.UniqueConstraint('name', name=op.f('uq_item_class_name')),
    sa.UniqueConstraint('prefix', name=op.f('uq_item_class_prefix'))
    )
    op.create_table('municipality',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('code', sa.String(length=4), nullable=False),
    sa.Column('inhabitants', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_municipality')),
    sa.UniqueConstraint('code', name=op.f('uq_municipality_code')),
    sa.UniqueConstraint('name', name=op.f('uq_municipality_name'))
    )
    op.create_table('number_series',
    sa.Column('prefix', sa.String(length=10), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('prefix', name=op.f('pk_number_series'))
    )
    op.create_table('service_calendar',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_calendar')),
    sa.UniqueConstraint('name', name=op.f('uq_service_calendar_name'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_address', ['address', 'at'], unique=False)
        batch_op.create_index('ix_sign_in_attempt_login', ['login', 'at'], unique=False)

    op.create_table('team',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('name', name=op.f('uq_team_name'))
    )
    op.create_table('agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['service_calendar.id'], name=op.f('fk_agreement_calendar_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_agreement_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_agreement_municipality_id_id')),
    sa.UniqueConstraint('municipality_id', 'name', name=op.f('uq_agreement_municipality_id_name'))
    )
    op.create_table('blob',
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_blob_municipality_id')),
    sa.PrimaryKeyConstraint('municipality_id', 'sha256', name=op.f('pk_blob'))
    )
    op.create_table('calendar_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('definition', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['calendar_id'], ['service_calendar.id'], name=op.f('fk_calendar_version_calendar_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_version')),
    sa.UniqueConstraint('calendar_id', 'valid_from', name=op.f('uq_calendar_version_calendar_id_valid_from'))
    )
    op.create_table('category',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('icon', sa.String(length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_category_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('key', name=op.f('uq_category_key'))
    )
    op.create_table('department',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_department_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_department_municipality_id_id')),
    sa.UniqueConstraint('municipality_id', 'name', name=op.f('uq_department_municipality_id_name'))
    )
    op.create_table('location',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_location_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_location')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_location_municipality_id_id')),
    sa.UniqueConstraint('municipality_id', 'name', name=op.f('uq_location_municipality_id_name'))
    )
    op.create_table('agreement_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paused_while', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'agreement_id'], ['agreement.municipality_id', 'agreement.id'], name=op.f('fk_agreement_version_municipality_id_agreement_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_agreement_version_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_version')),
    sa.UniqueConstraint('agreement_id', 'valid_from', name=op.f('uq_agreement_version_agreement_id_valid_from')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_agreement_version_municipality_id_id'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=True),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('role', sa.Enum('employee', 'agent', 'municipality-manager', 'centre-manager', 'administrator', name='role', native_enum=False, length=24), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('location_id', sa.Integer(), nullable=True),
    sa.Column('password_hash', sa.String(), nullable=True),
    sa.Column('locale', sa.String(length=2), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(municipality_id IS NULL) = (role IN ('agent', 'centre-manager', 'administrator'))", name=op.f('ck_person_role_fits_home')),
    sa.ForeignKeyConstraint(['municipality_id', 'department_id'], ['department.municipality_id', 'department.id'], name=op.f('fk_person_municipality_id_department_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'location_id'], ['location.municipality_id', 'location.id'], name=op.f('fk_person_municipality_id_location_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_person_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('login', name=op.f('uq_person_login')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_person_municipality_id_id'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index('ix_person_name', ['name'], unique=False)

    op.create_table('change_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_change_set_actor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_set'))
    )
    op.create_table('item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uid', sa.String(length=16), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=True),
    sa.Column('class_key', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('description', sa.String(), nullable=False),
    sa.Column('hosting', sa.Enum('central', 'at-municipality', 'split', 'saas', name='hosting', native_enum=False, length=24), nullable=False),
    sa.Column('status', sa.Enum('planned', 'in-stock', 'in-use', 'in-repair', 'retired', name='itemstatus', native_enum=False, length=24), nullable=False),
    sa.Column('location_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('manager_id', sa.Integer(), nullable=True),
    sa.Column('deputy_id', sa.Integer(), nullable=True),
    sa.Column('attributes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['class_key'], ['item_class.key'], name=op.f('fk_item_class_key')),
    sa.ForeignKeyConstraint(['deputy_id'], ['person.id'], name=op.f('fk_item_deputy_id')),
    sa.ForeignKeyConstraint(['manager_id'], ['person.id'], name=op.f('fk_item_manager_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'location_id'], ['location.municipality_id', 'location.id'], name=op.f('fk_item_municipality_id_location_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'user_id'], ['person.municipality_id', 'person.id'], name=op.f('fk_item_municipality_id_user_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_item_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item')),
    sa.UniqueConstraint('uid', name=op.f('uq_item_uid'))
    )
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_class_key'), ['class_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_deputy_id'), ['deputy_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_manager_id'), ['manager_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_municipality_id'), ['municipality_id'], unique=False)
        batch_op.create_index('ix_item_name', ['name'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_user_id'), ['user_id'], unique=False)

    op.create_table('membership',
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_person_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_membership_team_id')),
    sa.PrimaryKeyConstraint('team_id', 'person_id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_membership_person_id'), ['person_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dedup_key', sa.String(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_message_municipality_id')),
    sa.ForeignKeyConstraint(['recipient_id'], ['person.id'], name=op.f('fk_message_recipient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('dedup_key', name=op.f('uq_message_dedup_key'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_unsent', ['not_before'], unique=False, postgresql_where=sa.text('sent_at IS NULL AND failed_at IS NULL'), sqlite_where=sa.text('sent_at IS NULL AND failed_at IS NULL'))

    op.create_table('target',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agreement_version_id', sa.Integer(), nullable=False),
    sa.Column('ticket_type', sa.String(length=20), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('warn', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('notify', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'agreement_version_id'], ['agreement_version.municipality_id', 'agreement_version.id'], name=op.f('fk_target_municipality_id_agreement_version_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_target_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target')),
    sa.UniqueConstraint('agreement_version_id', 'ticket_type', 'priority', 'kind', name=op.f('uq_target_agreement_version_id_ticket_type_priority_kind')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_target_municipality_id_id'))
    )
    op.create_table('web_session',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('user_agent', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_web_session_municipality_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_web_session_person_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_web_session'))
    )
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_web_session_person_id'), ['person_id'], unique=False)

    op.create_table('clock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('calendar_id', sa.Integer(), nullable=False),
    sa.Column('planned_revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('target_seconds', sa.Integer(), nullable=False),
    sa.Column('elapsed_seconds', sa.Integer(), nullable=False),
    sa.Column('running_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('spells', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('fired', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('stopped_from', sa.String(length=10), nullable=True),
    sa.Column('stopped_target', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_event_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'running') = (running_since IS NOT NULL)", name=op.f('ck_clock_running')),
    sa.ForeignKeyConstraint(['calendar_id'], ['service_calendar.id'], name=op.f('fk_clock_calendar_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'target_id'], ['target.municipality_id', 'target.id'], name=op.f('fk_clock_municipality_id_target_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_clock_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_clock_municipality_id_id'))
    )
    with op.batch_alter_table('clock', schema=None) as batch_op:
        batch_op.create_index('ix_clock_breached_at', ['breached_at', 'id', 'municipality_id', 'kind', 'priority', 'started_at', 'stopped_at'], unique=False, postgresql_where=sa.text('breached_at IS NOT NULL'), sqlite_where=sa.text('breached_at IS NOT NULL'))
        batch_op.create_index('ix_clock_next_event_at', ['next_event_at'], unique=False, postgresql_where=sa.text('next_event_at IS NOT NULL'), sqlite_where=sa.text('next_event_at IS NOT NULL'))
        batch_op.create_index('ix_clock_open_calendar', ['calendar_id', 'planned_revision'], unique=False, postgresql_where=sa.text("state IN ('running', 'paused')"), sqlite_where=sa.text("state IN ('running', 'paused')"))
        batch_op.create_index('ix_clock_stopped_at', ['stopped_at', 'municipality_id', 'kind', 'priority', 'breached_at', 'started_at'], unique=False, postgresql_where=sa.text('stopped_at IS NOT NULL'), sqlite_where=sa.text('stopped_at IS NOT NULL'))
        batch_op.create_index('ix_clock_undecided', ['started_at', 'municipality_id', 'kind', 'priority'], unique=False, postgresql_where=sa.text("state IN ('running', 'paused') AND breached_at IS NULL"), sqlite_where=sa.text("state IN ('running', 'paused') AND breached_at IS NULL"))

    op.create_table('item_consumer',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('share', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_consumer_item_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_item_consumer_municipality_id')),
    sa.PrimaryKeyConstraint('item_id', 'municipality_id', 'valid_from', name=op.f('pk_item_consumer'))
    )
    with op.batch_alter_table('item_consumer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_consumer_municipality_id'), ['municipality_id'], unique=False)

    op.create_table('item_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True),
    sa.Column('change_set_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['change_set_id'], ['change_set.id'], name=op.f('fk_item_version_change_set_id')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_version_item_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_item_version_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_version'))
    )
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_version_change_set_id'), ['change_set_id'], unique=False)
        batch_op.create_index('ix_item_version_span', ['valid_from', 'valid_to'], unique=False)
        batch_op.create_index('ix_item_version_valid', ['item_id', 'valid_from'], unique=False)

    op.create_table('outage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('message', sa.String(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_update_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_outage_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outage'))
    )
    with op.batch_alter_table('outage', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outage_item_id'), ['item_id'], unique=False)

    op.create_table('relation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['item.id'], name=op.f('fk_relation_source_id')),
    sa.ForeignKeyConstraint(['target_id'], ['item.id'], name=op.f('fk_relation_target_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relation')),
    sa.UniqueConstraint('source_id', 'target_id', 'kind', name=op.f('uq_relation_source_id_target_id_kind'))
    )
    with op.batch_alter_table('relation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_relation_target_id'), ['target_id'], unique=False)

    op.create_table('relation_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('relation_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True),
    sa.Column('change_set_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['change_set_id'], ['change_set.id'], name=op.f('fk_relation_version_change_set_id')),
    sa.ForeignKeyConstraint(['source_id'], ['item.id'], name=op.f('fk_relation_version_source_id')),
    sa.ForeignKeyConstraint(['target_id'], ['item.id'], name=op.f('fk_relation_version_target_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relation_version'))
    )
    with op.batch_alter_table('relation_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_relation_version_change_set_id'), ['change_set_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_relation_version_relation_id'), ['relation_id'], unique=False)
        batch_op.create_index('ix_relation_version_source', ['source_id', 'valid_from'], unique=False)
        batch_op.create_index('ix_relation_version_target', ['target_id', 'valid_from'], unique=False)

    op.create_table('clock_entry',
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event', sa.String(length=16), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('target_seconds', sa.Integer(), nullable=False),
    sa.Column('elapsed_seconds', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'clock_id'], ['clock.municipality_id', 'clock.id'], name=op.f('fk_clock_entry_municipality_id_clock_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_clock_entry_municipality_id')),
    sa.PrimaryKeyConstraint('clock_id', 'sequence', name=op.f('pk_clock_entry'))
    )
    with op.batch_alter_table('clock_entry', schema=None) as batch_op:
        batch_op.create_index('ix_clock_entry_turned', ['at', 'clock_id'], unique=False, postgresql_where=sa.text("event IN ('reopened', 'retargeted', 'cancelled')"), sqlite_where=sa.text("event IN ('reopened', 'retargeted', 'cancelled')"))

    op.create_table('clock_event',
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noticed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('target_seconds', sa.Integer(), nullable=False),
    sa.Column('elapsed_seconds', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'clock_id'], ['clock.municipality_id', 'clock.id'], name=op.f('fk_clock_event_municipality_id_clock_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_clock_event_municipality_id')),
    sa.PrimaryKeyConstraint('clock_id', 'threshold', name=op.f('pk_clock_event'))
    )
    op.create_table('outage_report',
    sa.Column('outage_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name=op.f('fk_outage_report_municipality_id_person_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_outage_report_municipality_id')),
    sa.ForeignKeyConstraint(['outage_id'], ['outage.id'], name=op.f('fk_outage_report_outage_id')),
    sa.PrimaryKeyConstraint('outage_id', 'person_id', name=op.f('pk_outage_report'))
    )
    op.create_table('ticket',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=16), nullable=False),
    sa.Column('external_id', sa.String(), nullable=True),
    sa.Column('form_token', sa.String(length=36), nullable=True),
    sa.Column('type', sa.Enum('incident', 'service-request', name='tickettype', native_enum=False, length=20), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('status', sa.Enum('new', 'in-progress', 'waiting', 'resolved', 'closed', 'cancelled', name='status', native_enum=False, length=20), nullable=False),
    sa.Column('waiting_for', sa.Enum('requester', 'supplier', 'site-day', 'change', 'problem', name='waitingfor', native_enum=False, length=20), nullable=True),
    sa.Column('waiting_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('impact', sa.String(length=12), nullable=True),
    sa.Column('urgency', sa.String(length=12), nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('portal', 'phone', 'walk-in', 'import', name='channel', native_enum=False, length=20), nullable=False),
    sa.Column('phone', sa.String(), nullable=False),
    sa.Column('category_id', sa.Integer(), nullable=False),
    sa.Column('requester_id', sa.Integer(), nullable=False),
    sa.Column('location_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('response_clock_id', sa.Integer(), nullable=True),
    sa.Column('resolution_clock_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handoffs', sa.Integer(), nullable=False),
    sa.Column('reopenings', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assignee_id'], ['person.id'], name=op.f('fk_ticket_assignee_id')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_ticket_category_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'location_id'], ['location.municipality_id', 'location.id'], name=op.f('fk_ticket_municipality_id_location_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'requester_id'], ['person.municipality_id', 'person.id'], name=op.f('fk_ticket_municipality_id_requester_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'resolution_clock_id'], ['clock.municipality_id', 'clock.id'], name=op.f('fk_ticket_municipality_id_resolution_clock_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'response_clock_id'], ['clock.municipality_id', 'clock.id'], name=op.f('fk_ticket_municipality_id_response_clock_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_ticket_municipality_id')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_ticket_team_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('municipality_id', 'external_id', name=op.f('uq_ticket_municipality_id_external_id')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_ticket_municipality_id_id')),
    sa.UniqueConstraint('number', name=op.f('uq_ticket_number')),
    sa.UniqueConstraint('requester_id', 'form_token', name=op.f('uq_ticket_requester_id_form_token'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_created_at', ['created_at', 'municipality_id', 'category_id', 'resolution_clock_id', 'response_clock_id'], unique=False)
        batch_op.create_index('ix_ticket_open_assignee', ['assignee_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.create_index('ix_ticket_open_due', ['due_at', 'id', 'municipality_id', 'team_id', 'assignee_id'], unique=False, postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.create_index('ix_ticket_open_municipality', ['municipality_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.create_index('ix_ticket_open_team', ['team_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.create_index(batch_op.f('ix_ticket_resolution_clock_id'), ['resolution_clock_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_response_clock_id'), ['response_clock_id'], unique=False)

    op.create_table('kept_month',
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('priority', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('met', sa.Integer(), nullable=False),
    sa.Column('breached', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_kept_month_municipality_id')),
    sa.PrimaryKeyConstraint('municipality_id', 'first', 'priority', 'kind', name=op.f('pk_kept_month'))
    )
    op.create_table('draft',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('is_internal', sa.Boolean(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'ticket_id'], ['ticket.municipality_id', 'ticket.id'], name=op.f('fk_draft_municipality_id_ticket_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_draft_municipality_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_draft_person_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'person_id', name=op.f('pk_draft'))
    )
    op.create_table('entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('is_internal', sa.Boolean(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('change', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_entry_author_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'ticket_id'], ['ticket.municipality_id', 'ticket.id'], name=op.f('fk_entry_municipality_id_ticket_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_entry_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry')),
    sa.UniqueConstraint('municipality_id', 'id', name=op.f('uq_entry_municipality_id_id'))
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index('ix_entry_ticket', ['ticket_id', 'id'], unique=False)

    op.create_table('ticket_item',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_ticket_item_item_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'ticket_id'], ['ticket.municipality_id', 'ticket.id'], name=op.f('fk_ticket_item_municipality_id_ticket_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_ticket_item_municipality_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'item_id', name=op.f('pk_ticket_item'))
    )
    with op.batch_alter_table('ticket_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_item_item_id'), ['item_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('municipality_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'entry_id'], ['entry.municipality_id', 'entry.id'], name=op.f('fk_attachment_municipality_id_entry_id')),
    sa.ForeignKeyConstraint(['municipality_id', 'sha256'], ['blob.municipality_id', 'blob.sha256'], name=op.f('fk_attachment_municipality_id_sha256')),
    sa.ForeignKeyConstraint(['municipality_id', 'ticket_id'], ['ticket.municipality_id', 'ticket.id'], name=op.f('fk_attachment_municipality_id_ticket_id')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk_attachment_municipality_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_entry_id'), ['entry_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_ticket_id'), ['ticket_id'], unique=False)



def downgrade():
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_attachment_ticket_id'))
        batch_op.drop_index(batch_op.f('ix_attachment_entry_id'))

    op.drop_table('attachment')
    with op.batch_alter_table('ticket_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_item_item_id'))

    op.drop_table('ticket_item')
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('ix_entry_ticket')

    op.drop_table('entry')
    op.drop_table('draft')
    op.drop_table('kept_month')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_ticket_response_clock_id'))
        batch_op.drop_index(batch_op.f('ix_ticket_resolution_clock_id'))
        batch_op.drop_index('ix_ticket_open_team', postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.drop_index('ix_ticket_open_municipality', postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.drop_index('ix_ticket_open_due', postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.drop_index('ix_ticket_open_assignee', postgresql_where=sa.text("status IN ('new', 'in-progress', 'waiting')"), sqlite_where=sa.text("status IN ('new', 'in-progress', 'waiting')"))
        batch_op.drop_index('ix_ticket_created_at')

    op.drop_table('ticket')
    op.drop_table('outage_report')
    op.drop_table('clock_event')
    with op.batch_alter_table('clock_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_clock_entry_turned', postgresql_where=sa.text("event IN ('reopened', 'retargeted', 'cancelled')"), sqlite_where=sa.text("event IN ('reopened', 'retargeted', 'cancelled')"))

    op.drop_table('clock_entry')
    with op.batch_alter_table('relation_version', schema=None) as batch_op:
        batch_op.drop_index('ix_relation_version_target')
        batch_op.drop_index('ix_relation_version_source')
        batch_op.drop_index(batch_op.f('ix_relation_version_relation_id'))
        batch_op.drop_index(batch_op.f('ix_relation_version_change_set_id'))

    op.drop_table('relation_version')
    with op.batch_alter_table('relation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_relation_target_id'))

    op.drop_table('relation')
    with op.batch_alter_table('outage', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outage_item_id'))

    op.drop_table('outage')
    with op.batch_alter_table('item_version', schema=None) as batch_op:
        batch_op.drop_index('ix_item_version_valid')
        batch_op.drop_index('ix_item_version_span')
        batch_op.drop_index(batch_op.f('ix_item_version_change_set_id'))

    op.drop_table('item_version')
    with op.batch_alter_table('item_consumer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_consumer_municipality_id'))

    op.drop_table('item_consumer')
    with op.batch_alter_table('clock', schema=None) as batch_op:
        batch_op.drop_index('ix_clock_undecided', postgresql_where=sa.text("state IN ('running', 'paused') AND breached_at IS NULL"), sqlite_where=sa.text("state IN ('running', 'paused') AND breached_at IS NULL"))
        batch_op.drop_index('ix_clock_stopped_at', postgresql_where=sa.text('stopped_at IS NOT NULL'), sqlite_where=sa.text('stopped_at IS NOT NULL'))
        batch_op.drop_index('ix_clock_open_calendar', postgresql_where=sa.text("state IN ('running', 'paused')"), sqlite_where=sa.text("state IN ('running', 'paused')"))
        batch_op.drop_index('ix_clock_next_event_at', postgresql_where=sa.text('next_event_at IS NOT NULL'), sqlite_where=sa.text('next_event_at IS NOT NULL'))
        batch_op.drop_index('ix_clock_breached_at', postgresql_where=sa.text('breached_at IS NOT NULL'), sqlite_where=sa.text('breached_at IS NOT NULL'))

    op.drop_table('clock')
    with op.batch_alter_table('web_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_web_session_person_id'))

    op.drop_table('web_session')
    op.drop_table('target')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('ix_message_unsent', postgresql_where=sa.text('sent_at IS NULL AND failed_at IS NULL'), sqlite_where=sa.text('sent_at IS NULL AND failed_at IS NULL'))

    op.drop_table('message')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_membership_person_id'))

    op.drop_table('membership')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_user_id'))
        batch_op.drop_index('ix_item_name')
        batch_op.drop_index(batch_op.f('ix_item_municipality_id'))
        batch_op.drop_index(batch_op.f('ix_item_manager_id'))
        batch_op.drop_index(batch_op.f('ix_item_deputy_id'))
        batch_op.drop_index(batch_op.f('ix_item_class_key'))

    op.drop_table('item')
    op.drop_table('change_set')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index('ix_person_name')

    op.drop_table('person')
    op.drop_table('agreement_version')
    op.drop_table('location')
    op.drop_table('department')
    op.drop_table('category')
    op.drop_table('calendar_version')
    op.drop_table('blob')
    op.drop_table('agreement')
    op.drop_table('team')
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_attempt_login')
        batch_op.drop_index('ix_sign_in_attempt_address')

    op.drop_table('sign_in_attempt')
    op.drop_table('service_calendar')
    op.drop_table('number_series')
    op.drop_table('municipality')
    op.drop_table('item_class')
    op.drop_table('heartbeat')

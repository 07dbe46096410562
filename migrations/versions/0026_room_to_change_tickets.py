"""Room on the pages of tickets, so that a change of one is written beside it

Revision ID: 0026
Revises: 0025

"""
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    # Each reply changes its ticket. On a full page the new version goes elsewhere, and all fourteen
    # indexes are to be told; beside the old one (HOT) none is. Pages that are full make room by and by.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ticket SET (fillfactor = 80)")


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE ticket RESET (fillfactor)")

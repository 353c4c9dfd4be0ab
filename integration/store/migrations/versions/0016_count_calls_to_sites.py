"""Count the calls to each site, and keep what it last said of its own limit."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "minute", name=op.f("pk_calls")),
    )
    op.create_table(
        "call_limits",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("per_second", sa.Float(), nullable=True),
        sa.Column("burst", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_limit", sa.Integer(), nullable=True),
        sa.Column("said_remaining", sa.Integer(), nullable=True),
        sa.Column("said_reset", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_reason", sa.Text(), nullable=True),
        sa.Column("is_refusal", sa.Boolean(), nullable=False),
        sa.Column("wait_reason", sa.Text(), nullable=True),
        sa.Column("wait_call", sa.Text(), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_call_limits")),
    )

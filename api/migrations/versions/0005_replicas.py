"""Replicas: who looks after each bot, where bots run and recordings lie, where replicas are found"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOBODY = ""  # until whoever runs a bot says so
TIME_TO_SAY_SO = timedelta(minutes=1)


def upgrade() -> None:
    """Apply it."""
    lease = op.create_table(
        "bot_lease",
        sa.Column("attempt_id", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("busy", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.PrimaryKeyConstraint("attempt_id"),
    )
    op.create_index("ix_bot_lease_holder", "bot_lease", ["holder"])
    op.create_table(
        "replica",
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.add_column("connection", sa.Column("place", sa.String(length=64), nullable=True))
    op.add_column("recording", sa.Column("place", sa.String(length=64), nullable=True))
    attempt = sa.table("attempt", sa.column("id"), sa.column("epoch"), sa.column("ended_at"))
    until = sa.literal(datetime.now(UTC) + TIME_TO_SAY_SO, sa.DateTime(timezone=True))
    running = sa.select(attempt.c.id, attempt.c.epoch, sa.literal(NOBODY), sa.false(), until)
    columns = ["attempt_id", "epoch", "holder", "busy", "expires_at"]
    op.execute(lease.insert().from_select(columns, running.where(attempt.c.ended_at.is_(None))))


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

"""Booking: plans, briefs"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "plan",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("interview_id", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("engine", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["interview.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("interview_id", "version"),
    )
    op.add_column("interview", sa.Column("agent_id", sa.String(length=64), nullable=True))
    op.add_column("interview", sa.Column("job_source", sa.String(length=16), nullable=True))
    op.add_column("interview", sa.Column("meeting_url", sa.String(length=2000), nullable=True))
    op.add_column("interview", sa.Column("brief", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("interview", sa.Column("review_plan", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "INSERT INTO plan (id, interview_id, tenant, version, state, engine, body, notes, created_at)"
        " SELECT 'plan_' || substr(id, 5), id, tenant, 1, 'approved', 'given', plan, '[]', created_at FROM interview"
    )


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

"""What dialects show: when an interview last changed, whether it is rated by itself, when an attempt was due"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("attempt", sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("interview", sa.Column("evaluate_at_end", sa.Boolean(), server_default=sa.false(), nullable=False))
    # SQLite adds no column that may not be null without a default; nobody sees this one.
    epoch = sa.Column("updated_at", sa.DateTime(timezone=True), server_default="1970-01-01 00:00:00", nullable=False)
    op.add_column("interview", epoch)
    op.execute("UPDATE interview SET updated_at = coalesce(deleted_at, ended_at, started_at, created_at)")


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

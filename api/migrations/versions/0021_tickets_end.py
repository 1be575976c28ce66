"""Until when a ticket's holder may stay, and by which API key"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("ticket", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("key_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

"""Commands that say more than a reason, and have no deadline"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    with op.batch_alter_table("command") as batch:
        batch.add_column(sa.Column("data", sa.JSON(), nullable=True))
        batch.alter_column("deadline_at", existing_type=sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

"""A card that was asked was accepted or edited before: both count"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("suggestion", sa.Column("used", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE suggestion SET used = true, verdict = CASE WHEN edited IS NULL THEN 'accepted' ELSE 'edited' END "
        "WHERE verdict = 'used'"
    )


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

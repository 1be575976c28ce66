"""Résumés: what they say, taken apart, and what of them is under quarantine"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("resume", sa.Column("extracted", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("resume", sa.Column("quarantine", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

"""Since when an interviewer goes by the subject of their token"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    op.add_column("interviewer", sa.Column("subject_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE interviewer SET subject_since = named_at WHERE subject IS NOT NULL")


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

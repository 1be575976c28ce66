"""Lists by candidate, job and template are read in their order"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply it."""
    for what in ("candidate", "job", "template"):
        op.drop_index(f"interview_of_{what}", table_name="interview")
        columns = ["tenant", "deleted_at", f"{what}_id", "created_at", "id"]
        op.create_index(f"interview_of_{what}", "interview", columns, unique=False)


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")

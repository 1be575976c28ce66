"""Audit events are a chain for each tenant; what people put in the place of a level"""

import hashlib
import json
from datetime import UTC, datetime
from itertools import groupby

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

START = "0" * 64
_EVENT = sa.table(
    "audit_event",
    *(sa.column(name, sa.String) for name in ("id", "tenant", "actor", "action", "subject", "before", "hash")),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("number", sa.Integer),
)


def upgrade() -> None:
    """Apply it."""
    head = op.create_table(
        "audit_head",
        sa.Column("tenant", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
    op.drop_index("audit_event_by_tenant", table_name="audit_event")
    with op.batch_alter_table("audit_event") as batch:
        batch.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("before", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    op.bulk_insert(head, _chained(op.get_bind()))
    with op.batch_alter_table("audit_event") as batch:
        for name, kind in (("number", sa.Integer()), ("before", sa.String(length=64)), ("hash", sa.String(length=64))):
            batch.alter_column(name, existing_type=kind, nullable=False)
    op.create_index("audit_event_by_number", "audit_event", ["tenant", "number"], unique=True)
    op.create_index("audit_event_by_hash", "audit_event", ["tenant", "hash"], unique=False)
    op.create_table(
        "criterion_override",
        sa.Column("evaluation_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=128), nullable=False),
        sa.Column("interview_id", sa.String(length=64), nullable=False),
        sa.Column("criterion_id", sa.String(length=64), nullable=False),
        sa.Column("level_before", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"]),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"]),
        sa.PrimaryKeyConstraint("evaluation_id", "number"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("criterion_override_by_tenant", "criterion_override", ["tenant", "interview_id"])


def downgrade() -> None:
    """Revisions are not taken back: restore a backup."""
    raise NotImplementedError("restore a backup taken before the upgrade")


def _chained(connection: sa.Connection) -> list[dict[str, object]]:
    """Chain the events there are, in the order they were listed in, and return where each chain ends."""
    columns = _EVENT.c
    events = connection.execute(
        sa.select(columns.id, columns.tenant, columns.actor, columns.action, columns.subject, columns.at).order_by(
            columns.tenant, columns.at, columns.id
        )
    ).all()
    change = (
        sa.update(_EVENT)
        .where(columns.id == sa.bindparam("which"))
        .values(number=sa.bindparam("n"), before=sa.bindparam("b"), hash=sa.bindparam("h"))
    )
    heads = []
    for tenant, own in groupby(events, key=lambda event: event.tenant):
        number, before = 0, START
        links = []
        for event in own:
            told = {name: getattr(event, name) for name in ("id", "tenant", "actor", "action", "subject")}
            hash_ = _hash({**told, "at": _time(event.at), "before": before})
            number += 1
            links.append({"which": event.id, "n": number, "b": before, "h": hash_})
            before = hash_
        connection.execute(change, links)
        heads.append({"tenant": tenant, "number": number, "hash": before})
    return heads


def _time(at: datetime) -> str:
    aware = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hash(values: dict[str, object]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()

"""Who did what: one row for each thing that must be accounted for, written in the transaction that does it.

The rows of a tenant are a chain (`api/audit_chain.py`). Whoever adds to it locks its head, which makes writers of any
number of replicas queue, for as long as a commit takes.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Index, String, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.audit_chain import START, Break, Walk, digest
from api.auth import Caller
from api.callers import needs
from api.database import Base, Moment, Transaction
from api.interviews.schemas import Page, PageMeta, Time
from api.moments import utc_now
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/audit", tags=["audit"])

Auditor = Annotated[Caller, Depends(needs("audit:read"))]
SHA256 = String(64)
PIECE = 1000  # events read at a time
Word = Annotated[str, Query(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


class AuditRow(Base):
    """One thing that was done. actor: the caller's subject; subject: the id of what it was done to.

    number: from 1 within its tenant; before, hash: see `api/audit_chain.py`.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("audit_event_by_number", "tenant", "number", unique=True),
        Index("audit_event_by_hash", "tenant", "hash"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    number: Mapped[int]
    before: Mapped[str] = mapped_column(SHA256)
    hash: Mapped[str] = mapped_column(SHA256)


class AuditHeadRow(Base):
    """The end of a tenant's chain: the number and hash of its last event."""

    __tablename__ = "audit_head"

    tenant: Mapped[str] = mapped_column(String(128), primary_key=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(SHA256)


class AuditOut(BaseModel):
    """One thing that was done. number: from 1 on; before: the hash of the event before it, 64 zeros for the first.

    hash: SHA-256 of the JSON object of action, actor, at, before, id, subject and tenant, names sorted, without spaces.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    id: str
    at: Time
    actor: str
    action: str
    subject: str
    before: str
    hash: str


def record(tx: Transaction, caller: Caller, action: str, subject: str, *, at: datetime | None = None) -> None:
    """Write down that `caller` did `action` to `subject`; kept only if the transaction is committed.

    action: as in "key.created". subject: an id, never a name or a secret: no erasure reaches it. at: now, unless it is
    given.
    """
    row = AuditRow(
        id=f"aud_{secrets.token_hex(10)}",
        tenant=caller.tenant,
        at=at or utc_now(),
        actor=caller.subject,
        action=action,
        subject=subject,
    )
    tx.before_commit(partial(_append, tx.session, row))


async def _append(session: AsyncSession, row: AuditRow) -> None:
    """Put an event at the end of its tenant's chain, which is locked from here to the commit."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(AuditHeadRow).values(tenant=row.tenant, number=1, hash=START)
    next_ = first.on_conflict_do_update(index_elements=["tenant"], set_={"number": AuditHeadRow.number + 1})
    returned = await session.execute(next_.returning(AuditHeadRow.number, AuditHeadRow.hash))
    row.number, row.before = returned.one()
    row.hash = digest(row)
    session.add(row)
    head = update(AuditHeadRow).where(AuditHeadRow.tenant == row.tenant)
    await session.execute(head.values(hash=row.hash))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a tenant's chain. number, hash: of the last event that is right; wrong: what comes after it."""

    tenant: str
    number: int
    hash: str
    wrong: Break | None


async def tenants(session: AsyncSession) -> list[str]:
    """Return whose chains there are."""
    known = select(AuditRow.tenant).union(select(AuditHeadRow.tenant))
    return sorted((await session.scalars(known)).all())


async def verify(session: AsyncSession, tenant: str, seen: tuple[int, str] | None = None) -> Verdict:
    """Follow a tenant's chain to its end, or to the first event that is not what was written.

    seen: the number and hash of an event as they were noted elsewhere. Without that, whoever can write to the database
    could have written a whole chain anew.
    """
    mine: ColumnElement[bool] = AuditRow.tenant == tenant
    walk = Walk()

    async def place_of(hash_: str) -> int | None:
        return await session.scalar(select(AuditRow.number).where(mine, AuditRow.hash == hash_).limit(1))

    def verdict(wrong: Break | None) -> Verdict:
        return Verdict(tenant, walk.number, walk.hash, wrong)

    ordered = select(AuditRow).where(mine).order_by(AuditRow.number, AuditRow.id).execution_options(yield_per=PIECE)
    async for event in await session.stream_scalars(ordered):
        if (wrong := await walk.step(event, place_of)) is not None:
            return verdict(wrong)
        if seen is not None and event.number == seen[0] and event.hash != seen[1]:
            return verdict(Break(event.number, "is another than the one that was noted"))
    head = await session.get(AuditHeadRow, tenant)
    wrong = walk.end(head.number, head.hash) if head else walk.end(0, START)
    if wrong is None and seen is not None and seen[0] > walk.number:
        wrong = walk.end(*seen)
    return verdict(wrong)


@router.get("", responses=responses(401, 403, 422), operation_id="list_audit_events")
async def list_(
    caller: Auditor,
    services: TheServices,
    action: Annotated[Word | None, Query(description="Only this, as in key.created")] = None,
    subject: Annotated[Word | None, Query(description="Only what was done to this id")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[AuditOut]:
    """List what was done, newest first."""
    query = select(AuditRow).where(AuditRow.tenant == caller.tenant)
    if action is not None:
        query = query.where(AuditRow.action == action)
    if subject is not None:
        query = query.where(AuditRow.subject == subject)
    newest = query.order_by(AuditRow.number.desc()).limit(limit).offset((page - 1) * limit)
    async with services.database.read() as tx:
        total = await tx.session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
        rows = (await tx.session.scalars(newest)).all()
    return Page(data=[AuditOut.model_validate(row) for row in rows], meta=PageMeta.of(page, limit, total or 0))

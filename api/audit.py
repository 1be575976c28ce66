"""Who did what: one row for each thing that must be accounted for, written in the transaction that does it."""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from api.auth import Caller
from api.callers import needs
from api.database import Base, Moment, Transaction
from api.interviews.schemas import Page, PageMeta, Time
from api.moments import utc_now
from api.problems import responses
from api.services import TheServices

router = APIRouter(prefix="/v1/audit", tags=["audit"])

Auditor = Annotated[Caller, Depends(needs("audit:read"))]
Word = Annotated[str, Query(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]


class AuditRow(Base):
    """One thing that was done. actor: the caller's subject; subject: the id of what it was done to."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("audit_event_by_tenant", "tenant", "at", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))


class AuditOut(BaseModel):
    """One thing that was done."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    at: Time
    actor: str
    action: str
    subject: str


def record(tx: Transaction, caller: Caller, action: str, subject: str, *, at: datetime | None = None) -> None:
    """Write down that `caller` did `action` to `subject`; kept only if the transaction is committed.

    action: as in "key.created". subject: an id, never a name or a secret. at: now, unless it is given.
    """
    tx.session.add(
        AuditRow(
            id=f"aud_{secrets.token_hex(10)}",
            tenant=caller.tenant,
            at=at or utc_now(),
            actor=caller.subject,
            action=action,
            subject=subject,
        )
    )


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
    newest = query.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit).offset((page - 1) * limit)
    async with services.database.read() as tx:
        total = await tx.session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True))
        rows = (await tx.session.scalars(newest)).all()
    return Page(data=[AuditOut.model_validate(row) for row in rows], meta=PageMeta.of(page, limit, total or 0))

"""What is kept of webhooks: the webhooks, what happened and is not handed out yet, and what was sent to whom."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment
from api.records.tables import ID, Record

NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up plain INTEGER keys alone


def new_salt() -> str:
    """Return what makes a webhook's next signing secret differ from every other."""
    return secrets.token_hex(16)


class WebhookRow(Record):
    """One webhook. Its signing secret is derived from `salt` and kept nowhere (`api/webhooks/signing.py`).

    previous_salt: of the secret before the last rotation, which signs along until previous_until.
    failures: failed attempts since the last good one; paused_until: the circuit is open until then.
    claim, leased_until: who sends to it at the moment, and until when nobody else may; claimed_at: the last time.
    """

    __tablename__ = "webhook"

    active: Mapped[bool]
    salt: Mapped[str] = mapped_column(String(32), default=new_salt)
    previous_salt: Mapped[str | None] = mapped_column(String(32))
    previous_until: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)


class NoticeRow(Base):
    """One event that no delivery was made of yet, in the order in which they happened."""

    __tablename__ = "webhook_notice"

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class DeliveryRow(Base):
    """One message for one webhook. next_at: when it is tried (again); None once it is delivered or given up.

    id: the message's `webhook-id`, the same in every attempt. response: the beginning of what was answered last.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("webhook_delivery_due", "webhook_id", "next_at"),
        Index("webhook_delivery_log", "webhook_id", "number"),
        Index("webhook_delivery_by_age", "created_at"),
        Index("webhook_delivery_by_tenant", "tenant", "last_at"),
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhook.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    last_at: Mapped[datetime | None] = mapped_column(Moment)
    response_status: Mapped[int | None]
    response: Mapped[str | None]
    error: Mapped[str | None]
    duration_ms: Mapped[int | None]

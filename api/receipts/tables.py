"""Receipts as they are kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment

ID = String(64)


class ReceiptRow(Base):
    """What was purged of one interview, and because of whom. said_at: when they said so, at: when it was done.

    attempt_id: of which try, None for all of them. subject: `candidate`, or a participant id.
    """

    __tablename__ = "receipt"
    __table_args__ = (Index("receipt_by_interview", "tenant", "interview_id"), Index("receipt_by_age", "at"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"))
    cause: Mapped[str] = mapped_column(String(16))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    role: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(16))
    words: Mapped[str | None] = mapped_column(Text)
    said_at: Mapped[datetime] = mapped_column(Moment)
    said_ms: Mapped[int | None]
    purged: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)

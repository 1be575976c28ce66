"""Decisions as they are kept."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment

ID = String(64)


class DecisionRow(Base):
    """One decision; the newest counts. number: from 1 within its interview."""

    __tablename__ = "decision"
    __table_args__ = (Index("decision_by_tenant", "tenant", "interview_id"),)

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    tenant: Mapped[str] = mapped_column(String(128))
    decision: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)
    notes: Mapped[str | None] = mapped_column(Text)
    reason_codes: Mapped[list[str]] = mapped_column(JSON)
    evaluation_version_seen: Mapped[int | None]

"""What is kept of what the interviewer was shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment


class PanelRow(Base):
    """One thing that the panel showed, or that was done with it. seq: its number on the interview's private line."""

    __tablename__ = "panel"

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    at_ms: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class SuggestionRow(Base):
    """One card. text: as it was shown; verdict: the last that somebody gave; edited: what it became.

    used: whether it was asked, once it was accepted or edited. expired_at: when its time ran out or it was overtaken.
    """

    __tablename__ = "suggestion"
    __table_args__ = (Index("suggestion_by_tenant", "tenant", "created_at"),)

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    verdict: Mapped[str | None] = mapped_column(String(16))
    edited: Mapped[str | None]
    used: Mapped[bool] = mapped_column(default=False)
    expired_at: Mapped[datetime | None] = mapped_column(Moment)

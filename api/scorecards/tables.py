"""Scorecards as they are kept, and who opened the AI's levels without one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment

ID = String(64)
TENANT = String(128)


class ScorecardRow(Base):
    """One version of one interviewer's scorecard. by: their participant id or subject; ratings: a list of `Rating`s.

    blind: whether the AI's levels were sealed to them when they gave it.
    """

    __tablename__ = "scorecard"
    __table_args__ = (Index("scorecard_by_tenant", "tenant", "interview_id"),)

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(128), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    name: Mapped[str] = mapped_column(String(200))
    overall: Mapped[str] = mapped_column(String(16))
    ratings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    note: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    blind: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)


class OpeningRow(Base):
    """Somebody opened the AI's levels of an interview to those who did not hold it, before any scorecard was in."""

    __tablename__ = "seal_opening"
    __table_args__ = (Index("seal_opening_by_tenant", "tenant", "interview_id"),)

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    by: Mapped[str] = mapped_column(String(128))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)

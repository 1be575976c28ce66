"""What is kept of what the interviewer was shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
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

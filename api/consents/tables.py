"""What is kept of consents."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment


class ConsentRow(Base):
    """One answer of one person to one kind of consent: given_at or refused_at says which, and when.

    subject: `candidate`, or the participant id of somebody else. shown_at: when they had the whole notice before them.
    """

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), index=True)
    subject: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(16))
    notice_version: Mapped[str | None] = mapped_column(String(64))
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_at: Mapped[datetime] = mapped_column(Moment)
    given_at: Mapped[datetime | None] = mapped_column(Moment)
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

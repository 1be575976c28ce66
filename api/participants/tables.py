"""What is kept of those who were given a link."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment


class ParticipantRow(Base):
    """One person of one interview, by the newest link they were given. expires_at: until when one of theirs is good.

    removed_at: since when none of theirs works, until they are given another.
    """

    __tablename__ = "participant"

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    participant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    invited_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)

"""What is kept of tasks."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment


class TaskRow(Base):
    """One thing for people to do. question: the candidate's own words; seq, at_ms: of the event that told of it."""

    __tablename__ = "task"
    __table_args__ = (Index("task_of_interview", "tenant", "interview_id", "seq"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str]
    question: Mapped[str | None]
    at_ms: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[str | None] = mapped_column(String(128))

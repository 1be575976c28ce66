"""What is kept of interviews. Every table names its tenant, so that every query can."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment

ID = String(64)
NAME = String(200)


class InterviewRow(Base):
    """One interview. last_seq: the number of its newest event; turn_count: its final turns."""

    __tablename__ = "interview"
    __table_args__ = (Index("interview_by_tenant", "tenant", "created_at"), Index("interview_by_status", "status"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(NAME)
    mode: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16))
    status_reason: Mapped[str | None] = mapped_column(String(64))
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    candidate_name: Mapped[str] = mapped_column(NAME)
    organisation: Mapped[str] = mapped_column(NAME)
    bot_name: Mapped[str] = mapped_column(NAME)
    limits: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    last_seq: Mapped[int] = mapped_column(default=0)
    turn_count: Mapped[int] = mapped_column(default=0)


class AttemptRow(Base):
    """One try at an interview. epoch: its newest incarnation of a bot; report: what the bot said at the end.

    ended_at is when the call ended, as the bot says; closed_at when this became known here.
    """

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("interview_id", "number"), Index("attempt_open", "ended_at"))

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    number: Mapped[int]
    epoch: Mapped[int]
    bot_state: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment)
    launched_at: Mapped[datetime | None] = mapped_column(Moment)
    waiting_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class EventRow(Base):
    """One numbered event. n: the number its bot gave it; none for what the control plane did itself."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("attempt_id", "epoch", "n"), Index("event_by_type", "interview_id", "type"))

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.id"))
    epoch: Mapped[int | None]
    n: Mapped[int | None]
    type: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    at_ms: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class TurnRow(Base):
    """One final turn. seq: from 1 within the attempt, whichever incarnation heard it. Times: ms of the call."""

    __tablename__ = "turn"
    __table_args__ = (Index("turn_by_interview", "interview_id"),)

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    turn_id: Mapped[str] = mapped_column(String(128))
    speaker_id: Mapped[str] = mapped_column(String(128))
    speaker: Mapped[str] = mapped_column(NAME)
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    confidence: Mapped[float | None]
    question_id: Mapped[str | None] = mapped_column(String(64))
    interrupted: Mapped[bool]


class RecordingRow(Base):
    """The recording of one attempt. file: its name inside the recordings directory."""

    __tablename__ = "recording"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), index=True)
    tenant: Mapped[str] = mapped_column(String(128))
    file: Mapped[str] = mapped_column(String(255))
    duration_ms: Mapped[int | None]
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class CommandRow(Base):
    """Something a bot was told to do. It is sent again until the bot says it is done."""

    __tablename__ = "command"
    __table_args__ = (Index("command_by_attempt", "attempt_id", "done_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    command: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    deadline_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

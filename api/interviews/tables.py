"""What is kept of interviews. Every table names its tenant, so that every query can."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment
from api.interviews.states import AttemptKind

ID = String(64)
NAME = String(200)


class InterviewRow(Base):
    """One interview. last_seq: the number of its newest event; turn_count: its final turns.

    version rises with every change of what was asked for and with every move of the status. request_sha256: of the
    request that created it, to know that request again by its external_ref. claimed_until: until then one replica alone
    tries to start it. run_id: the other name it can be asked for by. brief: what its plan was made from, where it was
    not given; review_plan: a person approves a plan before it is used. job_source: what the job was named by.
    evaluate_at_end: once a call is over it is evaluated and rated by itself. no_evaluation: why what was made of it is
    gone, or may not be made (`api/receipts`).
    """

    __tablename__ = "interview"
    __table_args__ = (
        Index("interview_newest", "tenant", "deleted_at", "created_at", "id"),
        Index("interview_standing", "tenant", "deleted_at", "status", "created_at", "id"),
        # With what lists are ordered by, or a planner takes the order's index and walks past everybody else's.
        Index("interview_of_candidate", "tenant", "deleted_at", "candidate_id", "created_at", "id"),
        Index("interview_of_job", "tenant", "deleted_at", "job_id", "created_at", "id"),
        Index("interview_of_template", "tenant", "deleted_at", "template_id", "created_at", "id"),
        Index("interview_of_chain", "tenant", "root_interview_id"),
        Index("interview_external_ref", "tenant", "external_ref", unique=True),
        Index("interview_of_run", "run_id"),
        Index("interview_due", "status", "scheduled_at"),
    )

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
    updated_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    last_seq: Mapped[int] = mapped_column(default=0)
    turn_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    candidate_id: Mapped[str | None] = mapped_column(ID)
    job_id: Mapped[str | None] = mapped_column(ID)
    template_id: Mapped[str | None] = mapped_column(ID)
    agent_id: Mapped[str | None] = mapped_column(ID)
    job_source: Mapped[str | None] = mapped_column(String(16))
    meeting_url: Mapped[str | None] = mapped_column(String(2000))
    brief: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    review_plan: Mapped[bool] = mapped_column(default=False, server_default=false())
    evaluate_at_end: Mapped[bool] = mapped_column(default=False, server_default=false())
    round: Mapped[int | None]
    root_interview_id: Mapped[str | None] = mapped_column(ID)
    purpose: Mapped[str | None] = mapped_column(NAME)
    external_ref: Mapped[str | None] = mapped_column(NAME)
    request_sha256: Mapped[str | None] = mapped_column(String(64))
    callback_url: Mapped[str | None] = mapped_column(String(2000))
    own_data: Mapped[dict[str, Any] | None] = mapped_column("metadata", JSON(none_as_null=True))
    start_policy: Mapped[str] = mapped_column(String(16), default="manual", server_default="manual")
    scheduled_at: Mapped[datetime | None] = mapped_column(Moment)
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    reminded_for: Mapped[datetime | None] = mapped_column(Moment)
    max_attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    run_id: Mapped[str | None] = mapped_column(ID)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)
    no_evaluation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    def note_change(self, at: datetime) -> None:
        """Give it the next version. at: when; the clocks of bots and ours differ, and it never goes back."""
        self.version += 1
        self.updated_at = max(self.updated_at, at)


class PlanRow(Base):
    """One version of an interview's plan. The interview itself holds the one in force.

    engine: what made it; notes: what that had to say about it; decided_by: who approved or rejected it, and why.
    """

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("interview_id", "version"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    engine: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    notes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(String(128))
    reason: Mapped[str | None]


class AttemptRow(Base):
    """One try at an interview. epoch: its newest incarnation of a bot; report: what the bot said at the end.

    scheduled_at: when it was to begin, where a clock said so. ended_at is when the call ended, as the bot says;
    closed_at when this became known here. summary: what was made of this try, which stays when another follows.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("interview_id", "number"),
        Index("attempt_open", "ended_at"),
        Index("attempt_by_tenant", "tenant", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16), default=AttemptKind.CALL.value, server_default=AttemptKind.CALL.value)
    epoch: Mapped[int]
    bot_state: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Moment)
    scheduled_at: Mapped[datetime | None] = mapped_column(Moment)
    launched_at: Mapped[datetime | None] = mapped_column(Moment)
    waiting_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def bot_id(self) -> str:
        """Who its bot is among the participants of the call, whatever incarnation."""
        return f"bot_{self.id}"


START, REJOIN, TAKEOVER, HANDOVER = "start", "rejoin", "takeover", "handover"  # why an incarnation was sent
# What a bot may be told (`bot/orders.py`); the first alone has a deadline.
STOP, FLOOR, MODE, QUIET, CARD, LINE = "stop", "floor", "mode", "quiet", "card", "line"


class ConnectionRow(Base):
    """One incarnation of an attempt's bot. cause: start, rejoin, takeover (the one before was lost), handover (its host
    went down). left_at: when the next one took its place; place: where it runs, and leaves its files. ending: what
    became of a bot that was gone before it had ended its call.
    """

    __tablename__ = "connection"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    cause: Mapped[str] = mapped_column(String(16))
    place: Mapped[str | None] = mapped_column(ID)
    bot_state: Mapped[str | None] = mapped_column(String(16))
    ending: Mapped[str | None] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    left_at: Mapped[datetime | None] = mapped_column(Moment)


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
    """The recording of one attempt. file: its name inside the recordings directory; place: of which replica."""

    __tablename__ = "recording"

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), index=True)
    tenant: Mapped[str] = mapped_column(String(128))
    file: Mapped[str] = mapped_column(String(255))
    duration_ms: Mapped[int | None]
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    place: Mapped[str | None] = mapped_column(ID)


class CommandRow(Base):
    """Something a bot was told to do. It is sent again until the bot says it is done.

    reason: of a stop; data: of the others; deadline_at: when a bot that has not stopped is made to.
    """

    __tablename__ = "command"
    __table_args__ = (Index("command_by_attempt", "attempt_id", "done_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    tenant: Mapped[str] = mapped_column(String(128))
    command: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    deadline_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)

"""What is kept of evaluations: versions of each phase, their evidence, what people said of them and put right."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.database import Base, Moment

ID = String(64)
TENANT = String(128)
SHA256 = String(64)


class EvaluationRow(Base):
    """One version of one phase. The hashes say what it read; a newer version supersedes it and changes nothing else."""

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("interview_id", "phase", "version", name="evaluation_version"),
        Index("evaluation_by_tenant", "tenant", "interview_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    phase: Mapped[int]
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    rubric_hash: Mapped[str] = mapped_column(SHA256)
    plan_hash: Mapped[str] = mapped_column(SHA256)
    transcript_hash: Mapped[str] = mapped_column(SHA256)
    evaluator: Mapped[str] = mapped_column(String(64))
    evaluator_version: Mapped[str] = mapped_column(String(32))
    requested_by: Mapped[str] = mapped_column(String(200))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)


class EvidenceRow(Base):
    """One quote, from 0 within its evaluation: characters `start_char` to `end_char` of turn `first_seq`."""

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_by_tenant", "tenant"),)

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    criterion_id: Mapped[str] = mapped_column(ID)
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    start_char: Mapped[int]
    end_char: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    shows: Mapped[str] = mapped_column(Text)
    polarity: Mapped[str] = mapped_column(String(16))
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    confidence: Mapped[float | None]


class ReviewRow(Base):
    """What one person said of one evaluation; never changed, only added to."""

    __tablename__ = "review"
    __table_args__ = (Index("review_by_tenant", "tenant", "interview_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)


class OverrideRow(Base):
    """A level a person put in place of a criterion's; the newest counts. number: from 1 within its evaluation."""

    __tablename__ = "criterion_override"
    __table_args__ = (Index("criterion_override_by_tenant", "tenant", "interview_id"),)

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    tenant: Mapped[str] = mapped_column(TENANT)
    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"))
    criterion_id: Mapped[str] = mapped_column(ID)
    level_before: Mapped[int | None]
    level: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Moment)

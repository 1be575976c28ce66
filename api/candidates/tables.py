"""What is kept of candidates."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, Dialect, ForeignKey, Index, String
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from api.database import Base, Moment
from api.records.tables import ID, NAME, Record


class Address(TypeDecorator[str]):
    """An e-mail address as it is searched: in small letters, whatever was typed."""

    impl = String(254)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.lower()


class CandidateJobRow(Base):
    """One job that a candidate applied for."""

    __tablename__ = "candidate_job"

    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), primary_key=True, index=True)


class CandidateRow(Record):
    """One candidate. resume: figures of the one on file; erased_at: when all that tells who it was was removed.

    job_id compares with any of the candidate's jobs, so that lists can be filtered by it.
    """

    __tablename__ = "candidate"

    email: Mapped[str | None] = mapped_column(Address, index=True)
    candidate_ref: Mapped[str | None] = mapped_column(NAME, index=True)
    data_expires_on: Mapped[date] = mapped_column(Date, index=True)
    resume: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    erased_at: Mapped[datetime | None] = mapped_column(Moment)
    links: Mapped[list[CandidateJobRow]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    job_id: AssociationProxy[list[str]] = association_proxy(
        "links", "job_id", creator=lambda job_id: CandidateJobRow(job_id=job_id)
    )


class ResumeRow(Base):
    """A candidate's résumé. file: its name inside the résumé directory; pages: `{page, text}` for each page.

    extracted, quarantine: as they are told; None for those that were read before there were any.
    """

    __tablename__ = "resume"

    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    file: Mapped[str] = mapped_column(String(255))
    bytes: Mapped[int]
    pages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    extracted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    quarantine: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    characters: Mapped[int]
    parsed_at: Mapped[datetime] = mapped_column(Moment)


class ErasureRow(Base):
    """The receipt of an erasure: whose data went when and why, and which kinds of data, never the data itself."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index("erasure_by_tenant", "tenant", "at", "id"),
        Index("erasure_by_subject", "subject_kind", "subject_id", unique=True),  # nobody is erased twice
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(NAME)
    removed: Mapped[list[str]] = mapped_column(JSON)

"""The candidate as a kind of record."""

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, computed_field, model_validator
from sqlalchemy import select

from api.candidates.tables import CandidateRow
from api.errors import Complaint, Invalid
from api.interviews.schemas import Time
from api.jobs import JobRow
from api.languages import Tag
from api.records.fields import Day, Metadata, Reference, Short
from api.records.kinds import Kind, RecordIn, RecordOut, Work

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[^\W\d_](?:[\w-]{{0,61}}[^\W_])")
LONGEST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
LONGEST_EMAIL = 254
MOST_JOBS = 100


def _email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if len(local) > LONGEST_LOCAL or not _EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address; write it as name@example.org")
    return f"{local}@{domain.lower()}"  # only the domain is the same whatever its case (RFC 5321, 2.4)


def _different(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(ids)) != len(ids):
        raise ValueError("names a job twice; name each once")
    return ids


Email = Annotated[str, Field(max_length=LONGEST_EMAIL), AfterValidator(_email)]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$", description="E.164: +, country code, number, no spaces")]
JobIds = Annotated[tuple[Reference, ...], Field(max_length=MOST_JOBS), AfterValidator(_different)]


class CandidateRecordIn(RecordIn):
    """Who a candidate is: a display name, a first and a last name, or a reference that says nothing about them.

    data_expires_on: from this day on (UTC) everything that tells who it is is erased.
    """

    first_name: Short | None = None
    last_name: Short | None = None
    display_name: Short | None = None
    email: Email | None = None
    phone_e164: Phone | None = None
    candidate_ref: Reference | None = None
    job_ids: JobIds = ()
    data_expires_on: Day
    language: Tag | None = None
    accommodations: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    external_ref: Reference | None = None
    metadata: Metadata = Field(default_factory=dict)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.display_name or self.candidate_ref or (self.first_name and self.last_name)):
            raise ValueError("does not say who it is; give display_name, first_name and last_name, or candidate_ref")
        return self


class ResumeFigures(BaseModel):
    """What of a résumé is shown with its candidate."""

    model_config = ConfigDict(frozen=True)

    pages: int
    characters: int
    parsed_at: Time


class CandidateRecordOut(RecordOut, CandidateRecordIn):
    """A candidate as it is kept."""

    resume: ResumeFigures | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def pool(self) -> bool:
        """Whether this is a candidate for no job in particular."""
        return not self.job_ids


async def _rule(work: Work, record: CandidateRow, wanted: CandidateRecordIn) -> None:
    """Hold what is new against the tenant's jobs and the calendar; what was kept before may have grown old."""
    kept = record.body if record in work.session else {}
    complaints = []
    if wanted.data_expires_on.isoformat() != kept.get("data_expires_on") and wanted.data_expires_on <= work.now.date():
        today = work.now.date().isoformat()
        complaints.append(
            Complaint(("body", "data_expires_on"), f"is not in the future; today is {today} (UTC)", "name a later day")
        )
    if new := set(wanted.job_ids) - set(kept.get("job_ids", ())):
        mine = select(JobRow.id).where(JobRow.tenant == work.tenant, JobRow.deleted_at.is_(None), JobRow.id.in_(new))
        known = set(await work.session.scalars(mine.with_for_update(read=True)))  # none is deleted until this is kept
        complaints += [
            Complaint(("body", "job_ids", place), f"there is no job {id_!r}", "create the job first, or leave it out")
            for place, id_ in enumerate(wanted.job_ids)
            if id_ in new - known
        ]
    if complaints:
        raise Invalid(*complaints)


def _columns(wanted: CandidateRecordIn) -> dict[str, Any]:
    return {
        "email": wanted.email,
        "candidate_ref": wanted.candidate_ref,
        "data_expires_on": wanted.data_expires_on,
        "job_id": list(wanted.job_ids),
    }


CANDIDATES = Kind(
    "candidate",
    "candidates",
    "cand",
    CandidateRow,
    CandidateRecordIn,
    CandidateRecordOut,
    columns=_columns,
    filters=("email", "candidate_ref", "external_ref", "job_id"),
    rule=_rule,
    shows=lambda record: {"resume": record.resume},
)

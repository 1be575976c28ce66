"""Jobs: what people are interviewed for."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.interviews.tables import InterviewRow
from api.records.fields import Facts, Language, Metadata, Reference, Short, Text, plain
from api.records.kinds import Kind, RecordIn, RecordOut, Work
from api.records.references import refuse_if_awaited, refuse_if_used
from api.records.tables import Record

MOST_SKILLS = 10

Skill = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]


class JobRow(Record):
    """One job."""

    __tablename__ = "job"

    status: Mapped[str] = mapped_column(String(16))


class JobStatus(StrEnum):
    """Whether people can be interviewed for it."""

    OPEN = "open"
    CLOSED = "closed"


class Seniority(StrEnum):
    """How senior the person is to be."""

    ENTRY = "entry"
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    LEAD = "lead"
    PRINCIPAL = "principal"
    MANAGER = "manager"
    DIRECTOR = "director"
    EXECUTIVE = "executive"


class ExperienceBand(StrEnum):
    """How long the person is to have worked; not the same as how senior they are."""

    NONE = "no_experience"
    UNDER_1 = "less_than_1_year"
    FROM_1 = "one_to_3_years"
    FROM_3 = "three_to_5_years"
    FROM_5 = "five_to_10_years"
    FROM_10 = "ten_to_15_years"
    OVER_15 = "more_than_15_years"


class Skills(RecordIn):
    """What the person should be able to do: ten in all."""

    required: tuple[Skill, ...] = ()
    nice: tuple[Skill, ...] = ()

    @model_validator(mode="after")
    def _few(self) -> Self:
        if (count := len(self.required) + len(self.nice)) > MOST_SKILLS:
            raise ValueError(f"name at most {MOST_SKILLS} skills in all, required and nice together; these are {count}")
        return self


class LanguageRequirement(RecordIn):
    """A language the job needs, and how well (Common European Framework of Reference)."""

    language: Language
    cefr: Annotated[str, Field(pattern=r"^[ABC][12]$")] | None = None


class Location(RecordIn):
    """Where the work is done."""

    work_mode: Annotated[str, Field(pattern=r"^(onsite|remote|hybrid)$")] | None = None
    street: Short | None = None
    city: Short | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20)] | None = None
    country_code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class Salary(RecordIn):
    """What it pays. display: shown to candidates."""

    min: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    max: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    period: Annotated[str, Field(pattern=r"^(hourly|daily|weekly|monthly|yearly)$")] = "yearly"
    display: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is more than max; swap them")
        return self


class JobIn(RecordIn):
    """What a job is."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=200), AfterValidator(plain)]
    description: Text = ""
    facts: Facts = ()
    skills: Skills = Skills()
    seniority: Seniority | None = None
    experience_band: ExperienceBand | None = None
    education: Annotated[tuple[Short, ...], Field(max_length=10)] = ()
    language_requirements: Annotated[tuple[LanguageRequirement, ...], Field(max_length=10)] = ()
    contract_type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    location: Location | None = None
    salary: Salary | None = None
    hiring_for: Short | None = None
    source_url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)] | None = None
    status: JobStatus = JobStatus.OPEN
    external_ref: Reference | None = None
    metadata: Metadata = Field(default_factory=dict)


class JobOut(RecordOut, JobIn):
    """A job as it is kept."""


def _columns(wanted: JobIn) -> dict[str, Any]:
    return {"status": wanted.status.value}


async def _unused(work: Work, job: JobRow, _: None) -> None:
    """Candidates keep the id of a deleted job: they were candidates for it."""
    from api.postings import PostingRow  # which knows jobs

    await refuse_if_used(work, "job", job.id, "posting", PostingRow.job_id)
    await refuse_if_awaited(work, "job", job.id, InterviewRow.job_id)


JOBS = Kind(
    "job",
    "jobs",
    "job",
    JobRow,
    JobIn,
    JobOut,
    columns=_columns,
    filters=("status", "external_ref"),
    on_delete=_unused,
)

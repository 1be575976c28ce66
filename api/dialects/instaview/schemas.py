"""What InstaView's calls take and give, in InstaView's spelling."""

from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from api.candidates.kind import Email, Phone
from api.dialects.instaview.words import JOB_EXPERIENCES, Direction, Education, Experience, Fit, InstaViewStatus
from api.interviews.schemas import Id, Instant, Time
from api.jobs import MOST_SKILLS, Skill
from api.languages import Tag
from api.moments import moment
from api.records.fields import Day, Metadata, Short, Text, plain

EXTERNAL_ID = "externalInterviewId"  # in metadata: what its owner calls an interview
LONGEST_EXTERNAL_ID = 200
HIDDEN_EMAIL = "[email protected]"  # how web pages, the published ones too, show every address to whoever copies it


def _day(value: Any) -> Any:
    """A point in time is taken as the day it lies on, in UTC."""
    try:
        return moment(value).date() if isinstance(value, str) and "T" in value else value
    except (ValueError, OverflowError):
        return value


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _known_experience(value: str) -> str:
    if value not in JOB_EXPERIENCES:
        raise ValueError(f"is not known; use one of {', '.join(JOB_EXPERIENCES)}")
    return value


def _with_own_name(value: dict[str, Any]) -> dict[str, Any]:
    name = value.get(EXTERNAL_ID)
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= LONGEST_EXTERNAL_ID):
        raise ValueError(f"{EXTERNAL_ID} is a text of 1 to {LONGEST_EXTERNAL_ID} characters")
    return value


def _none_if_hidden(email: Any) -> Any:
    return None if email == HIDDEN_EMAIL else email


Skills = Annotated[tuple[Skill, ...], Field(max_length=MOST_SKILLS)]
JobTitle = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=200), AfterValidator(plain)]
JobExperience = Annotated[str, AfterValidator(_known_experience), Field(json_schema_extra={"enum": [*JOB_EXPERIENCES]})]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


# ---- taken --------------------------------------------------------------------------------------------------------


class InstaViewCandidate(_In):
    """Who is interviewed. gdprExpiryDate: on this day everything that tells who it is is erased; one that has passed
    is the day after the interview, the first on which it can be.

    jobId: the job they are a candidate for; without it they are one for no job in particular.
    email: what web pages show in place of an address counts as none.
    """

    first_name: Short
    last_name: Short
    gdpr_expiry_date: Annotated[Day, BeforeValidator(_day)]
    email: Annotated[Email | None, BeforeValidator(_none_if_hidden)] = None
    phone_number: Phone | None = None
    job_id: Id | None = None


class InstaViewLocation(_In):
    """Where the work is done."""

    work_mode: Literal["ONSITE", "REMOTE", "HYBRID"] | None = None
    street: Short | None = None
    city: Short | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20)] | None = None
    country_code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class InstaViewSalary(_In):
    """What it pays."""

    min: Amount | None = None
    max: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    period: Literal["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"] = "YEARLY"


class InstaViewJob(_In):
    """A job that is created with the interview. Skills: ten in all, required and nice to have together.

    experience: in years, or as a seniority.
    """

    job_title: JobTitle
    job_description: Text = ""
    required_skills: Skills = ()
    nice_to_have_skills: Skills = ()
    languages: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()
    education: Annotated[tuple[Education, ...], Field(max_length=10), BeforeValidator(_one_or_more)] = ()
    experience: JobExperience | None = None
    contract_type: Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")] | None = None
    location: InstaViewLocation | None = None
    salary: InstaViewSalary | None = None

    @model_validator(mode="after")
    def _few_skills(self) -> Self:
        if (count := len(self.required_skills) + len(self.nice_to_have_skills)) > MOST_SKILLS:
            raise ValueError(
                f"name at most {MOST_SKILLS} skills in all, requiredSkills and niceToHaveSkills together; "
                f"these are {count}"
            )
        return self


class InstaViewCreate(_In):
    """A new interview. The job is named once: by job, by jobId or by the new candidate; it may be left out.

    scheduleTime: at most 30 days ahead; without it, or once it has passed, the interview starts at once.
    """

    agent_id: Id
    candidate_id: Id | None = None
    candidate: InstaViewCandidate | None = None
    job_id: Id | None = None
    job: InstaViewJob | None = None
    schedule_time: Instant | None = None
    metadata: Annotated[Metadata, AfterValidator(_with_own_name)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_candidate(self) -> Self:
        if (self.candidate_id is None) == (self.candidate is None):
            raise ValueError("give one of candidateId and candidate: the candidate there is, or a new one")
        return self


class InstaViewInvoke(_In):
    """When another call is to be tried: without scheduledAt, or once it has passed, at once."""

    scheduled_at: Instant | None = None


# ---- given --------------------------------------------------------------------------------------------------------


class InstaViewCallAttempt(_Out):
    """One try. duration: seconds; recordingUrl: the same token opens it."""

    id: str
    direction: Direction
    status: InstaViewStatus
    scheduled_at: Time | None
    called_at: Time | None
    duration: int | None
    recording_url: str | None


class InstaViewGeneral(_Out):
    """What was found. overallRating: 0-100, null where the evidence allows none; what nothing is known of is UNDEFINED.

    status: 1 not rated yet, 2 being rated, 3 rated, 4 there was nothing to rate.
    """

    overall_rating: int | None
    company_fit_rating: Fit
    education: Education
    experience: Experience
    strong_points: list[str]
    weak_points: list[str]
    evaluation: list[str]
    status: Literal[1, 2, 3, 4]
    created_at: Time
    updated_at: Time


class InstaViewAnalysis(_Out):
    """What was made of what was said. specific: by the agent's focus; none has anything of its own yet."""

    id: str
    general: InstaViewGeneral
    specific: None


class InstaViewInterview(_Out):
    """One interview. analysis: null until there is one."""

    id: str
    candidate_id: str | None
    agent_id: str | None
    status: InstaViewStatus
    scheduled_at: Time | None
    duration_minutes: int | None
    finished_date: Time | None
    metadata: dict[str, Any]
    call_attempts: list[InstaViewCallAttempt]
    analysis: InstaViewAnalysis | None
    created_at: Time
    updated_at: Time


class InstaViewInvoked(_Out):
    """That another call is tried."""

    success: Literal[True] = True
    message: str


class InstaViewPagination(_Out):
    """Where a page lies in its list."""

    total: int
    page: int
    limit: int
    total_pages: int
    has_next_page: bool
    has_previous_page: bool


T = TypeVar("T")


class InstaViewAnswer(_Out, Generic[T]):
    """What every call answers with. timestamp: of the answer."""

    success: Literal[True] = True
    data: T
    error: None = None
    timestamp: Time


class InstaViewPage(InstaViewAnswer[list[InstaViewInterview]]):
    """One page of interviews."""

    pagination: InstaViewPagination


class InstaViewError(_Out):
    """What went wrong. code is stable; message is for people."""

    code: str
    message: str
    details: dict[str, Any]


class InstaViewRefusal(_Out):
    """What a call that was refused answers with."""

    success: Literal[False]
    data: None
    error: InstaViewError
    timestamp: Time


class InstaViewTooMany(_Out):
    """What is answered when too many calls were made. retryAfter: seconds; reset: a Unix time."""

    status_code: Literal[429]
    message: str
    error: str
    retry_after: int
    limit: int | None
    remaining: Literal[0]
    reset: int

"""What Maya's calls take and give, in its spelling."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic.alias_generators import to_camel

from api.candidates.kind import Email
from api.dialects.maya.words import State
from api.interviews.schemas import Instant, Name, Time, WebAddress
from api.jobs import Skill
from api.records.fields import Text, plain

MOST_SKILLS = 10


class Level(StrEnum):
    """How senior the person is to be."""

    JUNIOR = "JUNIOR"
    MID = "MID"
    SENIOR = "SENIOR"
    LEAD = "LEAD"
    PRINCIPAL = "PRINCIPAL"


Position = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=200), AfterValidator(plain)]
Skills = Annotated[tuple[Skill, ...], Field(max_length=MOST_SKILLS)]


class _In(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)


# ---- taken --------------------------------------------------------------------------------------------------------


class MayaCreate(_In):
    """A new interview. scheduledAt: with an offset, at most 30 days ahead; one that has passed is kept and shown."""

    candidate_name: Name
    candidate_email: Email
    position: Position
    level: Level | None = None
    skills: Skills = ()
    job_description: Text | None = None
    scheduled_at: Instant | None = None
    callback_url: WebAddress | None = None


class MayaChange(_In):
    """What is to be different about an interview before its call; null takes away what need not be there.

    workflowState, by itself: APPROVED or REJECTED decides about the plan, CANCELLED calls the interview off.
    """

    candidate_name: Name | None = None
    candidate_email: Email | None = None
    position: Position | None = None
    level: Level | None = None
    skills: Skills | None = None
    job_description: Text | None = None
    scheduled_at: Instant | None = None
    callback_url: WebAddress | None = None
    workflow_state: State | None = None

    @field_validator("candidate_name", "candidate_email", "position", "skills", "workflow_state")
    @classmethod
    def _stays(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("can't be taken away; send another value, or leave it out")
        return value

    @model_validator(mode="after")
    def _moves_alone(self) -> Self:
        if self.workflow_state is not None and len(self.model_fields_set) > 1:
            raise ValueError("workflowState is changed by itself; send the other fields in a request of their own")
        return self


# ---- given --------------------------------------------------------------------------------------------------------


class MayaInList(_Out):
    """One interview in a list."""

    id: str
    candidate_name: str
    position: str
    workflow_state: State
    created_at: Time


class MayaCreated(_Out):
    """A new interview at the moment of its receipt; GET tells where it stands now."""

    id: str
    candidate_name: str
    candidate_email: str
    position: str
    level: Level | None
    skills: list[str]
    workflow_state: State
    tenant_id: str
    created_at: Time


class MayaInterview(_Out):
    """One interview, whole. level: null also for one that Maya has no word for. planId: from PENDING on."""

    id: str
    tenant_id: str
    candidate_name: str
    candidate_email: str | None
    position: str
    level: Level | None
    skills: list[str]
    job_description: str | None
    workflow_state: State
    run_id: str | None
    plan_id: str | None
    callback_url: str | None
    scheduled_at: Time | None
    created_at: Time
    updated_at: Time


class MayaMeta(_Out):
    """Where a page lies in its list."""

    total: int
    page: int
    limit: int
    total_pages: int


class MayaList(_Out):
    """One page of interviews, newest first."""

    data: list[MayaInList]
    meta: MayaMeta


class MayaSection(_Out):
    """A part of an interview: how many minutes it takes and what it is about."""

    name: str
    duration: int
    topics: list[str]


class MayaStructure(_Out):
    """An interview in whole minutes, which are those of its sections together."""

    duration: int
    sections: list[MayaSection]


class MayaPlan(_Out):
    """The plan an interview goes by."""

    id: str
    interview_id: str
    structure: MayaStructure
    created_at: Time


class MayaAssessment(_Out):
    """What an interview was rated.

    overallScore: 0-100, null where too little was scored. recommendation: null where the evidence is not enough.
    scores: 1-5 by group and dimension; what was not scored is left out. transcript: null without transcript:read.
    """

    id: str
    interview_id: str
    overall_score: Annotated[int, Field(ge=0, le=100)] | None
    recommendation: str | None
    summary: str | None
    scores: dict[str, dict[str, int]]
    transcript: str | None
    created_at: Time


class MayaRun(_Out):
    """Where a run stands. reason: why it is there, where there is one to tell."""

    run_id: str
    interview_id: str
    workflow_state: State
    reason: str | None


class MayaError(BaseModel):
    """What went wrong. message: a list where several fields can be wrong, and then error names the status."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"statusCode": 404, "message": "Interview not found"}]})

    statusCode: int
    message: str | list[str]
    error: str | None = None

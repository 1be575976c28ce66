"""What JobMojito's calls take, as they are published."""

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from api.agents import Product
from api.candidates.kind import Email
from api.dialects.jobmojito.tables import NAMES, FullRecording, Level, Reach, Recording, State
from api.postings import MOST_ATTEMPTS
from api.records.fields import Metadata, Reference, Short, Text, plain
from api.templates.conduct import MOST_QUESTIONS, Message, ResultView, Style

LONGEST_RESUME = 100_000
MOST_CONTEXT = 5000  # characters of JSON
_KEPT = TypeAdapter(Metadata)


def _known(code: str) -> str:
    if code not in NAMES:
        raise ValueError(f"is not one of {', '.join(NAMES)}")
    return code


def _or_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 6 else value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    _KEPT.validate_python({"": {"": value}})  # as deep as it is kept
    if len(json.dumps(value, ensure_ascii=False)) > MOST_CONTEXT:
        raise ValueError(f"holds more than {MOST_CONTEXT} characters of JSON")
    return value


Code = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(NAMES)})]
Words = Annotated[str, StringConstraints(max_length=2000), AfterValidator(plain)]
Tone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(plain)]
MaybeTone = Annotated[Tone | None, BeforeValidator(_or_none)]  # an empty one counts as left out
Cover = Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=2000)]
Count = Annotated[int, BeforeValidator(_number), Field(strict=True, ge=1, le=MOST_QUESTIONS)]
Attempts = Annotated[int, Field(strict=True, ge=1, le=MOST_ATTEMPTS)]
Minutes = Annotated[int, Field(strict=True, ge=1, le=240, description="Minutes")]
Country = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")]
Resume = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_RESUME), AfterValidator(plain)]
Flag = Annotated[bool, Field(strict=True)]
Facts = Annotated[Metadata, AfterValidator(_small)]
Introduction = Literal["hidden", "optional", "required"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class JobMojitoCreate(_In):
    """A new interview: a position that candidates enter. What is null counts as left out."""

    name: Short
    location: Short
    interview_template_id: Reference
    mojito_language_code: Code
    status: Literal["draft", "active"]
    type: Product
    visibility: Reach
    recording: Recording | None = None
    recording_full_session: FullRecording | None = None
    interview_type: Style | None = None
    seniority_level: Level | None = None
    result_view: ResultView | None = None
    candidate_video_introduction: Literal["optional", "required"] | None = None
    interview_tone: MaybeTone = None
    interview_length: Count | None = None
    interview_attempts: Attempts | None = None
    max_duration: Minutes | None = None
    code: Reference | None = None
    cover_image_url: Cover | None = None
    merchant_id: Reference | None = None
    knowledge_base_store_id: Reference | None = None
    description: Words | None = None
    description_long: Text | None = None
    candidate_expectations: Words | None = None
    welcome_message: Message | None = None
    thank_you_message: Message | None = None
    additional_context: Facts | None = None
    instructional_video: Flag | None = None
    instructional_video_custom_text: Words | None = None
    is_embedded: Flag | None = None
    include_rapport_question: Flag | None = None
    include_closing_prompt: Flag | None = None
    use_enhanced_expectations: Flag | None = None
    custom_scoring: Facts | None = None


class JobMojitoExpectations(_In):
    """What answers of each strength show."""

    weak: list[str] = []
    moderate: list[str] = []
    strong: list[str] = []


class JobMojitoQuestion(_In):
    """One question. duration: seconds planned for it. candidate_expectations_json is told, and not taken."""

    id: Annotated[str, Field(max_length=64)] | None = None
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    duration: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] | None = None
    mojito_language_code: Code | None = None
    candidate_expectations_json: JobMojitoExpectations | None = None


class JobMojitoUpdate(_In):
    """What is to change: fields that are left out stay, null clears what can be cleared.

    questions: all of them, in order, as job-interview-get tells them.
    """

    position_id: Reference
    name: Short | None = None
    location: Short | None = None
    status: State | None = None
    type: Product | None = None
    visibility: Reach | None = None
    recording: Recording | None = None
    recording_full_session: FullRecording | None = None
    interview_type: Style | None = None
    seniority_level: Level | None = None
    result_view: ResultView | None = None
    candidate_video_introduction: Introduction | None = None
    interview_tone: MaybeTone = None
    interview_attempts: Attempts | None = None
    max_duration: Minutes | None = None
    code: Reference | None = None
    cover_image_url: Cover | None = None
    knowledge_base_store_id: Reference | None = None
    description: Words | None = None
    description_long: Text | None = None
    candidate_expectations: Words | None = None
    custom_scoring: Facts | None = None
    interview_available_till: AwareDatetime | date | None = None
    questions: Annotated[list[JobMojitoQuestion], Field(min_length=1, max_length=MOST_QUESTIONS)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _not_cleared(cls, values: Any) -> Any:
        kept = {"name", "location", "status", "type", "visibility", "result_view", "interview_attempts", "questions"}
        if isinstance(values, dict) and (nulls := [name for name in kept if name in values and values[name] is None]):
            raise ValueError(f"{', '.join(sorted(nulls))} can't be cleared; send a value, or leave it out")
        return values


class JobMojitoSetState(_In):
    """Where an interview is to stand, and whether pages may embed it."""

    position_id: Reference
    status: State | None = None
    is_embedded: Flag | None = None

    @model_validator(mode="after")
    def _something(self) -> "JobMojitoSetState":
        if self.status is None and self.is_embedded is None:
            raise ValueError("asks for nothing; send status, is_embedded or both")
        return self


class JobMojitoPerson(_In):
    """A candidate. form: what they filled in, kept with them."""

    candidate_name: Short
    candidate_email: Email
    candidate_country_code: Country | None = None
    candidate_external_id: Reference | None = None
    candidate_linkedin_url: Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=500)] | None = None
    form: Facts | None = None


class JobMojitoCandidate(JobMojitoPerson):
    """A candidate for an interview there is, or for one that is created with the position_… fields."""

    candidate_country_code: Country
    candidate_resume: Resume
    position_def_set_id: Reference | None = None
    position_external_id: Reference | None = None
    position_name: Short | None = None
    position_location: Short | None = None
    position_country_code: Country | None = None
    position_description: Words | None = None
    position_description_long: Text | None = None
    interview_template_id: Reference | None = None
    mojito_language_code: Code | None = None
    merchant_id: Reference | None = None
    interview_attempts: Attempts | None = None
    seniority_level: Level | None = None
    result_view: ResultView | None = None
    candidate_video_introduction: Literal["optional", "required"] | None = None
    max_duration: Minutes | None = None
    welcome_message: Message | None = None
    thank_you_message: Message | None = None
    instructional_video: Flag | None = None
    instructional_video_custom_text: Words | None = None
    include_rapport_question: Flag | None = None
    include_closing_prompt: Flag | None = None
    use_enhanced_expectations: Flag | None = None
    custom_scoring: Facts | None = None


class JobMojitoToken(_In):
    """Which link is wanted. interview_id: of the position; interview_profile_id: of the candidate."""

    type: Literal[
        "interview-for-profile",
        "results-for-profile",
        "interview-result-candidate",
        "interview-result-talent-seeker",
        "interview-results-for-position",
    ]
    merchant_id: Reference | None = None
    interview_profile_id: Reference | None = None
    interview_id: Reference | None = None
    interview_result_id: Reference | None = None
    hide_menu: str | bool | None = None


class JobMojitoAgain(_In):
    """Whose result is to be had again."""

    interview_result_id: Reference


class JobMojitoResumeText(JobMojitoPerson):
    """A résumé as text."""

    position_id: Reference
    candidate_resume: Resume

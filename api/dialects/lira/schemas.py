"""What Lira's calls take and give, in Lira's spelling."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.candidates.kind import Email
from api.decisions.schemas import Choice
from api.dialects.lira.words import LiraRecommendation, LiraRelation, LiraStatus
from api.drafting.schemas import Prompt
from api.interviews.schemas import MOST_QUESTIONS, USUAL_QUESTIONS, Instant, Name, Time, WebAddress
from api.jobs import Skill
from api.records.fields import Short, Text
from bot.spec import Mode

MOST_NAMES = 20

Names = Annotated[tuple[Short, ...], Field(max_length=MOST_NAMES)]
Count = Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


# ---- taken --------------------------------------------------------------------------------------------------------


class LiraCreate(_In):
    """A new interview. scheduled_at: a time that has passed is kept and shown, and the interview is started by hand.

    candidate_email: of a candidate there is, or of one that is created, by candidate_name if that is sent.
    """

    role_title: Short
    candidate_email: Email
    candidate_name: Name | None = None
    skills: Names = ()
    evaluation_criteria: Names = ()
    question_count: Count = USUAL_QUESTIONS
    meeting_url: WebAddress | None = None
    scheduled_at: Instant | None = None
    mode: Mode = Mode.SOLO


class LiraUpdate(_In):
    """What is to change; what is left out stays. null takes meeting_url or scheduled_at away, and changes nothing else.

    candidate_email can be sent, but not changed.
    """

    role_title: Short | None = None
    candidate_email: Email | None = None
    candidate_name: Name | None = None
    skills: Names | None = None
    evaluation_criteria: Names | None = None
    question_count: Count | None = None
    meeting_url: WebAddress | None = None
    scheduled_at: Instant | None = None
    mode: Mode | None = None


class LiraStart(_In):
    """What one start does differently."""

    meeting_link: WebAddress | None = None
    candidate_name: Name | None = None


class LiraPrompt(_In):
    """What an interview should be like, in plain words."""

    prompt: Prompt


class LiraGenerate(_In):
    """What questions are wanted for."""

    title: Short
    job_description: Text
    required_skills: Annotated[list[Skill], Field(max_length=MOST_NAMES)]
    experience_level: Short
    resume_text: Text | None = None
    question_count: Count = USUAL_QUESTIONS
    categories: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=MOST_NAMES)] = []


class LiraDecide(_In):
    """What a person decides."""

    decision: Choice
    notes: Annotated[Text, Field(max_length=4000)] | None = None


# ---- given --------------------------------------------------------------------------------------------------------


class LiraCandidate(_Out):
    """Who is interviewed. resume_parsed: a résumé was read and the questions are chosen with it."""

    name: str
    email: str | None
    resume_parsed: bool


class LiraListed(_Out):
    """One interview as lists show it. cancellation_reason: of one that is cancelled."""

    interview_id: str
    role_title: str
    status: LiraStatus
    mode: Mode
    candidate: LiraCandidate
    meeting_url: str | None
    scheduled_at: Time | None
    round: int | None
    cancellation_reason: str | None
    created_at: Time
    started_at: Time | None
    ended_at: Time | None


class LiraRelated(LiraListed):
    """Another interview, and what it has in common with the one asked for."""

    related_by: list[LiraRelation]


class LiraEvaluation(_Out):
    """What scoring found, 0-10; null is what could not be rated. strengths, concerns: criteria by name."""

    overall_score: float | None
    criteria: dict[str, float | None]
    recommendation: LiraRecommendation | None
    strengths: list[str]
    concerns: list[str]


class LiraDecision(_Out):
    """What a person decided."""

    decision: Choice
    notes: str | None
    decided_by: str
    decided_at: Time


class LiraQuestion(_Out):
    """One question of an interview, in its order from 1."""

    text: str
    order: int


class LiraInterview(LiraListed):
    """One interview, whole. skills is null where nobody said which. evaluation: null until it is scored."""

    skills: list[str] | None
    evaluation_criteria: list[str]
    question_count: int
    questions: list[LiraQuestion]
    evaluation: LiraEvaluation | None
    decision: LiraDecision | None


class LiraGone(_Out):
    """That an interview was deleted."""

    interview_id: str
    deleted: Literal[True] = True


class LiraSuggestion(LiraQuestion):
    """A suggested question. skill_target: what it asks about."""

    id: str
    category: str
    skill_target: str


class LiraDraft(_Out):
    """A draft, which is not saved: role_title, skills, evaluation_criteria, question_count and mode can be sent on."""

    role_title: str
    experience_level: str | None
    skills: list[str]
    evaluation_criteria: list[str]
    question_count: int
    mode: Mode
    time_limit_minutes: float
    questions: list[LiraSuggestion]
    warnings: list[str]


class LiraQuestions(_Out):
    """Suggested questions. unmatched_skills: required ones there is no question about."""

    questions: list[LiraSuggestion]
    unmatched_skills: list[str]
    warnings: list[str]


class LiraResume(_Out):
    """That a résumé was read. personalized: whether the questions are others now."""

    interview_id: str
    resume_parsed: Literal[True] = True
    pages: int
    characters: int
    personalized: bool


class LiraAnswered(_Out):
    """What became of one question. outcome: asked, answered, skipped or not_reached, as far as it is known."""

    question: str
    outcome: str
    answer: str
    key_points: list[str]
    follow_ups: list[str]


class LiraFacts(_Out):
    """The summary of what was asked and answered, in the candidate's own words."""

    interview_id: str
    summary: str
    qa_summary: list[LiraAnswered]
    questions_answered: int
    questions_skipped: int
    questions_total: int


T = TypeVar("T")


class LiraAnswer(_Out, Generic[T]):
    """What was asked for."""

    success: Literal[True] = True
    data: T


class LiraFault(_Out):
    """One thing wrong with a request."""

    field: str
    message: str
    todo: str


class LiraDetails(_Out):
    """What else is known of a refusal. reason: the code it has in /v1."""

    reason: str
    request_id: str
    fields: list[LiraFault] = []
    current_status: LiraStatus | None = None
    available_from_status: LiraStatus | None = None
    required_permission: str | None = None
    existing_id: str | None = None
    retry_after_s: int | None = None


class LiraError(_Out):
    """Why something was refused."""

    code: str
    message: str
    details: LiraDetails


class LiraRefusal(_Out):
    """A refusal."""

    success: Literal[False] = False
    error: LiraError

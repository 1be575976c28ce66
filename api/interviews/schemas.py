"""What the interview endpoints take and give."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from api.interviews.states import AttemptKind, Status
from api.links import LONGEST, GuestRole
from api.moments import rfc3339
from api.origins import Origin
from api.records.fields import Metadata, Reference, Short, Text
from bot.plan import Patience, Plan
from bot.spec import Limits, Mode


def _storable(text: str) -> str:
    if any(ord(char) < 32 and char not in "\t\n\r" for char in text):
        raise ValueError("holds control characters; send plain text")
    return text


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside of what a calendar can hold; send a time of this century") from None


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_storable)]
Seconds = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s\x00-\x1f]+$", max_length=2000), AfterValidator(_storable)]

# Which schemes there are is for the platforms to say, when the interview starts.
MeetingAddress = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9+.-]*://[^\s\x00-\x1f]+$", max_length=2000), AfterValidator(_storable)
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


# ---- taken --------------------------------------------------------------------------------------------------------


class CandidateIn(_In):
    """Who is interviewed."""

    name: Name


class LimitsIn(_In):
    """The rules that end a call, in seconds; what is left out follows the server's settings."""

    no_show_s: Annotated[Seconds, Field(le=7200)] | None = None
    silence_prompt_s: Annotated[Seconds, Field(le=600)] | None = None
    silence_end_s: Annotated[Seconds, Field(le=3600)] | None = None
    left_s: Annotated[Seconds, Field(le=3600)] | None = None
    max_duration_s: Annotated[Seconds, Field(le=14400)] | None = None


class StartPolicy(StrEnum):
    """What sends the bot."""

    MANUAL = "manual"  # POST …/start
    NOW = "now"  # the creation itself
    AT = "at"  # the clock
    ON_JOIN = "on_join"  # the candidate, by opening the room


class StartIn(_In):
    """When the bot is sent. scheduled_at goes with `at`: with an offset, not past, at most 30 days ahead."""

    policy: StartPolicy = StartPolicy.MANUAL
    scheduled_at: Instant | None = None

    @model_validator(mode="after")
    def _time_with_at(self) -> Self:
        if (self.policy is StartPolicy.AT) != (self.scheduled_at is not None):
            raise ValueError("scheduled_at goes with policy 'at', and only with that")
        return self


PLAN_SOURCES = ("plan", "plan_name", "question_ids", "brief")
MOST_QUESTIONS = 40
USUAL_QUESTIONS = 8


class Brief(_In):
    """What a plan is to be made from. What is left out is taken from the interview's job, else from its agent.

    seniority: in your own words. categories: as in POST /v1/questions/generate. criteria: what is to be judged, by
    name, all weighing the same. minutes: the whole interview; it leaves room for a question every two minutes.
    """

    title: Short | None = None
    description: Text | None = None
    required_skills: Annotated[tuple[Short, ...], Field(max_length=20)] | None = None
    seniority: Short | None = None
    question_count: Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)] = USUAL_QUESTIONS
    categories: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=20)] = ()
    criteria: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    minutes: Annotated[float, Field(strict=True, gt=0, le=240, allow_inf_nan=False)] | None = None


class CreateInterview(_In):
    """A new interview. Its plan is given in full, by the name of a ready one, as questions of the bank, or is made from
    a brief; without any of these it is that of the template. review_plan: it waits until a person approves it.

    candidate may be left out where candidate_id names one. meeting_url: where it is held, if not in its own room.
    external_ref: your own name for it, unique among yours: the same request again returns the interview there is.
    draft: it stays a draft until it is started or edited. evaluate_at_end: it is rated by itself once a call is over.
    callback_url: is told of this interview as a webhook is; it appears among the webhooks, with its log and its secret.
    """

    candidate: CandidateIn | None = None
    candidate_id: Id | None = None
    job_id: Id | None = None
    template_id: Id | None = None
    agent_id: Id | None = None
    round: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    root_interview_id: Id | None = None
    purpose: Name | None = None
    external_ref: Reference | None = None
    callback_url: WebAddress | None = None
    meeting_url: MeetingAddress | None = None
    metadata: Metadata | None = None
    start: StartIn = StartIn()
    max_attempts: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    draft: Annotated[bool, Field(strict=True)] = False
    title: Name | None = None
    mode: Mode = Mode.SOLO
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    plan: Plan | None = None
    plan_name: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    question_ids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=40)] | None = (
        None
    )
    brief: Brief | None = None
    review_plan: Annotated[bool, Field(strict=True)] = False
    evaluate_at_end: Annotated[bool, Field(strict=True)] = False
    minutes: Annotated[float, Field(strict=True, gt=0, le=240, allow_inf_nan=False)] | None = None
    organisation: Annotated[str, Field(max_length=200), AfterValidator(_storable)] = ""
    bot_name: Name = "Viva"
    limits: LimitsIn | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.candidate is None and self.candidate_id is None:
            raise ValueError("say who is interviewed: candidate, candidate_id or both")
        return self

    @model_validator(mode="after")
    def _one_plan(self) -> Self:
        given = [name for name in PLAN_SOURCES if getattr(self, name) is not None]
        if len(given) > 1 or not (given or self.template_id):
            raise ValueError(
                f"give exactly one of {', '.join(PLAN_SOURCES)}, not {' and '.join(given) or 'none'}; "
                "a template's plan is used when there is none of them"
            )
        if self.minutes is not None and self.question_ids is None:
            raise ValueError("minutes goes with question_ids; a plan has its own")
        return self


class StartInterview(_In):
    """What one start does differently."""

    meeting_url: MeetingAddress | None = None
    candidate_name: Name | None = None


class CreateLink(_In):
    """A join link for one person."""

    role: GuestRole = GuestRole.CANDIDATE
    name: Name
    expires_in_s: Annotated[int, Field(strict=True, ge=60, le=int(LONGEST.total_seconds()))] = 24 * 3600
    participant_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None


class CreateEmbedLink(CreateLink):
    """A join link for one person, for an iframe in pages of one origin."""

    origin: Origin


# ---- given --------------------------------------------------------------------------------------------------------


class CandidateOut(_Out):
    """Who is interviewed."""

    name: str


class AttemptOut(_Out):
    """The newest try. epoch: the newest incarnation of its bot; state: where that bot stands.

    kind: a call, or the imported transcript of one that was held elsewhere, without a bot.
    """

    id: str
    number: int
    kind: AttemptKind
    epoch: int
    state: str | None
    created_at: Time
    ended_at: Time | None
    end_reason: str | None


class ConnectionOut(_Out):
    """One incarnation of an attempt's bot. cause: start, rejoin, or takeover where the one before was lost.

    left_at: when the next one came or it ended; ending: what became of one that was gone before it had ended its call.
    """

    epoch: int
    cause: str
    state: str | None
    ending: str | None
    opened_at: Time
    left_at: Time | None


class RecordingOut(_Out):
    """The sound of the call. duration_ms is null when the bot could not say it any more."""

    duration_ms: int | None
    bytes: int
    sha256: str


class AttemptInList(AttemptOut):
    """One try. counts: whether it used up one of max_attempts; one in which the candidate said nothing does not.

    scheduled_at: when it was to begin, where a clock said so; started_at: when its bot was in the room.
    """

    counts: bool
    scheduled_at: Time | None
    started_at: Time | None
    duration_s: float | None
    recording: RecordingOut | None
    summary: dict[str, Any] | None
    connections: list[ConnectionOut]


class StartOut(_Out):
    """When the bot is sent."""

    policy: StartPolicy
    scheduled_at: Time | None


class Coverage(_Out):
    """What became of one question of the plan."""

    question_id: str
    text: str
    status: Literal["pending", "asked", "answered", "skipped", "not_reached"]
    reason: str | None = None
    follow_ups: int = 0
    signals: list[str] = []


class Spread(_Out):
    """Milliseconds: the middle, the slow end, and how many were measured."""

    p50: float
    p95: float
    n: int


class Metrics(_Out):
    """How the call went, in figures; what has not been measured is null."""

    join_ms: int | None = None  # start request → bot in the room
    response_ms: Spread | None = None  # end of the candidate's speech → first sound sent, as the bot saw it
    barge_ins: int = 0
    incidents: int = 0
    usage: dict[str, Any] | None = None


class JobSource(StrEnum):
    """What an interview's job was named by; of several the first counts."""

    NEW_JOB = "new_job"
    JOB_ID = "job_id"
    NEW_CANDIDATE = "new_candidate"  # which named it
    ONLY_JOB = "only_job"  # the candidate is one for no other


class InterviewInList(_Out):
    """One interview, without what has to be worked out."""

    id: str
    title: str
    mode: Mode
    language: str
    status: Status
    status_reason: str | None
    candidate: CandidateOut
    candidate_id: str | None
    job_id: str | None
    template_id: str | None
    agent_id: str | None
    round: int | None
    root_interview_id: str | None
    purpose: str | None
    external_ref: str | None
    meeting_url: str | None
    start: StartOut
    run_id: str | None
    version: int
    organisation: str
    metadata: dict[str, Any]
    created_at: Time
    updated_at: Time
    started_at: Time | None
    ended_at: Time | None
    turn_count: int


class NoEvaluation(_Out):
    """Why nothing is evaluated: somebody objected in the call, or took their consent back. receipt_id: what went."""

    cause: Literal["objection", "withdrawal"]
    receipt_id: str
    since: Time


class InterviewOut(InterviewInList):
    """One interview, whole. no_evaluation: null unless somebody's no forbids one."""

    plan: Plan
    bot_name: str
    limits: Limits
    max_attempts: int
    callback_url: str | None
    brief: Brief | None
    review_plan: bool
    evaluate_at_end: bool
    job_source: JobSource | None
    attempt: AttemptOut | None
    coverage: list[Coverage]
    summary: dict[str, Any] | None
    metrics: Metrics
    recording: RecordingOut | None
    no_evaluation: NoEvaluation | None
    last_seq: int


class Relation(StrEnum):
    """What two interviews can have in common."""

    CANDIDATE = "candidate"
    JOB = "job"
    ROUND_CHAIN = "round_chain"


class RelatedOut(_Out):
    """Another interview. by: what it has in common with the one asked for; why: the same in words."""

    interview: InterviewInList
    by: list[Relation]
    why: str


class LinkOut(_Out):
    """A join link. The part after # is the key: whoever has it can join.

    phone_url: the same for a telephone provider, which asks there what to do with a call; stream_url: for a call that
    is handed over as a socket without one. Both are a candidate's alone.
    """

    url: str
    phone_url: str | None = None
    stream_url: str | None = None
    role: GuestRole
    name: str
    participant_id: str
    expires_at: Time


class EmbedLinkOut(LinkOut):
    """A join link for an iframe in pages of `origin`. The part after # is the key: whoever has it can join."""

    origin: str


class TurnOut(_Out):
    """One final turn. Times are milliseconds of the call; confidence is null for the bot."""

    seq: int
    turn_id: str
    speaker_id: str
    speaker: str
    role: str
    text: str
    start_ms: int
    end_ms: int
    confidence: float | None
    question_id: str | None
    interrupted: bool


class TranscriptMeta(_Out):
    """attempt: which try it is, null before the first; complete: it is over, no turn will follow."""

    interview_id: str
    attempt: int | None
    status: Status
    complete: bool
    turn_count: int


class TranscriptOut(_Out):
    """Every final turn of one attempt so far, in order."""

    data: list[TurnOut]
    meta: TranscriptMeta


class PageMeta(_Out):
    """Where a page lies in its list."""

    page: int
    limit: int
    total: int
    pages: int

    @classmethod
    def of(cls, page: int, limit: int, total: int) -> "PageMeta":
        """Return where page `page` of `limit` lies in a list of `total`."""
        return cls(page=page, limit=limit, total=total, pages=-(-total // limit))


T = TypeVar("T")


class Page(_Out, Generic[T]):
    """One page of a list."""

    data: list[T]
    meta: PageMeta

    @classmethod
    def all_of(cls, data: list[T]) -> "Page[T]":
        """Return a list that fits on one page."""
        return cls(data=data, meta=PageMeta(page=1, limit=len(data), total=len(data), pages=1))


class BankQuestionOut(_Out):
    """A question to build a plan from."""

    id: str
    skill: str
    skill_name: str
    category: str
    text: str
    rephrase: str
    measures: str
    expects: list[str]
    probes: dict[str, str]
    max_followups: int
    patience: Patience
    terms: list[str]
    anchors: dict[int, str]
    minutes: float


class HealthOut(_Out):
    """How the parts are. free_bots is null when the launcher can't be asked."""

    status: Literal["ok", "degraded"]
    version: str
    database: Literal["ok", "unreachable"]
    launcher: Literal["ok", "unreachable"]
    free_bots: int | None

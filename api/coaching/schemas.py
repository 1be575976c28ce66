"""What a coaching report holds. Times are milliseconds of the call."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Stretch(_Told):
    """A stretch of the call."""

    start_ms: int
    end_ms: int


class Interruption(_Told):
    """The interviewer began while the candidate was speaking. quote: what the interviewer said; into: the answer."""

    seq: int
    at_ms: int
    overlap_ms: int
    quote: str
    into: str


class Remark(_Told):
    """Words of the interviewer that are worth a second thought. instead: other words that would do, where known.

    category: which ground is off limits, of those.
    """

    seq: int
    start_ms: int
    end_ms: int
    quote: str
    what: str
    instead: str | None
    category: str | None = None


class InterviewerCoaching(_Told):
    """How one interviewer held the interview.

    talk_ratio: their share, 0-1, of the time in which they or the candidate spoke; null where nobody did.
    longest_monologue: without a word of the candidate's between. first_question_ms: null where they asked nothing.
    interrupted: how often the candidate began while they spoke. leading, double: null in a language without rules.
    """

    participant_id: str
    name: str
    turns: int
    talk_ms: int
    candidate_ms: int
    talk_ratio: float | None
    longest_monologue: Stretch | None
    first_question_ms: int | None
    interruptions: list[Interruption]
    interrupted: int
    leading: list[Remark] | None
    double: list[Remark] | None
    off_limits: list[Remark]


class Asked(StrEnum):
    """How a planned question was put."""

    AS_WRITTEN = "asked"
    PARAPHRASED = "paraphrased"
    BY_BOT = "asked_by_bot"
    NOT_ASKED = "not_asked"


class Adherence(_Told):
    """One planned question. words: those it was put in; by: the participant who did; follow_ups: how many came."""

    question_id: str
    text: str
    section: str
    core: bool
    how: Asked
    by: str | None
    at_ms: int | None
    words: str | None
    follow_ups: int


class Pace(_Told):
    """How long was spent on one criterion, and how long the plan gives it.

    A question that speaks to several gives each an equal part.
    """

    criterion_id: str
    name: str
    planned_ms: int
    spent_ms: int


class CoachingOut(_Told):
    """How people held one interview, for them alone. interviewers: those the caller may read about.

    attempt: which try; duration_ms: of the call as far as anybody spoke.
    """

    interview_id: str
    attempt: int
    language: str
    duration_ms: int
    interviewers: list[InterviewerCoaching]
    plan: list[Adherence]
    criteria: list[Pace]

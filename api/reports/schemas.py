"""What a report holds."""

from pydantic import BaseModel, ConfigDict

from api.decisions.schemas import DecisionOut
from api.evaluation.schemas import EvaluationOut
from api.interviews.schemas import RecordingOut, Time
from api.receipts.schemas import ReceiptOut
from api.scorecards.schemas import ScorecardsOut


class Spoke(BaseModel):
    """A stretch in which somebody spoke; milliseconds of the call, which are those of the recording."""

    seq: int
    role: str
    speaker: str
    start_ms: int
    end_ms: int


class Change(BaseModel):
    """What is otherwise in a version than in the one before it, in words."""

    what: str
    before: str
    after: str


class VersionOut(BaseModel):
    """One version of the assessment. changes: against the version before it; none for the first."""

    id: str
    version: int
    status: str
    created_at: Time
    requested_by: str
    overall: float | None
    recommendation: str | None
    changes: list[Change]


class ReportOut(BaseModel):
    """One interview as people read it.

    attempt: the try that was evaluated, else the newest; imported: it was held elsewhere, and its transcript was sent.
    facts, assessment: the versions that count, null before they are made. anchors: what each level 1-5 looks like, by
    criterion, as the assessment was made by. awaits_scorecard: there is an assessment, and it is withheld until an
    interviewer's scorecard is in; scorecards: where people held the interview. receipts: of what was thrown away.
    """

    model_config = ConfigDict(frozen=True)

    interview_id: str
    candidate: str
    title: str
    organisation: str
    bot_name: str
    language: str
    status: str
    status_reason: str | None
    attempt: int | None
    imported: bool
    started_at: Time | None
    ended_at: Time | None
    recording: RecordingOut | None
    facts: EvaluationOut | None
    assessment: EvaluationOut | None
    anchors: dict[str, dict[int, str]]
    awaits_scorecard: bool
    scorecards: ScorecardsOut | None
    receipts: list[ReceiptOut]
    timeline: list[Spoke]
    versions: list[VersionOut]
    decisions: list[DecisionOut]

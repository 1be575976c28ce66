"""What the evaluation endpoints take and give."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.evaluation.engines import EngineName
from api.evaluation.scoring import HIGHEST, LOWEST
from api.evaluation.states import EvaluationStatus
from api.evaluation.tables import EvaluationRow, EvidenceRow, OverrideRow, ReviewRow
from api.interviews.schemas import Time
from api.records.fields import plain


class Verdict(StrEnum):
    """What a person says of an evaluation."""

    APPROVED = "approved"
    REJECTED = "rejected"
    NEEDS_CHANGES = "needs_changes"


Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(plain)]


class ScoreIn(BaseModel):
    """Who is to rate; without engine the model where one is set, else the rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: EngineName | None = None


class ReviewIn(BaseModel):
    """What a person says of an evaluation; without evaluation_id, of the assessment that counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict
    note: Note | None = None
    evaluation_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _with_reasons(self) -> Self:
        if self.verdict is not Verdict.APPROVED and self.note is None:
            raise ValueError(f"{self.verdict.value} needs a note that says why; add note")
        return self


class ReviewOut(BaseModel):
    """What one person said of one evaluation."""

    id: str
    evaluation_id: str
    verdict: Verdict
    by: str
    note: str | None
    at: Time


Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000), AfterValidator(plain)]


class OverrideIn(BaseModel):
    """The level a person gives a criterion, 1-5, or null where it can't be judged; and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criterion_id: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(plain)]
    level: Annotated[int, Field(strict=True, ge=LOWEST, le=HIGHEST)] | None
    reason: Reason


class OverrideOut(BaseModel):
    """A level a person put in place of another. number: from 1 within its evaluation; a criterion's highest counts.

    carried_over: it was said of an earlier version of the same try, which this one came in place of.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    number: int
    criterion_id: str
    level_before: int | None
    level: int | None
    reason: str
    by: str
    at: Time
    carried_over: bool = False


class Effective(BaseModel):
    """What an assessment comes to by its own rule, with people's levels in place of the engine's.

    overall: 0-100, null where too little was scored; scored_weight: share 0-1; recommendation: null for coaching.
    strengths, concerns: ids of criteria at level 4 or more, and at 2 or less.
    """

    levels: dict[str, int | None]
    overall: float | None
    scored_weight: float
    effective_weights: dict[str, float]
    recommendation: str | None
    capped_by: list[str]
    strengths: list[str]
    concerns: list[str]


class EvidenceOut(BaseModel):
    """Words of the candidate exactly as they stand in turn `first_seq`, from character start_char to end_char.

    shows: `signal:`, `sign:` or `weakness:` and which, or `anchor:`, a level and the part of it that is covered.
    Times are milliseconds of the call: about when it was said, by where it stands in its turn, with a second before and
    after. confidence: how surely it was heard, 0-1.
    """

    number: int
    criterion_id: str
    quote: str
    shows: str
    polarity: str
    first_seq: int
    last_seq: int
    start_char: int
    end_char: int
    start_ms: int
    end_ms: int
    confidence: float | None


class Finding(BaseModel):
    """What one version found of a criterion."""

    model_config = ConfigDict(frozen=True)

    level: int | None
    status: str


class CriterionChange(BaseModel):
    """A criterion of which two versions found something else; null where a version does not have it."""

    criterion_id: str
    before: Finding | None
    after: Finding | None


class QuoteChange(BaseModel):
    """A quote that only one of two versions goes by. seq: of the turn it stands in."""

    model_config = ConfigDict(frozen=True)

    criterion_id: str
    seq: int
    quote: str
    shows: str


class Difference(BaseModel):
    """What changed since the version before. changed: which of the hashes, the engine and its version are others."""

    from_version: int
    changed: list[str]
    criteria: list[CriterionChange]
    evidence_added: list[QuoteChange]
    evidence_removed: list[QuoteChange]


class EvaluationOut(BaseModel):
    """One version of one phase. The hashes say which rubric, plan and transcript it read.

    result: the engine's own; people's levels stand beside it, in `human_override` of each criterion. effective: what it
    comes to with them; null for phase 1. overrides: in the order they were made. diff: against the version before, null
    for the first. awaits_scorecard: people held the interview, and what was found is withheld until an interviewer's
    scorecard is in (`…/scorecards`).
    """

    id: str
    interview_id: str
    attempt_id: str
    phase: int
    version: int
    status: EvaluationStatus
    engine: str
    engine_version: str
    rubric_hash: str
    plan_hash: str
    transcript_hash: str
    requested_by: str
    created_at: Time
    completed_at: Time | None
    result: dict[str, Any] | None
    evidence: list[EvidenceOut]
    reviews: list[ReviewOut]
    overrides: list[OverrideOut] = []
    effective: Effective | None = None
    diff: Difference | None = None
    awaits_scorecard: bool = False


def evaluation(row: EvaluationRow, evidence: Iterable[EvidenceRow], reviews: Sequence[ReviewRow]) -> EvaluationOut:
    """Return a version as its readers see it. evidence, reviews: of any version; those of this one are taken."""
    return EvaluationOut(
        id=row.id,
        interview_id=row.interview_id,
        attempt_id=row.attempt_id,
        phase=row.phase,
        version=row.version,
        status=EvaluationStatus(row.status),
        engine=row.evaluator,
        engine_version=row.evaluator_version,
        rubric_hash=row.rubric_hash,
        plan_hash=row.plan_hash,
        transcript_hash=row.transcript_hash,
        requested_by=row.requested_by,
        created_at=row.created_at,
        completed_at=row.completed_at,
        result=row.result,
        evidence=[
            EvidenceOut.model_validate(one, from_attributes=True) for one in evidence if one.evaluation_id == row.id
        ],
        reviews=[review(one) for one in reviews if one.evaluation_id == row.id],
    )


def review(row: ReviewRow) -> ReviewOut:
    """Return one review."""
    return ReviewOut.model_validate(row, from_attributes=True)


def override(row: OverrideRow) -> OverrideOut:
    """Return one override."""
    return OverrideOut.model_validate(row, from_attributes=True)

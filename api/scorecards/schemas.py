"""What the scorecard endpoints take and give."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from api.evaluation.schemas import Note, Reason
from api.evaluation.scoring import HIGHEST, LOWEST, Recommendation
from api.interviews.schemas import Time
from api.records.fields import plain
from api.scorecards.tables import OpeningRow, ScorecardRow

MOST_CRITERIA = 100

CriterionId = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(plain)]


class Overall(StrEnum):
    """What an interviewer makes of the whole; the AI's recommendations have the same names."""

    STRONG_YES = Recommendation.STRONG_YES.value
    YES = Recommendation.YES.value
    MIXED = Recommendation.MIXED.value
    NO = Recommendation.NO.value
    STRONG_NO = Recommendation.STRONG_NO.value


class Rating(BaseModel):
    """What an interviewer gives one criterion: a level, 1-5, or null where it was not asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criterion_id: CriterionId
    level: Annotated[int, Field(strict=True, ge=LOWEST, le=HIGHEST)] | None
    note: Note | None = None


class ScorecardIn(BaseModel):
    """A whole scorecard: a rating of every criterion. reason: why an amendment is made; needed for one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    overall: Overall
    ratings: Annotated[list[Rating], Field(max_length=MOST_CRITERIA)]
    note: Note | None = None
    reason: Reason | None = None


class ScorecardOut(BaseModel):
    """One version of one interviewer's scorecard. blind: given before they could see the AI's levels."""

    model_config = ConfigDict(frozen=True)

    id: str
    interview_id: str
    attempt_id: str
    by: str
    name: str
    version: int
    overall: Overall
    ratings: list[Rating]
    note: str | None
    reason: str | None
    blind: bool
    at: Time


class RatedCriterion(BaseModel):
    """One criterion to be rated. anchors: what levels look like, where that is written down."""

    model_config = ConfigDict(frozen=True)

    criterion_id: str
    name: str
    weight: float
    anchors: dict[int, str]


class Agreement(StrEnum):
    """How the AI's level of a criterion and an interviewer's go together."""

    SAME = "same"
    NEAR = "near"  # one level apart
    APART = "apart"  # two or more
    ONE_SIDED = "one_sided"  # only one of them gave a level
    NONE = "none"  # neither did


class Side(BaseModel):
    """One interviewer's level beside the AI's. level: the first they gave; amended: the newest, where it is another."""

    model_config = ConfigDict(frozen=True)

    by: str
    name: str
    level: int | None
    amended: int | None
    note: str | None
    agreement: Agreement


class Compared(BaseModel):
    """One criterion, rated by the AI and by people. status: why the AI has no level, as in an assessment."""

    model_config = ConfigDict(frozen=True)

    criterion_id: str
    name: str
    level: int | None
    status: str
    people: list[Side]


class SideBySide(BaseModel):
    """The assessment that counts beside the scorecards. overall: 0-100, null where too little was scored."""

    model_config = ConfigDict(frozen=True)

    evaluation_id: str
    version: int
    overall: float | None
    recommendation: str | None
    criteria: list[Compared]


class OpeningIn(BaseModel):
    """Why the AI's levels are to be seen although no interviewer has submitted a scorecard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason


class OpeningOut(BaseModel):
    """Who opened the AI's levels without a scorecard, when and why."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    interview_id: str
    by: str
    reason: str
    at: Time


class ScorecardsOut(BaseModel):
    """The scorecards of an interview, newest first, as the caller may see them.

    sealed: the AI's levels wait for a scorecard; to those who hold the interview other people's scorecards do so, too.
    may_rate: whether the caller holds the interview. own: the id of their newest version. side_by_side: null while
    sealed, and before anything was rated.
    """

    model_config = ConfigDict(frozen=True)

    interview_id: str
    candidate: str
    title: str
    language: str
    status: str
    led_by_people: bool
    sealed: bool
    may_rate: bool
    own: str | None
    criteria: list[RatedCriterion]
    data: list[ScorecardOut]
    side_by_side: SideBySide | None
    opening: OpeningOut | None


def scorecard(row: ScorecardRow) -> ScorecardOut:
    """Return one version as its readers see it."""
    fields: dict[str, Any] = {name: getattr(row, name) for name in ScorecardOut.model_fields}
    return ScorecardOut.model_validate(fields)


def opening(row: OpeningRow) -> OpeningOut:
    """Return who opened the seal."""
    return OpeningOut.model_validate(row)

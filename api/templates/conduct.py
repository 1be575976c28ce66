"""How interviews of a template are held: what candidates see and hear, what is recorded, how results are shown."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.records.fields import plain
from api.records.kinds import RecordIn
from bot.plan import Plan

MOST_QUESTIONS = 40

Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(plain)]


class Style(StrEnum):
    """What sort of interview it is; shapes questions and follow-ups."""

    PRE_SCREENING = "pre-screening"
    PRE_SCREENING_WITH_TEST_QUESTIONS = "pre-screening-with-test-questions"
    SECOND_INTERVIEW = "second-interview"
    REMOTE_FREELANCER_VERIFICATION = "remote-freelancer-verification"
    STRENGTH_BASED = "strength-based-interview"
    POTENTIAL_BASED = "potential-based-interview"
    KNOWLEDGE_BASE = "process-verification-from-knowledge-base"


class ResultView(StrEnum):
    """What a candidate sees in the end. None: no screen, and so nothing to correct or to hand in."""

    NONE = "none"
    MINIMAL = "minimal"
    MINIMAL_WITH_SCORE = "minimal_with_score"
    ADVANCED = "advanced"
    FULL = "full"
    FULL_EXPAND_SCORES = "full_expand_scores"


class SessionRecording(StrEnum):
    """What is kept of the whole call, with everybody's consent."""

    NONE = "none"
    AUDIO = "audio"
    VIDEO = "video"


class IntegrityCapture(RecordIn):
    """What of the candidate is recorded for a person to look for cheating; apart from the session's recording.

    n: of how many answers, the first ones.
    """

    media: Literal["audio", "video"]
    scope: Literal["all", "first_n"] = "all"
    n: Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)] | None = None

    @model_validator(mode="after")
    def _says_how_many(self) -> Self:
        if self.scope == "first_n" and self.n is None:
            raise ValueError("scope first_n needs n: of how many answers")
        if self.scope == "all" and self.n is not None:
            raise ValueError("n goes with scope first_n; leave it out")
        return self


class Messages(RecordIn):
    """What a candidate reads before and after; empty: the product's own words."""

    welcome: Message = ""
    thank_you: Message = ""


class Toggles(RecordIn):
    """Parts that can be had or left out. rapport: an opening question; closing: a word at the end."""

    rapport: bool = False
    closing: bool = True


class Scoring(RecordIn):
    """What differs from the usual rules of scoring. min_scored_weight: below it there is no overall score."""

    min_scored_weight: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)] | None = None


def _few_and_plain(plan: Plan) -> Plan:
    if (count := len(plan.questions)) > MOST_QUESTIONS:
        raise ValueError(f"ask at most {MOST_QUESTIONS} questions; these are {count}")
    for text in _texts(plan.model_dump(mode="json")):
        plain(text)
    return plan


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


SkeletonPlan = Annotated[Plan, AfterValidator(_few_and_plain)]

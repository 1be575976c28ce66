"""What the decision endpoints take and give."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.interviews.schemas import Time
from api.records.fields import Text

MOST_REASONS = 20


class Choice(StrEnum):
    """What can be decided."""

    HIRE = "hire"
    NO_HIRE = "no_hire"
    NEXT_ROUND = "next_round"
    UNDECIDED = "undecided"


ReasonCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class DecisionIn(BaseModel):
    """What a person decides. evaluation_version_seen: the version of the assessment that was read before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Choice
    notes: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)] | None = None
    reason_codes: Annotated[list[ReasonCode], Field(max_length=MOST_REASONS)] = []
    evaluation_version_seen: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None


class DecisionOut(BaseModel):
    """What a person decided. number: from 1 within its interview; the highest counts."""

    id: str
    interview_id: str
    number: int
    decision: Choice
    by: str
    at: Time
    notes: str | None
    reason_codes: list[str]
    evaluation_version_seen: int | None

"""What the receipt endpoint gives."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from api.consents.schemas import ConsentKind
from api.interviews.schemas import Time


class Cause(StrEnum):
    """Why something was purged: somebody said so in the call, or took a consent back afterwards."""

    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"


class Kind(StrEnum):
    """What was purged."""

    BUFFER = "buffer"  # sound the bot still held, or had begun to write
    RECORDING = "recording"
    TRANSCRIPT = "transcript"
    PANEL = "panel"  # what the copilot had shown to the interviewer
    EVALUATION = "evaluation"


class Purged(BaseModel):
    """One thing that is gone. count: of turns, cards, quotes; sha256: of the file, of the texts, of the result."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    id: str | None = None
    count: int | None = None
    bytes: int | None = None
    duration_ms: int | None = None
    sha256: str | None = None


class ReceiptOut(BaseModel):
    """What was purged, because of whom. said_ms: in the call; words: as they were heard, null where none were said."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    interview_id: str
    attempt_id: str | None
    cause: Cause
    kinds: list[ConsentKind] = Field(description="What is not agreed to any more")
    role: str
    subject: str = Field(description="`candidate`, or the participant id of somebody else")
    name: str
    method: str
    words: str | None
    said_at: Time
    said_ms: int | None
    purged: list[Purged]
    at: Time

"""What the consent endpoints give."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from api.interviews.schemas import Time


class ConsentKind(StrEnum):
    """What is agreed to. Nothing here asks for biometric consent yet."""

    RECORD = "record"
    AI_EVALUATION = "ai_evaluation"
    BIOMETRIC = "biometric"


class ConsentMethod(StrEnum):
    """How it was answered: by a tick on a page, aloud, or in writing, as whoever imports a transcript says."""

    PAGE = "page"
    VOICE = "voice"
    WRITTEN = "written"


class ConsentState(StrEnum):
    """Where a consent stands."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentOut(BaseModel):
    """One answer of one person. notice_version, shown_at: of the notice before it, null where a program joined."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    interview_id: str
    subject: str = Field(description="`candidate`, or the participant id of somebody else")
    role: str
    kind: ConsentKind
    state: ConsentState
    method: ConsentMethod
    notice_version: str | None
    shown_at: Time | None
    given_at: Time | None
    refused_at: Time | None
    withdrawn_at: Time | None

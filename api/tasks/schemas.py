"""What the task endpoints give."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from api.interviews.schemas import Time


class TaskKind(StrEnum):
    """What somebody has to do: answer what the bot could not, call a candidate who wants a person or met nobody."""

    CANDIDATE_QUESTION = "candidate_question"
    HUMAN_REQUESTED = "human_requested"
    NO_INTERVIEWER = "no_interviewer"


class TaskState(StrEnum):
    """Whether somebody has done it."""

    OPEN = "open"
    DONE = "done"


class TaskOut(BaseModel):
    """One thing that a call left for people to do."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str
    interview_id: str
    attempt_id: str
    kind: TaskKind
    state: TaskState
    text: str = Field(description="What there is to do, in a sentence")
    question: str | None = Field(description="The candidate's own words, where they asked something")
    at_ms: int | None = Field(description="When in the call it came up, in milliseconds")
    created_at: Time
    done_at: Time | None
    done_by: str | None

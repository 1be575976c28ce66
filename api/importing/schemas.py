"""What the import of a transcript takes."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.consents.schemas import ConsentMethod
from api.importing import MOST_BYTES, MOST_TURNS
from api.importing.reading import Format
from api.interviews.schemas import Instant, Name


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConsentIn(_In):
    """The candidate's answer to being evaluated by an AI: how and when it was given, and to which notice, if any."""

    given: Annotated[bool, Field(strict=True)]
    method: ConsentMethod
    at: Instant
    notice: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,64}$")] | None = None


class ImportAbout(_In):
    """What is said of a transcript that comes as a file.

    format: told by its looks where left out. candidate, interviewers: who is who, by the names in it; else what it says
    itself counts, then who asks the plan's questions. recorded_at: when the meeting began.
    """

    format: Format | None = None
    candidate: Name | None = None
    interviewers: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    recorded_at: Instant | None = None
    consent: ConsentIn | None = None


class ImportTranscript(ImportAbout):
    """A transcript of a meeting that was held elsewhere: as text in `content`, or as a list of objects in `turns`.

    turns: each with speaker and text, and start_ms and end_ms where they are known; the lists of meeting bots are
    understood, too. format, candidate, interviewers, recorded_at: as for a file. Without consent nothing is imported.
    """

    content: Annotated[str, Field(max_length=MOST_BYTES)] | None = None
    turns: Annotated[list[dict[str, Any]], Field(max_length=MOST_TURNS)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.turns is None):
            raise ValueError("send either content or turns")
        if self.turns is not None and self.format is not None:
            raise ValueError("format goes with content; turns are turns")
        return self

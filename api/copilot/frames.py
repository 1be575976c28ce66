"""What a panel may send, as it stands in `socket.py`."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from api.copilot.panel import Verdict
from api.leading.schemas import FloorIn, ModeIn
from api.records.fields import plain

MOST_ID, MOST_EDITED, MOST_ASKED = 64, 1000, 500  # characters


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class First(BaseModel):
    """What opens the socket."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: Annotated[str, Field(min_length=1, max_length=128)]


class Feedback(_Frame):
    """What was done with a card. text: what an edited one became."""

    type: Literal["feedback"]
    id: Annotated[str, Field(min_length=1, max_length=MOST_ID)]
    verdict: Verdict
    text: Annotated[str, Field(min_length=1, max_length=MOST_EDITED)] | None = None


class Ask(_Frame):
    """A question to the copilot. id: the page's own, by which it knows the answer."""

    type: Literal["ask"]
    id: Annotated[str, Field(min_length=1, max_length=MOST_ID)]
    question: Annotated[str, Field(min_length=1, max_length=MOST_ASKED), AfterValidator(plain)]


class QuietFrame(_Frame):
    """The quiet key: while it is on nothing is suggested."""

    type: Literal["quiet"]
    on: Annotated[bool, Field(strict=True)]


class Floor(FloorIn):
    """The floor is lent to the bot, or taken back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["floor"]


class Lead(ModeIn):
    """Somebody else is to lead the call."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["mode"]


PanelFrame: TypeAlias = Feedback | Ask | QuietFrame | Floor | Lead
FRAME: TypeAdapter[PanelFrame] = TypeAdapter(Annotated[PanelFrame, Field(discriminator="type")])

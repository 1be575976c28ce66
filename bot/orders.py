"""What the control plane may tell a bot, as it comes over the uplink."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from bot.interview import Leader
from bot.spec import Mode
from bot.state import EndReason

MOST_QUESTIONS = 50  # for which the floor may be lent at once


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _known(reason: Any) -> Any:
    return reason if reason in list(EndReason) else EndReason.CANCELLED


class _Order(_Frame):
    """Something the bot is told. id: by which it says that it has done it."""

    id: str


class StopTold(_Order):
    """Say goodbye and leave. reason: one that is not known counts as cancelled."""

    command: Literal["stop"]
    reason: Annotated[EndReason, BeforeValidator(_known)] = EndReason.CANCELLED


class FloorWish(_Frame):
    """Who is to ask from here on; by: who says so; questions: how many of the bot's, None for all there are."""

    to: Leader
    by: str
    questions: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)] | None = None


class ModeWish(_Frame):
    """Who is to lead the call from here on; by: who says so."""

    to: Mode
    by: str


class FloorTold(_Order):
    """An interviewer lends the floor, or takes it back."""

    command: Literal["floor"]
    data: FloorWish


class ModeTold(_Order):
    """Somebody changes the mode of the call."""

    command: Literal["mode"]
    data: ModeWish


class QuietWish(_Frame):
    """Whether nothing is to be suggested."""

    on: bool


class QuietTold(_Order):
    """An interviewer turns the copilot's quiet key."""

    command: Literal["quiet"]
    data: QuietWish


class CardWish(_Frame):
    """Which card an interviewer has accepted, edited, dismissed or used."""

    id: str


class CardTold(_Order):
    """A card needs no interviewer's attention any more."""

    command: Literal["card"]
    data: CardWish


class Call(_Frame):
    """A call of the candidate's by telephone. url: of the control plane that has it, where the bot dials.

    caller: the participant's id.
    """

    url: str
    caller: str


class LineTold(_Order):
    """Somebody calls by telephone; done with once that call is over."""

    command: Literal["line"]
    data: Call


Told: TypeAlias = StopTold | FloorTold | ModeTold | QuietTold | CardTold | LineTold
COMMAND: TypeAdapter[Told] = TypeAdapter(Annotated[Told, Field(discriminator="command")])

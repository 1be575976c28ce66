"""What is sent and given about who leads."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.interview import Leader
from bot.orders import MOST_QUESTIONS
from bot.spec import Mode


class FloorIn(BaseModel):
    """Who is to ask from here on. questions: how many of the bot's; all there are where left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Leader
    questions: Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)] | None = None


class ModeIn(BaseModel):
    """Who is to lead the call from here on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Mode


class LeadOut(BaseModel):
    """What was asked for. The events floor.changed and mode.changed say when it has happened; mode: as it is now."""

    model_config = ConfigDict(frozen=True)

    interview_id: str
    to: str
    mode: Mode

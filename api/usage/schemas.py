"""What the usage endpoint gives."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class Used(BaseModel):
    """What was used. What candidates' erasure removed is not counted any more, except in the first four figures.

    interviews_held: those whose call began, on the day of its first beginning. call_minutes: from the bot's coming into
    the room to the end of the call; these, recordings and their bytes count on the day on which the call ended.
    evaluations: every version of either phase. webhooks_delivered: messages of the last 30 days, which is as long as
    they are kept. Drafts are not stored and not counted.
    """

    model_config = ConfigDict(frozen=True)

    interviews_created: int = 0
    interviews_held: int = 0
    attempts: int = 0
    call_minutes: float = 0.0
    recorded_minutes: float = 0.0
    recorded_bytes: int = 0
    evaluations: int = 0
    webhooks_delivered: int = 0


class UsedOn(Used):
    """What was used on one day (UTC)."""

    day: date


class UsageOut(BaseModel):
    """What was used from one day to another, both counted in, in all and on each day."""

    model_config = ConfigDict(frozen=True)

    since: date = Field(alias="from")
    until: date = Field(alias="to")
    total: Used
    days: list[UsedOn]

"""What an interviewer says that hands the bot the floor: the bot hears it, and it is asked for in their name.

So who may lend by voice is who may by button, and both come to the bot as the same order.
"""

from typing import Annotated

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.errors import Conflict, Forbidden, NotFound
from api.events import Event
from api.leading.schemas import FloorIn
from api.services import Services
from bot.interview import Leader
from bot.orders import MOST_QUESTIONS

log = structlog.get_logger(__name__)

NOT_ALLOWED = "not_allowed"  # why the floor stays where it is


class _Wish(BaseModel):
    """by: whose words; questions: how many of the bot's, None for all there are."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    by: Annotated[str, Field(min_length=1, max_length=128)]
    questions: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)] | None = None


async def wished(services: Services, event: Event) -> None:
    """Have the bot lent the floor if whoever said so may do that; if not, the panel is told."""
    try:
        wish = _Wish.model_validate(event.data)
        caller = await services.interviewers.holder(event.interview_id, wish.by)
        caller.require("copilot:use")
        await services.leading.floor(caller, event.interview_id, FloorIn(to=Leader.BOT, questions=wish.questions))
    except Forbidden as refusal:
        log.info("lend_refused", interview=event.interview_id, by=wish.by, reason=refusal.reason)
        stays = {"from": Leader.INTERVIEWER, "to": Leader.INTERVIEWER, "by": wish.by, "reason": NOT_ALLOWED}
        await services.panel.take(Event(event.interview_id, "floor.changed", event.at, stays, at_ms=event.at_ms))
    except (Conflict, NotFound, ValidationError) as error:
        log.warning("lend_not_asked_for", interview=event.interview_id, error=str(error))

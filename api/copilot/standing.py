"""How an interview's copilot stands, for a bot that begins or takes another's place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.copilot.figures import muted
from api.copilot.panel import is_quiet
from api.copilot.tables import SuggestionRow
from api.interviews.tables import AttemptRow
from bot.resume import CopilotSoFar


async def copilot_so_far(session: AsyncSession, attempt: AttemptRow, now: datetime) -> CopilotSoFar:
    """Return how the copilot of an attempt's interview stands."""
    mine = select(SuggestionRow).where(SuggestionRow.interview_id == attempt.interview_id)
    cards = (await session.scalars(mine.order_by(SuggestionRow.created_at))).all()
    of_this_call = [card for card in cards if card.created_at >= attempt.created_at]
    last = of_this_call[-1] if of_this_call else None
    return CopilotSoFar(
        quiet=await is_quiet(session, attempt.interview_id),
        muted=tuple(sorted(await muted(session, attempt.tenant, now))),
        numbered=max((_number(card.id) for card in cards), default=0),
        spent=len(of_this_call),
        shown=last.id if last is not None and last.expired_at is None and last.verdict is None else None,
        offered=tuple(card.text for card in of_this_call),
    )


def _number(id_: str) -> int:
    """Return the number in a card's id, such as s12: numbers that were never shown leave gaps. Others count as 0."""
    digits = id_.removeprefix("s")
    return int(digits) if digits.isascii() and digits.isdigit() else 0

"""Whether the AI's levels are sealed to somebody, so that people who hold an interview judge by what they heard."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.interviewers import InterviewerRow
from api.interviews.tables import EventRow, InterviewRow
from api.scorecards.tables import OpeningRow, ScorecardRow
from bot.spec import Mode

LED_BY_PEOPLE = frozenset({Mode.SHADOW.value, Mode.COPILOT.value})
MODE_CHANGED = "mode.changed"


async def sealed(session: AsyncSession, caller: Caller, interviews: Sequence[InterviewRow]) -> frozenset[str]:
    """Return of which of some interviews (their ids) `caller` may not see the AI's levels yet.

    Whoever holds an interview has to submit their own scorecard first, whatever others have done. For everybody else
    one scorecard is enough, or that somebody opened them.
    """
    led = await led_by_people(session, interviews)
    if not led:
        return frozenset()
    submitted = await session.execute(
        select(ScorecardRow.interview_id, ScorecardRow.by).where(ScorecardRow.interview_id.in_(led)).distinct()
    )
    given: dict[str, set[str]] = {}
    for interview_id, by in submitted:
        given.setdefault(interview_id, set()).add(by)
    opened = set(await session.scalars(select(OpeningRow.interview_id).where(OpeningRow.interview_id.in_(led))))
    held = await held_by(session, caller, led)
    return frozenset(
        id_
        for id_ in led
        if (caller.subject not in given.get(id_, ()) if id_ in held else not (id_ in opened or id_ in given))
    )


async def led_by_people(session: AsyncSession, interviews: Sequence[InterviewRow]) -> frozenset[str]:
    """Return the ids of those of some interviews that people held, if only for a while of a call."""
    led = {row.id for row in interviews if row.mode in LED_BY_PEOPLE}
    rest = [row.id for row in interviews if row.id not in led]
    changed = select(EventRow.interview_id).where(
        EventRow.interview_id.in_(rest), EventRow.type == MODE_CHANGED, EventRow.attempt_id.is_not(None)
    )
    return frozenset(led | set(await session.scalars(changed.distinct())) if rest else led)


async def held_by(session: AsyncSession, caller: Caller, interview_ids: Collection[str]) -> frozenset[str]:
    """Return which of some interviews `caller` is named on as an interviewer."""
    named = select(InterviewerRow.interview_id).where(
        InterviewerRow.interview_id.in_(interview_ids),
        InterviewerRow.tenant == caller.tenant,
        InterviewerRow.removed_at.is_(None),
        _is(caller),
    )
    return frozenset(await session.scalars(named))


async def name_of(session: AsyncSession, caller: Caller, interview_id: str) -> str:
    """Return by what name `caller` is an interviewer; their subject where they are not named."""
    named = select(InterviewerRow.name).where(InterviewerRow.interview_id == interview_id, _is(caller))
    return await session.scalar(named.limit(1)) or caller.subject


def _is(caller: Caller) -> ColumnElement[bool]:
    return or_(InterviewerRow.participant_id == caller.subject, InterviewerRow.subject == caller.subject)

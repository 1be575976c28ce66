"""Whether the AI's levels are sealed to somebody, so that people who hold an interview judge by what they heard."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.interviewers import InterviewerRow
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, TurnRow
from api.scorecards.tables import OpeningRow, ScorecardRow
from bot.spec import Mode

LED_BY_PEOPLE = frozenset({Mode.SHADOW.value, Mode.COPILOT.value})
MODE_CHANGED = "mode.changed"


async def sealed(session: AsyncSession, caller: Caller, interviews: Sequence[InterviewRow]) -> frozenset[str]:
    """Return of which of some interviews (their ids) `caller` may not see the AI's levels yet.

    Whoever holds an interview has to submit their own scorecard first, whatever others have done. For everybody else
    one scorecard of somebody who held it is enough, or that somebody opened them.
    """
    led = await led_by_people(session, interviews)
    if not led:
        return frozenset()
    known = await _named(session, caller.tenant, led)
    submitted = await session.execute(
        select(ScorecardRow.interview_id, ScorecardRow.by).where(ScorecardRow.interview_id.in_(led)).distinct()
    )
    given: dict[str, set[str]] = {}
    for interview_id, by in submitted:
        if (rated := known.get((interview_id, by))) is not None:
            given.setdefault(interview_id, set()).add(rated.participant_id)
    opened = set(await session.scalars(select(OpeningRow.interview_id).where(OpeningRow.interview_id.in_(led))))
    found = set()
    for id_ in led:
        own = known.get((id_, caller.subject))
        if own is not None and own.removed_at is None:
            seen = own.participant_id in given.get(id_, ())
        else:
            seen = id_ in opened or id_ in given
        if not seen:
            found.add(id_)
    return frozenset(found)


async def led_by_people(session: AsyncSession, interviews: Sequence[InterviewRow]) -> frozenset[str]:
    """Return the ids of those of some interviews that people held, if only one attempt, or for a while of a call."""
    led = {row.id for row in interviews if row.mode in LED_BY_PEOPLE}
    rest = [row.id for row in interviews if row.id not in led]
    if not rest:
        return frozenset(led)
    changed = select(EventRow).where(EventRow.interview_id.in_(rest), EventRow.type == MODE_CHANGED)
    # Who spoke tells that a call was held; between two, the mode of the next one is changed and not that of the last.
    spoken = select(TurnRow.attempt_id).where(TurnRow.attempt_id == AttemptRow.id).exists()
    held = select(AttemptRow.interview_id, AttemptRow.created_at).where(AttemptRow.interview_id.in_(rest), spoken)
    since: dict[str, datetime] = {}
    for interview_id, created_at in await session.execute(held):
        since[interview_id] = min(created_at, since.get(interview_id, created_at))
    for event in await session.scalars(changed):
        first = since.get(event.interview_id)
        after_one = first is not None and first <= event.at and event.data.get("from") in LED_BY_PEOPLE
        if event.attempt_id is not None or after_one:
            led.add(event.interview_id)
    return frozenset(led)


async def rater(session: AsyncSession, caller: Caller, interview_id: str) -> InterviewerRow | None:
    """Return whom `caller` is among the interviewers of an interview, by link or by token; None where they are not."""
    row = (await _named(session, caller.tenant, [interview_id])).get((interview_id, caller.subject))
    return row if row is not None and row.removed_at is None else None


async def _named(
    session: AsyncSession, tenant: str, interview_ids: Collection[str]
) -> Mapping[tuple[str, str], InterviewerRow]:
    """Return who is or was named on some interviews, by interview and by what they go by: their id, their subject."""
    mine = select(InterviewerRow).where(InterviewerRow.interview_id.in_(interview_ids), InterviewerRow.tenant == tenant)
    rows = sorted(await session.scalars(mine), key=lambda row: row.removed_at is None)  # who still is comes last: wins
    by_subject = {(row.interview_id, row.subject): row for row in rows if row.subject is not None}
    return by_subject | {(row.interview_id, row.participant_id): row for row in rows}

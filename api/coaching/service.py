"""Putting a coaching report together."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from api.callers import Holder
from api.coaching.asking import adherence, off_limits, questions_of, worded
from api.coaching.pacing import paces
from api.coaching.schemas import CoachingOut, InterviewerCoaching
from api.coaching.talking import interruptions, longest_monologue, ratio, spoken_ms
from api.database import Database
from api.errors import Conflict, NotNamed, SessionNotEnded
from api.interviewers import InterviewerRow, named
from api.interviews import views
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import TurnOut
from api.interviews.states import OVER, Status
from api.interviews.tables import AttemptRow
from api.scorecards.seal import led_by_people
from bot.interview import Role
from bot.plan import Plan

TELLING = ("question.asked", "question.closed")


class Coaching:
    """Coaching of every tenant's interviewers; whose is said with each call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, holder: Holder, interview_id: str) -> CoachingOut:
        """Return how `holder` held the newest call of an interview.

        Raises `NotFound`; `NotNamed` for a token whose subject named none of its interviewers when the call began;
        `SessionNotEnded` before the call is over; `Conflict` where no person held it.
        """
        caller = holder.caller
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, caller.tenant)
            interview = await interviews.get(interview_id)
            attempt = await interviews.newest_attempt(interview_id)
            own = {
                row.participant_id
                for row in await named(tx.session, interview_id)
                if row.subject == caller.subject and _knew(row, attempt)
            }
            if holder.by_link:
                own = {caller.subject}
            if not own:
                detail = (
                    f"{caller.subject!r} was not among the interviewers of this interview when its call began, each of "
                    "whom reads their own coaching; their join link opens it, too."
                )
                raise NotNamed("not_named", detail)
            if not await led_by_people(tx.session, [interview]):
                detail = "The bot held this interview by itself; there is nobody to tell how they held it."
                raise Conflict(detail, current_status=interview.status)
            if attempt is None or attempt.ended_at is None or Status(interview.status) not in OVER:
                raise SessionNotEnded(interview.status, Status.EVALUATING.value)
            turns = [views.turn(row) for row in await interviews.turns(attempt.id)]
            events = [
                {"type": event.type, "at_ms": event.at_ms, "data": event.data}
                for event in await interviews.telling_events(attempt.id)
                if event.type in TELLING
            ]
            number, plan = attempt.number, Plan.model_validate(interview.plan)
        return await asyncio.to_thread(_report, interview_id, number, plan, turns, events, own)


def _knew(row: InterviewerRow, attempt: AttemptRow | None) -> bool:
    """Whether somebody went by their subject before the call: who takes it later reads nothing of what was before."""
    return attempt is None or (row.subject_since is not None and row.subject_since <= attempt.created_at)


def _report(
    interview_id: str,
    attempt: int,
    plan: Plan,
    turns: Sequence[TurnOut],
    events: Sequence[dict[str, Any]],
    own: Collection[str],
) -> CoachingOut:
    turns = sorted(turns, key=lambda turn: (turn.start_ms, turn.seq))
    end_ms = max((turn.end_ms for turn in turns), default=0)
    present = {turn.speaker_id: turn.speaker for turn in turns if turn.role == Role.INTERVIEWER.value}
    asked = [event for event in events if event["type"] == "question.asked"]
    return CoachingOut(
        interview_id=interview_id,
        attempt=attempt,
        language=plan.language,
        duration_ms=end_ms,
        interviewers=[_one(id_, name, plan, turns) for id_, name in present.items() if id_ in own],
        plan=adherence(plan, asked, turns),
        criteria=paces(plan, events, end_ms),
    )


def _one(id_: str, name: str, plan: Plan, turns: Sequence[TurnOut]) -> InterviewerCoaching:
    language = plan.language
    own = [turn for turn in turns if turn.speaker_id == id_]
    candidate = [turn for turn in turns if turn.role == Role.CANDIDATE.value]
    asked = questions_of(own, plan)
    leading, double = worded(asked, language)
    own_ms, candidate_ms = spoken_ms(own), spoken_ms(candidate)
    return InterviewerCoaching(
        participant_id=id_,
        name=name,
        turns=len(own),
        talk_ms=own_ms,
        candidate_ms=candidate_ms,
        talk_ratio=ratio(own_ms, candidate_ms),
        longest_monologue=longest_monologue(turns, id_, language),
        first_question_ms=min((turn.start_ms for turn in asked), default=None),
        interruptions=interruptions(own, candidate, language),
        interrupted=len(interruptions(candidate, own, language)),
        leading=leading,
        double=double,
        off_limits=off_limits(own, language),
    )

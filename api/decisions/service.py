"""Deciding: by people, after the call, as often as they change their mind."""

import secrets
from collections.abc import Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api import audit
from api.agents import Product
from api.auth import Caller
from api.database import Database
from api.decisions.schemas import DecisionIn, DecisionOut
from api.decisions.tables import DecisionRow
from api.errors import CoachingDecidesNothing, Complaint, Invalid, NotFound, SessionNotEnded
from api.evaluation.repository import EvaluationRepository
from api.evaluation.service import SCORES, require_unsealed
from api.interviews.repository import InterviewRepository
from api.interviews.states import OVER, Status
from api.moments import Clock

log = structlog.get_logger(__name__)

_WHOLE = frozenset({Status.IN_REVIEW, Status.COMPLETED})  # elsewhere the call ended early, and a reason is due


class DecisionService:
    """Decisions of every tenant; whose is said with each call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def decide(self, caller: Caller, interview_id: str, wanted: DecisionIn) -> DecisionOut:
        """Add a decision.

        Raises `PeopleOnly`, `SessionNotEnded`, `CoachingDecidesNothing`, `Invalid`; `ScorecardFirst` for who says to
        have seen what is sealed to them.
        """
        caller.require_person()
        tenant = caller.tenant
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            interview = await interviews.get_for_change(interview_id)
            evaluations = EvaluationRepository(tx.session, tenant)
            if (await evaluations.terms(interview.template_id, interview.agent_id)).product == Product.COACHING.value:
                raise CoachingDecidesNothing(current_status=interview.status)
            attempt = await interviews.newest_attempt(interview_id)
            status = Status(interview.status)
            if attempt is None or attempt.ended_at is None or status not in OVER or status is Status.EVALUATING:
                raise SessionNotEnded(interview.status, Status.IN_REVIEW.value)
            if status not in _WHOLE and not (wanted.notes or wanted.reason_codes):
                raise Invalid(
                    Complaint(
                        ("body", "notes"),
                        f"the interview ended as {status.value!r}, so the decision rests on part of one",
                        "say on what grounds in notes or reason_codes",
                    )
                )
            seen = wanted.evaluation_version_seen
            if seen is not None:
                await require_unsealed(tx, caller, interview)
            if seen is not None and not await evaluations.has_version(interview_id, SCORES, seen):
                raise Invalid(
                    Complaint(
                        ("body", "evaluation_version_seen"),
                        f"the assessment has no version {seen}",
                        "see GET …/evaluations (phase 2), or leave it out",
                    )
                )
            before = await _decisions(tx.session, tenant, interview_id)
            row = DecisionRow(
                interview_id=interview_id,
                number=1 + (before[0].number if before else 0),
                id=f"dec_{secrets.token_hex(10)}",
                tenant=tenant,
                decision=wanted.decision.value,
                by=caller.subject,
                at=self._clock(),
                notes=wanted.notes,
                reason_codes=wanted.reason_codes,
                evaluation_version_seen=seen,
            )
            tx.session.add(row)
            audit.record(tx, caller, "interview.decided", interview_id, at=row.at)
        log.info("decided", interview=interview_id, number=row.number)
        return _out(row)

    async def newest(self, tenant: str, interview_id: str) -> DecisionOut:
        """Return the decision that counts; raise `NotFound`."""
        decisions = await self.all_of(tenant, interview_id)
        if not decisions:
            raise NotFound("decision on interview", interview_id)
        return decisions[0]

    async def all_of(self, tenant: str, interview_id: str) -> list[DecisionOut]:
        """Return every decision, newest first; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            return [_out(row) for row in await _decisions(tx.session, tenant, interview_id)]


async def _decisions(session: AsyncSession, tenant: str, interview_id: str) -> Sequence[DecisionRow]:
    mine = select(DecisionRow).where(DecisionRow.tenant == tenant, DecisionRow.interview_id == interview_id)
    return (await session.scalars(mine.order_by(DecisionRow.number.desc()))).all()


def _out(row: DecisionRow) -> DecisionOut:
    return DecisionOut.model_validate(row, from_attributes=True)

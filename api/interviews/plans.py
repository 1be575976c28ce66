"""The versions of an interview's plan: made, looked at by a person, approved, rejected or made anew."""

import asyncio
import secrets
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api import audit
from api.auth import Caller
from api.database import Database
from api.errors import Complaint, Conflict, Invalid, NotFound
from api.events.publisher import Publisher
from api.interviews.ledger import Ledger
from api.interviews.library import Engine, Library, Made
from api.interviews.references import check_references
from api.interviews.repository import InterviewRepository
from api.interviews.schemas import PLAN_SOURCES, StartPolicy, Time
from api.interviews.states import EDITABLE, Status
from api.interviews.tables import InterviewRow, PlanRow
from api.interviews.terms import changed, replans, waiting
from api.moments import Clock
from api.planning.lint import lint
from api.planning.warnings import PlanWarning
from api.records.fields import Text
from api.records.service import Match
from bot.plan import Plan

log = structlog.get_logger(__name__)


class PlanState(StrEnum):
    """Where a version of a plan stands."""

    REVIEW = "review"  # a person is to look at it
    APPROVED = "approved"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"  # another version took its place


MOVES: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.REVIEW: frozenset({PlanState.APPROVED, PlanState.REJECTED, PlanState.SUPERSEDED}),
    PlanState.APPROVED: frozenset({PlanState.SUPERSEDED}),
    PlanState.REJECTED: frozenset(),
    PlanState.SUPERSEDED: frozenset(),
}


class PlanOut(BaseModel):
    """One version of a plan. engine: what made it; notes: what that had to say; reason: of who decided about it.

    warnings: what POST /v1/plans/lint says about it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    interview_id: str
    version: int
    state: PlanState
    engine: Engine
    plan: Plan
    notes: list[str]
    warnings: list[PlanWarning]
    created_at: Time
    decided_at: Time | None
    decided_by: str | None
    reason: str | None


class PlanVerdict(BaseModel):
    """What a person says of a plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Text | None = None


async def keep_version(session: AsyncSession, row: InterviewRow, made: Made, now: datetime) -> PlanRow:
    """Make a plan the interview's, in place of the version before it."""
    before = await newest_version(session, row.id)
    if before is not None:
        _move(before, PlanState.SUPERSEDED)
    version = PlanRow(
        id=f"plan_{secrets.token_hex(10)}",
        interview_id=row.id,
        tenant=row.tenant,
        version=before.version + 1 if before else 1,
        state=(PlanState.REVIEW if row.review_plan else PlanState.APPROVED).value,
        engine=made.engine.value,
        body=made.plan.model_dump(mode="json"),
        notes=list(made.notes),
        created_at=now,
    )
    session.add(version)
    row.plan = version.body
    return version


async def newest_version(session: AsyncSession, interview_id: str) -> PlanRow | None:
    """Return the version an interview goes by."""
    versions = select(PlanRow).where(PlanRow.interview_id == interview_id)
    return await session.scalar(versions.order_by(PlanRow.version.desc()).limit(1))


async def waits_for_approval(session: AsyncSession, interview_id: str) -> bool:
    """Tell whether a person is still to approve the plan of an interview."""
    version = await newest_version(session, interview_id)
    return version is not None and version.state == PlanState.REVIEW.value


class PlanService:
    """Plans of every tenant's interviews; whose is said with each call."""

    def __init__(self, database: Database, publisher: Publisher, library: Library, clock: Clock) -> None:
        self._database = database
        self._publisher = publisher
        self._library = library
        self._clock = clock

    async def get(self, tenant: str, interview_id: str, number: int | None = None) -> PlanOut:
        """Return one version of an interview's plan, the newest unless `number` says which; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            if number is None:
                version = await newest_version(tx.session, interview_id)
            else:
                which = select(PlanRow).where(PlanRow.interview_id == interview_id, PlanRow.version == number)
                version = await tx.session.scalar(which)
        if version is None:
            raise NotFound("version of the plan", str(number or 1))
        return await _shown(version)

    async def approve(self, caller: Caller, interview_id: str, verdict: PlanVerdict, if_match: Match) -> PlanOut:
        """Have an interview go by its plan; raise `NotFound`, `Stale`, or `Conflict` when none is to be looked at.

        if_match: the versions of the plan that may be decided about.
        """
        return await self._decide(caller, interview_id, verdict, if_match, PlanState.APPROVED)

    async def reject(self, caller: Caller, interview_id: str, verdict: PlanVerdict, if_match: Match) -> PlanOut:
        """Refuse an interview's plan, and so the interview; raise as `approve`."""
        return await self._decide(caller, interview_id, verdict, if_match, PlanState.REJECTED)

    async def revise(self, tenant: str, interview_id: str, patch: dict[str, Any]) -> PlanOut:
        """Make a new version, which waits for approval. patch: what POST /v1/interviews takes of plans and briefs.

        Raises `NotFound`, `Invalid`, and `Conflict` once the call began.
        """
        if not replans(patch):
            raise Invalid(Complaint(("body",), "asks for no other plan", f"send one of {', '.join(PLAN_SOURCES)}"))
        now = self._clock()
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            if Status(row.status) not in EDITABLE:
                raise Conflict(f"The plan of an interview that is {row.status!r} stays.", current_status=row.status)
            wanted = changed(row, patch)
            referred = await check_references(tx.session, tenant, wanted)
            made = await asyncio.to_thread(self._library.plan_for, wanted, referred)
            row.review_plan = True
            row.brief = wanted.brief.model_dump(mode="json") if wanted.brief else None
            version = await keep_version(tx.session, row, made, now)
            if Status(row.status) is not Status.PLAN_REVIEW:
                Ledger(tx, row, self._publisher).move(Status.PLAN_REVIEW, now, "plan_revised")
            else:
                row.note_change(now)
        log.info("plan_revised", interview=interview_id, version=version.version, engine=version.engine)
        return await _shown(version)

    async def personalise(self, tenant: str, interview_id: str) -> PlanOut | None:
        """Make the plan anew from its brief and what the candidate's résumé says by now.

        None where there is nothing to make: it came from no brief, the call began, or the questions are the same.
        """
        now = self._clock()
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            if row.brief is None or Status(row.status) not in EDITABLE:
                return None
            wanted = changed(row, {"brief": {}})
            referred = await check_references(tx.session, tenant, wanted)
            made = await asyncio.to_thread(self._library.plan_for, wanted, referred)
            if made.plan == Plan.model_validate(row.plan):
                return None
            version = await keep_version(tx.session, row, made, now)
            row.note_change(now)
        log.info("plan_personalised", interview=interview_id, version=version.version)
        return await _shown(version)

    async def _decide(
        self, caller: Caller, interview_id: str, verdict: PlanVerdict, if_match: Match, to: PlanState
    ) -> PlanOut:
        now = self._clock()
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            version = await newest_version(tx.session, interview_id)
            if version is None or Status(row.status) is not Status.PLAN_REVIEW:
                raise Conflict(
                    f"The interview is {row.status!r}: no plan of it waits for a decision.", current_status=row.status
                )
            if_match.check("plan of interview", interview_id, version.version)
            _move(version, to)
            version.decided_at, version.decided_by, version.reason = now, caller.subject, verdict.reason
            approved = to is PlanState.APPROVED
            status = waiting(StartPolicy(row.start_policy)) if approved else Status.REJECTED
            Ledger(tx, row, self._publisher).move(status, now, f"plan_{to.value}")
            audit.record(tx, caller, f"plan.{to.value}", version.id, at=now)
        log.info("plan_decided", interview=interview_id, state=to.value)
        return await _shown(version)


def _move(version: PlanRow, to: PlanState) -> None:
    if to in MOVES[PlanState(version.state)]:
        version.state = to.value
    elif to is not PlanState.SUPERSEDED:  # what was rejected stays so whatever follows it
        raise Conflict(f"A plan that is {version.state!r} can't become {to.value!r}.", current_status=version.state)


async def _shown(version: PlanRow) -> PlanOut:
    plan = Plan.model_validate(version.body)
    return PlanOut(
        id=version.id,
        interview_id=version.interview_id,
        version=version.version,
        state=PlanState(version.state),
        engine=Engine(version.engine),
        plan=plan,
        notes=version.notes,
        warnings=list(await asyncio.to_thread(lint, plan)),
        created_at=version.created_at,
        decided_at=version.decided_at,
        decided_by=version.decided_by,
        reason=version.reason,
    )

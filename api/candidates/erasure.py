"""Forgetting candidates: on the day their data expires, or when somebody asks. Each leaves a receipt."""

import asyncio
import secrets
from datetime import datetime

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Delete, Select, Text, cast, delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api import audit
from api.auth import Caller
from api.candidates.files import PersonalFiles
from api.candidates.tables import CandidateRow, ErasureRow, ResumeRow
from api.database import Database
from api.errors import Conflict, NotFound
from api.idempotency import IdempotencyRow
from api.interviews.erasing import erase_interviews
from api.interviews.schemas import Page, PageMeta, Time
from api.interviews.tables import AttemptRow, InterviewRow
from api.moments import Clock
from api.records.fields import Reference, Short
from api.records.kinds import RecordIn
from api.records.repository import tombstone

log = structlog.get_logger(__name__)

SUBJECT = "candidate"
EXPIRED = "data_expired"
MOST_AT_ONCE = 100


class EraseCandidate(RecordIn):
    """Whom to forget, and why."""

    candidate_id: Reference
    reason: Short


class ErasureOut(BaseModel):
    """The receipt of an erasure. removed: which of the subject's fields there were, and how many interviews."""

    model_config = ConfigDict(frozen=True)

    id: str
    subject_kind: str
    subject_id: str
    at: Time
    reason: str
    removed: list[str]


class Erasures:
    """Erases candidates of every tenant and keeps the receipts."""

    def __init__(self, database: Database, files: PersonalFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def erase(self, caller: Caller, wanted: EraseCandidate) -> ErasureOut:
        """Erase a candidate, deleted or not, and what was said in their interviews.

        Returns the first receipt when that was done before. Raises `NotFound`,
        and `Conflict` while the candidate is in a call.
        """
        tenant = caller.tenant
        async with self._database.write() as tx:
            mine = select(CandidateRow).where(CandidateRow.tenant == tenant, CandidateRow.id == wanted.candidate_id)
            candidate = await tx.session.scalar(mine.with_for_update())
            if candidate is None:
                raise NotFound(SUBJECT, wanted.candidate_id)
            if candidate.erased_at is None:
                erased = await _erase(tx.session, self._files, candidate, self._clock(), wanted.reason)
                audit.record(tx, caller, "candidate.erased", candidate.id, at=erased.at)
                return _view(erased)
            receipt = select(ErasureRow).where(
                ErasureRow.tenant == tenant,
                ErasureRow.subject_kind == SUBJECT,
                ErasureRow.subject_id == candidate.id,
            )
            return _view((await tx.session.scalars(receipt)).one())

    async def page(self, tenant: str, page: int, limit: int) -> Page[ErasureOut]:
        """Return one page of receipts, newest first."""
        mine = select(ErasureRow).where(ErasureRow.tenant == tenant)
        newest = mine.order_by(ErasureRow.at.desc(), ErasureRow.id.desc()).limit(limit).offset((page - 1) * limit)
        async with self._database.read() as tx:
            total = await tx.session.scalar(mine.with_only_columns(func.count(), maintain_column_froms=True))
            rows = await tx.session.scalars(newest)
            return Page(data=[_view(row) for row in rows], meta=PageMeta.of(page, limit, total or 0))


async def erase_expired(database: Database, files: PersonalFiles, now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Erase up to `most` candidates whose data has expired by `now`, of every tenant; return how many.

    Each is a transaction of its own. Any number of replicas may do this at once: who finds a candidate locked by
    another passes it by. One that can't be erased is logged, costs the others nothing and is tried again next time.
    """
    erased, failed = 0, set[str]()
    while erased + len(failed) < most:
        claimed: str | None = None
        try:
            async with database.write() as tx:
                candidate = await tx.session.scalar(_expired(now, failed))
                if candidate is None:
                    break
                claimed = candidate.id
                await _erase(tx.session, files, candidate, now, EXPIRED)
        except (SQLAlchemyError, OSError, Conflict) as error:
            if claimed is None:
                raise
            log.error("erasure_failed", candidate_id=claimed, error=type(error).__name__)
            failed.add(claimed)
        else:
            erased += 1
    return erased


async def remove_files(database: Database, files: PersonalFiles, since: datetime | None) -> None:
    """Remove what lies here of candidates erased at `since` or later, ever where it is None.

    Whoever erased them removed what lay there; bots of other replicas leave files on other machines.
    """
    erased = (
        select(CandidateRow.id, AttemptRow.id)
        .outerjoin(InterviewRow, InterviewRow.candidate_id == CandidateRow.id)
        .outerjoin(AttemptRow, AttemptRow.interview_id == InterviewRow.id)
        .where(CandidateRow.erased_at.is_not(None) if since is None else CandidateRow.erased_at >= since)
    )
    async with database.read() as tx:
        found = (await tx.session.execute(erased)).all()
    if found:
        candidates, attempts = {row[0] for row in found}, {row[1] for row in found if row[1] is not None}
        await asyncio.to_thread(files.remove, candidates, attempts)


def _expired(now: datetime, besides: set[str]) -> Select[CandidateRow]:
    """The next one to erase. SQLite knows no row locks and needs none: it has one writer at a time."""
    due = (CandidateRow.data_expires_on <= now.date(), CandidateRow.erased_at.is_(None))
    others = select(CandidateRow).where(*due, CandidateRow.id.not_in(besides))
    return others.order_by(CandidateRow.data_expires_on, CandidateRow.id).limit(1).with_for_update(skip_locked=True)


async def _erase(
    session: AsyncSession, files: PersonalFiles, candidate: CandidateRow, now: datetime, reason: str
) -> ErasureRow:
    """Leave nothing of a candidate but its id and when it was there. Files go first: no receipt for what is kept."""
    removed = sorted(name for name, value in candidate.body.items() if value)
    if candidate.resume is not None:
        removed.append("resume")
    held = await erase_interviews(
        session, candidate.tenant, candidate.id, now, recordings=files.recordings, outboxes=files.outboxes
    )
    if held:
        removed.append(f"interviews: {held}")
    await asyncio.to_thread(files.resumes.remove_all, candidate.id)
    await session.execute(delete(ResumeRow).where(ResumeRow.candidate_id == candidate.id))
    await session.execute(_answers_about(candidate))
    tombstone(candidate, candidate.deleted_at or now)
    candidate.body, candidate.email, candidate.candidate_ref, candidate.resume = {}, None, None, None
    candidate.links.clear()
    candidate.erased_at = candidate.updated_at = now
    candidate.version += 1
    receipt = ErasureRow(
        id=f"erasure_{secrets.token_hex(10)}",
        tenant=candidate.tenant,
        subject_kind=SUBJECT,
        subject_id=candidate.id,
        at=now,
        reason=reason,
        removed=removed,
    )
    session.add(receipt)
    await session.flush()
    log.info("candidate_erased", candidate_id=candidate.id, erasure_id=receipt.id)
    return receipt


def _answers_about(candidate: CandidateRow) -> Delete:
    """What was answered when it was made is kept for a day, in case it is asked for again."""
    place = f'"/v1/candidates/{candidate.id}"'
    mine = (
        IdempotencyRow.tenant == candidate.tenant,
        cast(IdempotencyRow.headers, Text).contains(place, autoescape=True),
    )
    return delete(IdempotencyRow).where(*mine)


def _view(row: ErasureRow) -> ErasureOut:
    return ErasureOut.model_validate(row, from_attributes=True)

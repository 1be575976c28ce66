"""The tries at an interview: what there were, another one, and a new bot for the one that is going on."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.database import Database, Transaction
from api.errors import (
    AttemptsExhausted,
    BeingStarted,
    BeingStopped,
    BeingWrittenUp,
    CannotRejoin,
    Conflict,
    EndedByCandidate,
    RecordingElsewhere,
)
from api.events.publisher import Publisher
from api.interviews import views
from api.interviews.dispatch import Dispatcher, recording_path, told_to_the_caller, whole_path
from api.interviews.ledger import Ledger
from api.interviews.leftovers import bring_recording, reopened
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import AttemptInList, Page, StartPolicy
from api.interviews.states import CALLING, REPEATABLE, AttemptKind, Status
from api.interviews.tables import REJOIN, START, AttemptRow, ConnectionRow, InterviewRow
from api.moments import Clock
from api.receipts.service import Receipts
from api.settings import Settings
from bot.state import EndReason
from orchestrator.errors import StorageError
from orchestrator.storage import Storage

log = structlog.get_logger(__name__)

REJOINABLE = CALLING | {Status.CANCELLED, Status.FAILED}
CANDIDATES_END = frozenset(
    {EndReason.CONSENT_DECLINED.value, EndReason.STOPPED_BY_CANDIDATE.value, EndReason.HUMAN_REQUESTED.value}
)


class AttemptService:
    """Attempts of every tenant's interviews; whose is said with each call."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        dispatcher: Dispatcher,
        receipts: Receipts,
        storage: Storage,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._storage = storage
        self._receipts = receipts
        self._database = database
        self._publisher = publisher
        self._dispatcher = dispatcher
        self._clock = clock

    async def list(self, tenant: str, interview_id: str) -> Page[AttemptInList]:
        """Return every try at an interview, newest first, each with the incarnations of its bot."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
        return Page.all_of([*(await self.of(tenant, [interview_id]))[interview_id]])

    async def of(self, tenant: str, interview_ids: Sequence[str]) -> Mapping[str, Sequence[AttemptInList]]:
        """Return the tries at some interviews by the interviews' ids, newest first; none at one that is not known."""
        async with self._database.read() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            attempts = await interviews.attempts(*interview_ids)
            connections = await interviews.connections(*interview_ids)
            recordings = {row.attempt_id: row for row in await interviews.recordings(*interview_ids)}
            heard = await interviews.heard(*interview_ids)
        found: dict[str, list[AttemptInList]] = {id_: [] for id_ in interview_ids}
        for row in attempts:
            own = [one for one in connections if one.attempt_id == row.id]
            found[row.interview_id].append(views.attempt(row, own, recordings.get(row.id), counts=row.id in heard))
        return found

    async def again(self, tenant: str, interview_id: str) -> None:
        """Make an ended interview ready for another attempt.

        Raises `Conflict` while it has not ended and `AttemptsExhausted` when it allows no more; an attempt in which
        the candidate said nothing does not count: whatever kept them from it, it was no try of theirs.
        """
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get_for_change(interview_id)
            if Status(row.status) not in REPEATABLE:
                raise Conflict(f"An interview that is {row.status!r} can't be tried again.", current_status=row.status)
            made = len(await interviews.heard(interview_id))
            if made >= row.max_attempts:
                raise AttemptsExhausted(
                    f"{made} of {row.max_attempts} attempts were made; create another interview.",
                    current_status=row.status,
                )
            row.summary = row.started_at = row.ended_at = None
            row.start_policy, row.scheduled_at = StartPolicy.MANUAL.value, None
            Ledger(tx, row, self._publisher).move(Status.READY, self._clock(), "another_attempt")

    async def rejoin(self, tenant: str, interview_id: str) -> bool:
        """Send another bot into a call; it goes on where the one before stood, which is ended and not heard any more.

        A call that failed or was cancelled is taken up as well while its end is not `rejoin_window_s` ago; with False
        it is, and was left alone: another attempt is what can be had. Raises `CannotRejoin`, by name, and `NoCapacity`
        and `LaunchFailed` as for a start.
        """
        now = self._clock()
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, tenant).get_for_change(interview_id)
            attempt = await self._attempt_to_rejoin(tx, row)
            ended_at = attempt.closed_at or attempt.ended_at
            if ended_at is not None:
                if now - ended_at > timedelta(seconds=self._settings.rejoin_window_s):
                    return False
                await self._reopen(tx, row, attempt)
            await next_incarnation(tx.session, attempt, REJOIN, now)
            await self._dispatcher.claim(tx.session, attempt)
        await self._dispatcher.tell(attempt.id)
        with told_to_the_caller():
            await self._dispatcher.replace(row, attempt, waits=False)
        log.info("interview_rejoined", interview=interview_id, attempt=attempt.id, epoch=attempt.epoch)
        return True

    async def _attempt_to_rejoin(self, tx: Transaction, row: InterviewRow) -> AttemptRow:
        """Return the attempt that another bot may be sent into, or raise what keeps it from being so."""
        runs, status = RunRepository(tx.session), Status(row.status)
        attempt = await InterviewRepository(tx.session, row.tenant).newest_attempt(row.id)
        if status is Status.EVALUATING:
            raise BeingWrittenUp("Its call has just ended; try again in a moment.", current_status=row.status)
        if attempt is None or attempt.kind != AttemptKind.CALL.value or status not in REJOINABLE:
            raise CannotRejoin(f"An interview that is {row.status!r} can't be rejoined.", current_status=row.status)
        if status in CALLING:
            if attempt.ended_at is not None or await runs.told_to_stop(attempt.id) is not None:
                raise BeingStopped("Its bot was told to leave the call.", current_status=row.status)
            if await self._dispatcher.under_way(tx.session, attempt.id):
                raise BeingStarted("Its bot is just being started.", current_status=row.status)
        elif attempt.ended_at is None:  # called off before anybody was sent, after an earlier attempt
            raise CannotRejoin("It had no call that could be rejoined.", current_status=row.status)
        elif attempt.end_reason in CANDIDATES_END or await self._receipts.refused(tx.session, attempt):
            raise EndedByCandidate("The candidate ended this call, or objected to it.", current_status=row.status)
        return attempt

    async def _reopen(self, tx: Transaction, row: InterviewRow, attempt: AttemptRow) -> None:
        """Have an attempt go on that had ended: its end, what was told to bring it about, and its summary are void."""
        begun = attempt.waiting_at is not None
        attempt.ended_at = attempt.closed_at = attempt.end_reason = attempt.report = attempt.summary = None
        row.ended_at = row.summary = None
        runs = RunRepository(tx.session)
        await runs.forget_stops(attempt.id)
        try:
            await bring_recording(self._storage, self._settings.recordings_dir, await runs.recording(attempt.id))
        except StorageError as error:
            raise RecordingElsewhere(row.id) from error
        parts = [recording_path(self._settings.recordings_dir, attempt.id, n) for n in range(1, attempt.epoch + 1)]
        await asyncio.to_thread(reopened, parts, whole_path(self._settings.recordings_dir, attempt.id))
        to = Status.RECONNECTING if begun else Status.JOINING
        Ledger(tx, row, self._publisher).move(to, self._clock(), REJOIN)


async def open_attempt(session: AsyncSession, interview: InterviewRow, now: datetime) -> AttemptRow:
    """Begin another try at an interview that nobody else changes, with its first incarnation of a bot."""
    attempt = await numbered_attempt(session, interview, now)
    RunRepository(session).add(_connection(attempt, START, now))
    return attempt


async def numbered_attempt(
    session: AsyncSession, interview: InterviewRow, now: datetime, kind: AttemptKind = AttemptKind.CALL
) -> AttemptRow:
    """Keep another try at an interview that nobody else changes, as yet without a bot."""
    before = await InterviewRepository(session, interview.tenant).newest_attempt(interview.id)
    attempt = AttemptRow(
        id=f"att_{secrets.token_hex(10)}",
        interview_id=interview.id,
        tenant=interview.tenant,
        number=before.number + 1 if before else 1,
        kind=kind.value,
        epoch=1,
        created_at=now,
        scheduled_at=interview.scheduled_at,
    )
    await RunRepository(session).add_attempt(attempt)
    return attempt


async def next_incarnation(session: AsyncSession, attempt: AttemptRow, cause: str, now: datetime) -> None:
    """Have another bot follow an attempt's newest one, which is not heard any more.

    What that one was told and had not done is told the next. cause: start, rejoin, takeover or handover.
    """
    before = await session.get(ConnectionRow, (attempt.id, attempt.epoch))
    if before is not None:
        before.left_at, before.bot_state = now, attempt.bot_state
    attempt.epoch += 1
    attempt.launched_at = attempt.bot_state = None
    session.add(_connection(attempt, cause, now))


def _connection(attempt: AttemptRow, cause: str, now: datetime) -> ConnectionRow:
    return ConnectionRow(attempt_id=attempt.id, epoch=attempt.epoch, tenant=attempt.tenant, cause=cause, opened_at=now)

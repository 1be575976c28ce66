"""The tries at an interview: what there were, another one, and a new bot for the one that is going on."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.database import Database
from api.errors import AttemptsExhausted, Conflict
from api.events.publisher import Publisher
from api.interviews import views
from api.interviews.dispatch import Dispatcher, told_to_the_caller
from api.interviews.ledger import Ledger
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import AttemptInList, Page, StartPolicy
from api.interviews.states import CALLING, REPEATABLE, AttemptKind, Status
from api.interviews.tables import REJOIN, START, AttemptRow, ConnectionRow, InterviewRow
from api.moments import Clock

log = structlog.get_logger(__name__)


class AttemptService:
    """Attempts of every tenant's interviews; whose is said with each call."""

    def __init__(self, database: Database, publisher: Publisher, dispatcher: Dispatcher, clock: Clock) -> None:
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

    async def rejoin(self, tenant: str, interview_id: str) -> None:
        """Send another bot into a call; it goes on where the one before stood, which is ended and not heard any more.

        Raises `Conflict` when there is no call. `NoCapacity` and `LaunchFailed` as for a start.
        """
        now = self._clock()
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, tenant)
            row = await interviews.get_for_change(interview_id)
            attempt = await interviews.newest_attempt(interview_id)
            if Status(row.status) not in CALLING or attempt is None or attempt.ended_at is not None:
                raise Conflict(f"An interview that is {row.status!r} can't be rejoined.", current_status=row.status)
            if await self._dispatcher.under_way(tx.session, attempt.id):
                raise Conflict("Its bot is just being started.", current_status=row.status)
            await next_incarnation(tx.session, attempt, REJOIN, now)
            await self._dispatcher.claim(tx.session, attempt)
        await self._dispatcher.tell(attempt.id)
        with told_to_the_caller():
            await self._dispatcher.replace(row, attempt)
        log.info("interview_rejoined", interview=interview_id, attempt=attempt.id, epoch=attempt.epoch)


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

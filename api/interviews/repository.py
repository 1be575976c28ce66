"""Every query about interviews. What a tenant may ask for goes through `InterviewRepository`, which can't forget whose
it is; what bots and the keeper do is keyed by the attempt that a signed token or the launcher names (`RunRepository`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import NotFound
from api.interviews.states import Status
from api.interviews.tables import AttemptRow, CommandRow, EventRow, InterviewRow, RecordingRow, TurnRow

TELLING = ("question.asked", "question.closed", "latency", "barge_in", "incident", "usage")  # coverage and metrics


class InterviewRepository:
    """One tenant's interviews. Another tenant's id is as unknown as one that never was."""

    def __init__(self, session: AsyncSession, tenant: str) -> None:
        self._session = session
        self._tenant = tenant

    async def add(self, interview: InterviewRow) -> None:
        """Keep a new interview, which is this tenant's whatever it says."""
        interview.tenant = self._tenant
        self._session.add(interview)
        await self._session.flush()  # what refers to it comes after it

    async def get(self, interview_id: str) -> InterviewRow:
        """Return an interview; raise `NotFound`."""
        return self._one(await self._session.scalar(self._mine(interview_id)), interview_id)

    async def get_for_change(self, interview_id: str) -> InterviewRow:
        """Return an interview that nobody else changes until this transaction ends; raise `NotFound`."""
        return self._one(await self._session.scalar(self._mine(interview_id).with_for_update()), interview_id)

    async def page(self, status: Status | None, page: int, limit: int) -> tuple[Sequence[InterviewRow], int]:
        """Return one page, newest first, and how many there are in all."""
        where = [InterviewRow.tenant == self._tenant]
        if status is not None:
            where.append(InterviewRow.status == status.value)
        total = await self._session.scalar(select(func.count()).select_from(InterviewRow).where(*where))
        newest = select(InterviewRow).where(*where).order_by(InterviewRow.created_at.desc(), InterviewRow.id.desc())
        rows = await self._session.scalars(newest.limit(limit).offset((page - 1) * limit))
        return rows.all(), total or 0

    async def newest_attempt(self, interview_id: str) -> AttemptRow | None:
        """Return the newest try at an interview."""
        mine = select(AttemptRow).where(AttemptRow.interview_id == interview_id, AttemptRow.tenant == self._tenant)
        return (await self._session.scalars(mine.order_by(AttemptRow.number.desc()).limit(1))).first()

    async def events_after(self, interview_id: str, seq: int, limit: int) -> Sequence[EventRow]:
        """Return the next events after number `seq`."""
        mine = select(EventRow).where(EventRow.interview_id == interview_id, EventRow.tenant == self._tenant)
        return (await self._session.scalars(mine.where(EventRow.seq > seq).order_by(EventRow.seq).limit(limit))).all()

    async def telling_events(self, interview_id: str) -> Sequence[EventRow]:
        """Return the events that coverage and metrics are worked out from."""
        mine = select(EventRow).where(EventRow.interview_id == interview_id, EventRow.tenant == self._tenant)
        return (await self._session.scalars(mine.where(EventRow.type.in_(TELLING)).order_by(EventRow.seq))).all()

    async def turns(self, interview_id: str) -> Sequence[TurnRow]:
        """Return the final turns in the order in which they were said."""
        mine = (
            select(TurnRow)
            .join(AttemptRow, AttemptRow.id == TurnRow.attempt_id)
            .where(TurnRow.interview_id == interview_id, TurnRow.tenant == self._tenant)
            .order_by(AttemptRow.number, TurnRow.seq)
        )
        return (await self._session.scalars(mine)).all()

    async def recording(self, interview_id: str) -> RecordingRow | None:
        """Return the newest recording."""
        mine = (
            select(RecordingRow)
            .join(AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
            .where(RecordingRow.interview_id == interview_id, RecordingRow.tenant == self._tenant)
            .order_by(AttemptRow.number.desc())
            .limit(1)
        )
        return (await self._session.scalars(mine)).first()

    def _mine(self, interview_id: str) -> Select[InterviewRow]:
        return select(InterviewRow).where(InterviewRow.id == interview_id, InterviewRow.tenant == self._tenant)

    def _one(self, row: InterviewRow | None, interview_id: str) -> InterviewRow:
        if row is None:
            raise NotFound("interview", interview_id)
        return row


class RunRepository:
    """What goes on in attempts, for bots and the keeper."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def attempt(self, attempt_id: str) -> AttemptRow | None:
        """Return an attempt."""
        return await self._session.get(AttemptRow, attempt_id)

    async def interview(self, interview_id: str) -> InterviewRow | None:
        """Return an interview, whoever's it is: for the holder of a token that was signed for it."""
        return await self._session.get(InterviewRow, interview_id)

    async def both(self, attempt_id: str) -> tuple[InterviewRow, AttemptRow]:
        """Return an attempt and its interview; raise `NotFound`."""
        return await self._both(_with_interview(attempt_id), attempt_id)

    async def both_for_change(self, attempt_id: str) -> tuple[InterviewRow, AttemptRow]:
        """Return an attempt and its interview that nobody else changes until this transaction ends."""
        return await self._both(_with_interview(attempt_id).with_for_update(), attempt_id)

    async def _both(self, query: Select[InterviewRow, AttemptRow], attempt_id: str) -> tuple[InterviewRow, AttemptRow]:
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            raise NotFound("attempt", attempt_id)
        interview, attempt = row
        return interview, attempt

    async def acknowledged(self, attempt_id: str, epoch: int) -> int:
        """Return the highest number stored of one incarnation's events, 0 for none."""
        mine = select(func.max(EventRow.n)).where(EventRow.attempt_id == attempt_id, EventRow.epoch == epoch)
        return await self._session.scalar(mine) or 0

    async def has_turn(self, attempt_id: str, seq: int) -> bool:
        """Tell whether a turn of that number is stored."""
        mine = select(TurnRow.seq).where(TurnRow.attempt_id == attempt_id, TurnRow.seq == seq)
        return await self._session.scalar(mine) is not None  # a query, unlike `get`, sees what was added before

    async def turns(self, attempt_id: str) -> Sequence[TurnRow]:
        """Return the final turns of an attempt."""
        return (
            await self._session.scalars(select(TurnRow).where(TurnRow.attempt_id == attempt_id).order_by(TurnRow.seq))
        ).all()

    async def question_events(self, attempt_id: str) -> Sequence[EventRow]:
        """Return the events that say what was asked in an attempt and what came of it."""
        mine = select(EventRow).where(EventRow.attempt_id == attempt_id, EventRow.type.like("question.%"))
        return (await self._session.scalars(mine.order_by(EventRow.seq))).all()

    async def recording(self, attempt_id: str) -> RecordingRow | None:
        """Return the recording of an attempt."""
        return await self._session.scalar(select(RecordingRow).where(RecordingRow.attempt_id == attempt_id))

    async def open_attempts(self) -> Sequence[AttemptRow]:
        """Return every attempt that has not ended."""
        return (await self._session.scalars(select(AttemptRow).where(AttemptRow.ended_at.is_(None)))).all()

    async def to_evaluate(self) -> Sequence[str]:
        """Return the newest attempt of each interview whose call is over and whose summary is not written."""
        waiting = (
            select(AttemptRow.interview_id, AttemptRow.id)
            .join(InterviewRow, InterviewRow.id == AttemptRow.interview_id)
            .where(InterviewRow.status == Status.EVALUATING.value)
            .order_by(AttemptRow.number)
        )
        newest = {row.interview_id: row.id for row in await self._session.execute(waiting)}
        return list(newest.values())

    async def open_commands(self, attempt_id: str) -> Sequence[CommandRow]:
        """Return what a bot was told and has not done."""
        mine = select(CommandRow).where(CommandRow.attempt_id == attempt_id, CommandRow.done_at.is_(None))
        return (await self._session.scalars(mine.order_by(CommandRow.created_at))).all()

    async def told_to_stop(self, attempt_id: str) -> bool:
        """Tell whether a bot was ever told to stop, whether or not it said that it had heard."""
        mine = select(CommandRow.id).where(CommandRow.attempt_id == attempt_id, CommandRow.command == "stop")
        return (await self._session.scalars(mine.limit(1))).first() is not None

    async def overdue(self, now: datetime) -> Sequence[str]:
        """Return the attempts that should have ended on command by now."""
        late = (
            select(CommandRow.attempt_id)
            .join(AttemptRow, AttemptRow.id == CommandRow.attempt_id)
            .where(CommandRow.deadline_at <= now, AttemptRow.ended_at.is_(None))
            .distinct()
        )
        return (await self._session.scalars(late)).all()

    async def command(self, command_id: str, attempt_id: str) -> CommandRow | None:
        """Return one command of one attempt."""
        mine = select(CommandRow).where(CommandRow.id == command_id, CommandRow.attempt_id == attempt_id)
        return await self._session.scalar(mine)

    async def add_attempt(self, attempt: AttemptRow) -> None:
        """Keep a new attempt."""
        self._session.add(attempt)
        await self._session.flush()  # what refers to it comes after it

    def add(self, row: TurnRow | RecordingRow | CommandRow) -> None:
        """Keep a new row."""
        self._session.add(row)


def _with_interview(attempt_id: str) -> Select[InterviewRow, AttemptRow]:
    return (
        select(InterviewRow, AttemptRow)
        .join(AttemptRow, AttemptRow.interview_id == InterviewRow.id)
        .where(AttemptRow.id == attempt_id)
    )

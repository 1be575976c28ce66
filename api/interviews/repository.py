"""Every query about interviews. What a tenant may ask for goes through `InterviewRepository`, which can't forget whose
it is; what bots and the keeper do is keyed by the attempt that a signed token or the launcher names (`RunRepository`).
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from api.errors import NotFound
from api.interviews.schemas import Relation, StartPolicy
from api.interviews.states import Status
from api.interviews.tables import (
    FLOOR,
    STOP,
    TAKEOVER,
    AttemptRow,
    CommandRow,
    ConnectionRow,
    EventRow,
    InterviewRow,
    RecordingRow,
    TurnRow,
)
from api.tasks.tables import TaskRow
from bot.interview import Role
from bot.spec import Mode

TELLING = ("question.asked", "question.closed", "latency", "barge_in", "incident", "usage")  # coverage and metrics


LARGE = (
    InterviewRow.plan,
    InterviewRow.brief,
    InterviewRow.summary,
    InterviewRow.limits,
)  # lists show none of them


@dataclass(frozen=True, slots=True)
class Filter:
    """Which interviews a list holds; what is left out does not matter. created_before is not included.

    words: stand in the candidate's name or in the title, in small letters or large ones.
    """

    statuses: tuple[Status, ...] = ()
    candidate_id: str | None = None
    job_id: str | None = None
    template_id: str | None = None
    external_ref: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    mode: Mode | None = None
    words: str | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return what a query asks for."""
        found: list[ColumnElement[bool]] = []
        if self.statuses:
            found.append(InterviewRow.status.in_([status.value for status in self.statuses]))
        named = {name: getattr(self, name) for name in ("candidate_id", "job_id", "template_id", "external_ref")}
        found += [getattr(InterviewRow, name) == value for name, value in named.items() if value is not None]
        if self.created_after is not None:
            found.append(InterviewRow.created_at >= self.created_after)
        if self.created_before is not None:
            found.append(InterviewRow.created_at < self.created_before)
        if self.mode is not None:
            found.append(InterviewRow.mode == self.mode.value)
        if self.words is not None:
            told = (InterviewRow.candidate_name, InterviewRow.title)
            found.append(or_(*(column.icontains(self.words, autoescape=True) for column in told)))
        return found


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

    async def whole(self, interview_id: str) -> tuple[InterviewRow, AttemptRow | None, RecordingRow | None]:
        """Return an interview with its newest attempt and its newest recording; raise `NotFound`."""
        found = (await self._session.execute(_WHOLE, {"tenant": self._tenant, "id": interview_id})).one_or_none()
        if found is None:
            raise NotFound("interview", interview_id)
        row, attempt, recording = found
        return row, attempt, recording

    async def get_for_change(self, interview_id: str) -> InterviewRow:
        """Return an interview that nobody else changes until this transaction ends; raise `NotFound`."""
        return self._one(await self._session.scalar(self._mine(interview_id).with_for_update()), interview_id)

    async def known_as(self, external_ref: str) -> InterviewRow | None:
        """Return the interview its owner calls so."""
        return await self._session.scalar(self._all().where(InterviewRow.external_ref == external_ref))

    async def of_run(self, run_id: str) -> InterviewRow:
        """Return the interview of a run; raise `NotFound`."""
        row = await self._session.scalar(self._all().where(InterviewRow.run_id == run_id))
        if row is None:
            raise NotFound("run", run_id)
        return row

    async def page(self, wanted: Filter, page: int, limit: int) -> Sequence[InterviewRow]:
        """Return one page, newest first; without what lists don't show."""
        return await self._page(self._all().where(*wanted.clauses()), page, limit)

    async def count(self, wanted: Filter) -> int:
        """Return how many there are in all."""
        return await self._count(self._all().where(*wanted.clauses()))

    async def related(
        self, row: InterviewRow, by: Sequence[Relation], page: int, limit: int
    ) -> tuple[Sequence[InterviewRow], int]:
        """Return one page of the interviews that have something in common with `row`, newest first."""
        chain = row.root_interview_id or row.id
        ways: dict[Relation, ColumnElement[bool] | None] = {
            Relation.CANDIDATE: InterviewRow.candidate_id == row.candidate_id if row.candidate_id else None,
            Relation.JOB: InterviewRow.job_id == row.job_id if row.job_id else None,
            Relation.ROUND_CHAIN: or_(InterviewRow.root_interview_id == chain, InterviewRow.id == chain),
        }
        asked = [way for relation in by if (way := ways[relation]) is not None]
        if not asked:
            return (), 0
        query = self._all().where(or_(*asked), InterviewRow.id != row.id)
        return await self._page(query, page, limit), await self._count(query)

    async def _page(self, query: Select[InterviewRow], page: int, limit: int) -> Sequence[InterviewRow]:
        newest = query.order_by(InterviewRow.created_at.desc(), InterviewRow.id.desc())
        small = newest.options(*(defer(column, raiseload=True) for column in LARGE))
        return (await self._session.scalars(small.limit(limit).offset((page - 1) * limit))).all()

    async def _count(self, query: Select[InterviewRow]) -> int:
        return await self._session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0

    async def several(self, interview_ids: Collection[str]) -> Sequence[InterviewRow]:
        """Return those of some interviews that there are, in no order."""
        return (await self._session.scalars(self._all().where(InterviewRow.id.in_(interview_ids)))).all()

    async def newest_attempt(self, interview_id: str) -> AttemptRow | None:
        """Return the newest try at an interview."""
        mine = select(AttemptRow).where(AttemptRow.interview_id == interview_id, AttemptRow.tenant == self._tenant)
        return (await self._session.scalars(mine.order_by(AttemptRow.number.desc()).limit(1))).first()

    async def attempts(self, *interview_ids: str) -> Sequence[AttemptRow]:
        """Return every try at some interviews, of each the newest first."""
        mine = select(AttemptRow).where(AttemptRow.interview_id.in_(interview_ids), AttemptRow.tenant == self._tenant)
        return (await self._session.scalars(mine.order_by(AttemptRow.number.desc()))).all()

    async def connections(self, *interview_ids: str) -> Sequence[ConnectionRow]:
        """Return every incarnation of some interviews' bots, of each the newest first."""
        mine = (
            select(ConnectionRow)
            .join(AttemptRow, AttemptRow.id == ConnectionRow.attempt_id)
            .where(AttemptRow.interview_id.in_(interview_ids), ConnectionRow.tenant == self._tenant)
            .order_by(AttemptRow.number.desc(), ConnectionRow.epoch.desc())
        )
        return (await self._session.scalars(mine)).all()

    async def events_after(self, interview_id: str, seq: int, limit: int) -> Sequence[EventRow]:
        """Return the next events after number `seq`."""
        mine = select(EventRow).where(EventRow.interview_id == interview_id, EventRow.tenant == self._tenant)
        return (await self._session.scalars(mine.where(EventRow.seq > seq).order_by(EventRow.seq).limit(limit))).all()

    async def telling_events(self, attempt_id: str) -> Sequence[EventRow]:
        """Return the events of an attempt that coverage and metrics are worked out from."""
        mine = select(EventRow).where(EventRow.attempt_id == attempt_id, EventRow.tenant == self._tenant)
        return (await self._session.scalars(mine.where(EventRow.type.in_(TELLING)).order_by(EventRow.seq))).all()

    async def turns(self, attempt_id: str) -> Sequence[TurnRow]:
        """Return the final turns of an attempt in the order in which they were said."""
        mine = select(TurnRow).where(TurnRow.attempt_id == attempt_id, TurnRow.tenant == self._tenant)
        return (await self._session.scalars(mine.order_by(TurnRow.seq))).all()

    async def recording(self, interview_id: str, number: int | None = None) -> RecordingRow | None:
        """Return the recording of one attempt, or the newest there is."""
        mine = (
            select(RecordingRow)
            .join(AttemptRow, AttemptRow.id == RecordingRow.attempt_id)
            .where(RecordingRow.interview_id == interview_id, RecordingRow.tenant == self._tenant)
            .order_by(AttemptRow.number.desc())
            .limit(1)
        )
        return (
            await self._session.scalars(mine if number is None else mine.where(AttemptRow.number == number))
        ).first()

    async def recordings(self, *interview_ids: str) -> Sequence[RecordingRow]:
        """Return every recording of some interviews."""
        mine = select(RecordingRow).where(
            RecordingRow.interview_id.in_(interview_ids), RecordingRow.tenant == self._tenant
        )
        return (await self._session.scalars(mine)).all()

    async def heard(self, *interview_ids: str) -> frozenset[str]:
        """Return the tries at some interviews in which the candidate said something, by their ids."""
        spoken = select(TurnRow.attempt_id).where(
            TurnRow.interview_id.in_(interview_ids),
            TurnRow.tenant == self._tenant,
            TurnRow.role == Role.CANDIDATE.value,
        )
        return frozenset(await self._session.scalars(spoken.distinct()))

    def _mine(self, interview_id: str) -> Select[InterviewRow]:
        return self._all().where(InterviewRow.id == interview_id)

    def _all(self) -> Select[InterviewRow]:
        return select(InterviewRow).where(InterviewRow.tenant == self._tenant, InterviewRow.deleted_at.is_(None))

    def _one(self, row: InterviewRow | None, interview_id: str) -> InterviewRow:
        if row is None:
            raise NotFound("interview", interview_id)
        return row


def _whole() -> Select[InterviewRow, AttemptRow, RecordingRow]:
    tried, recorded = aliased(AttemptRow), aliased(RecordingRow)
    of_it = tried.interview_id == InterviewRow.id
    newest = select(func.max(tried.number)).where(of_it).correlate(InterviewRow).scalar_subquery()
    with_recording = select(tried.id).join(recorded, recorded.attempt_id == tried.id).where(of_it)
    newest_recorded = with_recording.order_by(tried.number.desc()).limit(1).correlate(InterviewRow).scalar_subquery()
    return (
        select(InterviewRow, AttemptRow, RecordingRow)
        .select_from(InterviewRow)
        .outerjoin(AttemptRow, and_(AttemptRow.interview_id == InterviewRow.id, AttemptRow.number == newest))
        .outerjoin(RecordingRow, RecordingRow.attempt_id == newest_recorded)
        .where(InterviewRow.id == bindparam("id"), InterviewRow.tenant == bindparam("tenant"))
        .where(InterviewRow.deleted_at.is_(None))
    )


_WHOLE = _whole()  # put together once: for what is read most often that takes longer than the query


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

    async def interview_for_change(self, interview_id: str) -> InterviewRow | None:
        """Return an interview that nobody else changes until this transaction ends, whoever's it is."""
        return await self._session.get(InterviewRow, interview_id, with_for_update=True)

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

    async def several_for_change(self, attempt_ids: Collection[str]) -> dict[str, tuple[InterviewRow, AttemptRow]]:
        """Return attempts and their interviews that nobody else changes until this transaction ends, by attempt.

        They are taken in one order everywhere, so that two who want the same ones don't wait for each other.
        """
        rows = await self._session.execute(_SEVERAL, {"attempts": list(attempt_ids)})
        return {attempt.id: (interview, attempt) for interview, attempt in rows}

    async def all_acknowledged(self, attempt_ids: Collection[str]) -> dict[tuple[str, int], int]:
        """Return the highest number stored of the newest incarnations of some attempts, by attempt and epoch."""
        rows = await self._session.execute(_ACKNOWLEDGED, {"attempts": list(attempt_ids)})
        return {(attempt_id, epoch): n or 0 for attempt_id, epoch, n in rows}

    async def has_turn(self, attempt_id: str, seq: int) -> bool:
        """Tell whether a turn of that number is stored."""
        mine = select(TurnRow.seq).where(TurnRow.attempt_id == attempt_id, TurnRow.seq == seq)
        return await self._session.scalar(mine) is not None  # a query, unlike `get`, sees what was added before

    async def turn(self, attempt_id: str, seq: int) -> TurnRow | None:
        """Return one final turn of an attempt."""
        mine = select(TurnRow).where(TurnRow.attempt_id == attempt_id, TurnRow.seq == seq)
        return await self._session.scalar(mine)  # a query, unlike `get`, sees what was added before

    async def turns(self, attempt_id: str) -> Sequence[TurnRow]:
        """Return the final turns of an attempt."""
        return (
            await self._session.scalars(select(TurnRow).where(TurnRow.attempt_id == attempt_id).order_by(TurnRow.seq))
        ).all()

    async def question_events(self, attempt_id: str) -> Sequence[EventRow]:
        """Return the events that say what was asked in an attempt, what came of it, and what it left to do."""
        telling = or_(EventRow.type.like("question.%"), EventRow.type == "task")
        mine = select(EventRow).where(EventRow.attempt_id == attempt_id, telling)
        return (await self._session.scalars(mine.order_by(EventRow.seq))).all()

    async def events(self, attempt_id: str, types: Sequence[str]) -> Sequence[EventRow]:
        """Return the events of some types of an attempt, in the order they were stored."""
        mine = select(EventRow).where(EventRow.attempt_id == attempt_id, EventRow.type.in_(types))
        return (await self._session.scalars(mine.order_by(EventRow.seq))).all()

    async def takeovers(self, attempt_id: str) -> int:
        """Return how often a bot was sent in place of one that was lost."""
        mine = select(func.count()).where(ConnectionRow.attempt_id == attempt_id, ConnectionRow.cause == TAKEOVER)
        return await self._session.scalar(mine) or 0

    async def handed_over(self, attempt_id: str, epoch: int) -> bool:
        """Tell whether an incarnation left because its host went down, so that another goes on."""
        said = exists().where(
            EventRow.attempt_id == attempt_id, EventRow.epoch == epoch, EventRow.type == "handed_over"
        )
        return bool(await self._session.scalar(select(said)))

    async def has_spoken(self, attempt_id: str, epoch: int) -> bool:
        """Tell whether anything of one incarnation is stored."""
        mine = select(EventRow.seq).where(EventRow.attempt_id == attempt_id, EventRow.epoch == epoch)
        return (await self._session.scalars(mine.limit(1))).first() is not None

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

    async def last_told(self, attempt_id: str, kind: str) -> CommandRow | None:
        """Return the newest command of a kind that an attempt's bots were sent, done or not."""
        mine = select(CommandRow).where(CommandRow.attempt_id == attempt_id, CommandRow.command == kind)
        return (await self._session.scalars(mine.order_by(CommandRow.created_at.desc()).limit(1))).first()

    async def stop_commands(self, attempt_id: str) -> Sequence[CommandRow]:
        """Return by which commands a bot was told to leave, of those it has not done."""
        return [command for command in await self.open_commands(attempt_id) if command.command == STOP]

    async def told(self) -> Sequence[str]:
        """Return the open attempts whose bots were told something and have not done it."""
        waiting = (
            select(CommandRow.attempt_id)
            .join(AttemptRow, AttemptRow.id == CommandRow.attempt_id)
            .where(CommandRow.done_at.is_(None), AttemptRow.ended_at.is_(None))
        )
        return (await self._session.scalars(waiting.distinct())).all()

    async def connection(self, attempt_id: str, epoch: int) -> ConnectionRow | None:
        """Return one incarnation of an attempt's bot."""
        return await self._session.get(ConnectionRow, (attempt_id, epoch))

    async def told_to_stop(self, attempt_id: str) -> str | None:
        """Return why a bot was last told to stop, whether or not it said that it had heard; None where it never was."""
        mine = select(CommandRow.reason).where(CommandRow.attempt_id == attempt_id, CommandRow.command == STOP)
        return await self._session.scalar(mine.order_by(CommandRow.created_at.desc()).limit(1))

    async def forget_stops(self, attempt_id: str) -> None:
        """Make every stop that an attempt's bots were told void, and a floor that was to be lent before the end."""
        waiting = and_(CommandRow.command == FLOOR, CommandRow.done_at.is_(None))
        told = delete(CommandRow).where(CommandRow.attempt_id == attempt_id, or_(CommandRow.command == STOP, waiting))
        await self._session.execute(told)

    async def overdue(self, now: datetime) -> Sequence[str]:
        """Return the attempts that should have ended on command by now."""
        late = (
            select(CommandRow.attempt_id)
            .join(AttemptRow, AttemptRow.id == CommandRow.attempt_id)
            .where(CommandRow.command == STOP, CommandRow.deadline_at <= now, AttemptRow.ended_at.is_(None))
            .distinct()
        )
        return (await self._session.scalars(late)).all()

    async def command(self, command_id: str, attempt_id: str) -> CommandRow | None:
        """Return one command of one attempt."""
        mine = select(CommandRow).where(CommandRow.id == command_id, CommandRow.attempt_id == attempt_id)
        return await self._session.scalar(mine)

    async def candidate_came(self, interview_id: str, now: datetime) -> None:
        """Have the bot of an interview that starts on joining sent at once."""
        row = await self._session.get(InterviewRow, interview_id, with_for_update=True)
        if row is not None and row.status == Status.READY.value:
            row.scheduled_at = now

    async def anything_due(self, now: datetime, by: datetime) -> bool:
        """Tell whether there is something to start or to give up."""
        return await self._session.scalar(select(InterviewRow.id).where(self._due(now, by)).limit(1)) is not None

    async def anyone_to_remind(self, now: datetime, ahead: timedelta) -> bool:
        """Tell whether `claim_reminders` would find anything."""
        return await self._session.scalar(select(InterviewRow.id).where(self._near(now, ahead)).limit(1)) is not None

    async def claim_reminders(self, now: datetime, ahead: timedelta, limit: int) -> Sequence[InterviewRow]:
        """Return interviews that begin within `ahead` and of whose time nobody was reminded, for this transaction."""
        query = select(InterviewRow).where(self._near(now, ahead)).limit(limit)
        return (await self._session.scalars(query.with_for_update(skip_locked=True))).all()

    async def claim_due(
        self,
        now: datetime,
        by: datetime,
        since: datetime,
        until: datetime,
        limit: int,
        *,
        untold: Collection[str] = (),
    ) -> Sequence[InterviewRow]:
        """Return interviews that are to start by `by`, earliest first, and keep others off them until `until`.

        since: those due before it are missed, and not claimed; untold: only those that wait for none of these reasons.
        """
        query = select(InterviewRow).where(self._due(now, by), InterviewRow.scheduled_at > since)
        if untold:
            reason = InterviewRow.status_reason
            query = query.where(or_(reason.is_(None), reason.not_in(untold)))
        first = query.order_by(InterviewRow.scheduled_at, InterviewRow.id).limit(limit)
        rows = (await self._session.scalars(first.with_for_update(skip_locked=True))).all()
        for row in rows:
            row.claimed_until = until
        return rows

    async def claim_missed(self, now: datetime, since: datetime, limit: int) -> Sequence[InterviewRow]:
        """Return scheduled interviews that were due at `since` or before, for this transaction alone."""
        query = select(InterviewRow).where(
            self._due(now, now), InterviewRow.scheduled_at <= since, InterviewRow.status == Status.SCHEDULED.value
        )
        return (await self._session.scalars(query.limit(limit).with_for_update(skip_locked=True))).all()

    def _near(self, now: datetime, ahead: timedelta) -> ColumnElement[bool]:
        return and_(
            InterviewRow.status == Status.SCHEDULED.value,
            InterviewRow.scheduled_at > now,
            InterviewRow.scheduled_at <= now + ahead,
            or_(InterviewRow.reminded_for.is_(None), InterviewRow.reminded_for != InterviewRow.scheduled_at),
            InterviewRow.deleted_at.is_(None),
        )

    def _due(self, now: datetime, by: datetime) -> ColumnElement[bool]:
        arrived = and_(
            InterviewRow.status == Status.READY.value, InterviewRow.start_policy == StartPolicy.ON_JOIN.value
        )
        return and_(
            or_(InterviewRow.status == Status.SCHEDULED.value, arrived),
            InterviewRow.scheduled_at <= by,
            or_(InterviewRow.claimed_until.is_(None), InterviewRow.claimed_until <= now),
            InterviewRow.deleted_at.is_(None),
        )

    async def add_attempt(self, attempt: AttemptRow) -> None:
        """Keep a new attempt."""
        self._session.add(attempt)
        await self._session.flush()  # what refers to it comes after it

    def tell(
        self,
        attempt: AttemptRow,
        command: str,
        now: datetime,
        *,
        reason: str = "",
        data: dict[str, Any] | None = None,
        deadline_at: datetime | None = None,
    ) -> None:
        """Keep a command for the attempt's bot, which reads it once that is committed and it is nudged."""
        row = CommandRow(
            id=f"cmd_{secrets.token_hex(10)}",
            attempt_id=attempt.id,
            interview_id=attempt.interview_id,
            tenant=attempt.tenant,
            command=command,
            reason=reason,
            data=data,
            created_at=now,
            deadline_at=deadline_at,
        )
        self._session.add(row)

    def add(self, row: TurnRow | RecordingRow | ConnectionRow | TaskRow) -> None:
        """Keep a new row."""
        self._session.add(row)


def _with_interview(attempt_id: str) -> Select[InterviewRow, AttemptRow]:
    return (
        select(InterviewRow, AttemptRow)
        .join(AttemptRow, AttemptRow.interview_id == InterviewRow.id)
        .where(AttemptRow.id == attempt_id)
    )


_SEVERAL = (
    select(InterviewRow, AttemptRow)
    .join(AttemptRow, AttemptRow.interview_id == InterviewRow.id)
    .where(AttemptRow.id.in_(bindparam("attempts", expanding=True)))
    .order_by(AttemptRow.id)
    .with_for_update()
)
_HIGHEST = select(func.max(EventRow.n)).where(EventRow.attempt_id == AttemptRow.id, EventRow.epoch == AttemptRow.epoch)
_ACKNOWLEDGED = select(AttemptRow.id, AttemptRow.epoch, _HIGHEST.scalar_subquery()).where(
    AttemptRow.id.in_(bindparam("attempts", expanding=True))
)

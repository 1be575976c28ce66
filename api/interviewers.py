"""Who holds an interview: its named interviewers, for whom alone the copilot is.

Whoever gets an interviewer's join link is named by it, and may be named without one, by the subject of their API token.
Who is removed keeps nothing: they are put out of the room and the panel, and their links open neither until they are
named again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api import audit
from api.auth import Caller
from api.auth import Name as Subject
from api.callers import Conductor, Reader
from api.copilot.panel import Panel
from api.database import Base, Database, Moment, Transaction
from api.errors import NotFound, NotNamed
from api.interviews.dispatch import Dispatcher
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import Id, Name, Page, Time
from api.interviews.tables import FLOOR, AttemptRow, InterviewRow
from api.links import Seat
from api.moments import Clock
from api.problems import responses
from api.scopes import ROLES
from api.services import TheServices
from bot.interview import Leader, Role

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1/interviews/{interview_id}/interviewers", tags=["interviewers"])


class InterviewerRow(Base):
    """One person who holds an interview, or did.

    subject: of their API token, since subject_since; copilot: whether they get its panel.
    """

    __tablename__ = "interviewer"

    interview_id: Mapped[str] = mapped_column(ForeignKey("interview.id"), primary_key=True)
    participant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(128))
    subject_since: Mapped[datetime | None] = mapped_column(Moment)
    copilot: Mapped[bool]
    named_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class InterviewerIn(BaseModel):
    """Who holds the interview. subject: of the token that they use the API with, where they do.

    copilot: whether they may open the copilot's panel.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    subject: Subject | None = None
    copilot: Annotated[bool, Field(strict=True)] = True


class InterviewerOut(BaseModel):
    """One named interviewer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    participant_id: str
    name: str
    subject: str | None
    copilot: bool
    named_at: Time


class Interviewers:
    """Who holds which interview, of every tenant."""

    def __init__(
        self,
        database: Database,
        panel: Panel,
        dispatcher: Dispatcher,
        put_out: Callable[[str, str], None],
        clock: Clock,
    ) -> None:
        """panel: where those who are removed learn it; put_out: takes interview and participant out of the room."""
        self._database, self._panel, self._put_out = database, panel, put_out
        self._dispatcher, self._clock = dispatcher, clock

    async def list(self, tenant: str, interview_id: str) -> Sequence[InterviewerOut]:
        """Return who is named, in the order in which they were; raise `NotFound`."""
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, tenant).get(interview_id)
            rows = await named(tx.session, interview_id)
        return [InterviewerOut.model_validate(row) for row in rows]

    async def name(
        self, caller: Caller, interview_id: str, participant_id: str, wanted: InterviewerIn
    ) -> InterviewerOut:
        """Name somebody, or change what is known of them; raise `NotFound`."""
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            now = self._clock()
            row = await name_in(tx, caller, interview_id, participant_id, wanted.name, now)
            before, names = (row.subject, row.copilot), {participant_id, row.subject}
            row.subject, row.copilot = wanted.subject, wanted.copilot
            if row.subject != before[0]:
                row.subject_since = now if row.subject is not None else None
                audit.record(tx, caller, "interviewer.subject_changed", interview_id, at=now)
            if before != (row.subject, row.copilot):
                told = {"participant_id": participant_id, "by": caller.subject}
                await self._panel.append(tx, interview, "interviewer.changed", told)
            lent = None if row.copilot else await self._take_back(tx, caller, interview, names)
        if lent is not None:
            await self._dispatcher.tell(lent.id)
        return InterviewerOut.model_validate(row)

    async def remove(self, caller: Caller, interview_id: str, participant_id: str) -> None:
        """Name somebody no longer; raise `NotFound` for who is not named."""
        async with self._database.write() as tx:
            interview = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            row = await tx.session.get(InterviewerRow, (interview_id, participant_id))
            if row is None or row.removed_at is not None:
                raise NotFound("interviewer", participant_id)
            row.removed_at = self._clock()
            audit.record(tx, caller, "interviewer.removed", interview_id, at=row.removed_at)
            told = {"participant_id": participant_id, "by": caller.subject}
            await self._panel.append(tx, interview, "interviewer.removed", told)
            lent = await self._take_back(tx, caller, interview, {participant_id, row.subject})
        if lent is not None:
            await self._dispatcher.tell(lent.id)
        self._put_out(interview_id, participant_id)
        log.info("interviewer_removed", interview=interview_id, participant_id=participant_id)

    async def _take_back(
        self, tx: Transaction, caller: Caller, interview: InterviewRow, names: Collection[str | None]
    ) -> AttemptRow | None:
        """Have the floor stay where it is that somebody asked the bot to take who may not any more.

        names: theirs. Returns the attempt whose bot is to be told; None where it waits for nothing of theirs.
        """
        attempt = await InterviewRepository(tx.session, interview.tenant).newest_attempt(interview.id)
        if attempt is None or attempt.ended_at is not None:
            return None
        runs = RunRepository(tx.session)
        asked = [one.data for one in await runs.open_commands(attempt.id) if one.command == FLOOR and one.data]
        if not asked or asked[-1]["to"] != Leader.BOT or asked[-1]["by"] not in names:
            return None
        back = {"to": Leader.INTERVIEWER.value, "by": caller.subject}
        runs.tell(attempt, FLOOR, self._clock(), data=back)
        return attempt

    async def seated(self, seat: Seat) -> Caller:
        """Return who holds an interviewer's join link; they may use the copilot where it is granted to them.

        Raises `NotNamed` for everybody else's links and for who is not named any more, `NotFound`.
        """
        if seat.role is not Role.INTERVIEWER:
            raise NotNamed("not_an_interviewer", f"This is a link of the {seat.role.value}'s; only interviewers may.")
        return replace(await self.holder(seat.interview_id, seat.participant_id, seat.name), until=seat.until)

    async def holder(self, interview_id: str, participant_id: str, name: str = "") -> Caller:
        """Return somebody who holds an interview; they may use the copilot where it is granted to them.

        name: for the refusal. Raises `NotNamed` for who is not named, or not any more, `NotFound`.
        """
        async with self._database.read() as tx:
            interview = await tx.session.get(InterviewRow, interview_id)
            if interview is None or interview.deleted_at is not None:
                raise NotFound("interview", interview_id)
            row = await tx.session.get(InterviewerRow, (interview_id, participant_id))
        if row is None or row.removed_at is not None:
            who = name or participant_id
            raise NotNamed("not_named", f"{who!r} does not hold this interview any more; ask for a new link.")
        scopes = {"copilot:use"} if row.copilot else set[str]()
        return Caller(interview.tenant, participant_id, frozenset(scopes))

    async def let_in(self, caller: Caller, interview_id: str) -> None:
        """Raise as `require` does; a panel that an admin opens without being named is audited."""
        if not await self.require(caller, interview_id):
            async with self._database.write() as tx:
                audit.record(tx, caller, "copilot.opened_unnamed", interview_id, at=self._clock())

    async def require(self, caller: Caller, interview_id: str) -> bool:
        """Raise unless `caller` may use the copilot of an interview: named on it, or the tenant's admin.

        Returns whether they are named. `LacksScope`, `NotFound`, `NotNamed`.
        """
        caller.require("copilot:use")
        async with self._database.read() as tx:
            await InterviewRepository(tx.session, caller.tenant).get(interview_id)
            rows = await named(tx.session, interview_id)
        holds = any(row.copilot and caller.subject in (row.participant_id, row.subject) for row in rows)
        if not holds and not caller.scopes >= ROLES["admin"]:
            raise NotNamed(
                "not_named",
                f"{caller.subject!r} is not among the interviewers of this interview who have its copilot; "
                "PUT …/interviewers/{participant_id} names them.",
            )
        return holds


async def name_in(
    tx: Transaction, caller: Caller, interview_id: str, participant_id: str, name: str, now: datetime
) -> InterviewerRow:
    """Name somebody inside a larger transaction that holds the interview.

    Who is named already stays who they are, under this name.
    """
    row = await tx.session.get(InterviewerRow, (interview_id, participant_id))
    if row is None:
        row = InterviewerRow(
            interview_id=interview_id, participant_id=participant_id, tenant=caller.tenant, copilot=True
        )
        tx.session.add(row)
    if row.named_at is None or row.removed_at is not None:
        row.named_at, row.removed_at = now, None
        audit.record(tx, caller, "interviewer.named", interview_id, at=now)
    row.name = name
    return row


async def removed(session: AsyncSession, interview_id: str, participant_id: str) -> bool:
    """Tell whether somebody held an interview and was removed."""
    row = await session.get(InterviewerRow, (interview_id, participant_id))
    return row is not None and row.removed_at is not None


async def removed_from(session: AsyncSession, interview_id: str) -> set[str]:
    """Return all who held an interview and were removed."""
    mine = select(InterviewerRow.participant_id).where(InterviewerRow.interview_id == interview_id)
    return set(await session.scalars(mine.where(InterviewerRow.removed_at.is_not(None))))


async def named(session: AsyncSession, interview_id: str) -> Sequence[InterviewerRow]:
    """Return who holds an interview, in the order in which they were named."""
    mine = select(InterviewerRow).where(InterviewerRow.interview_id == interview_id)
    here = mine.where(InterviewerRow.removed_at.is_(None))
    return (await session.scalars(here.order_by(InterviewerRow.named_at, InterviewerRow.participant_id))).all()


@router.get("", responses=responses(401, 403, 404), operation_id="list_interviewers")
async def list_(interview_id: str, caller: Reader, services: TheServices) -> Page[InterviewerOut]:
    """List who holds an interview."""
    return Page.all_of([*await services.interviewers.list(caller.tenant, interview_id)])


@router.put("/{participant_id}", responses=responses(401, 403, 404, 413, 422), operation_id="name_interviewer")
async def name(
    interview_id: str, participant_id: Id, wanted: InterviewerIn, caller: Conductor, services: TheServices
) -> InterviewerOut:
    """Name somebody who holds an interview, with or without a link; again with the same id changes them."""
    return await services.interviewers.name(caller, interview_id, participant_id, wanted)


@router.delete(
    "/{participant_id}",
    status_code=204,
    response_class=Response,
    responses=responses(401, 403, 404, 422),
    operation_id="remove_interviewer",
)
async def remove(interview_id: str, participant_id: Id, caller: Conductor, services: TheServices) -> Response:
    """Have somebody no longer hold an interview: links, panel and the call itself are closed to them at once."""
    await services.interviewers.remove(caller, interview_id, participant_id)
    return Response(status_code=204)

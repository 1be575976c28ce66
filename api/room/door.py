"""The door of every room: join links against what is known of the interview.

A candidate who comes to an interview that starts on joining has its bot sent for, by the scheduler's next look.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Caller
from api.consents.repository import ASKED_OF, Answer, ConsentRepository
from api.consents.schemas import ConsentMethod
from api.database import Database
from api.errors import Forbidden, Unauthorised
from api.interviewers import named, removed, removed_from
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import StartPolicy
from api.interviews.states import OVER, Status
from api.interviews.tables import InterviewRow
from api.links import Links, Seat
from api.moments import Clock, utc_now
from api.participants.repository import ParticipantRepository, withdrawn, withdrawn_from
from api.room.frames import NoticeShown
from api.room.members import (
    BAD_LINK,
    INTERVIEW_OVER,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_NAMED,
    REPLACED,
    TAKEN_BACK,
    Card,
    Refused,
    RoomSeat,
)
from bot.interview import Role


class LinkDoor:
    """Admits whoever holds a link that `links` made, as long as the interview isn't over; a `RoomDoor`."""

    def __init__(
        self,
        links: Links,
        database: Database,
        take_back: Callable[[Caller, str], Awaitable[None]],
        clock: Clock = utc_now,
    ) -> None:
        """take_back: what the candidate agreed to in an interview, as `ConsentService` does."""
        self._links = links
        self._database = database
        self._take_back = take_back
        self._clock = clock

    async def admit(self, interview_id: str, token: str) -> tuple[RoomSeat, Card]:
        """Return the seat and the card; raise `Refused`."""
        seat, row = await seated(self._links, self._database, interview_id, token)
        async with self._database.read() as transaction:
            holders = [one.name for one in await named(transaction.session, interview_id)]
            invited = await ParticipantRepository(transaction.session, row.tenant).of(row.id)
            followed = await _followed(transaction.session, row, seat)
        if followed:
            raise Refused(REPLACED, "superseded", "Another bot holds this interview by now.")
        if seat.role is Role.CANDIDATE and row.start_policy == StartPolicy.ON_JOIN and row.status == Status.READY:
            async with self._database.write() as transaction:
                await RunRepository(transaction.session).candidate_came(interview_id, self._clock())
        listeners = [one.name for one in invited if one.role == Role.OBSERVER]
        others = {one.participant_id for one in invited if one.role != Role.INTERVIEWER}
        async with self._database.read() as transaction:
            out = await withdrawn_from(transaction.session, interview_id)
            out |= await removed_from(transaction.session, interview_id) - others
        return seat, replace(_card(row, holders, listeners), removed=tuple(sorted(out)))

    async def agreed(self, interview_id: str, seat: RoomSeat, notice: NoticeShown | None) -> None:
        """Keep it for what the interview's people are asked; see `ConsentRepository.keep`."""
        now, role = self._clock(), Role(seat.role)
        if role not in ASKED_OF:
            return
        answer = Answer(role, seat.participant_id, ConsentMethod.PAGE, given=True, at=now)
        if notice is not None:
            shown, given = (now - timedelta(milliseconds=ago) for ago in (notice.shown_ms, notice.given_ms))
            answer = replace(answer, at=given, notice=notice.version, shown_at=shown)
        async with self._database.write() as tx:
            row = await RunRepository(tx.session).interview_for_change(interview_id)
            if row is not None:
                await ConsentRepository(tx.session, row.tenant).keep(interview_id, answer)

    async def withdrew(self, interview_id: str, seat: RoomSeat) -> None:
        """Keep that the candidate's consents hold no longer, and that they said so themselves."""
        async with self._database.read() as tx:
            row = await RunRepository(tx.session).interview(interview_id)
        if row is not None:
            await self._take_back(Caller(row.tenant, seat.participant_id, frozenset()), interview_id)


async def _followed(session: AsyncSession, row: InterviewRow, seat: Seat) -> bool:
    """Tell whether a bot has a successor: one that comes back out of a cut network would put it out of the room."""
    if seat.role is not Role.BOT or seat.epoch is None:
        return False
    newest = await InterviewRepository(session, row.tenant).newest_attempt(row.id)
    return newest is not None and (newest.bot_id, newest.epoch) != (seat.participant_id, seat.epoch)


async def seated(links: Links, database: Database, interview_id: str, token: str) -> tuple[Seat, InterviewRow]:
    """Return whom a link seats, and the interview, as long as that isn't over; raise `Refused`."""
    try:
        seat = links.verify(token, interview_id)
    except Forbidden as error:
        raise Refused(NOT_ALLOWED, error.reason, str(error)) from None
    except Unauthorised as error:
        raise Refused(BAD_LINK, error.reason, str(error)) from None
    async with database.read() as transaction:
        row = await RunRepository(transaction.session).interview(interview_id)
        gone = await withdrawn(transaction.session, seat) or (
            seat.role is Role.INTERVIEWER and await removed(transaction.session, interview_id, seat.participant_id)
        )
    if gone:
        raise Refused(NOT_ALLOWED, NOT_NAMED, TAKEN_BACK)
    if row is None:
        raise Refused(NOT_FOUND, "not_found", "There is no such interview any more.")
    if Status(row.status) in OVER:
        raise Refused(INTERVIEW_OVER, row.status_reason or row.status, "This interview is over.", role=seat.role)
    return seat, row


def _card(row: InterviewRow, interviewers: Sequence[str], observers: Sequence[str]) -> Card:
    return Card(
        title=row.title,
        language=row.language,
        mode=row.mode,
        status=row.status,
        questions=sum(len(section["questions"]) for section in _sections(row.plan)),
        minutes=row.plan.get("minutes"),
        candidate=row.candidate_name,
        organisation=row.organisation,
        bot=row.bot_name,
        interviewers=tuple(interviewers),
        observers=tuple(observers),
    )


def _sections(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return list(plan.get("sections", ()))

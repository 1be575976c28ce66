"""Who may call, whether a bot waits for them, and how it is told."""

import contextlib
from dataclasses import dataclass
from enum import StrEnum

from api.auth import Caller
from api.database import Database
from api.errors import Conflict, NotByPhone, TicketRefused
from api.interviews.dispatch import Dispatcher
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.schemas import StartInterview, StartPolicy
from api.interviews.service import InterviewService
from api.interviews.states import CALLING, OVER, Status
from api.interviews.tables import LINE
from api.links import Links
from api.moments import Clock
from api.phone.legs import Leg
from api.room.door import seated
from api.room.members import NOT_ALLOWED, Refused
from api.settings import Settings
from api.tickets import Tickets
from bot.interview import Role


class Provider(StrEnum):
    """Whose telephone network a call comes from."""

    TWILIO = "twilio"
    TELNYX = "telnyx"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom a call was admitted as. call: the provider's id of it."""

    interview_id: str
    participant_id: str
    call: str = ""


class Phone:
    """Lets calls in."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        links: Links,
        tickets: Tickets,
        interviews: InterviewService,
        dispatcher: Dispatcher,
        clock: Clock,
    ) -> None:
        self._settings, self._database, self._links = settings, database, links
        self._tickets, self._interviews, self._dispatcher, self._clock = tickets, interviews, dispatcher, clock

    async def expect(self, interview_id: str, token: str) -> Admitted:
        """Admit the candidate whom a link names and see that a bot waits for the call, or is sent.

        Raises `Refused` for the link, `NotByPhone` where no bot waits for a call, and what starting one raises.
        """
        seat, row = await seated(self._links, self._database, interview_id, token)
        if seat.role is not Role.CANDIDATE:
            raise Refused(NOT_ALLOWED, "not_by_phone", "Calls are taken with a candidate's link alone.")
        if row.status == Status.READY and row.start_policy == StartPolicy.ON_JOIN:
            with contextlib.suppress(Conflict):  # somebody was quicker; below says whether that will do
                await self._interviews.start(row.tenant, row.id, StartInterview(meeting_url=self._settings.phone))
        async with self._database.read() as tx:
            now = await RunRepository(tx.session).interview(interview_id)
        if now is None or Status(now.status) not in CALLING:
            todo = "start it first, or create it to start on joining"
            said = f"No bot waits for this call: the interview is {row.status!r}; {todo}."
            raise NotByPhone(said, current_status=row.status)
        if now.meeting_url != self._settings.phone:
            todo = f"start it with the meeting_url {self._settings.phone}"
            said = f"This interview's bot waits in a room or a meeting, and for no call; {todo}."
            raise NotByPhone(said, current_status=now.status)
        return Admitted(interview_id, seat.participant_id)

    async def ticket(self, who: Admitted, provider: Provider, call: str, answering: str | None) -> str:
        """Return what opens the stream of a call, once and soon. answering: a request that is answered once only."""
        tenant = await self._interviews.tenant_of(who.interview_id)
        holder = Caller(tenant, who.participant_id, frozenset({_scope(provider, call)}))
        return (await self._tickets.issue(holder, who.interview_id, answering=answering)).ticket

    async def admit(self, interview_id: str, provider: Provider, ticket: str) -> Admitted:
        """Use a ticket up; raise `TicketRefused`."""
        holder = await self._tickets.take(ticket, interview_id)
        (scope,) = holder.scopes or {""}
        if not scope.startswith(_scope(provider, "")):
            raise TicketRefused("unknown", "This ticket is not for a call of this provider.")
        return Admitted(interview_id, holder.subject, scope.removeprefix(_scope(provider, "")))

    async def ring(self, who: Admitted, leg: Leg) -> None:
        """Have the interview's bot dial in and take a call; raise `NotByPhone` when there is none any more."""
        sockets = "ws" + (self._settings.replica_url or self._settings.internal).removeprefix("http")
        data = {"url": f"{sockets}/phone/{who.interview_id}/line/{leg.id}", "caller": who.participant_id}
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            row = await runs.interview_for_change(who.interview_id)
            attempt = await InterviewRepository(tx.session, row.tenant).newest_attempt(row.id) if row else None
            if attempt is None or attempt.ended_at is not None:
                raise NotByPhone("The interview has just ended.", current_status="over")
            runs.tell(attempt, LINE, self._clock(), data=data)
        await self._dispatcher.tell(attempt.id)

    async def over(self, interview_id: str) -> bool:
        """Tell whether nothing will be said any more in an interview."""
        async with self._database.read() as tx:
            row = await RunRepository(tx.session).interview(interview_id)
        return row is None or Status(row.status) in OVER


def _scope(provider: Provider, call: str) -> str:
    return f"phone:{provider}:{call}"

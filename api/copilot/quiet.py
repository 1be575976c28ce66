"""The quiet key of an interview: while it is on, its bot suggests nothing. Warnings still come."""

from sqlalchemy import update

from api.auth import Caller
from api.copilot.panel import QUIET_CHANGED, Panel, is_quiet
from api.database import Database
from api.interviews.dispatch import Dispatcher
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.tables import QUIET, CommandRow
from api.moments import Clock


class QuietKey:
    """Turns it on and off. The private line says how it stands: to panels that reload, and to bots that take over."""

    def __init__(self, database: Database, panel: Panel, dispatcher: Dispatcher, clock: Clock) -> None:
        self._database, self._panel, self._dispatcher, self._clock = database, panel, dispatcher, clock

    async def turn(self, caller: Caller, interview_id: str, *, on: bool) -> None:
        """Turn it on or off, once; raise `NotFound`."""
        now = self._clock()
        async with self._database.write() as tx:
            interviews = InterviewRepository(tx.session, caller.tenant)
            interview = await interviews.get_for_change(interview_id)
            if await is_quiet(tx.session, interview_id) == on:
                return
            await self._panel.append(tx, interview, QUIET_CHANGED, {"on": on, "by": caller.subject})
            attempt = await interviews.newest_attempt(interview_id)
            if attempt is None or attempt.ended_at is not None:
                return
            mine = update(CommandRow).where(CommandRow.attempt_id == attempt.id, CommandRow.command == QUIET)
            await tx.session.execute(mine.where(CommandRow.done_at.is_(None)).values(done_at=now))  # the newest counts
            RunRepository(tx.session).tell(attempt, QUIET, now, data={"on": on, "by": caller.subject})
        await self._dispatcher.tell(attempt.id)

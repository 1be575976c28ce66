"""Passes on to the bot who is to lead."""

from collections.abc import Sequence
from typing import Any

import structlog

from api import audit
from api.auth import Caller
from api.copilot.panel import Panel
from api.database import Database, Transaction
from api.errors import Conflict
from api.events.publisher import Publisher
from api.interviews.dispatch import Dispatcher
from api.interviews.ledger import Ledger
from api.interviews.repository import InterviewRepository, RunRepository
from api.interviews.states import CALLING, OVER, Status
from api.interviews.tables import FLOOR, MODE, AttemptRow, CommandRow, InterviewRow
from api.leading.schemas import FloorIn, LeadOut, ModeIn
from api.moments import Clock
from bot.spec import Mode

log = structlog.get_logger(__name__)


class LeadService:
    """Who leads the calls of every tenant. The same asked for twice is done once."""

    def __init__(
        self, database: Database, publisher: Publisher, panel: Panel, dispatcher: Dispatcher, clock: Clock
    ) -> None:
        self._database, self._publisher, self._panel = database, publisher, panel
        self._dispatcher, self._clock = dispatcher, clock

    async def floor(self, caller: Caller, interview_id: str, wanted: FloorIn) -> LeadOut:
        """Have the bot ask for a while, or hand back; raise `NotFound`, and `Conflict` unless it is a copilot's call.

        What the candidate hears of it is up to the bot: nothing, where there is nothing left to ask.
        """
        asked = wanted.model_dump(mode="json", exclude_none=True)
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            attempt = await self._attempt(tx, row)
            open_ = () if attempt is None else await RunRepository(tx.session).open_commands(attempt.id)
            coming = None if attempt is None else await self._coming(tx, attempt)
            mode = Mode(coming or row.mode)
            if mode is not Mode.COPILOT:
                raise Conflict(
                    f"The floor can be lent in mode 'copilot', and this is {mode.value!r}; change the mode first.",
                    current_status=row.status,
                )
            if attempt is None:
                raise Conflict(f"An interview that is {row.status!r} has no bot in it.", current_status=row.status)
            self._tell(tx, caller, attempt, FLOOR, asked, open_)
        await self._dispatcher.tell(attempt.id)
        return LeadOut(interview_id=interview_id, to=wanted.to, mode=Mode(row.mode))

    async def mode(self, caller: Caller, interview_id: str, wanted: ModeIn) -> LeadOut:
        """Change the mode: during the call by the bot, which says so, before it at once.

        Raises `NotFound`, and `Conflict` once the call is over.
        """
        async with self._database.write() as tx:
            row = await InterviewRepository(tx.session, caller.tenant).get_for_change(interview_id)
            if Status(row.status) in OVER:
                raise Conflict(f"The call of an interview that is {row.status!r} is over.", current_status=row.status)
            attempt = await self._attempt(tx, row)
            if attempt is not None:
                open_ = await RunRepository(tx.session).open_commands(attempt.id)
                coming = await self._coming(tx, attempt)  # what the bot has, it may not have done yet
                if {row.mode, coming or row.mode} != {wanted.to.value}:
                    self._tell(tx, caller, attempt, MODE, {"to": wanted.to.value}, open_)
            elif row.mode != wanted.to:
                now, before = self._clock(), row.mode
                row.mode = wanted.to.value
                row.note_change(now)
                told = {"from": before, "to": row.mode, "by": caller.subject, "announced": False}
                event = Ledger(tx, row, self._publisher).append("mode.changed", told, now)
                await self._panel.put(tx, row, event)
                audit.record(tx, caller, f"interview.mode.{row.mode}", row.id, at=now)
        if attempt is not None:
            await self._dispatcher.tell(attempt.id)
        return LeadOut(interview_id=interview_id, to=wanted.to, mode=Mode(row.mode))

    async def _coming(self, tx: Transaction, attempt: AttemptRow) -> str | None:
        """The mode that was asked for last in this call, whether it has come or not; None where none was."""
        last = await RunRepository(tx.session).last_told(attempt.id, MODE)
        return None if last is None or last.data is None else str(last.data["to"])

    async def _attempt(self, tx: Transaction, row: InterviewRow) -> AttemptRow | None:
        """The attempt whose bot is to be told; None where no bot is at work."""
        if Status(row.status) not in CALLING:
            return None
        attempt = await InterviewRepository(tx.session, row.tenant).newest_attempt(row.id)
        return attempt if attempt is not None and attempt.ended_at is None else None

    def _tell(
        self,
        tx: Transaction,
        caller: Caller,
        attempt: AttemptRow,
        kind: str,
        asked: dict[str, Any],
        open_: Sequence[CommandRow],
    ) -> None:
        """Have the bot told, unless the last thing of this kind that it has not done yet is the same."""
        last = next((command for command in reversed(open_) if command.command == kind), None)
        data = asked | {"by": caller.subject}
        if last is not None and last.data is not None and {**last.data, "by": ""} == {**data, "by": ""}:
            return
        now = self._clock()
        RunRepository(tx.session).tell(attempt, kind, now, data=data)
        audit.record(tx, caller, f"interview.{kind}.{asked['to']}", attempt.interview_id, at=now)
        log.info("lead_asked", interview=attempt.interview_id, kind=kind, to=asked["to"])

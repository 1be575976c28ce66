"""Writes up calls that are over: joins their recordings, sums them up, has them rated.

What it does follows from the database, so a restarted control plane goes on where the last one stopped. It takes as
long as it takes: the keeper, who sends new bots into calls, does not wait for it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from api.database import Database, Transaction
from api.events.publisher import Publisher
from api.interviews.by_itself import by_itself, rounds
from api.interviews.dispatch import recording_path, whole_path
from api.interviews.leases import Leases
from api.interviews.ledger import Ledger
from api.interviews.leftovers import gathered, note_recording
from api.interviews.repository import RunRepository
from api.interviews.states import Status, outcome
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, TurnRow
from api.moments import Clock
from api.receipts.service import Receipts
from api.settings import Settings
from bot.interview import Role
from bot.state import EndReason
from orchestrator import LaunchHandle
from orchestrator.logs import named

log = structlog.get_logger(__name__)

LONGEST_DETAIL = 500  # characters of an error that is shown

Summarise = Callable[[InterviewRow, AttemptRow, Sequence[TurnRow], Sequence[EventRow]], dict[str, Any]]
Rate = Callable[[str, str], Awaitable[None]]  # a tenant's interview, by its id


class WritingUp:
    """Writes up every call, each by one of several replicas. bell: ring it to have a look taken at once."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        summarise: Summarise,
        rate: Rate,
        receipts: Receipts,
        leases: Leases,
        bell: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._summarise = summarise
        self._rate = rate
        self._receipts = receipts
        self._leases = leases
        self._bell = bell
        self._clock = clock

    async def run(self) -> None:
        """Keep going until cancelled."""
        await rounds(self.look, self._bell, self._settings.watch_every_s)

    async def look(self) -> None:
        """Write up every call that is over."""
        async with self._database.read() as tx:
            waiting = await RunRepository(tx.session).to_evaluate()
        for attempt_id in waiting:
            with by_itself("not_evaluated", attempt=attempt_id):
                await self._evaluate_one(attempt_id)

    async def _evaluate_one(self, attempt_id: str) -> None:
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            interview, attempt = await runs.both(attempt_id)
            if attempt.end_reason is None or not await self._leases.claim(tx.session, attempt_id, attempt.epoch):
                return
            turns, events = await runs.turns(attempt_id), await runs.question_events(attempt_id)
        with self._leases.under_way(attempt_id), named(LaunchHandle(attempt.interview_id, attempt.id, attempt.epoch)):
            await self._write_up(interview, attempt, EndReason(attempt.end_reason), turns, events)

    async def _write_up(
        self,
        interview: InterviewRow,
        attempt: AttemptRow,
        reason: EndReason,
        turns: Sequence[TurnRow],
        events: Sequence[EventRow],
    ) -> None:
        if await self._forgotten(attempt.id):
            return
        attempt_id, trouble, forbidden = attempt.id, None, interview.no_evaluation
        with by_itself("recording_not_gathered"):
            await self._gather_recording(attempt)
        try:
            summary = await asyncio.to_thread(self._summary, interview, attempt, turns, events) if turns else None
        except Exception as error:  # an interview ends, with or without a summary
            log.exception("summary_failed")
            summary, trouble = None, repr(error)[:LONGEST_DETAIL]
        if interview.evaluate_at_end and _answered(turns):
            with by_itself("not_rated"):
                await self._rate(interview.tenant, interview.id)
        async with self._database.write() as tx:
            interview, attempt = await RunRepository(tx.session).both_for_change(attempt_id)
            ledger = Ledger(tx, interview, self._publisher)
            if ledger.status is not Status.EVALUATING:
                return
            if await self._receipts.refused(tx.session, attempt):  # somebody said so while it was written
                await self._forget(tx, ledger, attempt)
                return
            if interview.no_evaluation not in (None, forbidden):  # nor what an AI made of it
                summary = None
            interview.summary = attempt.summary = summary
            if trouble is not None:
                ledger.append("incident", {"code": "summary_failed", "detail": trouble}, self._clock(), attempt=attempt)
            ledger.move(outcome(reason, answered=_answered(turns)), self._clock(), reason.value)
        log.info("interview_over", status=interview.status, reason=reason.value)

    async def _forgotten(self, attempt_id: str) -> bool:
        """Whether nothing of a try may be kept: then nothing is written up, and what was kept so far goes."""
        async with self._database.write() as tx:
            interview, attempt = await RunRepository(tx.session).both_for_change(attempt_id)
            if not await self._receipts.refused(tx.session, attempt):
                return False
            ledger = Ledger(tx, interview, self._publisher)
            if ledger.status is Status.EVALUATING:
                await self._forget(tx, ledger, attempt)
        return True

    async def _forget(self, tx: Transaction, ledger: Ledger, attempt: AttemptRow) -> None:
        reason = EndReason.CONSENT_DECLINED
        await self._receipts.objected(tx, ledger, attempt)
        ledger.move(outcome(reason, answered=False), self._clock(), reason.value)
        log.info("interview_over", status=ledger.interview.status, reason=reason.value)

    async def _gather_recording(self, attempt: AttemptRow) -> None:
        """Note the recording that lies here, in one file whatever number of bots made it, and whether or not they lived
        to tell."""
        folder = self._settings.recordings_dir
        paths = [recording_path(folder, attempt.id, epoch) for epoch in range(1, attempt.epoch + 1)]
        found = await asyncio.to_thread(gathered, paths, whole_path(folder, attempt.id))
        if found is None:
            return
        await note_recording(self._database, self._receipts, attempt.id, found, place=self._leases.place)

    def _summary(
        self, interview: InterviewRow, attempt: AttemptRow, turns: Sequence[TurnRow], events: Sequence[EventRow]
    ) -> dict[str, Any]:
        summary = self._summarise(interview, attempt, turns, events)
        json.dumps(summary, allow_nan=False)  # raises now what the database would raise later
        return summary


def _answered(turns: Sequence[TurnRow]) -> bool:
    return any(turn.role == Role.CANDIDATE.value and turn.question_id is not None for turn in turns)

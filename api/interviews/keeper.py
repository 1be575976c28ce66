"""Keeps interviews and reality together: looks after bots, carries out what is overdue, writes summaries.

Everything it does follows from the database, the launcher's list and the outbox directory, so a restarted control
plane goes on where the last one stopped. One round at a time; the bell or the clock begins the next. What goes wrong
with one file, attempt or summary is logged and costs the others nothing: if the keeper died of it, the control plane
would, and again at every start.
"""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.database import Database
from api.errors import UplinkRefused
from api.events.publisher import Publisher
from api.interviews.dispatch import Dispatcher, longest, outbox_owner, outbox_path, recording_path
from api.interviews.intake import close
from api.interviews.ledger import Ledger
from api.interviews.receiver import LATE, BotEvent, Receiver, understood
from api.interviews.repository import RunRepository
from api.interviews.states import Status, outcome
from api.interviews.tables import AttemptRow, EventRow, InterviewRow, RecordingRow, TurnRow
from api.moments import Clock
from api.settings import Settings
from bot.interview import Role
from bot.spec import Limits
from bot.state import EndReason
from bot.uplink import Outbox
from orchestrator import BotLauncher, Departure, Exited, LaunchHandle
from orchestrator.errors import LaunchError

log = structlog.get_logger(__name__)

LEAVE_GRACE = timedelta(seconds=10)
RETRY_S = 2.0
LONGEST_DETAIL = 500  # characters of an error that is shown
UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout, OSError)  # the database is away; drivers raise their own

Summarise = Callable[[InterviewRow, AttemptRow, Sequence[TurnRow], Sequence[EventRow]], dict[str, Any]]
Rate = Callable[[str, str], Awaitable[None]]  # a tenant's interview, by its id


class Keeper:
    """Looks after every open attempt. bell: ring it to have a look taken at once."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        publisher: Publisher,
        launcher: BotLauncher,
        dispatcher: Dispatcher,
        receiver: Receiver,
        summarise: Summarise,
        rate: Rate,
        bell: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._publisher = publisher
        self._launcher = launcher
        self._dispatcher = dispatcher
        self._receiver = receiver
        self._summarise = summarise
        self._rate = rate
        self._bell = bell
        self._clock = clock
        self._dismissed: set[LaunchHandle] = set()
        self._departed: list[Departure] = []

    async def run(self) -> None:
        """Keep going until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear_departures(), name="departures")
            tasks.create_task(self._rounds(), name="rounds")

    async def look(self) -> None:
        """Take one round."""
        await self._settle_departed()
        await self._evaluate()
        try:
            await self._dismiss_overdue()
            await self._compare()
        except LaunchError as error:
            log.warning("launcher_unreachable", error=str(error))
        await self._evaluate()

    async def _rounds(self) -> None:
        while True:
            self._bell.clear()
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as error:
                log.error("database_unavailable", error=str(error))
            except Exception:  # without its keeper a control plane is dead, and so is its successor
                log.exception("round_failed")
            try:
                async with asyncio.timeout(self._settings.watch_every_s):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def _hear_departures(self) -> None:
        while True:
            try:
                async for departure in self._launcher.departures():
                    log.info("bot_departed", handle=str(departure.handle), reason=departure.status.reason)
                    self._departed.append(departure)
                    self._bell.set()
            except LaunchError as error:
                log.warning("launcher_unreachable", error=str(error))
            except Exception:  # departures are hints; without them the clock finds out
                log.exception("departures_not_understood")
            await asyncio.sleep(RETRY_S)

    # ---- bots ---------------------------------------------------------------------------------------------------

    async def _settle_departed(self) -> None:
        """End the attempts of bots that were seen to end; their host may be gone too by now, so it isn't asked."""
        while self._departed:
            departure = self._departed.pop(0)
            handle = departure.handle
            file = outbox_path(self._settings.outbox_dir, handle.attempt_id, handle.epoch)
            with _by_itself("departure_not_settled", handle=str(handle)):
                if await asyncio.to_thread(file.exists):
                    await self._take_over(file, handle.attempt_id, handle.epoch)
                await self._bury(handle, asked=departure.status.asked)

    async def _dismiss_overdue(self) -> None:
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            overdue = [await runs.attempt(attempt_id) for attempt_id in await runs.overdue(self._clock())]
        for attempt in overdue:
            if attempt is not None:
                await self._dismiss(_handle(attempt), "it ignored a stop")

    async def _dismiss(self, handle: LaunchHandle, why: str) -> None:
        if handle not in self._dismissed:
            log.warning("bot_dismissed", handle=str(handle), why=why)
            await self._launcher.stop(handle, grace=LEAVE_GRACE)
            self._dismissed.add(handle)

    async def _dismiss_unwanted(self, handle: LaunchHandle) -> None:
        """Stop a bot that runs for nobody: a start given up, an incarnation that was followed, a wedged one."""
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            attempt = await runs.attempt(handle.attempt_id)
            interview = await runs.interview(attempt.interview_id) if attempt is not None else None
        if attempt is None or interview is None:
            await self._dismiss(handle, "its attempt is not known here")
        elif attempt.epoch > handle.epoch:
            await self._dismiss(handle, "another incarnation followed it")
        elif attempt.closed_at is not None:
            # A bot that ended its call by itself may stay for a while to deliver what it wrote down.
            if attempt.report is None or self._clock() - attempt.closed_at > LATE:
                await self._dismiss(handle, "its attempt is over")
        elif self._clock() - attempt.created_at > longest(Limits.model_validate(interview.limits)):
            await self._dismiss(handle, "its call should have ended long ago")

    async def _compare(self) -> None:
        # Files first, bots second: whoever has a file and is not in the list afterwards is surely gone.
        files = sorted(self._settings.outbox_dir.glob("*.jsonl")) if self._settings.outbox_dir.is_dir() else []
        async with self._database.read() as tx:
            attempts = await RunRepository(tx.session).open_attempts()
        running = await self._launcher.list()
        alive = {(handle.attempt_id, handle.epoch) for handle in running}
        for file in files:
            owner = outbox_owner(file)
            if owner is not None and owner not in alive and not self._dispatcher.under_way(owner[0]):
                with _by_itself("outbox_not_taken_over", file=str(file)):
                    await self._take_over(file, *owner)
        for attempt in attempts:
            if (attempt.id, attempt.epoch) in alive or self._dispatcher.under_way(attempt.id):
                continue
            with _by_itself("attempt_not_settled", attempt_id=attempt.id):
                if attempt.launched_at is None:
                    await self._launch_again(attempt)
                else:
                    await self._bury(_handle(attempt), asked=await self._was_asked(_handle(attempt)))
        for handle in running:
            if not self._dispatcher.under_way(handle.attempt_id):
                with _by_itself("bot_not_looked_at", handle=str(handle)):
                    await self._dismiss_unwanted(handle)

    async def _was_asked(self, handle: LaunchHandle) -> bool:
        status = await self._launcher.poll(handle)
        return isinstance(status, Exited) and status.asked

    async def _take_over(self, file: Path, attempt_id: str, epoch: int) -> None:
        """Store what a dead bot wrote down and could not deliver any more."""
        try:
            events = await asyncio.to_thread(_leftovers, file, self._clock())
        except Exception as error:  # noqa: BLE001 - a file may hold anything, and it must not be read again for ever
            log.error("outbox_unreadable", file=str(file), error=repr(error)[:200])
            await asyncio.to_thread(file.rename, file.with_suffix(".unreadable"))
            return
        try:
            await self._receiver.take(attempt_id, epoch, events)
        except UplinkRefused as refusal:
            log.warning("outbox_too_late", file=str(file), why=refusal.code)
            await asyncio.to_thread(file.rename, file.with_suffix(".late"))
        except UNREACHABLE:
            raise  # the next round tries again
        except Exception:  # what the database does not take today it will not take tomorrow
            log.exception("outbox_not_storable", file=str(file))
            await asyncio.to_thread(file.rename, file.with_suffix(".unreadable"))
        else:
            await asyncio.to_thread(file.unlink, missing_ok=True)
            log.info("outbox_taken_over", attempt_id=attempt_id, epoch=epoch, events=len(events))

    async def _launch_again(self, attempt: AttemptRow) -> None:
        """Finish a start that an earlier control plane did not live to finish."""
        async with self._database.read() as tx:
            interview = await RunRepository(tx.session).interview(attempt.interview_id)
        assert interview is not None  # a foreign key says so
        with contextlib.suppress(LaunchError):  # logged there, and the interview is ready again
            await self._dispatcher.launch(interview, attempt)

    async def _bury(self, handle: LaunchHandle, *, asked: bool) -> None:
        """End an attempt whose bot is gone without a word. asked: whoever runs it had asked it to leave."""
        attempt_id = handle.attempt_id
        file = recording_path(self._settings.recordings_dir, attempt_id, handle.epoch)
        recorded = await asyncio.to_thread(_measure, file)
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            interview, attempt = await runs.both_for_change(attempt_id)
            if attempt.ended_at is not None or attempt.epoch != handle.epoch:
                return
            if recorded is not None and await runs.recording(attempt_id) is None:
                size, sha256 = recorded
                runs.add(
                    RecordingRow(
                        attempt_id=attempt_id,
                        interview_id=interview.id,
                        tenant=interview.tenant,
                        file=file.name,
                        bytes=size,
                        sha256=sha256,
                    )
                )
            # One that was dismissed without a command had wedged, which is a crash whatever ended it.
            told = await runs.told_to_stop(attempt_id) or (asked and handle not in self._dismissed)
            reason = EndReason.CANCELLED if told else EndReason.BOT_CRASHED
            now = self._clock()
            close(Ledger(tx, interview, self._publisher), attempt, reason, now, now=now)
        log.warning("bot_gone", attempt_id=attempt_id, reason=reason.value)

    # ---- summaries ----------------------------------------------------------------------------------------------

    async def _evaluate(self) -> None:
        async with self._database.read() as tx:
            waiting = await RunRepository(tx.session).to_evaluate()
        for attempt_id in waiting:
            with _by_itself("not_evaluated", attempt_id=attempt_id):
                await self._evaluate_one(attempt_id)

    async def _evaluate_one(self, attempt_id: str) -> None:
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            interview, attempt = await runs.both(attempt_id)
            turns, events = await runs.turns(attempt_id), await runs.question_events(attempt_id)
        if attempt.end_reason is None:
            return
        reason, trouble = EndReason(attempt.end_reason), None
        try:
            summary = await asyncio.to_thread(self._summary, interview, attempt, turns, events) if turns else None
        except Exception as error:  # an interview ends, with or without a summary
            log.exception("summary_failed", attempt_id=attempt_id)
            summary, trouble = None, repr(error)[:LONGEST_DETAIL]
        if interview.evaluate_at_end and _answered(turns):
            with _by_itself("not_rated", attempt_id=attempt_id):
                await self._rate(interview.tenant, interview.id)
        async with self._database.write() as tx:
            interview, attempt = await RunRepository(tx.session).both_for_change(attempt_id)
            ledger = Ledger(tx, interview, self._publisher)
            if ledger.status is not Status.EVALUATING:
                return
            interview.summary = attempt.summary = summary
            if trouble is not None:
                ledger.append("incident", {"code": "summary_failed", "detail": trouble}, self._clock(), attempt=attempt)
            ledger.move(outcome(reason, answered=_answered(turns)), self._clock(), reason.value)
        log.info("interview_over", interview_id=interview.id, status=interview.status, reason=reason.value)

    def _summary(
        self, interview: InterviewRow, attempt: AttemptRow, turns: Sequence[TurnRow], events: Sequence[EventRow]
    ) -> dict[str, Any]:
        summary = self._summarise(interview, attempt, turns, events)
        json.dumps(summary, allow_nan=False)  # raises now what the database would raise later
        return summary


@contextlib.contextmanager
def _by_itself(what: str, **names: str) -> Iterator[None]:
    """Log what goes wrong with one item and go on with the next; an unreachable launcher concerns all of them."""
    try:
        yield
    except LaunchError:
        raise
    except Exception:  # one item must not keep the others from being looked after
        log.exception(what, **names)


def _leftovers(file: Path, now: datetime) -> list[BotEvent]:
    outbox = Outbox(file)
    try:
        events = [understood(event, json.dumps(event), now) for event in outbox.after(0)]
        return [event for event in events if event is not None]
    finally:
        outbox.close()


def _measure(file: Path) -> tuple[int, str] | None:
    """Return bytes and SHA-256 of a recording that was left behind."""
    try:
        with file.open("rb") as sound:
            sha256 = hashlib.file_digest(sound, "sha256").hexdigest()
            return sound.tell(), sha256
    except FileNotFoundError:
        return None


def _answered(turns: Sequence[TurnRow]) -> bool:
    return any(turn.role == Role.CANDIDATE.value and turn.question_id is not None for turn in turns)


def _handle(attempt: AttemptRow) -> LaunchHandle:
    return LaunchHandle(attempt.interview_id, attempt.id, attempt.epoch)

"""Takes what bots report and stores it once, whatever way and however often it comes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from api.consents.repository import ConsentRepository
from api.copilot import SHARED
from api.copilot.panel import Panel
from api.database import Database
from api.errors import AttemptOver, Superseded, UplinkRefused
from api.events import Event
from api.events.publisher import Publisher
from api.interviews.intake import Intake, Whole
from api.interviews.ledger import Ledger
from api.interviews.repository import RunRepository
from api.interviews.tables import AttemptRow, CommandRow
from api.moments import Clock
from api.together import Together
from bot.state import EndReason
from orchestrator import LaunchHandle
from orchestrator.logs import named

log = structlog.get_logger(__name__)

LATE = timedelta(minutes=10)  # how long after its end an attempt still takes what was on the way

QUOTED = 2000  # characters kept of an event that can't be understood
LARGEST_NUMBER = 2**53

Number = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class BotEvent(BaseModel):
    """One event as a bot sends it. n: its number, None for what is passed on and forgotten."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["event"] = "event"
    event: Annotated[str, Field(pattern=r"^[a-z][a-z_]*(\.[a-z_]+)*$", max_length=64)]
    at: AwareDatetime
    at_ms: Whole | None = None
    n: Number | None = None
    data: dict[str, Any] = {}


def understood(frame: object, shown: str, now: datetime) -> BotEvent | None:
    """Return the event that `frame` is; an incident in its place, when it has a number and is no event we know.

    Refused, it would be sent again for ever, and everything after it would wait. shown: what the incident quotes.
    None: neither an event nor numbered.
    """
    try:
        return BotEvent.model_validate(frame)
    except ValidationError as error:
        number = frame.get("n") if isinstance(frame, dict) and frame.get("type", "event") == "event" else None
        if type(number) is not int or not 1 <= number <= LARGEST_NUMBER:
            return None
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        log.warning("event_not_understood", n=number, at=first["loc"], why=first["msg"])
    quoted = shown[:QUOTED].encode(errors="replace").decode()
    detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]
    return BotEvent(
        event="incident", at=now, n=number, data={"code": "event_not_understood", "detail": detail, "event": quoted}
    )


@dataclass(frozen=True, slots=True)
class _Report:
    """What one incarnation of a bot sent, in the order of its numbers.

    done: the commands that it has carried out by then; left: it is dead, and left this behind.
    """

    attempt_id: str
    epoch: int
    events: Sequence[BotEvent]
    done: Sequence[str] = ()
    left: bool = False


class Receiver:
    """Stores the events of every bot. bell: rung when a call has ended, for whoever evaluates it."""

    def __init__(
        self, database: Database, publisher: Publisher, panel: Panel, bell: asyncio.Event, clock: Clock
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._panel = panel
        self._bell = bell
        self._clock = clock
        self._together = Together(self._take)

    async def acknowledged(self, attempt_id: str, epoch: int) -> int:
        """Return the highest number stored of this incarnation; raise `Superseded` or `AttemptOver`."""
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            self._admit(await runs.attempt(attempt_id), epoch)
            return await runs.acknowledged(attempt_id, epoch)

    async def take(self, attempt_id: str, epoch: int, events: Sequence[BotEvent], done: Sequence[str] = ()) -> int:
        """Store those of the numbered `events` that are new, all or none; return the highest number stored.

        done: commands that were carried out with them. What several bots send at once shares a transaction. Raises
        `Superseded` when a newer incarnation exists by now, `AttemptOver` when it is too late.
        """
        return await self._together.do(_Report(attempt_id, epoch, events, done))

    async def take_left(self, attempt_id: str, epoch: int, events: Sequence[BotEvent]) -> None:
        """Store what a dead incarnation left behind.

        Once one that followed it has been heard the record goes on from there: of what comes then, what people said is
        kept as incidents. Raises `AttemptOver` when it is too late.
        """
        await self._together.do(_Report(attempt_id, epoch, events, left=True))

    async def _take(self, reports: Sequence[_Report]) -> Sequence[int | Exception]:
        async with self._database.write() as tx:
            runs = RunRepository(tx.session)
            attempts = {report.attempt_id for report in reports}
            found, stored = await runs.several_for_change(attempts), await runs.all_acknowledged(attempts)
            answers: list[int | Exception] = []
            for report in reports:
                whose = report.attempt_id, report.epoch
                interview, attempt = found.get(report.attempt_id, (None, None))
                try:
                    attempt = self._admit(attempt, report.epoch, left=report.left)
                except UplinkRefused as refusal:
                    answers.append(refusal)
                    continue
                assert interview is not None
                if whose not in stored:
                    stored[whose] = await runs.acknowledged(*whose)
                # The batch has the context of whichever bot's line has the turn.
                with named(LaunchHandle(interview.id, *whose)):
                    consents = ConsentRepository(tx.session, interview.tenant)
                    intake = Intake(Ledger(tx, interview, self._publisher), attempt, runs, consents, self._clock())
                    tell_panel = partial(self._panel.put, tx, interview)
                    events = await _in_time(runs, attempt, report)
                    stored[whose] = await _store(intake, report.epoch, events, stored[whose], tell_panel)
                for command_id in report.done:
                    await self._done(runs, command_id, report.attempt_id)
                answers.append(stored[whose])
        if any(event.event == "ended" for report in reports for event in report.events):
            self._bell.set()
        return answers

    async def commands(self, attempt_id: str, epoch: int) -> Sequence[CommandRow]:
        """Return what this incarnation was told and has not done; raise `Superseded` or `AttemptOver`."""
        async with self._database.read() as tx:
            runs = RunRepository(tx.session)
            self._admit(await runs.attempt(attempt_id), epoch)
            return await runs.open_commands(attempt_id)

    async def _done(self, runs: RunRepository, command_id: str, attempt_id: str) -> None:
        command = await runs.command(command_id, attempt_id)
        if command is not None and command.done_at is None:
            command.done_at = self._clock()

    def _admit(self, attempt: AttemptRow | None, epoch: int, *, left: bool = False) -> AttemptRow:
        if attempt is None or (attempt.closed_at is not None and self._clock() - attempt.closed_at > LATE):
            raise AttemptOver("This attempt is over.")
        if epoch != attempt.epoch and not (left and epoch < attempt.epoch):
            raise Superseded(f"Incarnation {epoch} has been followed by {attempt.epoch}.")
        return attempt


async def _in_time(runs: RunRepository, attempt: AttemptRow, report: _Report) -> Sequence[BotEvent]:
    """Return what of a report may be stored; once a successor has been heard, only what was said, as incidents.

    Its turns have numbers that are the successor's by then, and where the call stands is for that one to say.
    """
    if report.left and attempt.end_reason == EndReason.CONSENT_DECLINED.value:  # nothing that was said is kept
        return []
    if report.epoch == attempt.epoch:
        return report.events
    if report.epoch == attempt.epoch - 1 and not await runs.has_spoken(attempt.id, attempt.epoch):
        return report.events
    return [_too_late(event) for event in report.events if event.event == "turn.final"]


def _too_late(turn: BotEvent) -> BotEvent:
    said = f"{turn.data.get('speaker')}: {turn.data.get('text')}"
    return turn.model_copy(update={"event": "incident", "data": {"code": "turn_too_late", "detail": said}})


async def _store(
    intake: Intake,
    epoch: int,
    events: Sequence[BotEvent],
    stored: int,
    tell_panel: Callable[[Event], Awaitable[None]],
) -> int:
    for event in events:
        if event.n is None or event.n <= stored:
            continue
        if event.n != stored + 1:
            log.warning("event_numbers_skipped", after=stored, got=event.n)
        kept = await intake.take(event.event, event.data, event.at, n=event.n, epoch=epoch, at_ms=event.at_ms)
        if kept.type in SHARED:
            await tell_panel(kept)
        stored = event.n
    return stored

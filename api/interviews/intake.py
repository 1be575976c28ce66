"""What a bot's events mean for its interview. Each is stored as it came; some also change what is known.

An event whose data can't be understood is stored all the same: refusing it would only make the bot send it for ever.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Annotated, Any

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.consents.repository import Answer, ConsentRepository
from api.consents.schemas import ConsentMethod
from api.copilot import PRIVATE, STANDS
from api.events import Event
from api.interviews.ledger import Ledger
from api.interviews.repository import RunRepository
from api.interviews.states import CALLING, Status, outcome
from api.interviews.tables import AttemptRow, RecordingRow, TurnRow
from api.tasks.schemas import TaskKind
from api.tasks.service import new_task
from bot.interview import Role
from bot.spec import Mode
from bot.state import BotState, EndReason

log = structlog.get_logger(__name__)


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]  # what every database and every JSON reader can hold


class _Turn(_Data):
    seq: Annotated[int, Field(ge=1, le=2**31 - 1)]
    turn_id: Annotated[str, Field(max_length=128)]
    speaker_id: Annotated[str, Field(max_length=128)]
    speaker: Annotated[str, Field(max_length=200)]
    role: Role
    text: str
    start_ms: Whole
    end_ms: Whole
    confidence: float | None = None
    question_id: str | None = None
    interrupted: bool = False


class _State(_Data):
    state: BotState


class _Presence(_Data):
    role: Role
    dropped: bool = False


class _Consent(_Data):
    given: bool
    method: str
    turn: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None  # in which it was said
    notice: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,64}$")] | None = None
    shown_ms: Annotated[int, Field(ge=0, le=10**9)] | None = None  # before the answer


class _Task(_Data):
    kind: TaskKind
    text: str
    question: str | None = None


class _Recording(_Data):
    file: Annotated[str, Field(min_length=1)]
    duration_ms: Whole | None = None
    bytes: Annotated[int, Field(ge=0, le=2**53)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Outcome(_Data):
    model_config = ConfigDict(extra="allow", frozen=True)

    question_id: str
    outcome: str | None = None
    reason: str | None = None
    signals: list[str] = []
    answer_turns: list[int] = []


class _Report(_Data):
    model_config = ConfigDict(extra="allow", frozen=True)

    questions: list[_Outcome] = []
    duration_ms: Whole | None = None


class _Ended(_Data):
    reason: EndReason
    report: _Report = _Report()


class _Ordered(_Data):
    order: Annotated[str, Field(pattern=r"^cmd_[0-9a-f]{1,60}$")] | None = None  # the command that it carries out


class _ModeChanged(_Ordered):
    to: Mode


class Intake:
    """Takes the events of one attempt inside one transaction."""

    def __init__(
        self, ledger: Ledger, attempt: AttemptRow, runs: RunRepository, consents: ConsentRepository, now: datetime
    ) -> None:
        self._now = now
        self._ledger = ledger
        self._attempt = attempt
        self._runs = runs
        self._consents = consents
        self._readers: Mapping[str, tuple[type[_Data], Callable[[Any, Event], Any]]] = {
            "turn.final": (_Turn, self._turn),
            "state": (_State, self._state),
            "participant.joined": (_Presence, self._joined),
            "participant.left": (_Presence, self._left),
            "consent": (_Consent, self._consent),
            "recording": (_Recording, self._recording),
            "task": (_Task, self._task),
            "floor.changed": (_Ordered, self._carried_out),
            "mode.changed": (_ModeChanged, self._mode_changed),
            "ended": (_Ended, self._ended),
        }

    async def take(
        self, type_: str, data: dict[str, Any], at: datetime, *, n: int, epoch: int, at_ms: int | None
    ) -> Event:
        """Store one event that was not stored before, and do what follows from it; return it as it was stored."""
        if type_ in PRIVATE or type_ == STANDS:  # it must not be numbered: then it would be everybody's
            type_, data = "incident", {"code": "event_not_understood", "detail": f"{type_} is for the panel alone"}
        event = self._ledger.append(type_, data, at, at_ms=at_ms, attempt=self._attempt, n=n, epoch=epoch)
        known = self._readers.get(type_)
        if known is None:
            return event
        schema, read = known
        try:
            parsed = schema.model_validate(data)
        except ValidationError as error:
            log.warning("event_not_understood", type=type_, n=n, errors=error.error_count())
            return event
        await read(parsed, event)
        return event

    async def _turn(self, turn: _Turn, event: Event) -> None:
        if await self._runs.has_turn(self._attempt.id, turn.seq):
            log.warning("turn_number_used_twice", turn=turn.seq)
            return
        interview = self._ledger.interview
        self._runs.add(
            TurnRow(
                attempt_id=self._attempt.id,
                interview_id=interview.id,
                tenant=interview.tenant,
                **turn.model_dump(mode="json"),
            )
        )
        interview.turn_count += 1

    async def _state(self, state: _State, event: Event) -> None:
        self._attempt.bot_state = state.state.value
        if state.state is BotState.WAITING and self._attempt.waiting_at is None:
            self._attempt.waiting_at = event.at
        if state.state is BotState.IN_CALL and self._ledger.status in {Status.JOINING, Status.RECONNECTING}:
            self._ledger.move(Status.IN_PROGRESS, event.at)

    async def _joined(self, who: _Presence, event: Event) -> None:
        if who.role is Role.CANDIDATE and self._ledger.status is Status.RECONNECTING:
            self._ledger.move(Status.IN_PROGRESS, event.at)

    async def _left(self, who: _Presence, event: Event) -> None:
        if who.role is Role.CANDIDATE and who.dropped and self._ledger.status is Status.IN_PROGRESS:
            self._ledger.move(Status.RECONNECTING, event.at, "candidate_dropped")

    async def _consent(self, consent: _Consent, event: Event) -> None:
        """Keep what somebody said; the room knows better than the bot what was ticked on its page."""
        if consent.method != ConsentMethod.VOICE:
            return
        turn = None if consent.turn is None else await self._runs.turn(self._attempt.id, consent.turn)
        role, who = Role.CANDIDATE, Role.CANDIDATE.value
        if turn is not None and turn.role == Role.INTERVIEWER:
            role, who = Role.INTERVIEWER, turn.speaker_id
        shown = None if consent.shown_ms is None else event.at - timedelta(milliseconds=consent.shown_ms)
        answer = Answer(role, who, ConsentMethod.VOICE, consent.given, event.at, consent.notice, shown_at=shown)
        await self._consents.keep(self._ledger.interview.id, answer)

    async def _recording(self, recording: _Recording, event: Event) -> None:
        if await self._runs.recording(self._attempt.id) is not None:
            return
        interview = self._ledger.interview
        connection = await self._runs.connection(self._attempt.id, self._attempt.epoch)
        self._runs.add(
            RecordingRow(
                attempt_id=self._attempt.id,
                interview_id=interview.id,
                tenant=interview.tenant,
                file=PurePath(recording.file).name,
                place=connection.place if connection is not None else None,
                duration_ms=recording.duration_ms,
                bytes=recording.bytes,
                sha256=recording.sha256,
            )
        )

    async def _task(self, task: _Task, event: Event) -> None:
        self._runs.add(new_task(self._attempt, event, task.kind, task.text, task.question))

    async def _carried_out(self, change: _Ordered, event: Event) -> None:
        """Know with the event itself that what a bot was told is done: no other does it again."""
        command = None if change.order is None else await self._runs.command(change.order, self._attempt.id)
        if command is not None:
            command.done_at = command.done_at or self._now

    async def _mode_changed(self, change: _ModeChanged, event: Event) -> None:
        await self._carried_out(change, event)
        interview = self._ledger.interview
        interview.mode = change.to.value
        interview.note_change(event.at)

    async def _ended(self, ended: _Ended, event: Event) -> None:
        report, reason = ended.report.model_dump(mode="json", exclude_unset=True), ended.reason
        told = await self._runs.told_to_stop(self._attempt.id)
        if told is not None and outcome(reason, answered=False) is outcome(reason, answered=True) is Status.FAILED:
            reason = stop_reason(told)  # whatever went wrong while it was leaving, somebody wanted it to
        close(self._ledger, self._attempt, reason, event.at, now=self._now, report=report)


def stop_reason(told: str | None) -> EndReason:
    """Return how a call ends whose bot is gone after a stop, which said why; for anything but a no it is cancelled."""
    declined = EndReason.CONSENT_DECLINED
    return declined if told == declined.value else EndReason.CANCELLED


def close(
    ledger: Ledger,
    attempt: AttemptRow,
    reason: EndReason,
    at: datetime,
    *,
    now: datetime,
    report: dict[str, Any] | None = None,
) -> None:
    """End an attempt, once; the interview waits to be evaluated from then on."""
    if attempt.ended_at is not None:
        return
    attempt.ended_at = at
    attempt.closed_at = now
    attempt.end_reason = reason.value
    attempt.report = report
    if ledger.status in CALLING:
        ledger.move(Status.EVALUATING, at, reason.value)

"""The composition root of one bot: puts the real parts together, holds the call, leaves nothing undelivered."""

import asyncio
import contextlib
import resource
import signal
from datetime import UTC, datetime
from typing import Any

import psutil
import structlog
from pydantic import ValidationError

from audio.recorder import Recorder
from audio.smart_turn import SmartTurn
from audio.vad import SileroModel
from bot.brain import ChatBrain
from bot.errors import JoinError, MeetingRefused
from bot.health import WatchedSpeech
from bot.interview import CardDecided, FloorAsked, ModeAsked, QuietAsked
from bot.interview.call import Call
from bot.interview.conduct import Conduct
from bot.lanes import Lanes
from bot.lease import hold
from bot.orders import COMMAND, CardTold, FloorTold, LineTold, ModeTold, QuietTold, StopTold, Told
from bot.platforms import MeetingConnection, Venue
from bot.platforms.phone import PhoneLine, Ring
from bot.platforms.registry import platform_for
from bot.pulse import Pulse, Watch, keep
from bot.punctual import come
from bot.session import Session
from bot.speaker import Speaker
from bot.spec import BotSpec
from bot.speech import speech_client
from bot.state import EXIT_DONE, EXIT_FAILED, EXIT_HANDED_OVER, EXIT_REPLACED, BotState, EndReason
from bot.uplink import Outbox, Uplink
from prompts import load_lines

log = structlog.get_logger(__name__)

COMPOSED_S = 4.0  # the interview's own patience with a chat model, longer than the model's budget
LAST_TEXT_S = 20.0  # how long the end waits for what was said to become text
HURRIED_GOODBYE_S, HURRIED_S = 3.5, 2.0  # the same when the host goes down: goodbye, then text and delivery each
LINGER_S = 0.4  # the last frames are still in the listener's jitter buffer when the last one has been sent
DELIVERY_S = 600.0  # how long a finished bot tries to hand over its outbox


async def run_bot(spec: BotSpec, beat: Pulse, *, vad: SileroModel | None = None) -> int:
    """Run one bot from joining to its last event; return the process's exit code.

    beat: where to tell that its sound moves. vad: a model loaded before the fork, shared by all bots of this host.
    """
    bot = _Bot(spec, beat, vad or SileroModel())
    structlog.contextvars.bind_contextvars(interview=spec.interview_id, attempt=spec.attempt_id, epoch=spec.epoch)
    return await bot.run()


class _Bot:
    def __init__(self, spec: BotSpec, beat: Pulse, vad: SileroModel) -> None:
        self._spec, self._pulse, self._vad = spec, beat, vad
        self._client = speech_client(spec.speech)
        self._brain = ChatBrain(spec.chat) if spec.chat is not None else None
        elapsed_s = None if spec.so_far is None else spec.so_far.elapsed_s(datetime.now(UTC))
        self._recorder = Recorder(spec.recording, start_ms=(elapsed_s or 0) * 1000) if spec.recording else None
        self._outbox = Outbox(spec.outbox)
        self._replaced = self._crashed = False
        self._hurried = self._handed_over = False
        self._joining: asyncio.Timeout | None = None
        self._uplink = Uplink(
            spec.uplink,
            attempt_id=spec.attempt_id,
            epoch=spec.epoch,
            outbox=self._outbox,
            call_ms=lambda: self._session.call_ms(),
            command=self._command,
            opened=lambda: self._session.line_opened(),
            refused=lambda code: self._give_way(),
        )
        self._phone = PhoneLine(self._uplink.done)
        self._session = Session(
            plan=spec.plan,
            interview=_conduct(spec),
            events=self._uplink,
            done=self._uplink.done,
            brain=self._brain,
            bot_name=spec.name,
            epoch=spec.epoch,
            elapsed_s=elapsed_s,
            turns=0 if spec.so_far is None else spec.so_far.turns,
        )

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._hurry)
        loop.add_signal_handler(signal.SIGUSR1, self._hand_over)
        try:
            async with asyncio.TaskGroup() as tasks:
                uplink = tasks.create_task(self._uplink.run(), name="uplink")
                beating = tasks.create_task(self._beat(), name="pulse")
                lease = tasks.create_task(self._hold_lease(), name="lease")
                reason = await self._hold_call(tasks)
                lease.cancel()
                self._finish_record(reason)
                if not self._replaced:
                    await self._uplink.delivered(HURRIED_S if self._hurried else DELIVERY_S)
                beating.cancel()
                uplink.cancel()
        finally:
            self._outbox.close()
            await self._client.aclose()
            if self._brain is not None:
                await self._brain.aclose()
        if self._replaced:
            return EXIT_REPLACED
        if self._handed_over:
            return EXIT_HANDED_OVER
        return EXIT_FAILED if self._crashed or reason is EndReason.CONNECTION_LOST else EXIT_DONE

    async def _hold_call(self, tasks: asyncio.TaskGroup) -> EndReason:
        session = self._session
        speech = WatchedSpeech(self._client, self._client, asyncio.get_running_loop().time)
        lanes = self._ears(speech, tasks)
        reason = EndReason.CONNECTION_LOST
        try:
            async with asyncio.timeout(None) as self._joining:
                await come(self._spec.join_at)
                session.move(BotState.JOINING)
                venue: Venue = self._phone if self._spec.phone else platform_for(self._spec)
                async with venue.join(
                    self._spec, ear=lanes.hear, in_lobby=lambda: session.move(BotState.WAITING_ROOM)
                ) as connection:
                    self._joining.reschedule(None)
                    self._joining = None
                    reason = await self._converse(connection, speech, lanes, tasks)
                    self._crashed = reason is EndReason.BROWSER_CRASHED  # and the meeting goes on
                    return reason
        except* JoinError as refusals:
            error = _first(refusals)
            if isinstance(error, MeetingRefused):
                known = error.code in list(EndReason)  # others' platforms may have reasons of their own
                reason = EndReason(error.code) if known else EndReason.MEETING_UNREACHABLE
            log.error("join_failed", error=str(error), reason=reason.value)
            session.move(BotState.FAILED, reason=reason.value)
            self._uplink.emit("incident", {"code": "join_failed", "detail": f"{error.code}: {error}"})
        except* TimeoutError:
            if self._joining is None:
                raise
            reason = EndReason.CANCELLED  # told to stop before the room let it in
            session.move(BotState.FAILED, reason=reason.value)
        return reason

    async def _converse(
        self, connection: MeetingConnection, speech: WatchedSpeech, lanes: Lanes, tasks: asyncio.TaskGroup
    ) -> EndReason:
        session = self._session
        session.attach(
            connection=connection,
            new_speaker=lambda: self._speaker(speech),
            lanes=lanes,
            recorder=self._recorder,
            speech=speech,
            tasks=tasks,
        )
        reason = await session.run()
        await asyncio.sleep(LINGER_S)
        if late := await lanes.finish(HURRIED_S if self._hurried else LAST_TEXT_S):
            told = f"{late} speakers' last words were not text {LAST_TEXT_S:g} s after the end"
            self._uplink.emit("incident", {"code": "text_lost", "detail": told})
        session.move(BotState.DONE)
        return reason

    def _speaker(self, speech: WatchedSpeech) -> Speaker:
        session = self._session
        return Speaker(
            speech,
            play=session.played,
            recall=session.recall,
            started=session.line_started,
            ended=session.line_ended,
            language=self._spec.plan.language,
            voice_name=self._spec.speech.voice,
        )

    def _ears(self, speech: WatchedSpeech, tasks: asyncio.TaskGroup) -> Lanes:
        spec = self._spec
        return Lanes(
            call_id=spec.attempt_id,
            epoch=spec.epoch,
            stt=speech,
            new_vad=self._vad.detector,
            heard=self._session.heard,
            call_ms=self._session.call_ms,
            is_whole=self._session.sounds_whole,
            recorder=self._recorder,
            language=spec.plan.language,
            names=tuple(name for name in (spec.candidate_name, spec.organisation) if name),
            tasks=tasks,
            turn_model=None if spec.speech.turn_model is None else SmartTurn(spec.speech.turn_model),
        )

    def _finish_record(self, reason: EndReason) -> None:
        if (
            self._handed_over or self._replaced or self._crashed
        ):  # the call is not over: who goes on with it tells its end
            if self._recorder is not None:
                with contextlib.suppress(OSError):
                    self._recorder.close()
            if self._crashed:
                told = "the meeting's page is gone, or answers no more"
                self._uplink.emit("incident", {"code": EndReason.BROWSER_CRASHED.value, "detail": told})
            elif not self._replaced:
                self._uplink.emit("handed_over", self._usage())
            return
        try:
            recording = self._recorder.close() if self._recorder is not None else None
        except OSError as error:
            self._uplink.emit("incident", {"code": "recording_failed", "detail": str(error)})
            recording = None
        if recording is not None:
            self._uplink.emit(
                "recording",
                {
                    "file": recording.file.name,
                    "duration_ms": recording.duration_ms,
                    "bytes": recording.bytes,
                    "sha256": recording.sha256,
                },
            )
        self._uplink.emit("usage", self._usage())
        self._uplink.emit("ended", {"reason": reason.value, "report": self._session.report()})

    def _usage(self) -> dict[str, Any]:
        own = resource.getrusage(resource.RUSAGE_SELF)
        usage = {
            "cpu_s": round(own.ru_utime + own.ru_stime, 2),
            "call_s": round(self._session.call_ms() / 1000, 2),
            "peak_rss_mb": round(own.ru_maxrss / 1024, 1),
            "loop_lag_ms": round(self._session.loop_lag_ms, 1),
        }
        with contextlib.suppress(psutil.Error, AttributeError):  # PSS is Linux's alone
            usage["pss_mb"] = round(psutil.Process().memory_full_info().pss / 2**20, 1)
        return usage

    def _hurry(self) -> None:
        # SIGTERM: this host is going down. Whoever sent it waits some ten seconds before it kills.
        self._hurried = True
        self._stop(EndReason.CANCELLED, within_s=HURRIED_GOODBYE_S)

    def _hand_over(self) -> None:
        # SIGUSR1: this host goes down, and the call is to go on elsewhere.
        self._hurried = self._handed_over = True
        self._session.abandon()
        self._join_no_more()

    def _stop(self, reason: EndReason, *, within_s: float | None = None) -> None:
        self._session.stop(reason, within_s=within_s)
        self._join_no_more()

    def _give_way(self) -> None:
        # Another incarnation is the bot now, or may be: not another word.
        self._replaced = True
        self._session.abandon()
        self._join_no_more()

    def _join_no_more(self) -> None:
        if self._joining is not None:
            self._joining.reschedule(asyncio.get_running_loop().time())

    async def _hold_lease(self) -> None:
        if self._spec.lease_s is not None:
            await hold(self._uplink, self._spec.lease_s)
            log.error("lease_lost", silence_s=round(self._uplink.silence_s, 1))
            self._give_way()

    async def _beat(self) -> None:
        await keep(self._pulse, Watch(self._session.progress), self._stalled)

    def _stalled(self, what: str) -> None:
        self._uplink.emit("incident", {"code": "media_stalled", "detail": what})

    def _command(self, frame: dict[str, Any]) -> None:
        try:
            self._do(COMMAND.validate_python(frame))
        except ValidationError as error:
            log.warning("command_unknown", command=frame.get("command"), errors=error.error_count())
            self._uplink.done(str(frame["id"]))

    def _do(self, told: Told) -> None:
        match told:
            case StopTold(reason=reason):
                self._stop(reason)
                self._uplink.done(told.id)
            case FloorTold(data=asked):
                self._session.asked(FloorAsked(asked.to, asked.by, asked.questions, told.id))
            case ModeTold(data=asked):
                self._session.asked(ModeAsked(asked.to, asked.by, told.id))
            case QuietTold(data=key):
                self._session.asked(QuietAsked(key.on))
                self._uplink.done(told.id)
            case CardTold(data=card):
                self._session.asked(CardDecided(card.id))
                self._uplink.done(told.id)
            case LineTold(data=call):
                self._phone.ring(Ring(told.id, call.url, call.caller))


def _first(refusals: BaseExceptionGroup[JoinError]) -> JoinError:
    first = refusals.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _conduct(spec: BotSpec) -> Conduct:
    """What decides in the call."""
    return Call(
        spec.plan,
        lines=load_lines(spec.plan.language),
        mode=spec.mode,
        knows_interviewers=spec.meeting is None,
        copilot=spec.copilot,
        candidate_name=spec.candidate_name,
        organisation=spec.organisation,
        bot_name=spec.name,
        limits=spec.limits,
        has_model=spec.chat is not None,
        compose_s=COMPOSED_S if spec.chat is None else max(COMPOSED_S, spec.chat.budget_s + 1.5),
        so_far=spec.so_far,
    )

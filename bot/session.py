"""One incarnation of one bot in one call: what happens in the call goes to the interview, what it decides is done.

Everything runs on one event loop, and every happening is handled at once and whole, one after the other (`_happen`).
Call time is in ms; 0 is when the candidate was first there.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog

from audio import VOICE_RATE, Pcm
from audio.heard import FinalTurn, Interim, LaneEvent, NothingSaid, SpeechResumed, SpeechStarted
from audio.recorder import Recorder
from bot.brain import ChatBrain
from bot.composing import Composing
from bot.floor import FloorBoard, FloorState
from bot.health import WatchedSpeech
from bot.interview import (
    Action,
    CandidateJoined,
    CandidateLeft,
    CardDecided,
    Compose,
    ControlPressed,
    Done,
    End,
    Expecting,
    FallSilent,
    FloorAsked,
    Forget,
    Happening,
    Hear,
    Hush,
    InterviewersPresent,
    LineOpened,
    Listen,
    ModeAsked,
    Note,
    QuietAsked,
    Record,
    Role,
    Say,
    SayOn,
    SpeechLost,
    StopRequested,
    TakeVoice,
    Tell,
    Tick,
)
from bot.interview.conduct import Conduct
from bot.lanes import Lanes
from bot.mute import Mute
from bot.plan import Plan
from bot.platforms import (
    Control,
    MediaFailed,
    MeetingConnection,
    MeetingEvent,
    MicrophoneChanged,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Recalling,
    Removed,
    Slept,
)
from bot.pulse import Progress
from bot.speaker import Speaker, SpokenLine
from bot.state import BotState, EndReason, advance
from bot.transcript import EventSink, TranscriptWriter
from bot.turn_taking import TurnTaking

log = structlog.get_logger(__name__)

SPEECH_STALLED_S = 8.0  # speech that is away for so long is put on the record
SPEECH_LOST_S = 45.0  # how long bot and candidate wait for a speech server to come back
FAREWELL_S = 15.0  # how long the last sentence may take
LAST_WORDS_S = 30.0  # how long the candidate may speak into it: they are not hung up on
TICK_S = 0.1


class Session:
    """Holds one interview in one call. `run` returns why it ended.

    Made in two steps because mouth and ears need the session and it needs them: `attach` completes it.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        interview: Conduct,
        events: EventSink,
        done: Callable[[str], None],
        brain: ChatBrain | None,
        bot_name: str,
        epoch: int = 1,
        elapsed_s: float | None = None,
        turns: int = 0,
    ) -> None:
        """done: takes the orders that are done with (`Done`).

        epoch: which incarnation of the bot this is; elapsed_s, turns: what those before it had of the call.
        """
        self._interview, self._events, self._done = interview, events, done
        self._board = FloorBoard(events, plan)
        self._loop = asyncio.get_running_loop()
        self._began = None if elapsed_s is None else self._loop.time() - elapsed_s
        self._state = BotState.LAUNCHING
        self._happenings: deque[Happening] = deque()
        self._early: list[FloorAsked | ModeAsked | QuietAsked | CardDecided] = []  # before the room let the bot in
        self._handling = False
        self._wake = asyncio.Event()
        self._ending: End | None = None
        self._removed_for = EndReason.CONNECTION_LOST  # what it means when the call is over for us
        self._ended_by = 0.0
        self._last_words: set[str] = set()  # candidates who speak into the goodbye
        self._over_for: EndReason | None = None  # from outside, whatever is being said
        self._over_at = 0.0
        self._candidates: dict[str, Participant] = {}
        self._interviewers: set[str] = set()
        self._turns = TurnTaking(
            events=events,
            transcript=TranscriptWriter(events, bot_name, epoch=epoch, turns=turns),
            listen=Listen(Expecting.NOTHING, None, plan.questions[0].patience),
            happen=self._happen,
            asks=interview.asks,
            yields=lambda: interview.yields_to_interviewers,
            rehearse=lambda words, reply: interview.rehearse(words, self._loop.time(), reply),
            try_ahead=lambda compose: self._composing.try_ahead(compose),
            goes_on=lambda: self._composing.drop_trial(),
            now_ms=self._exact_ms,
            call_at=self._call_at,
            interrupted=lambda: self._composing.stop(),
            was_cut=lambda who, pause_ms: self._lanes.was_cut(who, pause_ms),
        )
        self._composing = Composing(
            brain,
            happen=self._happen,
            begun=self._turns.model_began,
            failed=lambda why: events.emit("incident", {"code": "model_unavailable", "detail": why}),
        )
        self._thinking, self._hears = False, True
        self._speech_stalled = self._speech_lost = self._unreachable = False
        self._attached = False
        self.loop_lag_ms = 0.0

    def attach(
        self,
        *,
        connection: MeetingConnection,
        new_speaker: Callable[[], Speaker],
        lanes: Lanes,
        recorder: Recorder | None,
        speech: WatchedSpeech,
        tasks: asyncio.TaskGroup,
    ) -> None:
        """Hand over the parts that call back into this session. new_speaker: makes a voice; it runs in `tasks`."""
        self._connection, self._lanes, self._new_speaker = connection, lanes, new_speaker
        self._recorder, self._speech, self._tasks = recorder, speech, tasks
        self._speaker: Speaker | Mute = Mute()
        self._have_voice()
        self._composing.attach(tasks)
        self._attached = True

    # ---- the call's clock -----------------------------------------------------------------------------------------

    def call_ms(self) -> int:
        """Milliseconds since the candidate was first there; 0 before."""
        return int(self._exact_ms())

    def _exact_ms(self) -> float:
        return self._call_at(self._loop.time())

    def _call_at(self, loop_time: float) -> float:
        return 0.0 if self._began is None else (loop_time - self._began) * 1000

    # ---- the call -------------------------------------------------------------------------------------------------

    def move(self, to: BotState, **data: Any) -> None:
        """Move to another state and tell the control plane."""
        self._state = advance(self._state, to)
        self._events.emit("state", {"state": to.value, **data})

    async def run(self) -> EndReason:
        """Hold the interview until it ends; returns when the last sentence has been said."""
        self.move(BotState.WAITING)
        self._publish_floor()
        self._happen(Tick())  # starts the clock of the no-show rule
        for act in self._early:
            self._happen(act)
        try:
            async with asyncio.TaskGroup() as watching:
                watchers = [
                    watching.create_task(self._watch_meeting(), name="meeting"),
                    watching.create_task(self._keep_time(), name="time"),
                ]
                reason = await self._until_over()
                if reason is EndReason.NO_SHOW and self._unreachable:
                    reason = EndReason.MEDIA_FAILED  # they came, but no sound did
                for watcher in watchers:
                    watcher.cancel()
        finally:
            self._speaking.cancel()
        self._composing.stop()
        self.move(BotState.LEAVING, reason=reason.value)
        self._publish_floor()
        return reason

    def report(self) -> dict[str, Any]:
        """Return what was asked, answered and skipped, for the `ended` event."""
        return {**self._interview.report(), "duration_ms": self.call_ms()}

    def progress(self) -> list[Progress]:
        """Return how far the voice and everything that carries it have come; nothing before and after the call."""
        if not self._attached or self._state not in {BotState.WAITING, BotState.IN_CALL}:
            return []
        return [self._speaker.progress, *self._connection.progress()]

    def stop(self, reason: EndReason, *, within_s: float | None = None) -> None:
        """End the call from outside: a command, a signal. within_s: goodbye or no goodbye, then it is over."""
        if within_s is not None:
            self._over_at, self._over_for = self._loop.time() + within_s, reason
        if self._attached:
            self._happen(StopRequested(reason))
        else:
            self._end_now(reason)

    def asked(self, act: FloorAsked | ModeAsked | QuietAsked | CardDecided) -> None:
        """Somebody who may do so hands the floor over, changes the mode, turns the quiet key or decides on a card."""
        if self._attached:
            self._happen(act)
        else:
            self._early.append(act)

    def line_opened(self) -> None:
        """The line to the control plane is open: what the interviewers were told without one is told again."""
        if self._attached:
            self._happen(LineOpened())

    def abandon(self) -> None:
        """Leave at once without a word: another incarnation has taken over."""
        self._end_now(EndReason.CANCELLED)
        if self._attached:
            self._speaker.flush()

    def _end_now(self, reason: EndReason) -> None:
        self._ending, self._ended_by = End(reason), 0.0
        self._wake.set()

    async def _until_over(self) -> EndReason:
        while True:
            now = self._loop.time()
            if self._over_for is not None and now >= self._over_at:
                return self._over_for
            if self._ending is not None and (now >= self._ended_by or not (self._speaker.busy or self._last_words)):
                return self._ending.reason
            try:
                async with asyncio.timeout_at(self._next_deadline()):
                    await self._wake.wait()
            except TimeoutError:
                self._deadlines()
            self._wake.clear()

    def _next_deadline(self) -> float | None:
        times = [self._interview.deadline]
        if (settle_ms := self._turns.deadline_ms) is not None and self._began is not None:
            times.append(self._began + settle_ms / 1000)
        if self._ending is not None:
            times.append(self._ended_by)
        if self._over_for is not None:
            times.append(self._over_at)
        return min((time for time in times if time is not None), default=None)

    def _deadlines(self) -> None:
        self._turns.at_deadline()
        if (due := self._interview.deadline) is not None and self._loop.time() >= due:
            self._happen(Tick())

    async def _keep_time(self) -> None:
        due = self._loop.time()
        while True:
            due += TICK_S
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            late = self._loop.time() - due
            self.loop_lag_ms = max(self.loop_lag_ms, late * 1000)
            if late > 1.0:
                due = self._loop.time()
            self._record(lambda tape: tape.advance(self.call_ms()))
            self._look_after_speech()

    def _look_after_speech(self) -> None:
        down_s = self._speech.down_s
        if down_s >= SPEECH_STALLED_S and not self._speech_stalled:
            self._events.emit("incident", {"code": "speech_stalled", "detail": self._speech.detail})
        self._speech_stalled = down_s >= SPEECH_STALLED_S
        if not self._speech_lost and (self._speech.refused or down_s > SPEECH_LOST_S):
            self._speech_lost = True
            code = "speech_refused" if self._speech.refused else "speech_lost"
            self._events.emit("incident", {"code": code, "detail": self._speech.detail})
            self._happen(SpeechLost())

    # ---- happenings in, actions out -------------------------------------------------------------------------------

    def _happen(self, happening: Happening) -> None:
        # An action may cause a happening (a flushed line ends): it waits its turn.
        self._happenings.append(happening)
        if self._handling:
            return
        self._handling = True
        try:
            while self._happenings:
                now = self._loop.time()
                for action in self._interview.handle(self._happenings.popleft(), now):
                    self._perform(action)
        finally:
            self._handling = False
        self._publish_floor()
        self._wake.set()

    def _perform(self, action: Action) -> None:
        match action:
            case Say():
                self._thinking = False
                if self._ending is not None:
                    self._ended_by = self._loop.time() + FAREWELL_S
                self._lanes.alert(True)
                self._turns.say(action)
            case SayOn():
                self._turns.say_on(action)
            case Hush():
                self._speaker.flush()
            case Listen():
                self._turns.listen(action)
                self._lanes.listen(action.patience.value, action.terms)
            case Compose():
                self._turns.model_asked(self._composing.ask(action) * 1000)
            case Forget():
                self._composing.forget(action.request)
            case Record():
                self._record(lambda tape: tape.keep() if action.keep else self._discard(tape))
            case Note():
                self._events.emit(action.type, action.data)
            case Tell():
                self._events.emit_ephemeral(action.type, action.data)
            case Done(order):
                self._done(order)
            case TakeVoice(act):
                log.info("voice_taken", act=type(act).__name__, by=act.by)
                self._have_voice()
            case FallSilent():
                self._fall_silent()
            case Hear():
                self._hears = action.on
                self._lanes.deafen(not action.on)
            case End():
                self._ending, self._ended_by = action, self._loop.time() + FAREWELL_S

    def _have_voice(self) -> None:
        """Make a voice, unless there is one."""
        if isinstance(self._speaker, Mute):
            speaker = self._new_speaker()
            self._speaking = self._tasks.create_task(speaker.run(), name="speaker")
            self._speaker = speaker
            self._turns.attach(speaker)

    def _fall_silent(self) -> None:
        """From here on there is nothing in this bot that could make a sound, until a person's act gives it a voice."""
        speaker, self._speaker = self._speaker, Mute()
        if isinstance(speaker, Speaker):
            speaker.close()
        self._turns.attach(self._speaker)
        self._lanes.alert(False)

    def _discard(self, tape: Recorder) -> None:
        """Throw the recording away, and put on the record how much that was."""
        gone = tape.discard()
        told = {"duration_ms": gone.duration_ms, "bytes": gone.bytes, "sha256": gone.sha256}
        self._events.emit("recording.discarded", told)

    def _record(self, work: Callable[[Recorder], None]) -> None:
        if self._recorder is None:
            return
        try:
            work(self._recorder)
        except OSError as error:  # a full disk ends the recording, not the interview
            self._recorder.abandon()
            self._events.emit("incident", {"code": "recording_failed", "detail": str(error)})

    # ---- the meeting ----------------------------------------------------------------------------------------------

    async def _watch_meeting(self) -> None:
        async for event in self._connection.events():
            self._met(event)
        # The room is over for us; if nobody asked for that, it was taken from us.
        if self._ending is None:
            self._end_now(self._removed_for)

    def _met(self, event: MeetingEvent) -> None:
        match event:
            case ParticipantJoined(participant, again):
                self._joined(participant, again)
            case ParticipantLeft(participant, dropped):
                self._left(participant, dropped)
            case Control(participant, control) if participant.role is not Role.OBSERVER:
                self._happen(ControlPressed(control, by=participant.id))
            case MediaFailed(participant):
                told = f"no sound can be exchanged with {participant.name}; is a TURN server needed (TURN_URLS)?"
                self._events.emit("incident", {"code": "media_failed", "detail": told})
                self._unreachable = self._unreachable or participant.role is Role.CANDIDATE
            case MicrophoneChanged(participant, works):
                code = "microphone_back" if works else "microphone_lost"
                told = f"{participant.name}'s microphone gives {'sound again' if works else 'no sound any more'}"
                self._events.emit("incident", {"code": code, "detail": told})
            case Slept(participant, ms):
                told = f"{participant.name}'s page was asleep for {ms / 1000:.0f} s"
                self._events.emit("incident", {"code": "page_asleep", "detail": told, "ms": ms})
            case Removed(code):
                log.warning("removed_from_room", code=code)
                if code in list(EndReason):
                    self._removed_for = EndReason(code)
            case _:
                log.info("meeting_event", type=type(event).__name__)

    def _joined(self, participant: Participant, again: bool) -> None:
        if self._state is BotState.WAITING and participant.role is Role.CANDIDATE:
            self._began = self._loop.time() if self._began is None else self._began
            self.move(BotState.IN_CALL)
        self._events.emit(
            "participant.joined",
            {"participant_id": participant.id, "name": participant.name, "role": participant.role, "again": again},
        )
        if participant.role is Role.OBSERVER:
            return
        if participant.role is Role.INTERVIEWER:
            self._interviewers.add(participant.id)
            self._happen(InterviewersPresent(len(self._interviewers)))
        if participant.role is not Role.CANDIDATE and not participant.consented:
            log.info("not_heard_without_consent", participant=participant.id)
            return
        self._lanes.open(participant)
        if participant.role is Role.CANDIDATE:
            self._candidates[participant.id] = participant
            self._happen(CandidateJoined(participant.name, consented=participant.consented, again=again))

    def _left(self, participant: Participant, dropped: bool) -> None:
        self._events.emit(
            "participant.left",
            {"participant_id": participant.id, "name": participant.name, "role": participant.role, "dropped": dropped},
        )
        self._lanes.close(participant)
        if participant.id in self._interviewers:
            self._interviewers.discard(participant.id)
            self._happen(InterviewersPresent(len(self._interviewers), left=participant.id))
        self._last_words.discard(participant.id)
        if self._candidates.pop(participant.id, None) is not None and not self._candidates:
            self._turns.forget()
            self._happen(CandidateLeft())

    # ---- sound ----------------------------------------------------------------------------------------------------

    def heard(self, participant: Participant, turn_id: str, event: LaneEvent) -> None:
        """Take one event of one speaker's lane."""
        if isinstance(event, FinalTurn | NothingSaid) and event.lost:
            some = "some of " if isinstance(event, FinalTurn) else ""
            at = f"from {event.start_ms / 1000:.1f} to {event.end_ms / 1000:.1f} s"
            told = f"{some}what {participant.name} said {at} has no text: {event.lost}"
            self._events.emit("incident", {"code": "text_lost", "detail": told})
        self._thinking = isinstance(event, FinalTurn) and participant.role is Role.CANDIDATE
        if participant.role is Role.CANDIDATE:
            self._hold_the_door(participant, event)
        self._turns.heard(participant, turn_id, event)
        if isinstance(event, FinalTurn | NothingSaid):
            self._last_words.discard(participant.id)
        self._thinking = self._composing.busy
        self._publish_floor()
        self._wake.set()

    def _hold_the_door(self, candidate: Participant, event: LaneEvent) -> None:
        """Stay while somebody speaks into the goodbye, unless nothing of theirs may be kept."""
        if self._ending is None or self._ending.reason is EndReason.CONSENT_DECLINED or not self._ended_by:
            return
        if isinstance(event, SpeechStarted | SpeechResumed | Interim) and candidate.id not in self._last_words:
            self._last_words.add(candidate.id)
            self._ended_by = max(self._ended_by, self._loop.time() + LAST_WORDS_S)

    def sounds_whole(self, text: str) -> bool:
        """Whether some words of the candidate make a whole answer to what is open."""
        return self._interview.sounds_whole(text)

    def line_started(self, line: SpokenLine) -> None:
        """The first frame of a line has left."""
        self._turns.line_started(line, self._connection.round_trip_ms())
        self._publish_floor()

    def line_ended(self, line: SpokenLine, interrupted: bool) -> None:
        """A line was said, or was interrupted."""
        self._lanes.alert(self._speaker.busy)
        self._turns.line_ended(line, interrupted)

    def played(self, pcm: Pcm) -> None:
        """One frame of the bot's voice goes out: to the room and to the recording."""
        self._connection.play(pcm)
        self._record(lambda tape: tape.push("bot", pcm, VOICE_RATE, self.call_ms()))

    def recall(self) -> int:
        """Take back frames of the bot's voice that nobody has heard yet; return how many."""
        return self._connection.recall() if isinstance(self._connection, Recalling) else 0

    # ---- the floor ------------------------------------------------------------------------------------------------

    def _publish_floor(self) -> None:
        self._board.show(self._floor(), self._turns.listening, self._interview.mode, self._interview.leads)

    def _floor(self) -> FloorState:
        if self._state in (BotState.LEAVING, BotState.DONE, BotState.FAILED):
            return FloorState.ENDED
        if not self._candidates:
            return FloorState.WAITING
        if not self._hears:
            return FloorState.ALONE
        if self._speaker.speaking and not self._speaker.paused:
            return FloorState.SPEAKING
        if self._thinking or (self._speaker.busy and not self._speaker.paused):
            return FloorState.THINKING
        return FloorState.LISTENING

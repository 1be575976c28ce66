"""One solo interview, from the empty room to the goodbye."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from bot.interview import (
    Action,
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    Compose,
    Composed,
    ControlPressed,
    Happening,
    Lines,
    NothingHeard,
    Say,
    SpeechLost,
    Spoken,
    StopRequested,
    Tick,
)
from bot.interview.commands import is_filler, understand, words
from bot.interview.cursor import Cursor
from bot.interview.desk import COMPOSED_S, SLOW_SPEED, Desk, Timer
from bot.interview.farewell import Farewell
from bot.interview.opening import Opening
from bot.interview.part import Part
from bot.interview.phase import Phase, advance
from bot.interview.phrases import Command
from bot.interview.questioning import Questioning
from bot.interview.stopping import Stopping
from bot.interview.voice import Voice
from bot.plan import Plan
from bot.resume import Resume
from bot.spec import Limits
from bot.state import EndReason

SETTLE_S = 0.8  # between the door and the greeting
PAUSE_S = 45.0  # "give me a moment"
DEAF_AFTER = 2  # sounds without words before the bot says so
MOST_STALLS = 2  # lines in a row that never ended


class Interview:
    """Drives one solo interview; pure logic on plain values.

    Call `handle` with everything that happens, and with `Tick` once `deadline` has come. Before the first call the
    deadline lies in the past, so a driver that honours it begins with a `Tick`. Candidates are expected one at a time.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        lines: Lines,
        candidate_name: str = "",
        organisation: str = "",
        bot_name: str = "Viva",
        limits: Limits | None = None,
        has_model: bool = False,
        compose_s: float = COMPOSED_S,
        so_far: Resume | None = None,
    ) -> None:
        """compose_s: after this time a `Compose` counts as lost; a little more than the model's own budget.

        so_far: where the call stood when the bot before this one was lost.
        """
        self.phase = Phase.WAITING
        self._so_far = so_far
        self._cursor = Cursor(plan)
        self._desk = Desk(plan, lines, limits or Limits(), candidate_name, has_model, self._cursor, compose_s)
        self._opening = Opening(self._desk, bot=bot_name, organisation=organisation, done=self._opened)
        self._questioning = Questioning(self._desk, done=self._questioned)
        self._farewell = Farewell(self._desk, back=self._answer_goes_on)
        self._stopping = Stopping(self._desk, go_on=self._stop_cancelled)
        self._voice = Voice(self._desk)
        if so_far is not None:
            self._desk.take_up(so_far)
        self._started = False
        self._deaf = 0
        self._stalls = 0

    @property
    def deadline(self) -> float | None:
        """When `Tick` is due, on the clock of `now`; None once the interview is over."""
        if not self._started:
            return 0.0
        return min(self._desk.timers.values(), default=None)

    @property
    def ended(self) -> EndReason | None:
        """Why the interview is over; None while it is not."""
        return self._desk.ended

    def handle(self, happening: Happening, now: float) -> list[Action]:
        """Take in what happened at `now` (seconds, never going back) and return what to do, in order."""
        desk = self._desk
        desk.now = max(now, desk.now)
        if not self._started:
            self._started = True
            if self._so_far is None:
                desk.set(Timer.NO_SHOW, desk.limits.no_show_s)
            else:
                desk.set(Timer.LEFT, desk.limits.left_s)
        if desk.ended is None:
            self._dispatch(happening)
        if desk.ended is not None and self.phase is not Phase.ENDED:
            self._move(Phase.ENDED)
        if desk.ended is None and self.phase in (Phase.OPENING, Phase.QUESTIONS, Phase.FAREWELL):
            self._keep_holding()
        return desk.take()

    def asks(self, text: str) -> str | None:
        """No question: here they are the bot's to put."""
        return None

    def sounds_whole(self, text: str) -> bool:
        """Whether `text`, said now, is likely all that the candidate means to say: then the wait may be short."""
        return self._part is not self._questioning or self._questioning.sounds_whole(text)

    def rehearse(self, text: str, now: float, reply: str | None = None) -> Say | Compose | None:
        """Return what would be said next were `text` the candidate's whole turn; nothing changes by asking.

        A `Compose` when it would be for the chat model to write; with the `reply` that it has begun, the line it makes.
        None when it would be nothing, or cannot be known yet.
        """
        if self._desk.holds():  # a line held back belongs to this interview and cannot be tried on a copy
            return None
        double = copy.deepcopy(self, {id(self._desk.plan): self._desk.plan})
        double.handle(CandidateSpeaking(False), now)
        actions = double.handle(CandidateSaid(text, 1.0, 0, 0), now)
        asked = next((action for action in actions if isinstance(action, Compose)), None)
        if asked is not None and reply is not None:
            actions = double.handle(Composed(asked.request, reply, more=True), now)
        return next((action for action in actions if isinstance(action, Say | Compose)), None)

    def report(self) -> dict[str, Any]:
        """What came of every planned question, the consent, and how long the interview lasted."""
        return self._desk.report()

    # ---- phases ------------------------------------------------------------------------------------------------

    def _move(self, to: Phase) -> None:
        self.phase = advance(self.phase, to)

    @property
    def _part(self) -> Part:
        if self._stopping.ask is not None:
            return self._stopping
        if self.phase is Phase.QUESTIONS:
            return self._questioning
        if self.phase is Phase.FAREWELL:
            return self._farewell
        return self._opening

    def _opened(self, lead: str) -> None:
        self._move(Phase.QUESTIONS)
        self._questioning.begin(lead)

    def _questioned(self, lead: str) -> None:
        self._move(Phase.FAREWELL)
        self._farewell.begin(lead)

    def _answer_goes_on(self, turn: CandidateSaid, body: str) -> None:
        self._move(Phase.QUESTIONS)
        self._questioning.continued(turn, body)

    # ---- what happens ------------------------------------------------------------------------------------------

    def _dispatch(self, happening: Happening) -> None:
        match happening:
            case CandidateJoined():
                self._joined(happening)
            case CandidateLeft():
                self._left()
            case CandidateSpeaking(speaking=True) if not self._desk.away and self.phase is not Phase.WAITING:
                self._voice.up()
            case CandidateSpeaking():
                self._voice.down()
            case CandidateSaid():
                self._said(happening)
            case NothingHeard():
                self._nothing_heard()
            case Spoken():
                self._spoken(happening)
            case ControlPressed("withdraw", by):
                self._withdrawn(by)
            case ControlPressed():
                self._pressed(happening.control)
            case Composed():
                self._composed(happening)
            case StopRequested():
                spoken = self.phase is not Phase.WAITING
                self._desk.finish(happening.reason, self._desk.lines.say("cancelled") if spoken else None)
            case SpeechLost():
                self._desk.finish(EndReason.SPEECH_UNAVAILABLE)
            case Tick():
                self._tick()

    def _composed(self, reply: Composed) -> None:
        desk = self._desk
        if not desk.awaits(reply.request):
            return
        begun = desk.writing
        desk.composed(more=reply.more)
        if begun:
            self._part.wrote(reply.text, more=reply.more)
        else:
            self._part.composed(reply.text, more=reply.more)

    def _joined(self, joined: CandidateJoined) -> None:
        desk = self._desk
        if joined.consented:
            self._opening.page_consent()
        if self.phase is Phase.WAITING:
            desk.candidate = desk.candidate or joined.name
            before_s = 0.0 if self._so_far is None else self._so_far.reached_ms / 1000
            desk.joined_at = desk.now - before_s
            desk.clear(Timer.NO_SHOW, Timer.LEFT)
            desk.set(Timer.MAX_DURATION, desk.limits.max_duration_s - before_s)
            desk.set(Timer.SETTLE, SETTLE_S)
            self._move(Phase.SETTLING)
        elif desk.away:
            desk.away = False
            desk.clear(Timer.LEFT)
            desk.set(Timer.SETTLE, SETTLE_S)

    def _left(self) -> None:
        desk = self._desk
        if self.phase is Phase.WAITING or desk.away:
            return
        desk.hush()
        desk.away, desk.hold = True, False
        self._voice.gone()
        self._stopping.close()
        desk.clear(Timer.QUIET, Timer.PAUSE, Timer.SETTLE)
        desk.forget_model()
        if desk.drop_held():
            desk.finish_silently()
        else:
            desk.set(Timer.LEFT, desk.limits.left_s)

    def _settled(self) -> None:
        """The candidate has arrived: greet, or go on where the conversation was left."""
        desk = self._desk
        if self.phase is Phase.SETTLING and self._so_far is not None:
            desk.preface(desk.lines.say("resumed"))
            if self._opening.took_place(self._so_far):
                self._move(Phase.QUESTIONS)
                self._questioning.take_up(self._so_far)
                return
        if self.phase is Phase.SETTLING:
            self._move(Phase.OPENING)
        if self.phase is Phase.OPENING and not self._opening.greeted:
            self._opening.begin()
            return
        name = desk.candidate
        back = desk.lines.say("welcome_back_named", candidate=name) if name else desk.lines.say("welcome_back")
        self._part.again(back)

    def _said(self, turn: CandidateSaid) -> None:
        desk = self._desk
        if not words(turn.text):
            self._nothing_heard()
            return
        self._voice.settled()
        self._deaf = 0
        if desk.drop_held():
            if not desk.speaking:
                desk.release()
            return
        if self.phase in (Phase.WAITING, Phase.SETTLING):
            return
        understood = understand(turn.text, desk.language)
        if desk.away or Timer.SETTLE in desk.timers:
            self._part.overheard(turn, understood.body)
            return
        if desk.line is not None:
            if not turn.cut_in and is_filler(turn.text, desk.language):
                return  # "mm-hm" under the bot's line
            desk.hush()
        desk.hold = desk.hold and understood.command is Command.PAUSE
        if understood.command is not None:
            if understood.body:
                self._part.overheard(turn, understood.body)
            self._command(understood.command, turn)
        else:
            self._part.said(turn, turn.text)

    def _nothing_heard(self) -> None:
        desk = self._desk
        self._voice.settled()
        self._deaf += 1
        if desk.holds():
            if not desk.speaking:
                desk.release()
            return
        quiet = desk.line is None and not (desk.away or desk.hold or desk.speaking or desk.thinking)
        listening = self.phase in (Phase.OPENING, Phase.QUESTIONS, Phase.FAREWELL) and Timer.SETTLE not in desk.timers
        if self._deaf >= DEAF_AFTER and quiet and listening:
            self._deaf = -1
            desk.note("incident", code="no_words", detail="sound without words, several times in a row")
            desk.remark(desk.lines.say("no_words"), self._part.ask, prompting=True)

    def _spoken(self, spoken: Spoken) -> None:
        desk = self._desk
        line = desk.ended_line(spoken)
        if line is None:
            return
        self._stalls = 0
        if line.prompting:
            desk.prompts += 1
        if desk.hold:
            desk.set(Timer.PAUSE, PAUSE_S)
        else:
            self._part.line_ended()

    # ---- commands ----------------------------------------------------------------------------------------------

    def _pressed(self, control: str) -> None:
        desk = self._desk
        if control not in set(Command) or self.phase is Phase.WAITING or desk.away or desk.drop_held():
            return
        if self.phase is Phase.SETTLING or Timer.SETTLE in desk.timers:
            if control == Command.STOP:
                desk.finish(EndReason.STOPPED_BY_CANDIDATE, desk.lines.say("stop_goodbye"))
            return
        desk.hush()
        desk.hold = False
        self._command(Command(control), None)

    def _withdrawn(self, by: str) -> None:
        """The candidate takes the consent back on the page: no recording is kept, and nothing is asked any more."""
        desk = self._desk
        desk.decline("", method="page", participant_id=by)
        spoken = self.phase is not Phase.WAITING
        desk.finish(EndReason.CONSENT_DECLINED, desk.lines.say("consent_declined") if spoken else None)

    def _command(self, command: Command, turn: CandidateSaid | None) -> None:
        desk = self._desk
        confirmed = self._stopping.ask is not None
        self._stopping.close()
        match command:
            case Command.HUMAN:
                desk.note("task", kind="human_requested", text="The candidate asked to speak to a person.")
                desk.finish(EndReason.HUMAN_REQUESTED, desk.lines.say("human_goodbye"))
            case Command.STOP if confirmed:
                self._stopping.stop()
            case Command.STOP if desk.consent.given is None:
                self._opening.refuse(command if turn is None else turn.text)
            case Command.STOP:
                desk.forget_model()
                open_ask = self._part.ask
                self._stopping.begin(None if open_ask is None else open_ask.question_id)
            case Command.PAUSE:
                desk.forget_model()
                desk.hold = True
                desk.remark(desk.lines.say("pause_ok"), self._part.ask)
                self._keep_holding()
            case Command.SLOWER:
                desk.speed = SLOW_SPEED
                self._part.again(desk.lines.say("slower_ok"), wished=True)
            case _:
                self._part.command(command, turn)

    def _stop_cancelled(self, turn: CandidateSaid | None) -> None:
        if turn is None:
            self._part.again(self._desk.lines.say("stop_cancelled"))
        else:
            self._part.said(turn, turn.text)

    # ---- time --------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        desk = self._desk
        due = sorted((at, timer) for timer, at in desk.timers.items() if at <= desk.now)
        for _, timer in due:
            if timer in desk.timers and desk.ended is None:
                desk.clear(timer)
                self._due(timer)

    def _due(self, timer: Timer) -> None:
        desk = self._desk
        handlers: Mapping[Timer, Callable[[], None]] = {
            Timer.NO_SHOW: lambda: desk.finish(EndReason.NO_SHOW),
            Timer.SETTLE: self._settled,
            Timer.QUIET: self._quiet,
            Timer.PAUSE: self._paused_long_enough,
            Timer.LEFT: self._stayed_away,
            Timer.COMPOSED: self._model_lost,
            Timer.LINE: self._line_lost,
            Timer.RELEASE: desk.release,
            Timer.GRACE: desk.finish_silently,
            Timer.SPEECH: self._voice_lost,
            Timer.MAX_DURATION: self._time_is_up,
        }
        handlers[timer]()

    def _quiet(self) -> None:
        desk, ask = self._desk, self._part.ask
        if ask is not None and not ask.heard and not desk.silence_is_over():
            self._part.again(desk.lines.say("back_to_question"))
        else:
            self._part.silent(over=desk.silence_is_over())

    def _paused_long_enough(self) -> None:
        self._desk.hold = False
        self._part.again(self._desk.lines.say("pause_over"))

    def _stayed_away(self) -> None:
        """Somebody who leaves after the last question has been through the interview."""
        done = self.phase is Phase.FAREWELL
        self._desk.finish(EndReason.COMPLETED if done else EndReason.CANDIDATE_LEFT)

    def _model_lost(self) -> None:
        desk = self._desk
        begun = desk.writing
        desk.forget_model()
        desk.note("incident", code="model_lost", detail="no reply of the chat model in time")
        if begun:
            self._part.wrote(None, more=False)
        else:
            self._part.composed(None, more=False)

    def _line_lost(self) -> None:
        """A line has neither ended nor been interrupted: say what is open again, and give the call up the next time.

        The voice is tried again until it works, so the candidate hears the question as soon as there is sound again.
        """
        desk = self._desk
        desk.hush()
        self._stalls += 1
        desk.note("incident", code="line_lost", detail="a line of the bot never ended")
        if self._stalls >= MOST_STALLS:
            desk.finish(EndReason.SPEECH_UNAVAILABLE)
        elif not desk.hold:
            self._part.again(desk.lines.say("back_to_question"))

    def _voice_lost(self) -> None:
        desk = self._desk
        desk.note("incident", code="voice_without_words", detail="a voice neither stopped nor became words")
        self._voice.gone()
        desk.release()
        desk.wait(fresh=True)

    def _time_is_up(self) -> None:
        desk = self._desk
        desk.finish(EndReason.MAX_DURATION, desk.lines.say("max_duration"), at_once=True)

    def _keep_holding(self) -> None:
        """A moment that was asked for begins anew after every sound, and never lasts for ever."""
        desk = self._desk
        if desk.hold and desk.line is None and not desk.speaking and not desk.away:
            desk.timers.setdefault(Timer.PAUSE, desk.now + PAUSE_S)

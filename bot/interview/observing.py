"""One interview that people hold, with the bot listening: it says once what it is there for, then it is silent.

The plan's questions are recognised when an interviewer puts them, in whatever words, so that what was asked and what
came of it stands on the record as after an interview that the bot led.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.interview import (
    Action,
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    Compose,
    ControlPressed,
    Expecting,
    FallSilent,
    Happening,
    InterviewerSaid,
    InterviewersPresent,
    Lines,
    NothingHeard,
    Say,
    SpeechLost,
    Spoken,
    StopRequested,
    Tick,
)
from bot.interview.asked import AskedByPeople
from bot.interview.commands import words, yes_or_no
from bot.interview.copilot import Copilot
from bot.interview.cursor import Cursor
from bot.interview.desk import Ask, Desk, Timer
from bot.interview.objections import objects
from bot.interview.phase import Phase, advance
from bot.interview.taking_up import restore
from bot.interview.voice import Voice
from bot.plan import Patience, Plan
from bot.resume import Resume
from bot.spec import Limits
from bot.state import EndReason

NOTICE = "observing-1"  # raise it with every change of what `observing` means in prompts/lines
MOST_TRIES = 3  # the disclosure is said again when it was talked over, but not for ever
SETTLE_S = 0.8
CONSENT_S = 60.0  # for a spoken yes, where none was given on the page
EMPTY_S = 20.0  # nobody is in the room: time to reload a page


class Observing:
    """Attends one interview that people hold; see `Conduct`. No button and no command makes it speak.

    so_far: where the call stood when the bot before this one was lost. helps: the interviewers are told how it stands.
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
        so_far: Resume | None = None,
        helps: bool = False,
    ) -> None:
        self.phase = Phase.WAITING
        self._bot, self._organisation, self._so_far = bot_name, organisation, so_far
        self._cursor = Cursor(plan)
        self._desk = Desk(plan, lines, limits or Limits(), candidate_name, False, self._cursor)
        self._voice = Voice(self._desk)
        self._asked = AskedByPeople(self._desk)
        self._copilot = Copilot(self._desk) if helps else None
        self._disclosure: Ask | None = None
        self._interviewers = 0
        self._candidate_spoke = self._interviewer_spoke = False
        self._disclosed_at: float | None = None
        self._started = self._on_page = False
        if so_far is not None:
            self._desk.take_up(so_far)
            self._on_page = so_far.consent_method == "page"
            self._candidate_spoke = self._interviewer_spoke = any(question.parts for question in so_far.questions)

    @property
    def deadline(self) -> float | None:
        """When `Tick` is due; None once the call is over."""
        if not self._started:
            return 0.0
        return min(self._desk.timers.values(), default=None)

    @property
    def ended(self) -> EndReason | None:
        """Why the call is over; None while it is not."""
        return self._desk.ended

    def handle(self, happening: Happening, now: float) -> list[Action]:
        """Take in what happened at `now` (seconds) and return what to do, in order."""
        desk = self._desk
        desk.now = max(now, desk.now)
        if not self._started:
            self._begin()
        if desk.ended is None:
            self._dispatch(happening)
        if desk.ended is not None and self.phase is not Phase.ENDED:
            self.phase = advance(self.phase, Phase.ENDED)
        return desk.take()

    def asks(self, text: str) -> str | None:
        """The planned question that these words of an interviewer's put; None where they put none."""
        return self._asked.recognised(text) if self.phase is Phase.QUESTIONS else None

    def sounds_whole(self, text: str) -> bool:
        """Nobody waits for the bot's reply: a turn may end by its silence alone."""
        return False

    def rehearse(self, text: str, now: float, reply: str | None = None) -> Say | Compose | None:
        """Nothing is replied."""
        return None

    def report(self) -> dict[str, Any]:
        """What came of every planned question, the consent, and how long the call lasted."""
        return self._desk.report()

    # ---- what happens ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._started = True
        desk = self._desk
        if self._so_far is None:
            desk.set(Timer.NO_SHOW, desk.limits.no_show_s)
            return
        desk.set(Timer.LEFT, desk.limits.left_s)
        if self._so_far.disclosed:
            desk.act(FallSilent())

    def _dispatch(self, happening: Happening) -> None:
        desk = self._desk
        match happening:
            case CandidateJoined():
                self._joined(happening)
            case CandidateLeft():
                self._left()
            case InterviewersPresent(number):
                self._interviewers = number
                self._watch_the_door()
            case CandidateSpeaking(speaking=True) if not desk.away and self.phase is not Phase.WAITING:
                self._voice.up()
            case CandidateSpeaking():
                self._voice.down()
            case CandidateSaid():
                self._heard()
                self._said(happening)
            case InterviewerSaid():
                self._interviewer_said(happening)
            case NothingHeard():
                self._heard()
            case ControlPressed("withdraw", by):
                self._object("", method="page", participant_id=by)
            case Spoken():
                self._spoken(happening)
            case StopRequested(reason):
                desk.finish(reason)
            case SpeechLost():
                desk.finish(EndReason.SPEECH_UNAVAILABLE)
            case Tick():
                self._tick()

    def _joined(self, joined: CandidateJoined) -> None:
        desk = self._desk
        if joined.consented and desk.consent.given is None:
            self._on_page = True
            desk.agree("page", "")
        if self.phase is Phase.WAITING:
            desk.candidate = desk.candidate or joined.name
            before_s = 0.0 if self._so_far is None else self._so_far.reached_ms / 1000
            desk.joined_at = desk.now - before_s
            desk.set(Timer.MAX_DURATION, desk.limits.max_duration_s - before_s)
            desk.set(Timer.SETTLE, SETTLE_S)
            self.phase = advance(self.phase, Phase.SETTLING)
        desk.away = False
        desk.clear(Timer.NO_SHOW)
        self._watch_the_door()
        if self.phase is Phase.OPENING and desk.line is None:
            desk.set(Timer.SETTLE, SETTLE_S)

    def _left(self) -> None:
        self._voice.gone()
        self._desk.away = True
        self._desk.clear(Timer.SETTLE, Timer.RELEASE)
        self._desk.hush()
        self._watch_the_door()

    def _watch_the_door(self) -> None:
        """Without the candidate the bot waits for a while; with nobody there, no longer than a reload takes."""
        desk = self._desk
        if self.phase is Phase.WAITING:
            return
        if not desk.away:
            desk.clear(Timer.LEFT)
        elif self._interviewers:
            desk.set(Timer.LEFT, desk.limits.left_s)
        else:
            desk.set(Timer.LEFT, min(EMPTY_S, desk.limits.left_s))

    def _heard(self) -> None:
        """What the candidate said is words now, or holds none: the disclosure need not wait any more."""
        self._voice.settled()
        if self._desk.holds() and not self._desk.speaking:
            self._desk.release()

    # ---- disclosure and consent --------------------------------------------------------------------------------

    def _settled(self) -> None:
        desk = self._desk
        if self.phase is Phase.SETTLING and self._so_far is not None and self._so_far.disclosed:
            self._take_up(self._so_far)
            return
        if self.phase is Phase.SETTLING:
            self.phase = advance(self.phase, Phase.OPENING)
        if self._disclosure is None:
            lines = desk.lines
            if self._organisation:
                text = lines.say("observing", bot=self._bot, organisation=self._organisation)
            else:
                text = lines.say("observing_plain", bot=self._bot)
            if not desk.consent.given:
                text = f"{text} {lines.say('consent_ask')}"
            self._disclosure = Ask(text, Expecting.NOTHING, patience=Patience.BRIEF)
        desk.forget_said()
        desk.ask(self._disclosure)

    def _take_up(self, so_far: Resume) -> None:
        self.phase = advance(self.phase, Phase.QUESTIONS)
        self._disclosed_at = self._desk.now
        restore(self._cursor, so_far, self._desk.language, self._desk.now)
        self._asked.take_up()
        if self._copilot is not None:
            self._copilot.began()
        if not self._desk.consent.given:
            self._desk.set(Timer.QUIET, CONSENT_S)

    def _spoken(self, spoken: Spoken) -> None:
        if self._desk.ended_line(spoken) is not None and self.phase is Phase.OPENING:
            self._disclosure_ended()

    def _disclosure_ended(self) -> None:
        """Fall silent once it was heard, or was tried often enough; where it could not be said at all, leave."""
        desk, ask = self._desk, self._disclosure
        if ask is None or (not ask.heard and ask.tries < MOST_TRIES):
            desk.wait()
            return
        if not ask.heard and not self._on_page:
            desk.finish(EndReason.SPEECH_UNAVAILABLE)
            return
        self.phase = advance(self.phase, Phase.QUESTIONS)
        self._disclosed_at = desk.now
        self._cursor.begin(desk.now)
        desk.clear(Timer.QUIET)
        desk.note("disclosure", notice=f"{NOTICE}-{desk.language}", heard=ask.heard, tries=ask.tries)
        desk.act(FallSilent())
        if self._copilot is not None:
            self._copilot.began()
        if not desk.consent.given:
            desk.set(Timer.QUIET, CONSENT_S)

    def _object(self, text: str, **how: Any) -> None:
        """Somebody objects: nothing that was recorded is kept, nothing is assessed, and the bot leaves."""
        heard = self._disclosed_at
        ago = None if heard is None else round((self._desk.now - heard) * 1000)
        self._desk.decline(text, **how, notice=f"{NOTICE}-{self._desk.language}", shown_ms=ago)
        self._desk.finish(EndReason.CONSENT_DECLINED)

    # ---- what is said ------------------------------------------------------------------------------------------

    def _said(self, turn: CandidateSaid) -> None:
        desk = self._desk
        if objects(turn.text, desk.language):
            self._object(turn.text, turn=turn.turn)
        elif self.phase is not Phase.QUESTIONS or not words(turn.text):
            return
        elif not desk.consent.given:
            self._answer_to_the_disclosure(turn)
        else:
            self._candidate_spoke = True
            self._asked.answered(turn)
            if self._copilot is not None:
                self._copilot.candidate_said(turn)

    def _answer_to_the_disclosure(self, turn: CandidateSaid) -> None:
        desk = self._desk
        agreed = yes_or_no(turn.text, desk.language)
        if agreed is False:
            self._object(turn.text, turn=turn.turn)
        elif agreed:
            desk.clear(Timer.QUIET)
            ago = None if self._disclosed_at is None else round((desk.now - self._disclosed_at) * 1000)
            desk.agree("voice", turn.text, notice=f"{NOTICE}-{desk.language}", shown_ms=ago)

    def _interviewer_said(self, turn: InterviewerSaid) -> None:
        if objects(turn.text, self._desk.language):
            self._object(turn.text, turn=turn.turn)
        elif self.phase is Phase.QUESTIONS and words(turn.text):
            self._interviewer_spoke = True
            asks = self._asked.put(turn)
            if self._copilot is not None:
                self._copilot.interviewer_said(turn, asks=asks)

    # ---- time --------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        desk = self._desk
        for _, timer in sorted((at, timer) for timer, at in desk.timers.items() if at <= desk.now):
            if timer in desk.timers and desk.ended is None:
                desk.clear(timer)
                self._due(timer)

    def _due(self, timer: Timer) -> None:
        desk = self._desk
        handlers: Mapping[Timer, Callable[[], None]] = {
            Timer.NO_SHOW: lambda: desk.finish(EndReason.NO_SHOW),
            Timer.SETTLE: self._settled,
            Timer.QUIET: self._quiet,
            Timer.LEFT: self._over,
            Timer.LINE: self._line_lost,
            Timer.RELEASE: desk.release,
            Timer.SPEECH: self._voice_lost,
            Timer.CARD: self._card_is_late,
            Timer.MAX_DURATION: lambda: desk.finish(EndReason.MAX_DURATION),
        }
        handlers[timer]()

    def _quiet(self) -> None:
        """The disclosure was talked over and it is quiet now; or nobody has agreed to be recorded."""
        if self.phase is Phase.OPENING:
            self._settled()
        elif not self._desk.consent.given:
            self._object("")

    def _line_lost(self) -> None:
        self._desk.hush()
        self._desk.note("incident", code="line_lost", detail="a line of the bot never ended")
        self._disclosure_ended()

    def _voice_lost(self) -> None:
        self._voice.gone()
        self._desk.release()

    def _card_is_late(self) -> None:
        if self._copilot is not None:
            self._copilot.expire()

    def _over(self) -> None:
        """Whoever held the interview has gone. It has taken place if both sides spoke."""
        self._asked.close()
        both = self._candidate_spoke and self._interviewer_spoke
        self._desk.finish(EndReason.COMPLETED if both else EndReason.CANDIDATE_LEFT)

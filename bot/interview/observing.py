"""People lead, with the bot listening: it says once what it is there for, then it is silent.

The plan's questions are recognised when an interviewer puts them, in whatever words, so that what was asked and what
came of it stands on the record as after an interview that the bot led.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bot.interview import (
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    ControlPressed,
    Expecting,
    FallSilent,
    Happening,
    Hear,
    InterviewerSaid,
    InterviewerSaying,
    InterviewerSpeaking,
    InterviewersPresent,
    NothingHeard,
    SpeechLost,
    Spoken,
    StopRequested,
    Tick,
)
from bot.interview.asked import AskedByPeople
from bot.interview.commands import words, yes_or_no
from bot.interview.copilot import Copilot
from bot.interview.desk import Ask, Desk, Timer
from bot.interview.objections import may_object, objects
from bot.interview.phase import Phase
from bot.interview.taking_up import restore
from bot.interview.voice import Voice
from bot.plan import Patience
from bot.resume import CopilotSoFar, Resume
from bot.state import EndReason

# Raise them with every change of what `observing`, or `assisting`, means in prompts/lines.
NOTICE, HELPING_NOTICE = "observing-1", "assisting-1"
MOST_TRIES = 3  # the disclosure is said again when it was talked over, but not for ever
SETTLE_S = 0.8
CONSENT_S = 60.0  # for a spoken yes, where none was given on the page
EMPTY_S = 20.0  # nobody is in the room, or no interviewer: time to reload a page


class Observing:
    """Attends a call that people lead. No button and no command makes it speak.

    helps: the interviewers are told how it stands.
    """

    def __init__(
        self,
        desk: Desk,
        voice: Voice,
        *,
        organisation: str,
        bot_name: str,
        so_far: Resume | None,
        helps: bool,
        copilot: CopilotSoFar | None,
    ) -> None:
        """so_far: where the call stood when the bot before this one was lost; copilot: what the panel was shown."""
        self._desk, self._voice, self._so_far = desk, voice, so_far
        self._bot, self._organisation, self._cursor = bot_name, organisation, desk.cursor
        self._asked = AskedByPeople(desk)
        self._copilot = Copilot(desk, copilot or CopilotSoFar())
        self._helps = helps
        self._notice = _notice(helps=helps, language=desk.language)  # which words the candidate was told
        self._line: Ask | None = None  # what it says before it falls silent
        self._tries = MOST_TRIES
        self._candidate_spoke = self._interviewer_spoke = False
        self._hears = True
        self._disclosed_at: float | None = None
        if so_far is not None:
            self._candidate_spoke = self._interviewer_spoke = any(question.parts for question in so_far.questions)

    def handle(self, happening: Happening) -> None:
        """Take in what happened and tell the desk what to do."""
        self._dispatch(happening)

    def asks(self, text: str) -> str | None:
        """The planned question that these words of an interviewer's put; None where they put none."""
        return self._asked.recognised(text) if self._desk.phase is Phase.QUESTIONS else None

    def help(self, on: bool) -> None:
        """Begin to tell the interviewers how it stands, or stop."""
        if not on:
            self._copilot.expire("overtaken")
        self._helps = on

    def quiet(self, on: bool) -> None:
        """Suggest nothing to the interviewers, or again what is worth it."""
        self._copilot.quiet(on)

    def card_decided(self, id_: str) -> None:
        """Hold the next card back for a decided one no longer."""
        self._copilot.decided(id_)

    def tell_again(self) -> None:
        """Tell the interviewers once more how it stands."""
        if self._helps:
            self._copilot.tell_again()

    def guard(self, turn: CandidateSaid | InterviewerSaid | InterviewerSaying) -> None:
        """Warn the interviewers of what nobody may ask, whoever leads; their own words need nobody's consent."""
        if self._helps and (self._desk.consent.given or not isinstance(turn, CandidateSaid)):
            self._copilot.guard(turn)

    def interviewer_speaking(self, voice: InterviewerSpeaking) -> None:
        """Whoever is about to ask something reads no cards."""
        self._copilot.interviewer_speaking(voice)

    def attend(self, text: str, *, tries: int) -> None:
        """Listen to people who lead from here on; the last thing said is `text`, if any, at most so often.

        Consent has been given. What the candidate says while `text` waits for them belongs to the open question.
        """
        desk = self._desk
        if desk.phase is not Phase.QUESTIONS:
            desk.move(Phase.QUESTIONS)
        if self._disclosed_at is None:
            self._disclosed_at = desk.now
        if any(progress.parts for progress in self._cursor.all):
            self._candidate_spoke = self._interviewer_spoke = True
        current = self._cursor.current
        open_id = None if current is None else current.question.id
        self._line, self._tries = Ask(text, Expecting.NOTHING, open_id, Patience.BRIEF, heard=not text), tries
        if text:
            desk.ask(self._line)
        if desk.away or not text:
            self._line_ended()
        self._watch_for_interviewers()
        self.follow()

    def leave(self) -> None:
        """The bot leads from here on: what people asked last is over, and so is what was suggested to them."""
        self._line = None
        self._asked.close()
        self._copilot.expire("overtaken")
        self._desk.clear(Timer.QUIET, Timer.ALONE)
        self._hear(True)

    def follow(self) -> None:
        """Tell the interviewers how it stands while others ask."""
        if self._helps:
            self._copilot.began()

    # ---- what happens ------------------------------------------------------------------------------------------

    def _dispatch(self, happening: Happening) -> None:
        desk = self._desk
        match happening:
            case CandidateJoined():
                self._joined(happening)
            case CandidateLeft():
                self._left()
            case InterviewersPresent():
                self._watch_the_door()
                self._watch_for_interviewers()
            case CandidateSpeaking(speaking=True) if not desk.away and desk.phase is not Phase.WAITING:
                self._voice.up()
            case CandidateSpeaking():
                self._voice.down()
            case CandidateSaid():
                self._voice.settled()
                self._said(happening)
                self._release()
            case InterviewerSaid():
                self._interviewer_said(happening)
            case NothingHeard():
                self._voice.settled()
                self._release()
            case ControlPressed("withdraw", by):
                self._object("", method="page", participant_id=by)
            case Spoken():
                self._spoken(happening)
            case StopRequested(reason):
                desk.finish(reason)
            case SpeechLost():
                desk.finish(EndReason.SPEECH_UNAVAILABLE)
            case Tick():
                self._desk.ring(self._due)

    def _joined(self, joined: CandidateJoined) -> None:
        desk = self._desk
        if joined.consented and desk.consent.given is None:
            desk.agree("page", "")
        if desk.phase is Phase.WAITING:
            desk.candidate = desk.candidate or joined.name
            before_s = 0.0 if self._so_far is None else self._so_far.reached_ms / 1000
            desk.joined_at = desk.now - before_s
            desk.set(Timer.MAX_DURATION, desk.limits.max_duration_s - before_s)
            desk.set(Timer.SETTLE, SETTLE_S)
            desk.move(Phase.SETTLING)
        desk.away = False
        desk.clear(Timer.NO_SHOW)
        self._watch_the_door()
        if (desk.phase is Phase.OPENING or self._line is not None) and desk.line is None:
            desk.set(Timer.SETTLE, SETTLE_S)

    def _left(self) -> None:
        self._voice.gone()
        self._desk.away = True
        self._desk.clear(Timer.SETTLE, Timer.RELEASE)
        self._desk.hush()
        self._desk.drop_held()
        if self._desk.phase is Phase.QUESTIONS:
            self._line_ended()
        self._watch_the_door()

    def _watch_the_door(self) -> None:
        """Without the candidate the bot waits for a while; with nobody there, no longer than a reload takes."""
        desk = self._desk
        if desk.phase is Phase.WAITING:
            return
        if not desk.away:
            desk.clear(Timer.LEFT)
        elif desk.interviewers:
            desk.set(Timer.LEFT, desk.limits.left_s)
        else:
            desk.set(Timer.LEFT, min(EMPTY_S, desk.limits.left_s))

    def _watch_for_interviewers(self) -> None:
        """A candidate whom nobody interviews is heard for a moment only, and not kept waiting for ever.

        A spoken yes is heard all the same: it is not waited for long, and nothing is kept before it.
        """
        desk = self._desk
        led = desk.phase is Phase.QUESTIONS and desk.consent.given
        if not led or desk.interviewers != 0:
            desk.clear(Timer.ALONE)
            self._hear(True)
        elif Timer.ALONE not in desk.timers:
            desk.set(Timer.ALONE, EMPTY_S)

    def _alone(self) -> None:
        if self._hears:
            self._hear(False)
            self._desk.set(Timer.ALONE, self._desk.limits.no_show_s)
        else:
            self._nobody_came()

    def _hear(self, on: bool) -> None:
        if on is not self._hears:
            self._hears = on
            self._desk.act(Hear(on))
            self._desk.note("hearing.resumed" if on else "hearing.paused")

    def _release(self) -> None:
        """What the candidate said is words now, or holds none: what is to be said need not wait any more."""
        if self._desk.holds() and not self._desk.speaking:
            self._desk.release()

    # ---- disclosure and consent --------------------------------------------------------------------------------

    def _settled(self) -> None:
        desk = self._desk
        if desk.phase is Phase.SETTLING and self._so_far is not None and self._so_far.disclosed:
            self._take_up(self._so_far)
            return
        if desk.phase is Phase.SETTLING:
            desk.move(Phase.OPENING)
        if self._line is None:
            lines = desk.lines
            key = "assisting" if self._helps else "observing"
            if self._organisation:
                text = lines.say(key, bot=self._bot, organisation=self._organisation)
            else:
                text = lines.say(f"{key}_plain", bot=self._bot)
            self._notice = _notice(helps=self._helps, language=desk.language)
            if not desk.consent.given:
                text = f"{text} {lines.say('consent_ask')}"
            self._line = Ask(text, Expecting.NOTHING, patience=Patience.BRIEF)
        desk.forget_said()
        desk.ask(self._line)

    def _take_up(self, so_far: Resume) -> None:
        self._desk.move(Phase.QUESTIONS)
        self._disclosed_at = self._desk.now
        restore(self._cursor, so_far, self._desk.language, self._desk.now)
        self._asked.take_up()
        self._watch_for_interviewers()
        self.follow()
        if not self._desk.consent.given:
            self._desk.set(Timer.QUIET, CONSENT_S)

    def _spoken(self, spoken: Spoken) -> None:
        if self._desk.ended_line(spoken) is not None:
            self._line_ended()

    def _line_ended(self) -> None:
        """Fall silent once it was heard, or was tried often enough; where it could not be disclosed at all, leave."""
        desk, ask = self._desk, self._line
        if ask is None:
            return
        if not ask.heard and ask.tries < self._tries:
            desk.wait()
            return
        self._line = None
        desk.clear(Timer.QUIET)
        if desk.phase is not Phase.OPENING:
            desk.act(FallSilent())
            self._asked.take_up()
        elif ask.heard or desk.consent.method == "page":
            self._disclosed(ask)
        else:
            desk.finish(EndReason.SPEECH_UNAVAILABLE)

    def _disclosed(self, ask: Ask) -> None:
        desk = self._desk
        desk.move(Phase.QUESTIONS)
        self._disclosed_at = desk.now
        self._cursor.begin(desk.now)
        desk.note("disclosure", notice=self._notice, heard=ask.heard, tries=ask.tries)
        desk.act(FallSilent())
        self._watch_for_interviewers()
        self.follow()
        if not desk.consent.given:
            desk.set(Timer.QUIET, CONSENT_S)

    def _object(self, text: str, **how: Any) -> None:
        """Somebody objects: nothing that was recorded is kept, nothing is assessed, and the bot leaves."""
        heard = self._disclosed_at
        ago = None if heard is None else round((self._desk.now - heard) * 1000)
        self._desk.decline(text, **how, notice=self._notice, shown_ms=ago)
        self._desk.finish(EndReason.CONSENT_DECLINED)

    # ---- what is said ------------------------------------------------------------------------------------------

    def _said(self, turn: CandidateSaid) -> None:
        desk = self._desk
        if objects(turn.text, desk.language):
            self._object(turn.text, turn=turn.turn)
        elif self._desk.phase is not Phase.QUESTIONS or not words(turn.text):
            return
        elif not desk.consent.given:
            self._answer_to_the_disclosure(turn)
        else:
            self._candidate_spoke = True
            answers = self._asked.answered(turn)
            if self._helps:
                self._copilot.candidate_said(answers=answers)

    def _answer_to_the_disclosure(self, turn: CandidateSaid) -> None:
        desk = self._desk
        agreed = yes_or_no(turn.text, desk.language)
        if agreed is False:
            self._object(turn.text, turn=turn.turn)
        elif agreed and not may_object(turn.text, desk.language):
            desk.clear(Timer.QUIET)
            ago = None if self._disclosed_at is None else round((desk.now - self._disclosed_at) * 1000)
            desk.agree("voice", turn.text, notice=self._notice, shown_ms=ago)
            self._watch_for_interviewers()

    def _interviewer_said(self, turn: InterviewerSaid) -> None:
        if objects(turn.text, self._desk.language):
            self._object(turn.text, turn=turn.turn)
        elif self._desk.phase is Phase.QUESTIONS and words(turn.text):
            self._interviewer_spoke = True
            asks = self._asked.put(turn)
            if self._helps:
                self._copilot.interviewer_said(turn, asks=asks)

    # ---- time --------------------------------------------------------------------------------------------------

    def _due(self, timer: Timer) -> None:
        desk = self._desk
        handlers: Mapping[Timer, Callable[[], None]] = {
            Timer.NO_SHOW: lambda: desk.finish(EndReason.NO_SHOW),
            Timer.SETTLE: self._settled,
            Timer.QUIET: self._quiet,
            Timer.LEFT: lambda: self._over(EndReason.CANDIDATE_LEFT),
            Timer.ALONE: self._alone,
            Timer.LINE: self._line_lost,
            Timer.RELEASE: desk.release,
            Timer.SPEECH: self._voice_lost,
            Timer.CARD: self._copilot.expire,
            Timer.MAX_DURATION: lambda: desk.finish(EndReason.MAX_DURATION),
        }
        handlers[timer]()

    def _quiet(self) -> None:
        """The disclosure was talked over and it is quiet now; or nobody has agreed to be recorded."""
        if self._line is not None:
            self._settled()
        elif not self._desk.consent.given:
            self._object("")

    def _line_lost(self) -> None:
        self._desk.hush()
        self._desk.note("incident", code="line_lost", detail="a line of the bot never ended")
        self._line_ended()

    def _voice_lost(self) -> None:
        self._voice.gone()
        self._desk.release()

    def _nobody_came(self) -> None:
        if not self._took_place:
            text = "The candidate was there, and nobody to interview them: offer another time."
            self._desk.note("task", kind="no_interviewer", text=text)
        self._over(EndReason.NO_INTERVIEWER)

    @property
    def _took_place(self) -> bool:
        return self._candidate_spoke and self._interviewer_spoke

    def _over(self, otherwise: EndReason) -> None:
        """One of those who held the interview has gone. It has taken place if both sides spoke."""
        self._asked.close()
        self._desk.finish(EndReason.COMPLETED if self._took_place else otherwise)


def _notice(*, helps: bool, language: str) -> str:
    return f"{HELPING_NOTICE if helps else NOTICE}-{language}"

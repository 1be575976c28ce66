"""What every part of the conversation shares: the one mouth, the timers, the record, and the way out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.interview import (
    Action,
    CandidateSaid,
    Compose,
    End,
    Expecting,
    Forget,
    Hush,
    Lines,
    Listen,
    Note,
    Record,
    Say,
    SayOn,
    Spoken,
)
from bot.interview.commands import words
from bot.interview.cursor import Cursor
from bot.interview.phase import Phase, advance
from bot.plan import Patience, Plan, Signal
from bot.resume import Resume
from bot.spec import Limits
from bot.state import EndReason

MOSTLY = 0.6  # share of a question that must be heard for it to count as asked
SLOW_SPEED = 0.85
REASK_S = 3.0  # an interrupted question is asked again after this much quiet
GRACE_S = 4.0  # for the candidate's last words before a polite ending
SPEECH_S = 600.0  # a voice that neither stops nor yields words
COMPOSED_S = 4.0  # a reply of the chat model that is lost; the model's own budget is shorter
LINE_S, LINE_WORD_S = 20.0, 0.9  # a line that never ends: fixed part and part per word
PATIENT_SILENCE = 1.75  # a question that needs thought earns a longer silence before the first prompt


class Timer(StrEnum):
    """Everything that is waited for, by name."""

    NO_SHOW = "no_show"
    SETTLE = "settle"
    QUIET = "quiet"
    PAUSE = "pause"
    LEFT = "left"
    ALONE = "alone"
    COMPOSED = "composed"
    LINE = "line"
    RELEASE = "release"
    GRACE = "grace"
    SPEECH = "speech"
    MAX_DURATION = "max_duration"
    CARD = "card"


@dataclass(slots=True)
class Ask:
    """Something the bot wants an answer to.

    signal, reason, by: what a follow-up asks for, why, and who worded it. share: how much of its words the candidate
    has heard at best; heard: enough to count as asked.
    open: the chat model is still writing it.
    """

    text: str
    expecting: Expecting
    question_id: str | None = None
    patience: Patience = Patience.NORMAL
    terms: tuple[str, ...] = ()
    follow_up: int = 0
    signal: Signal | None = None
    reason: str | None = None
    by: str | None = None
    share: float = 0.0
    heard: bool = False
    noted: bool = False
    tries: int = 0
    unsure: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line on its way out.

    asks: it holds the words of `ask`, after `lead` words of another kind; prompting: it breaks a silence; open: more of
    its words are to come.
    """

    number: int
    text: str
    ask: Ask | None
    asks: bool
    lead: int
    prompting: bool
    open: bool


@dataclass(slots=True)
class Consent:
    """What the candidate agreed to, and how."""

    given: bool | None = None
    method: str | None = None


@dataclass(slots=True)
class _Held:
    """What waits for the candidate to stop speaking. sticky: it is said whatever the candidate adds."""

    speak: Callable[[], None]
    sticky: bool = False


@dataclass(slots=True)
class Desk:
    """Turns decisions into actions; never speaks over the candidate, never says the same line twice in a row."""

    plan: Plan
    lines: Lines
    limits: Limits
    candidate: str
    has_model: bool
    cursor: Cursor
    compose_s: float = COMPOSED_S
    now: float = 0.0
    phase: Phase = Phase.WAITING
    speaking: bool = False  # the voice of somebody who is not talked over is up
    away: bool = False
    interviewers: int | None = None  # in the room, heard or not; None where it can't be told who they are
    voices: dict[str, float] = field(default_factory=dict)  # of interviewers, up or with words to come: since when
    hold: bool = False  # "give me a moment"
    aside: bool = False  # what is being said answers something that nobody may ask: it speaks for and against nobody
    ended: EndReason | None = None
    joined_at: float | None = None
    ended_at: float | None = None
    consent: Consent = field(default_factory=Consent)
    doubted: CandidateSaid | None = None  # may object to the recording, which is being asked back: until then it does
    timers: dict[Timer, float] = field(default_factory=dict)
    line: Line | None = None
    thinking: bool = False  # the chat model has not answered yet
    writing: bool = False  # it has begun to answer
    prompts: int = 0
    speed: float = 1.0
    _quiet_since: float = 0.0
    _open: Ask | None = None
    _listening: Listen | None = None
    _held: _Held | None = None
    _said: str = ""
    _preface: str = ""
    _number: int = 0
    _request: int = 0
    _out: list[Action] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language of the plan."""
        return self.plan.language

    @property
    def interviewer_speaks(self) -> bool:
        """Whether an interviewer speaks, or has just spoken and their words are not known yet."""
        return any(self.now - since < SPEECH_S for since in self.voices.values())

    def move(self, to: Phase) -> None:
        """Note how far the conversation has come; raise `IllegalTransition` when no arrow leads there."""
        self.phase = advance(self.phase, to)

    def take(self) -> list[Action]:
        """Hand over what is to be done since the last call."""
        out, self._out = self._out, []
        return out

    # ---- speaking ----------------------------------------------------------------------------------------------

    def ask(self, ask: Ask, lead: str = "", *, again: bool = False) -> None:
        """Say `lead` and the words of `ask`, then listen for its answer. again: a repetition was wished for."""
        ask.tries += 1
        self._open = ask
        self._speak(lead, ask, asks=True, prompting=False, again=again)

    def remark(self, text: str, ask: Ask | None, *, prompting: bool = False) -> None:
        """Say something by the way; `ask` stays what an answer is expected to."""
        self._open = ask
        self._speak(text, ask, asks=False, prompting=prompting, again=False)

    def say_on(self, ask: Ask, text: str, *, last: bool) -> None:
        """Go on with the words of `ask`, which the chat model is still writing."""
        ask.text, ask.open = f"{ask.text} {text}".strip(), not last
        if last:
            self.clear(Timer.COMPOSED)
        line = self.line
        if line is None or line.ask is not ask or not line.open:
            return
        self._said = f"{line.text} {text}".strip()
        self.line = replace(line, text=self._said, open=not last)
        self._out.append(SayOn(line.number, text, last))
        self.set(Timer.LINE, LINE_S + LINE_WORD_S * len(words(self._said)))

    def preface(self, text: str) -> None:
        """Have `text` said before whatever is said next."""
        self._preface = text

    def forget_said(self) -> None:
        """The last line was said to somebody who was not there to hear it: it may be said again word for word."""
        self._said = ""

    def hush(self) -> None:
        """Stop the line that is being said; what was heard of it no longer matters."""
        if self.line is not None:
            self._out.append(Hush())
            self._drop(self.line)
            self.line = None
        self.clear(Timer.LINE)

    def ended_line(self, happening: Spoken) -> Line | None:
        """Book how much of the outstanding line was heard; None when `happening` is about another one."""
        line = self.line
        if line is None or line.number != happening.line:
            return None
        self.line = None
        self.clear(Timer.LINE)
        self._drop(line)
        if line.ask is not None and line.asks:
            total = max(1, len(words(line.ask.text)))
            heard = total if not happening.interrupted else len(words(happening.heard)) - line.lead
            line.ask.share = max(line.ask.share, min(1.0, heard / total))
            line.ask.heard = line.ask.heard or line.ask.share >= MOSTLY
        if not line.prompting:
            self._quiet_since, self.prompts = self.now, 0
        return line

    def listen(self, ask: Ask | None, patience: Patience | None = None) -> None:
        """Tell the ears what to expect, when it changes."""
        if ask is None:
            wanted = Listen(Expecting.NOTHING, None, patience or Patience.NORMAL)
        else:
            wanted = Listen(ask.expecting, ask.question_id, patience or ask.patience, ask.terms)
        if wanted != self._listening:
            self._listening = wanted
            self._out.append(wanted)

    def _speak(self, words_before: str, ask: Ask | None, *, asks: bool, prompting: bool, again: bool) -> None:
        self.clear(Timer.QUIET, Timer.PAUSE)
        if self.away:
            return
        if self.speaking:
            self._held = _Held(lambda: self._speak(words_before, ask, asks=asks, prompting=prompting, again=again))
            return
        self.hush()
        text, lead, open_ = words_before, 0, False
        if ask is not None and asks:
            text, lead, open_ = f"{words_before} {ask.text}".strip(), len(words(words_before)), ask.open
        if text == self._said and again and ask is not None:
            text, lead = ask.text, 0
        elif text == self._said:
            if ask is None or not asks:
                self.wait()
                return
            opener = self.lines.say("back_to_question")
            text, lead = f"{opener} {text}", lead + len(words(opener))
        if self._preface:
            text, lead, self._preface = f"{self._preface} {text}", lead + len(words(self._preface)), ""
        self._number += 1
        self._said = text
        self.line = Line(self._number, text, ask, asks, lead, prompting, open_)
        self.listen(ask, Patience.LONG if self.hold else None)
        self._out.append(
            Say(
                self._number,
                text,
                question_id=None if ask is None else ask.question_id,
                expecting=Expecting.NOTHING if ask is None else ask.expecting,
                speed=self.speed,
                open=open_,
            )
        )
        self.set(Timer.LINE, LINE_S + LINE_WORD_S * len(words(text)))

    # ---- waiting -----------------------------------------------------------------------------------------------

    def set(self, timer: Timer, after_s: float) -> None:
        """(Re)start a timer."""
        self.timers[timer] = self.now + after_s

    def clear(self, *timers: Timer) -> None:
        """Stop timers; those that don't run are ignored."""
        for timer in timers:
            self.timers.pop(timer, None)

    def ring(self, due: Callable[[Timer], None]) -> None:
        """Tell `due` of each timer whose time has come, the earliest first, until the call is over."""
        for _, timer in sorted((at, timer) for timer, at in self.timers.items() if at <= self.now):
            if timer in self.timers and self.ended is None:
                self.clear(timer)
                due(timer)

    def wait(self, *, fresh: bool = False) -> None:
        """Wait for the candidate. fresh: something of theirs was heard just now, so the silence begins anew."""
        if self.away or self.ended is not None or self.speaking or self.line is not None or self.thinking:
            return
        if fresh:
            self._quiet_since, self.prompts = self.now, 0
        if self.hold:
            return
        if self._open is not None and not self._open.heard:
            self.set(Timer.QUIET, REASK_S)
            return
        over = max(self._quiet_since + self.limits.silence_end_s, self.now + REASK_S)
        prompt_s = self.limits.silence_prompt_s
        if self.prompts == 0 and self._open is not None and self._open.patience is Patience.LONG:
            prompt_s *= PATIENT_SILENCE
        prompt = max(self._quiet_since, self.now if self.prompts else self._quiet_since) + prompt_s
        self.timers[Timer.QUIET] = min(prompt, over) if self.prompts < 2 else over

    def silence_is_over(self) -> bool:
        """Whether the silence has lasted for as long as the limits allow."""
        return self.now >= self._quiet_since + self.limits.silence_end_s

    # ---- holding back while the candidate speaks ---------------------------------------------------------------

    def drop_held(self) -> bool:
        """Forget a line that was held back, because the candidate said more; a polite ending is kept."""
        if self._held is None or self._held.sticky:
            return self._held is not None
        self._held = None
        self.clear(Timer.RELEASE)
        return False

    def holds(self) -> bool:
        """Whether something waits for the candidate to stop."""
        return self._held is not None

    @property
    def leaving(self) -> bool:
        """Whether the call ends as soon as the candidate has stopped speaking."""
        return self._held is not None and self._held.sticky

    def release(self) -> None:
        """Say what was held back."""
        held, self._held = self._held, None
        self.clear(Timer.RELEASE, Timer.GRACE)
        if held is not None:
            held.speak()

    # ---- the chat model ----------------------------------------------------------------------------------------

    def compose(self, purpose: str, context: dict[str, Any], place: str = "") -> None:
        """Ask the chat model for the next line, for one place in the plan."""
        self._request += 1
        self.thinking, self.writing = True, False
        self.clear(Timer.QUIET, Timer.PAUSE)
        self._out.append(Compose(self._request, purpose, context, place))
        self.set(Timer.COMPOSED, self.compose_s)

    def awaits(self, request: int) -> bool:
        """Whether the reply to `request` is still wanted."""
        return (self.thinking or self.writing) and request == self._request

    def composed(self, *, more: bool) -> None:
        """The reply has come, or its beginning has."""
        self.thinking, self.writing = False, more
        if more:
            self.set(Timer.COMPOSED, self.compose_s)
        else:
            self.clear(Timer.COMPOSED)

    def forget_model(self) -> None:
        """Whatever the chat model still answers comes too late."""
        if self.thinking or self.writing:
            self._out.append(Forget(self._request))
        self.thinking = self.writing = False
        self.clear(Timer.COMPOSED)

    def _drop(self, line: Line) -> None:
        """A line is over; what was still to come of it is not wanted."""
        if line.open and line.ask is not None:
            line.ask.open = False
            self.forget_model()

    def act(self, action: Action) -> None:
        """Have something done that needs no words."""
        self._out.append(action)

    # ---- the record --------------------------------------------------------------------------------------------

    def note(self, type: str, **data: Any) -> None:
        """Put something on the record."""
        self._out.append(Note(type, data))

    def note_closed(self) -> None:
        """Put every question that was settled since the last time on the record."""
        for progress in self.cursor.unnoted():
            self.note(
                "question.closed",
                question_id=progress.question.id,
                outcome=str(progress.outcome),
                reason=progress.reason,
                signals=progress.signals(self.language),
                follow_up_stopped=progress.stopped,
                missing=[str(signal) for signal in progress.lacking],
            )

    def agree(self, method: str, text: str, **notice: Any) -> None:
        """The candidate consents: the recording may begin. notice: what they were told before, for the record."""
        self.consent = Consent(True, method)
        self.note("consent", given=True, method=method, text=text, **notice)
        self._out.append(Record(keep=True))

    def take_up(self, so_far: Resume) -> None:
        """Go on where another incarnation was lost: what was agreed to holds, and so does the recording."""
        self.candidate = self.candidate or so_far.candidate_name
        self.consent = Consent(so_far.consent, so_far.consent_method)
        if so_far.consent:
            self._out.append(Record(keep=True))

    def decline(self, text: str, *, method: str = "voice", **notice: Any) -> None:
        """The candidate does not consent, or no longer."""
        self.consent, self.doubted = Consent(False, method), None
        self.note("consent", given=False, method=method, text=text, **notice)

    def report(self) -> dict[str, Any]:
        """What came of every planned question, the consent, and how long the interview lasted."""
        begun = self.joined_at
        until = self.ended_at if self.ended_at is not None else self.now
        return {
            "questions": self.cursor.report(),
            "consent": {"given": self.consent.given, "method": self.consent.method},
            "duration_ms": 0 if begun is None else round((until - begun) * 1000),
        }

    # ---- the way out -------------------------------------------------------------------------------------------

    def finish(self, reason: EndReason, text: str | None = None, *, sticky: bool = True, at_once: bool = False) -> None:
        """End the call after saying `text`.

        Waits for the candidate to stop speaking, at most `GRACE_S` and not when `at_once`. sticky: nothing that the
        candidate adds changes the decision.
        """
        self.forget_model()
        self.clear(Timer.QUIET, Timer.PAUSE)
        if text is not None and self.speaking and not self.away and not at_once:
            self._held = _Held(lambda: self.finish(reason, text, at_once=True), sticky)
            if sticky:
                self.set(Timer.GRACE, GRACE_S)
            return
        self.hush()
        if text is not None and not self.away:
            self._said = text
            self.listen(None)
            self.say_last(text)
        if self.doubted is not None:
            self.decline(self.doubted.text, turn=self.doubted.turn)
        if self.consent.given is not True or reason is EndReason.CONSENT_DECLINED:
            self._out.append(Record(keep=False))
        self.cursor.close_all(reason)
        self.note_closed()
        self._out.append(End(reason))
        self.ended, self.ended_at = reason, self.now
        self._held = None
        self.timers.clear()

    def say_last(self, text: str) -> None:
        """Say something after the end."""
        self._number += 1
        self._out.append(Say(self._number, text, speed=self.speed))

    def finish_silently(self) -> None:
        """The candidate's last words did not end in time: carry the decision out without a word."""
        if self._held is not None and self._held.sticky:
            away, self.away = self.away, True
            self.release()
            self.away = away


def again(ask: Ask, text: str) -> Ask:
    """The same question in other words."""
    return replace(ask, text=text, share=0.0, heard=False)

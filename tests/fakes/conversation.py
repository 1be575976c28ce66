"""Plays the driver and the candidate of one interview in virtual time, and holds the rules that no bot may break."""

from dataclasses import dataclass, field, replace

from bot.interview import (
    Action,
    CandidateJoined,
    CandidateLeft,
    CandidateSaid,
    CandidateSpeaking,
    Compose,
    Composed,
    ControlPressed,
    Done,
    End,
    FloorAsked,
    Happening,
    Hush,
    InterviewerSaid,
    Leader,
    Listen,
    Note,
    Record,
    Say,
    SayOn,
    Spoken,
    Tell,
    Tick,
)
from bot.interview.call import Call
from bot.state import EndReason

WORD_S = 0.4
CLEAR = 0.6  # a turn heard with less confidence may be asked about again
SPEAKS_OVER = {EndReason.MAX_DURATION}


@dataclass(slots=True)
class Conversation:
    """One call. `now` is its clock; `said` everything the bot said, in order, as it was sent to the voice."""

    interview: Call
    now: float = 0.0
    said: list[Say] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    log: list[tuple[float, Happening]] = field(default_factory=list)
    line: Say | None = None
    line_began: float = 0.0
    speaking: bool = False
    turns: int = 0
    added: bool = False

    # ---- what the bot did --------------------------------------------------------------------------------------

    @property
    def last(self) -> str:
        return self.said[-1].text if self.said else ""

    @property
    def texts(self) -> list[str]:
        return [say.text for say in self.said]

    @property
    def ended(self) -> EndReason | None:
        return next((action.reason for action in self.actions if isinstance(action, End)), None)

    @property
    def composing(self) -> Compose | None:
        for action in reversed(self.actions):
            if isinstance(action, Compose):
                return action
            if isinstance(action, Say):
                return None
        return None

    def notes(self, type: str) -> list[dict[str, object]]:
        return [action.data for action in self.actions if isinstance(action, Note) and action.type == type]

    def listening(self) -> Listen:
        return next(action for action in reversed(self.actions) if isinstance(action, Listen))

    def recorded(self) -> list[bool]:
        return [action.keep for action in self.actions if isinstance(action, Record)]

    def done(self) -> list[str]:
        return [action.order for action in self.actions if isinstance(action, Done)]

    def outcomes(self) -> dict[str, tuple[str, str | None]]:
        questions = self.interview.report()["questions"]
        return {str(entry["question_id"]): (str(entry["outcome"]), entry["reason"]) for entry in questions}

    def times_asked(self, text: str) -> int:
        return sum(text in say.text for say in self.said)

    # ---- what happens ------------------------------------------------------------------------------------------

    def do(self, happening: Happening) -> list[Action]:
        self.log.append((self.now, happening))
        over = self.ended
        actions = self.interview.handle(happening, self.now)
        if over is not None and actions:  # what somebody adds to the goodbye is passed on, with a word, once
            assert isinstance(happening, CandidateSaid) and over is EndReason.COMPLETED and not self.added
            assert [type(action) for action in actions] == [Note, Hush, Say], "something was done after the end"
            self.added = True
        endings = {action.reason for action in actions if isinstance(action, End)}
        for action in actions:
            if isinstance(action, Say):
                assert not self.speaking or endings & SPEAKS_OVER, f"spoke over the candidate: {action.text}"
                assert self.line is None, f"two lines at once: {action.text}"
                assert not self.said or action.line > self.said[-1].line
                self.said.append(action)
                self.line, self.line_began = action, self.now
            elif isinstance(action, SayOn):
                assert self.line is not None and self.line.open, "nothing is open that could go on"
                assert action.line == self.line.line
                self.line = replace(self.line, text=f"{self.line.text} {action.text}".strip(), open=not action.last)
                self.said[-1] = self.line
            elif isinstance(action, Hush):
                self.line = None
        self.actions += actions
        return actions

    def join(self, name: str = "Maria", *, consented: bool = True, again: bool = False) -> None:
        self.do(CandidateJoined(name, consented=consented, again=again))
        self.wait(1.0)
        self.hear()

    def leave(self) -> None:
        """The candidate's connection is gone."""
        self.speaking, self.line = False, None
        self.do(CandidateLeft())

    def hear(self) -> None:
        """Let the bot finish what it says, line after line."""
        while self.line is not None and not self.line.open:
            line = self.line
            self._until(self.line_began + len(line.text.split()) * WORD_S / line.speed)
            if self.line is line:
                self._finish_line()

    def answer(self, text: str, *, seconds: float | None = None, confidence: float = 0.9) -> None:
        """Speak while the bot is silent; then hear what it says to that."""
        self.speak(text, seconds=seconds, confidence=confidence)
        self.hear()

    def speak(self, text: str, *, seconds: float | None = None, confidence: float = 0.9, cut_in: bool = False) -> None:
        self.voice(True)
        start = self.now
        self.wait(len(text.split()) * WORD_S if seconds is None else seconds)
        rehearsed = None if cut_in or confidence < CLEAR else self.interview.rehearse(text, self.now)
        before = len(self.said)
        self.voice(False)
        self.turns += 1
        self.do(
            CandidateSaid(text, confidence, round(start * 1000), round(self.now * 1000), cut_in=cut_in, turn=self.turns)
        )
        if rehearsed is not None:
            came = [self.composing] if isinstance(rehearsed, Compose) else self.said[before:][:1]
            assert came == [rehearsed], "what was rehearsed is what is said, or asked of the chat model"

    def interviewer(self, text: str, *, who: str = "", may_lend: bool = True) -> None:
        """An interviewer says something, in a moment of their own.

        may_lend: the control plane finds that they may use the copilot.
        """
        self.wait(len(text.split()) * WORD_S)
        self.turns += 1
        for action in self.do(InterviewerSaid(text, self.turns, who)):
            if isinstance(action, Tell) and action.type == "floor.wished" and may_lend:
                self.do(FloorAsked(Leader.BOT, action.data["by"], action.data["questions"]))

    def voice(self, up: bool) -> None:
        self.speaking = up
        self.do(CandidateSpeaking(up))

    def cut_in(self, text: str, *, after_words: int) -> None:
        """Interrupt the line that the bot is saying after some of its words."""
        line = self.line
        assert line is not None, "the bot says nothing that could be interrupted"
        self._until(self.line_began + after_words * WORD_S / line.speed)
        heard = " ".join(line.text.split()[:after_words])
        self.speaking = True
        self.do(CandidateSpeaking(True))
        self.line = None
        self.do(Spoken(line.line, heard, interrupted=True))
        self.speak(text, cut_in=True)

    def press(self, control: str) -> None:
        self.do(ControlPressed(control))
        self.hear()

    def compose(self, text: str | None, *, more: bool = False) -> None:
        """The chat model answers, or begins to."""
        asked = self.composing
        assert asked is not None, "the chat model was not asked"
        self.write(asked.request, text, more=more)

    def write(self, request: int, text: str | None, *, more: bool = False) -> None:
        """The chat model's next sentence."""
        self.do(Composed(request, text, more=more))
        self.hear()

    def wait(self, seconds: float) -> None:
        """Let time pass; the bot's lines are heard meanwhile."""
        self._until(self.now + seconds)

    def _until(self, at: float) -> None:
        for _ in range(100_000):
            line = self.line
            ends = None if line is None or line.open else self.line_began + len(line.text.split()) * WORD_S / line.speed
            deadline = self.interview.deadline
            due = min((when for when in (ends, deadline) if when is not None), default=at)
            if due >= at and not (due == at and deadline == at):
                break
            self.now = max(self.now, due)
            if ends is not None and ends <= self.now:
                self._finish_line()
            else:
                self.do(Tick())
        else:
            raise AssertionError("the interview keeps ticking without getting anywhere")
        self.now = max(self.now, at)

    def _finish_line(self) -> None:
        line, self.line = self.line, None
        assert line is not None
        self.do(Spoken(line.line, line.text, interrupted=False))

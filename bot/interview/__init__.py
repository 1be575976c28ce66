"""The interview itself: pure logic on plain values.

`Call.handle(happening, now)` takes what happened and returns what to do. It reads no clock, opens no socket and
starts no task, so a whole interview runs in virtual time in a test and can be replayed from its log.
The driver (`bot/session.py`) performs the actions and calls again with `Tick` when `Call.deadline` has come.

`now` is seconds on any monotonic clock; every other time is milliseconds of the call.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from bot.plan import Patience
from bot.spec import Mode
from bot.state import EndReason


class Role(StrEnum):
    """Who somebody is in the call."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    OBSERVER = "observer"
    BOT = "bot"


class Leader(StrEnum):
    """Who asks the questions at a moment."""

    BOT = "bot"
    INTERVIEWER = "interviewer"


# ---- what happens -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CandidateJoined:
    """The candidate is in the room and can hear. consented: consent was given on the page before joining."""

    name: str
    consented: bool = False
    again: bool = False  # came back after leaving or dropping


@dataclass(frozen=True, slots=True)
class CandidateLeft:
    """The candidate's connection is gone, by choice or not."""


@dataclass(frozen=True, slots=True)
class CandidateSpeaking:
    """A voice on the candidate's lane was confirmed to be words, or stopped (`speaking=False`).

    The bot says nothing in between. A turn's `CandidateSaid` or `NothingHeard` comes right after its voice stopped.
    """

    speaking: bool


@dataclass(frozen=True, slots=True)
class CandidateSaid:
    """One final turn of the candidate. cut_in: the bot was speaking and yielded. turn: its number in the transcript."""

    text: str
    confidence: float
    start_ms: int
    end_ms: int
    cut_in: bool = False
    turn: int = 0


@dataclass(frozen=True, slots=True)
class InterviewersPresent:
    """So many interviewers are in the room now, heard or not. left: who has just gone, if that is why."""

    number: int
    left: str = ""


@dataclass(frozen=True, slots=True)
class InterviewerSpeaking:
    """A voice on an interviewer's lane came up, or stopped. who: their id in the call.

    words: where it stopped, an `InterviewerSaid` comes right after.
    """

    who: str
    speaking: bool
    words: bool = True


@dataclass(frozen=True, slots=True)
class InterviewerSaying:
    """What an interviewer has said so far of a turn that is not over, in whole words that will hardly change."""

    text: str
    who: str


@dataclass(frozen=True, slots=True)
class InterviewerSaid:
    """One final turn of an interviewer. turn: its number in the transcript; who: their id in the call."""

    text: str
    turn: int
    who: str = ""


@dataclass(frozen=True, slots=True)
class FloorAsked:
    """An interviewer hands the bot the floor, or takes it back. by: who; questions: how many, None for all there are.

    Nobody but an interviewer who may use the copilot hands it over. order: by which it came, answered by `Done`.
    """

    to: Leader
    by: str
    questions: int | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class ModeAsked:
    """Somebody who may do so changes who leads the call. by: who; order: by which it came, answered by `Done`."""

    to: Mode
    by: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class QuietAsked:
    """An interviewer turns the quiet key: while it is on, nothing is suggested to them."""

    on: bool


@dataclass(frozen=True, slots=True)
class CardDecided:
    """An interviewer has done something with a card: it takes up nobody's attention any more."""

    id: str


@dataclass(frozen=True, slots=True)
class LineOpened:
    """The line to the control plane is open, maybe again: what was told the interviewer without one is lost."""


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """There was a voice but no words came of it. lost: there may have been some, but the recogniser failed at them."""

    lost: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """The bot's line `line` ended. heard: the words that left the output before it ended or was interrupted."""

    line: int
    heard: str
    interrupted: bool


@dataclass(frozen=True, slots=True)
class ControlPressed:
    """A button on the page: repeat, rephrase, skip, pause, resume, slower, human, stop, withdraw. by: whose page."""

    control: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """The answer to a `Compose`, or its next sentence: the model's words, or None when it was slow, broken or out of
    bounds. more: the rest is still being written and comes in further ones, the last with `more=False`.
    """

    request: int
    text: str | None
    more: bool = False


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The control plane wants the call to end (cancel, shutdown)."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class SpeechLost:
    """No speech server for too long; the bot can neither hear nor speak."""


@dataclass(frozen=True, slots=True)
class Tick:
    """`Call.deadline` has come."""


Happening: TypeAlias = (
    CandidateJoined
    | CandidateLeft
    | CandidateSpeaking
    | CandidateSaid
    | InterviewersPresent
    | InterviewerSpeaking
    | InterviewerSaying
    | InterviewerSaid
    | FloorAsked
    | ModeAsked
    | QuietAsked
    | CardDecided
    | LineOpened
    | NothingHeard
    | Spoken
    | ControlPressed
    | Composed
    | StopRequested
    | SpeechLost
    | Tick
)

# ---- what to do ---------------------------------------------------------------------------------------------------


class Expecting(StrEnum):
    """What the floor is open for while the bot listens."""

    NOTHING = "nothing"
    CONSENT = "consent"
    ANSWER = "answer"
    QUESTIONS = "questions"  # the candidate's own


@dataclass(frozen=True, slots=True)
class Say:
    """Speak one line. line: number, rising. question_id: the question it asks, repeats or follows up.

    open: more of its words will come in `SayOn`; the line does not end before they do.
    """

    line: int
    text: str
    question_id: str | None = None
    expecting: Expecting = Expecting.NOTHING  # opens when the line ends
    speed: float = 1.0
    open: bool = False


@dataclass(frozen=True, slots=True)
class SayOn:
    """Go on with an open line. last: it ends after these words."""

    line: int
    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class Hush:
    """Stop speaking now and drop what is queued."""


@dataclass(frozen=True, slots=True)
class Listen:
    """How to listen from now on: patience and the terms to expect."""

    expecting: Expecting
    question_id: str | None
    patience: Patience
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compose:
    """Ask the chat model for the next line; answered by `Composed` within the budget, come what may.

    purpose: a prompt of prompts/model/ by name, follow_up or candidate_question; place: where in the plan it is for.
    """

    request: int
    purpose: str
    context: dict[str, Any] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Forget:
    """The reply to this `Compose` is no longer wanted."""

    request: int


@dataclass(frozen=True, slots=True)
class Record:
    """Begin to keep the recording (consent was given), or throw it away and never begin."""

    keep: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the record, numbered by the uplink: question.asked, question.closed, consent, incident, task."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tell:
    """Something for the interviewer alone, who may be shown it at once: never part of the record, nor of the room's."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing waits for its moment any more of what came by `order`: it was done, overtaken, or comes to nothing."""

    order: str


@dataclass(frozen=True, slots=True)
class TakeVoice:
    """Have a voice again, because of somebody's act: without one there is no way from `FallSilent` back to speech."""

    act: FloorAsked | ModeAsked


@dataclass(frozen=True, slots=True)
class Hear:
    """Hear people, or nobody: what they say meanwhile reaches neither a recogniser nor the recording."""

    on: bool


@dataclass(frozen=True, slots=True)
class FallSilent:
    """Give up the voice: whatever is decided from now on, nothing is said, unless a person's act gives one back."""


@dataclass(frozen=True, slots=True)
class End:
    """Leave the call once what is being said has been said."""

    reason: EndReason


Action: TypeAlias = (
    Say | SayOn | Hush | Listen | Compose | Forget | Record | Note | Tell | Done | TakeVoice | Hear | FallSilent | End
)


class Lines(Protocol):
    """What the bot says in one language; the variants of a line take turns, so each interview has its own."""

    def say(self, key: str, **params: str) -> str:
        """The next variant of the line `key`."""
        ...

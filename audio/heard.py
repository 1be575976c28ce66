"""What a lane tells its listener, in the order in which it happens.

SpeechStarted, Interim*, SpeechPaused, (SpeechResumed, Interim*, SpeechPaused)*, TurnDecided,
then FinalTurn or NothingSaid.
Times are milliseconds on the call's clock (0 = the call began), so that lanes, recording and transcript line up.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A voice was found; `onset_ms` is where it began (before it was noticed)."""

    lane: str
    turn: int
    onset_ms: int
    noticed_ms: int


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """The voice stopped; the turn may be over or not."""

    lane: str
    turn: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The voice went on within the same turn."""

    lane: str
    turn: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Interim:
    """Text so far. The first `stable` characters stood in two decodes in a row; the rest may still change."""

    lane: str
    turn: int
    text: str
    stable: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TurnDecided:
    """The lane holds that the turn is over: `speech_end_ms` plus the wait. The final text follows."""

    lane: str
    turn: int
    speech_end_ms: int
    decided_ms: int


@dataclass(frozen=True, slots=True)
class FinalTurn:
    """One turn, once and for good.

    text_ms: when the text existed; text_ms - decided_ms is what the recogniser added to the wait.
    turn_model_ms: what asking for an end of turn cost inside the wait (0 where no model is installed).
    speculated: the decode that began inside the silence was the one used.
    lost: why a part of it has no text, where the recogniser would not take one.
    """

    lane: str
    turn: int
    text: str
    start_ms: int
    end_ms: int
    confidence: float
    language: str
    decided_ms: int
    text_ms: int
    turn_model_ms: float
    speculated: bool
    lost: str = ""


@dataclass(frozen=True, slots=True)
class NothingSaid:
    """Voice activity that held no words: a cough, a door, a hum.

    lost: why nobody knows whether it held some, where the recogniser would not take it.
    """

    lane: str
    turn: int
    start_ms: int
    end_ms: int
    lost: str = ""


LaneEvent: TypeAlias = SpeechStarted | SpeechPaused | SpeechResumed | Interim | TurnDecided | FinalTurn | NothingSaid

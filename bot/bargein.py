"""Barge-in: pause at once, confirm by words, else resume from the exact sample.

Pausing costs nothing when it was only a cough, so it needs no proof; taking the floor from the bot does. Pure logic:
the session tells what the candidate's lane says and does what comes back.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

# Signs of listening, not of wanting the floor. Whisper writes them in many spellings.
_SIGNS = """
    mm mmm mhm hm hmm mm-hm mm-hmm mhmm uh-huh uh huh uhuh ah oh okay ok yeah yep yes right sure i see got it
    ja genau aha ach sí si vale claro oui d'accord voilà
"""
BACKCHANNELS = frozenset(_SIGNS.split())
RESUME_AFTER_MS = 1200  # silence without words after which the bot goes on
TAKEN_AFTER_MS = 2500  # a voice this long holds the floor, text or no text


class Verdict(StrEnum):
    """What a pause came to."""

    CONFIRMED = "confirmed"
    RESUMED = "resumed"


def is_backchannel(text: str) -> bool:
    """True for "mm-hm", "okay", "yeah, right" and for no words at all."""
    words = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", text.lower())
    return all(word in BACKCHANNELS for word in words) and not re.search(r"\d", text)


@dataclass(slots=True)
class BargeIn:
    """One voice over the bot's. Times are call milliseconds.

    `deadline_ms` is when `at_deadline` should be asked; it moves with the voice.
    """

    onset_ms: int
    paused_ms: int
    turn: int = 0  # of the lane whose voice it is
    who: str = ""  # whose lane that is
    candidate: bool = True  # it is the candidate's
    deadline_ms: int = 0
    voice: bool = True

    def __post_init__(self) -> None:
        self.deadline_ms = self.onset_ms + TAKEN_AFTER_MS

    def of(self, who: str, turn: int) -> bool:
        """Whether it is the voice of this turn of somebody's."""
        return (self.who, self.turn) == (who, turn)

    def heard(self, text: str) -> Verdict | None:
        """Text so far: words that are more than a sign of listening take the floor."""
        return None if is_backchannel(text) else Verdict.CONFIRMED

    def fell_silent(self, at_ms: int) -> None:
        self.voice = False
        self.deadline_ms = at_ms + RESUME_AFTER_MS

    def went_on(self, at_ms: int) -> None:
        self.voice = True
        self.deadline_ms = max(self.onset_ms, at_ms) + TAKEN_AFTER_MS

    def at_deadline(self) -> Verdict:
        """No words came in time: a lasting voice has the floor, a silence gives it back."""
        return Verdict.CONFIRMED if self.voice else Verdict.RESUMED

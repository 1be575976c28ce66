"""Transcripts of meetings held elsewhere: read, their speakers told apart, their answers laid to a plan's questions.

`reading.py` takes a file apart, whatever it is; `roles.py` says who is the candidate; `aligning.py` says which turn
asks or answers which question; `imported.py` puts it together as what a bot would have reported. All of it is pure;
what is read is hostile data of bounded size. Nothing is guessed in silence: what can't be told is an error or a note.
"""

from dataclasses import dataclass

MOST_BYTES = 4_000_000
MOST_WORDS = 100_000  # eleven hours of talk
MOST_TURNS = 5_000
LONGEST_MS = 48 * 3600 * 1000
LONGEST_NAME = 100  # characters


@dataclass(frozen=True, slots=True)
class Said:
    """One turn as a transcript holds it; what that leaves out is None. Times: ms from the transcript's own zero.

    speaker: as it is written there, "" where nobody is named. line: where it stands, from 1 (of a list: its number).
    pause_ms: the silence before it. role: one of `bot.interview.Role`, where the transcript says so.
    """

    speaker: str
    text: str
    line: int
    start_ms: int | None = None
    end_ms: int | None = None
    pause_ms: int | None = None
    role: str | None = None
    question_id: str | None = None
    confidence: float | None = None

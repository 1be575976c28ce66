"""Who spoke for how long, at whose expense: from the times of turns."""

from bisect import bisect_left
from collections.abc import Sequence

from api.coaching.schemas import Interruption, Stretch
from api.interviews.schemas import TurnOut
from bot.interview import Role
from bot.interview.commands import is_filler, words

OVERLAP_MS = 500  # of two voices; shorter ones are how people take turns
FEWEST_WORDS = 3  # with fewer somebody shows that they listen
LONGEST_QUOTE = 240  # characters


def spoken_ms(turns: Sequence[TurnOut]) -> int:
    """Return for how long somebody spoke."""
    return sum(max(0, turn.end_ms - turn.start_ms) for turn in turns)


def ratio(own_ms: int, others_ms: int) -> float | None:
    """Return the share of what two sides spoke that is the first's; None where neither did."""
    both = own_ms + others_ms
    return None if both <= 0 else round(own_ms / both, 3)


def interruptions(by: Sequence[TurnOut], of: Sequence[TurnOut], language: str) -> list[Interruption]:
    """Return where one began while the other was speaking, and went on. by, of: turns of one speaker each, in order.

    A word of agreement is none.
    """
    begins = [turn.start_ms for turn in of]
    found = []
    for turn in by:
        place = bisect_left(begins, turn.start_ms) - 1
        if place < 0 or is_filler(turn.text, language) or 0 < len(words(turn.text)) < FEWEST_WORDS:
            continue
        overlap = min(of[place].end_ms, turn.end_ms) - turn.start_ms
        if overlap >= OVERLAP_MS:
            found.append(
                Interruption(
                    seq=turn.seq,
                    at_ms=turn.start_ms,
                    overlap_ms=overlap,
                    quote=quoted(turn.text),
                    into=quoted(of[place].text),
                )
            )
    return found


def longest_monologue(turns: Sequence[TurnOut], speaker_id: str, language: str) -> Stretch | None:
    """Return the longest stretch of turns of one speaker that nobody answered. turns: everybody's, in order of time."""
    longest: Stretch | None = None
    begun = ended = None
    for turn in turns:
        if turn.speaker_id == speaker_id:
            begun = turn.start_ms if begun is None else begun
            ended = turn.end_ms if ended is None else max(ended, turn.end_ms)
            if longest is None or ended - begun > longest.end_ms - longest.start_ms:
                longest = Stretch(start_ms=begun, end_ms=ended)
        elif turn.role != Role.BOT.value and not is_filler(turn.text, language):
            begun = ended = None
    return longest


def quoted(text: str) -> str:
    """Return words as a report shows them, shortened between two words where they are long."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rsplit(' ', 1)[0]}…"

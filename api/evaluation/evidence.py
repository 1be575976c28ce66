"""Evidence: the candidate's words exactly as they are stored, and what they show."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from api.evaluation.transcript import LONGEST_QUOTE, SENTENCE, Quote, Turn


class Polarity(StrEnum):
    """Whether a quote speaks for the level that was given, or for a lower one."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quote and what it shows of one criterion.

    shows: `signal:action`, `sign:cause`, `weakness:leaves it undone`, or `anchor:4:` and the part of it.
    """

    criterion_id: str
    quote: Quote
    shows: str
    polarity: Polarity = Polarity.SUPPORTS


def passages(turn: Turn, begin: int = 0, until: int | None = None) -> Iterator[Quote]:
    """Yield every sentence of a turn; a long one in pieces of at most `LONGEST_QUOTE` characters, between words.

    begin, until: the part of its text that is looked at.
    """
    until = len(turn.text) if until is None else until
    for found in SENTENCE.finditer(turn.text, begin, until):
        start, end = found.start(), found.end()
        while end - start > LONGEST_QUOTE:
            space = turn.text.rfind(" ", start + 1, start + LONGEST_QUOTE)
            cut = space if space > 0 else start + LONGEST_QUOTE
            yield Quote(turn, start, turn.text[start:cut])
            start = cut + (space > 0)
        text = turn.text[start:end].rstrip()
        if text:
            yield Quote(turn, start, text)

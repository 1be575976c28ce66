"""What a model is shown of a candidate's answers, and whether what it quotes was said.

It reads each turn masked and without what was meant for whoever rates it. What it quotes is looked up in just that text
and shown as it is stored; what can't be found was said by nobody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.evaluation.masking import Masked, mask
from api.evaluation.transcript import SENTENCE, Quote, Turn
from prompts import Found

HIDDEN = "\0"  # stands for each character that is kept from the model; a prompt leaves it out, and no quote holds it
LONGEST = 600  # characters of a quote with its sentences around it
FEWEST_WORDS = 3
_AS_SHOWN = str.maketrans("<>", "‹›")  # what a prompt makes of them


@dataclass(frozen=True, slots=True)
class Shown:
    """A turn as a model reads it."""

    turn: Turn
    masked: Masked

    @property
    def text(self) -> str:
        """What it reads, with `HIDDEN` where something is kept from it."""
        return self.masked.text.translate(_AS_SHOWN)


@dataclass(frozen=True, slots=True)
class Verified:
    """A quote that was said. quote: as it is stored; shown: as the model read it."""

    quote: Quote
    shown: str


def shown(turns: Sequence[Turn], names: Iterable[str], orders: Mapping[int, Sequence[Found]]) -> list[Shown]:
    """Return the turns as a model may read them; those that are meant for the rater from end to end are left out.

    orders: what is meant for the rater, by `seq`.
    """
    known = tuple(names)
    found = [Shown(turn, mask(_without_orders(turn, orders.get(turn.seq, ())), known)) for turn in turns]
    return [one for one in found if one.text.replace(HIDDEN, "").strip()]


def look_up(quote: str, number: int, turns: Sequence[Shown]) -> Verified | None:
    """Return where a quote was said, with the rest of its sentences; None where nobody said it.

    number: the turn that is said to hold it, from 1, which is looked at first. Only white space may differ.
    """
    wanted = quote.strip().strip("\"“”„«»'").split()
    if len(wanted) < FEWEST_WORDS:
        return None
    # Whole words: "I did" is not what somebody said who said "I didn't".
    pattern = re.compile(r"(?<!\w)(?<!\w['’])" + r"\s+".join(map(re.escape, wanted)) + r"(?!['’]?\w)")
    first = turns[number - 1 : number] if number > 0 else []
    for one in (*first, *turns):
        if (found := pattern.search(one.text)) is not None:
            return _verified(one, *_whole_sentences(one.text, *found.span()))
    return None


def _verified(one: Shown, start: int, end: int) -> Verified:
    first, last = one.masked.original(start, end)
    return Verified(Quote(one.turn, first, one.turn.text[first:last]), one.text[start:end])


def _whole_sentences(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a place with the rest of its first and last sentence: half a sentence may say the opposite."""
    around = [found.span() for found in SENTENCE.finditer(text) if found.start() < end and found.end() > start]
    if not around:
        return start, end
    first, last = min(start, around[0][0]), max(end, around[-1][0] + len(text[slice(*around[-1])].rstrip()))
    whole = text[first:last]
    return (start, end) if HIDDEN in whole or len(whole) > LONGEST else (first, last)


def _without_orders(turn: Turn, orders: Sequence[Found]) -> str:
    text = turn.text
    for one in orders:
        text = text[: one.start] + HIDDEN * (one.end - one.start) + text[one.end :]
    return text

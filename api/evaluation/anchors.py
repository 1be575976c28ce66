"""Whether what was said covers an anchor: by words that anybody can look up in both, in English (`families.py`).

An anchor is taken apart at commas and "and". A part is covered by one passage in which the candidate speaks of
themselves, which holds two thirds of the part's content words (by stem or family), and which says no where the part
does. An anchor is covered when each of its parts is, by whichever passages. The rule is strict on purpose; whoever did
the same and put it in other words is rated by what else the answer shows (`levels.py`).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.evaluation.families import NO, content, words_of
from api.evaluation.reading import Sentence
from api.evaluation.transcript import Quote
from bot.interview.commands import words

ENOUGH_WORDS = 2 / 3  # of a part's content words
FEWEST_WORDS = 4  # of a whole anchor that must have been said; fewer are said by chance
LOW = 2  # levels up to here describe what is missing; one of them together with a higher one is a contradiction

_BREAK = re.compile(r"[;,.:]\s*|\s+and\s+")
_SAME_AS = re.compile(r"does (?:what|all that|the same as) level (\d)(?: does)?", re.IGNORECASE)
_ONESELF = words_of("i im ive id ill my me mine myself")
_UNREAL = re.compile(r"\b(?:(?:should|could|might|would) (?:\w+ )?have|wish|if only|shouldve|couldve|wouldve)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing an anchor asks for. choices: of each, the content words by stem, and whether it says no."""

    text: str
    choices: tuple[tuple[frozenset[str], bool], ...]


def parts(anchor: str) -> tuple[Part, ...]:
    """Take an anchor apart; what names another level is not among its parts."""
    pieces: list[str] = []
    for piece in _BREAK.split(_SAME_AS.sub("", anchor)):
        if piece.startswith("or ") and pieces:
            pieces[-1] += f" {piece}"
        elif piece.strip():
            pieces.append(piece.strip())
    taken = []
    for piece in pieces:
        choices = tuple((content(choice), _denies(choice)) for choice in re.split(r"\bor\b", piece) if content(choice))
        if choices:
            taken.append(Part(piece, choices))
    return tuple(taken)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence as it is held against anchors, in which somebody speaks of what they themselves did."""

    sentence: Sentence
    content: frozenset[str]
    denies: bool


def passages_of(said: Iterable[Sentence]) -> list[Passage]:
    """Return what can cover an anchor."""
    return [
        Passage(one, content(one.text), _denies(one.text))
        for one in said
        if _ONESELF & set(one.text.split()) and not _UNREAL.search(one.text)
    ]


def covered(anchors: Mapping[int, str], level: int, said: Sequence[Passage]) -> list[tuple[str, Quote]] | None:
    """Return each part of the anchor with the passage that covers it; None when one is not covered.

    A level up to `LOW` is covered by passages alone that were heard well enough to speak against somebody.
    """
    anchor = anchors.get(level, "")
    found: list[tuple[str, Quote]] = []
    if (same := _SAME_AS.search(anchor)) is not None:
        lower = int(same[1])
        below = covered(anchors, lower, said) if lower < level else None
        if below is None:
            return None
        found += below
    words_said: set[str] = set()
    for part in parts(anchor):
        heard = (one for one in said if one.sentence.sure or level > LOW)
        covering = next(((one, shared) for one in heard if (shared := _covers(one, part))), None)
        if covering is None:
            return None
        passage, shared = covering
        words_said |= shared
        found.append((part.text, passage.sentence.quote(0, len(passage.sentence.text))))
    return found if len(words_said) >= FEWEST_WORDS or same is not None else None


def _covers(passage: Passage, part: Part) -> frozenset[str]:
    """Return the words of meaning that cover a part, none when it is not covered."""
    for wanted, denied in part.choices:
        shared = wanted & passage.content
        if passage.denies == denied and len(shared) >= math.ceil(ENOUGH_WORDS * len(wanted) - 1e-9):
            return shared
    return frozenset()


def _denies(text: str) -> bool:
    return bool(NO & set(words(text)))

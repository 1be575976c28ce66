"""Whether what was said covers an anchor: by words that anybody can look up in both, in English.

An anchor is taken apart at commas and "and". A part is covered by one passage in which the candidate speaks of
themselves, which holds two thirds of the part's content words (by stem), and which says no where the part says no.
An anchor is covered when each of its parts is, by whichever passages. The rule is strict on purpose: whoever did the
same and put it in other words is left without a level, not given a wrong one.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.evaluation.transcript import Quote
from bot.interview.commands import words

ENOUGH_WORDS = 2 / 3  # of a part's content words
FEWEST_WORDS = 2  # of a whole anchor; with fewer there is nothing to hold an answer against
LOW = 2  # levels up to here describe what is missing; one of them together with a higher one is a contradiction


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BREAK = re.compile(r"[;,.:]\s*|\s+and\s+")
_SAME_AS = re.compile(r"does (?:what|all that|the same as) level (\d)(?: does)?", re.IGNORECASE)
_NO = _words(
    "no not never none nobody nothing neither without cannot cant didnt dont doesnt couldnt wouldnt wasnt werent "
    "isnt arent havent hasnt hadnt wont failed"
)
_ONESELF = _words("i im ive id ill my me mine myself")
_UNREAL = re.compile(r"\b(?:(?:should|could|might|would) (?:\w+ )?have|wish|if only|shouldve|couldve|wouldve)\b")
_EMPTY = _words(
    "the a an and or of to in on at for with from by as it its is are was were be been being that this these "
    "those their they them he she his her him i my me we our us you your what which who whom whose how when where "
    "why so than then too very one own other others somebody anybody someone has have had do does did done could "
    "would should can may might must will shall only also such any some all both each both there here about into "
    "over under but if because while until after before out up off just more most much many really according "
    "level levels says names describes explains mentions gives"
)
_FORMS = _words(
    "told-tell said-say found-find took-take taken-take made-make kept-keep gave-give given-give built-build "
    "learnt-learn understood-understand brought-bring thought-think chose-choose chosen-choose saw-see "
    "seen-see led-lead wrote-write written-write knew-know known-know met-meet dealt-deal held-hold sent-send "
    "caught-catch meant-mean went-go gone-go got-get spoke-speak began-begin begun-begin broke-break "
    "taught-teach"
)
_IRREGULAR = {form: base for form, _, base in (pair.partition("-") for pair in _FORMS)}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing an anchor asks for. choices: of each, the content words by stem, and whether it says no."""

    text: str
    choices: tuple[tuple[frozenset[str], bool], ...]


def stem(word: str) -> str:
    """Return the beginning that the forms of an English word share, roughly."""
    word = _IRREGULAR.get(word, word)
    for ending, instead in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def content(text: str) -> frozenset[str]:
    """Return the stems of the words of `text` that carry meaning by themselves."""
    return frozenset(stem(word) for word in words(text) if word not in _EMPTY and word not in _NO)


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


def covered(anchors: Mapping[int, str], level: int, said: Sequence[Quote]) -> list[tuple[str, Quote]] | None:
    """Return each part of the anchor with the passage that covers it; None when one is not covered."""
    anchor = anchors.get(level, "")
    found: list[tuple[str, Quote]] = []
    if (same := _SAME_AS.search(anchor)) is not None:
        lower = int(same[1])
        below = covered(anchors, lower, said) if lower < level else None
        if below is None:
            return None
        found += below
    own = parts(anchor)
    if not own or sum(max(len(stems) for stems, _ in part.choices) for part in own) < FEWEST_WORDS:
        return None
    for part in own:
        passage = next((one for one in said if _covers(one.text, part)), None)
        if passage is None:
            return None
        found.append((part.text, passage))
    return found


def _covers(passage: str, part: Part) -> bool:
    said = words(passage)
    if not _ONESELF & set(said) or _UNREAL.search(" ".join(said)):
        return False
    stems, denies = content(passage), bool(_NO & set(said))
    return any(
        denies == denied and len(wanted & stems) >= math.ceil(ENOUGH_WORDS * len(wanted) - 1e-9)
        for wanted, denied in part.choices
    )


def _denies(text: str) -> bool:
    return bool(_NO & set(words(text)))

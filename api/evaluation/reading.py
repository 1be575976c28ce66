"""An answer as the rules read it: sentence by sentence, without fillers and without what says who somebody is.

Every word keeps its place in the stored turn, so that whatever a rule finds is quoted exactly as it was said.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from api.evaluation.families import words_of
from api.evaluation.masking import Masked, mask
from api.evaluation.transcript import LONGEST_QUOTE, SENTENCE, Quote, Turn
from prompts import Found

UNSURE = 0.6  # words that were heard less surely than this speak for somebody, never against

LONGEST = 30  # words; what has no full stop is read in pieces of so many

_TOKEN = re.compile(r"\[\w+\]|\w+(?:['’`´]\w+)*")
_FILLERS = words_of(
    "um uh uhm er erm hm hmm mm mhm ah oh eh well okay ok yeah yep so basically actually honestly really "
    "literally obviously just quite pretty totally definitely absolutely certainly maybe perhaps anyway please"
)
_FILLING = {  # by their first word, what follows it
    "you": (("know",),),
    "i": (("mean",),),
    "sort": (("of",),),
    "kind": (("of",),),
    "to": (("be", "honest"), ("be", "fair")),
}
_NEUTRAL = {"them": "their", "someone": "somebody", "sorry": ""}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a turn. text: its words in lower case, one space apart; starts: where each begins in `text`.

    places: where each word begins and ends in the turn's own text; span: where the sentence does.
    """

    turn: Turn
    text: str
    starts: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    span: tuple[int, int]

    @property
    def sure(self) -> bool:
        """Whether it was heard well enough to speak against somebody."""
        return self.turn.confidence is None or self.turn.confidence >= UNSURE

    def quote(self, start: int, end: int) -> Quote:
        """Return the sentence; of one that is too long, as much around the characters of `text` as a quote may hold."""
        first, last = self.span
        if last - first > LONGEST_QUOTE:
            begin = self.places[max(0, bisect_right(self.starts, start) - 1)][0]
            finish = self.places[max(0, bisect_right(self.starts, max(start, end - 1)) - 1)][1]
            finish = min(finish, begin + LONGEST_QUOTE)
            spare = LONGEST_QUOTE - (finish - begin)
            first = next(at for at, _ in self.places if at >= begin - spare // 2)
            last = max([to for _, to in self.places if to <= first + LONGEST_QUOTE], default=finish)
        return Quote(self.turn, first, self.turn.text[first:last])


def read(
    turns: Sequence[Turn], meant_for_others: Mapping[int, Sequence[Found]], names: Iterable[str] = ()
) -> list[Sentence]:
    """Return the sentences of some turns that hold a word.

    meant_for_others: what is to be left out, as `injection.found_in` gives it; names: of people known by name.
    """
    known = frozenset(names)
    return [
        piece
        for turn in turns
        for begin, end in _kept(turn, meant_for_others.get(turn.seq, ()))
        for masked in (mask(turn.text[begin:end], known),)
        for match in SENTENCE.finditer(masked.text)
        for piece in _pieces(turn, begin, masked, match)
    ]


def _kept(turn: Turn, left_out: Iterable[Found]) -> Iterator[tuple[int, int]]:
    begin = 0
    for one in left_out:
        yield begin, one.start
        begin = one.end
    yield begin, len(turn.text)


def _pieces(turn: Turn, begin: int, masked: Masked, match: re.Match[str]) -> Iterator[Sentence]:
    """The sentence, or as many pieces of it as are no longer than `LONGEST`; `masked` begins at `begin` in the turn."""

    def place(start: int, end: int) -> tuple[int, int]:
        first, last = masked.original(start, end)
        return begin + first, begin + last

    tokens = [(_plain(token[0]), token.start(), token.end()) for token in _TOKEN.finditer(masked.text, *match.span())]
    kept = _without_fillers([token for token in tokens if token[0]])
    start, stop = match.start(), match.start() + len(match[0].rstrip())
    for first in range(0, len(kept), LONGEST):
        piece = kept[first : first + LONGEST]
        is_last = first + LONGEST >= len(kept)
        starts = accumulate((len(word) + 1 for word, _, _ in piece[:-1]), initial=0)
        yield Sentence(
            turn,
            " ".join(word for word, _, _ in piece),
            tuple(starts),
            tuple(place(at, to) for _, at, to in piece),
            place(start if first == 0 else piece[0][1], stop if is_last else piece[-1][2]),
        )


def _plain(token: str) -> str:
    if token[0] == "[":
        return "somebody" if token == "[person]" else ""
    word = re.sub(r"['’`´]", "", token.casefold())
    return _NEUTRAL.get(word, word)


def _without_fillers(tokens: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Leave out fillers, and a word that is said twice in a row."""
    kept: list[tuple[str, int, int]] = []
    skip, last = 0, ""
    for index, token in enumerate(tokens):
        word = token[0]
        if skip:
            skip -= 1
            continue
        if word in _FILLING:
            said = tuple(one for one, _, _ in tokens[index : index + 3])
            skip = next((len(rest) for rest in _FILLING[word] if said[1 : 1 + len(rest)] == rest), 0)
        if not skip and word not in _FILLERS and word != last:
            kept.append(token)
            last = word
    return kept

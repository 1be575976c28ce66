"""How much of a question stands in what somebody said, by word stems that any European language has.

A stem is the beginning of a word: crude, and the same for every language. A stem weighs the more the fewer questions of
the plan hold it, so that "tell me about a time" finds none of them.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from bot.interview.commands import words
from bot.plan import Plan

STEM = 6  # characters
SHORTEST = 3  # of a word that counts, unless it holds a digit
AT_ONCE = 3  # sentences that a question may be put in
FEWEST = 2  # shared stems; one word in common is chance

_ENGLISH = (
    "the and you your yours did what how when why who which about tell describe explain please could would can for "
    "with that this have has had was were are one from into time some any"
)
_OTHERS = (
    "der die das und sie ihr ihre wie was wann warum wer welche über bitte erzählen beschreiben können eine einen "
    "los las una que como cuando por qué usted sus cuente describa podría "
    "les des une vous votre vos comment quand pourquoi qui quel quelle parlez décrivez pouvez dans pour avec"
)
_COMMON = frozenset(word[:STEM] for word in f"{_ENGLISH} {_OTHERS}".split())
_SENTENCE = re.compile(r"[^.?!…。？！]+[.?!…。？！]*")


def stems(text: str) -> frozenset[str]:
    """Return what a text is recognised by."""
    return frozenset(
        stem
        for word in words(text)
        if (len(word) >= SHORTEST or any(map(str.isdigit, word))) and (stem := word[:STEM]) not in _COMMON
    )


class Matcher:
    """Finds a plan's questions, and the follow-ups it holds ready, in what is said."""

    def __init__(self, plan: Plan) -> None:
        self._asked = {question.id: _wordings(question.text, question.rephrase) for question in plan.questions}
        self._probes = [stems(probe) for question in plan.questions for probe in question.probes.values()]
        held = Counter(stem for question in plan.questions for stem in _all(self._asked[question.id]))
        number = len(plan.questions)
        self._weights = {stem: math.log(1 + number / count) for stem, count in held.items()}

    def shares(self, text: str) -> dict[str, float]:
        """Return by question id how much of it a text holds, 0-1; without those it shares too little with."""
        windows = _windows(text)
        probed = max((self._share(probe, window) for window in windows for probe in self._probes), default=0.0)
        found = {
            id_: max(self._share(wording, window) for window in windows for wording in wordings)
            for id_, wordings in self._asked.items()
        }
        return {id_: share for id_, share in found.items() if share > 0 and share >= probed}

    def is_probe(self, text: str, least: float) -> bool:
        """Tell whether a text holds so much of a follow-up of the plan."""
        return any(self._share(probe, window) >= least for window in _windows(text) for probe in self._probes)

    def _share(self, wording: frozenset[str], said: frozenset[str]) -> float:
        shared = wording & said
        if len(shared) < min(FEWEST, len(wording)) or not wording:
            return 0.0
        return sum(map(self._weight, shared)) / sum(map(self._weight, wording))

    def _weight(self, stem: str) -> float:
        return self._weights.get(stem, 1.0)


def _wordings(*texts: str) -> list[frozenset[str]]:
    """The stems of each wording; of one that is all common words, its words themselves."""
    return [stems(text) or frozenset(words(text)) for text in texts if text.strip()]


def _all(wordings: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*wordings)


def _windows(text: str) -> list[frozenset[str]]:
    """The stems of every few sentences that follow each other: a long speech holds any question somewhere."""
    parts = [stems(found[0]) for found in _SENTENCE.finditer(text)]
    last = max(1, len(parts) - AT_ONCE + 1)
    return [_all(parts[begin : begin + AT_ONCE]) for begin in range(last)]

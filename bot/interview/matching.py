"""How much of a question stands in what somebody said, by word stems that any European language has.

A stem is the beginning of a word: crude, and the same for every language. A stem weighs the more the fewer questions of
the plan hold it, so that "tell me about a time" finds none of them.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Self

from bot.interview.commands import words
from bot.plan import Plan

ASKED = 0.5  # of a question's weight, so much in a turn asks it
IN_ORDER = 0.15  # is added where the questions around it were asked around it
ANNOUNCED = 0.2  # is added where the turn says that another question comes
PROBED = 0.6
FEWEST_WORDS = 3  # of a follow-up; "Really?" is none
STEM = 6  # characters
ENDINGS = ("ing", "ed", "s")  # a stem without them is as short as a word that counts, or longer
SHORTEST = 3  # of a word that counts, unless it holds a digit
AT_ONCE = 3  # sentences that a question may be put in
FEWEST = 2  # shared stems; one word in common is chance

# Words that questions of any interview hold; a plan is too small to show by itself that they tell nothing.
_ENGLISH = (
    "the and you your yours did does done what how when why who whom whose which where about tell describe "
    "explain please could would should can may might must will shall for with without that this these those have "
    "has had was were are been being one from into onto out over time some any many much more most than then "
    "there their them they not but something somebody someone anything anybody thing things people person make "
    "made making give gave get got go going use used using already important ever never once after before because "
    "while own way work worked working talk walk through think say share example situation lead led find found "
    "know well really very also just too"
)
_OTHERS = (
    "der die das den dem des und oder sie ihr ihre ihren ihrer wie was wann warum wer wen wem welche welcher wo "
    "über von mit für auf aus bei bitte erzählen beschreiben erklären können könnten würden eine einen einem "
    "einer haben hatten etwas jemand dass sich wurde war waren sind los las una uno que como cuando por qué quién "
    "cuál dónde usted sus del con para sobre cuente describa explique podría algo alguien hizo hace les des une "
    "vous votre vos comment quand pourquoi qui quoi quel quelle quels où parlez décrivez expliquez pouvez dans "
    "pour avec sur est avez avait été quelque chose fait"
)
_COMMON = frozenset(f"{_ENGLISH} {_OTHERS}".split())
_ASKS = re.compile(
    r"^(?:(?:okay|ok|so|and|right|thanks|i see|all right|alright|understood|great|good) )*"
    r"(?:tell|describe|explain|walk|give|say|what|how|why|which|when|who|where|could|can|would|did|do|was|were|is|are)\b"
)
_SENTENCE = re.compile(r"[^.?!…。？！]+[.?!…。？！]*")


def stems(text: str) -> frozenset[str]:
    """Return what a text is recognised by."""
    return frozenset(_stem(word) for word in words(text) if word not in _COMMON and _counts(word))


def _counts(word: str) -> bool:
    return len(word) >= SHORTEST or any(map(str.isdigit, word))


def _stem(word: str) -> str:
    """The beginning of a word, without the commonest endings."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word[: -len(ending)][:STEM]
    return word[:STEM]


class Matcher:
    """Finds a plan's questions, and the follow-ups it holds ready, in what is said."""

    def __init__(self, plan: Plan) -> None:
        self._asked = {question.id: _wordings(question.text, question.rephrase) for question in plan.questions}
        self._probes = {one.id: [stems(probe) for probe in one.probes.values()] for one in plan.questions}
        held = Counter(stem for question in plan.questions for stem in _all(self._asked[question.id]))
        number = len(plan.questions)
        self._weights = {stem: math.log(1 + number / count) for stem, count in held.items()}

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """It never changes: a call that is tried on a copy shares it."""
        return self

    def shares(self, text: str) -> dict[str, float]:
        """Return by question id how much of it a text holds, 0-1; without those it shares too little with.

        What holds more of a follow-up to another question is no question.
        """
        windows = _windows(text)
        asked = {id_: self._most(wordings, windows) for id_, wordings in self._asked.items()}
        probed = {id_: self._most(probes, windows) for id_, probes in self._probes.items()}
        return {
            id_: share
            for id_, share in asked.items()
            if share > 0 and all(share >= other for asked_of, other in probed.items() if asked_of != id_)
        }

    def follows_up(self, text: str) -> bool:
        """Tell whether a text asks on: it reads like a question, or holds a follow-up of the plan."""
        said = words(text)
        if len(said) < FEWEST_WORDS:
            return False
        return "?" in text or bool(_ASKS.match(" ".join(said[:12]))) or self._probes_in(text)

    def _probes_in(self, text: str) -> bool:
        windows = _windows(text)
        return any(self._most(probes, windows) >= PROBED for probes in self._probes.values())

    def _most(self, wordings: Sequence[frozenset[str]], windows: Sequence[frozenset[str]]) -> float:
        return max((self._share(wording, window) for wording in wordings for window in windows), default=0.0)

    def _share(self, wording: frozenset[str], said: frozenset[str]) -> float:
        shared = wording & said
        if len(shared) < min(FEWEST, len(wording)) or not wording:
            return 0.0
        return math.fsum(map(self._weight, shared)) / math.fsum(map(self._weight, wording))  # in whatever order

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

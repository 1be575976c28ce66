"""The candidate's own questions: answered from the plan's approved facts or passed on, never invented.

A fact is read out when it holds every telling word of the question and the kind of thing that is asked for (a number, a
time, a place, a reason). What is only near it is passed on: a wrong answer costs more than a later one.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from bot.interview.asking import ASKING, Asking
from bot.interview.commands import words

PASS_ON = "PASS_ON"  # what the chat model answers when the facts don't hold the answer
_GROUNDED = 0.6  # share of an answer's telling words that the facts must hold

_Check: TypeAlias = Callable[[str, Asking], bool]


def best_fact(question: str, facts: tuple[str, ...], language: str = "en") -> str | None:
    """The fact that answers `question`, the one with the fewest words beside it; None when none does.

    In a language without rules no question is answered.
    """
    if (rules := ASKING.get(language)) is None:
        return None
    said = " ".join(words(question))
    asked = _telling(question, rules) - frozenset(map(_stem, rules.sizes))
    wanted = _wanted(said, rules)
    near = frozenset(map(_stem, rules.near))
    if not asked or (not asked - near and not wanted and re.search(rules.opens, said) is None):
        return None  # "what does the team do?": any fact about the team would be an answer to something else
    held = [fact for fact in facts if asked <= _telling(fact, rules) and all(check(fact, rules) for check in wanted)]
    return min(held, key=lambda fact: len(_telling(fact, rules)), default=None)


def is_grounded(answer: str, facts: tuple[str, ...], language: str = "en") -> bool:
    """Whether `answer` could come from `facts`: most of its telling words are theirs, and every number, every name and
    every "not" of it is.
    """
    rules = ASKING.get(language, ASKING["en"])
    said, known = words(answer), frozenset(word for fact in facts for word in words(fact))
    told, held = _telling(answer, rules), frozenset().union(*(_telling(fact, rules) for fact in facts))
    exact = {word for word in said if word in rules.numbers or any(letter.isdigit() for letter in word)}
    exact |= {name.casefold() for name in re.findall(r"(?<=[\w,;] )[A-ZÀ-Þ]\w+", answer)}
    if rules.negations & set(said) and not rules.negations & known:
        return False
    return bool(told) and exact <= known and len(told & held) / len(told) >= _GROUNDED


def _wanted(said: str, rules: Asking) -> list[_Check]:
    """What kind of thing is asked for, as checks that a fact must pass."""
    kinds: tuple[tuple[str, _Check], ...] = (
        (rules.when, _tells_time),
        (rules.how_many, _has_number),
        (rules.where, _tells_place),
    )
    found: list[_Check] = [check for pattern, check in kinds if re.search(pattern, said) is not None][:1]
    return [*found, _tells_reason] if re.search(rules.why, said) is not None else found


def _has_number(fact: str, rules: Asking) -> bool:
    return any(word in rules.numbers or word.isdigit() for word in words(fact))


def _tells_time(fact: str, rules: Asking) -> bool:
    return re.search(rules.times, " ".join(words(fact))) is not None


def _tells_place(fact: str, rules: Asking) -> bool:
    named = re.search(r"\b(?:in|at|near|from|bei|aus|en|à) [A-ZÀ-Þ]", fact) is not None
    return named or re.search(rules.places, " ".join(words(fact))) is not None


def _tells_reason(fact: str, rules: Asking) -> bool:
    return re.search(rules.reasons, " ".join(words(fact))) is not None


def _telling(text: str, rules: Asking) -> frozenset[str]:
    return frozenset(
        _stem(word)
        for word in words(text)
        if word not in rules.common and (len(word) > 1 or word.isdigit()) and word not in rules.negations
    )


def _stem(word: str) -> str:
    """Close enough to make "working" meet "works" and "holidays" meet "holiday", and no closer."""
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    for ending in ("ings", "ing", "ely", "ly", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word

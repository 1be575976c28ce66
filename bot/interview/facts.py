"""The candidate's own questions: answered from the plan's approved facts or passed on, never invented."""

from bot.interview.commands import words

PASS_ON = "PASS_ON"  # what the chat model answers when the facts don't hold the answer

_WORDS = """
    a about also an and any anything are as ask asking at be been but by can could curious did do does for from get
    give had has have he her him his how i if im in interested is it its just know let like me more much my no not
    of on or our out please question questions she should so some something tell than that the their them then there
    they thing things this to us want was we what whats when where which who whos why will with wondering would you
    your
"""
_COMMON = frozenset(_WORDS.split())
_GROUNDED = 0.5  # share of an answer's telling words that the facts must hold
_ENOUGH = 0.34  # share of the question's own words that a fact must hold


def best_fact(question: str, facts: tuple[str, ...]) -> str | None:
    """The fact that shares most of the question's telling words, or None when none shares enough."""
    asked = _telling(question)
    if not asked:
        return None
    scored = [(len(asked & _telling(fact)) / len(asked), -index, fact) for index, fact in enumerate(facts)]
    share, _, fact = max(scored, default=(0.0, 0, ""))
    return fact if share >= _ENOUGH else None


def is_grounded(answer: str, facts: tuple[str, ...]) -> bool:
    """Whether `answer` could come from `facts`: no number of its own, and most of its telling words are theirs."""
    known = frozenset().union(*(_telling(fact) for fact in facts))
    told = _telling(answer)
    numbers = {word for word in told if any(letter.isdigit() for letter in word)}
    return bool(told) and numbers <= known and len(told & known) / len(told) >= _GROUNDED


def _telling(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words(text) if word not in _COMMON and (len(word) > 1 or word.isdigit()))


def _stem(word: str) -> str:
    """Close enough to make "working" meet "works" and "holidays" meet "holiday"."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word

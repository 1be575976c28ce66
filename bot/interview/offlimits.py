"""Ground that no interviewer may tread, and what a candidate says of it unasked: that is left alone.

The words are English; the prompts forbid the same in every language.
"""

import re

from bot.interview.commands import words

_OFF_LIMITS = re.compile(
    r"\b(?:how old|your age|date of birth|born|birth(?:day|place)|pregnan\w*|children|kids|married|marriage|spouse|"
    r"husband|wife|girlfriend|boyfriend|divorc\w*|family (?:plans?|status)|religio\w*|church|mosque|synagogue|pray\w*|"
    r"ethnic\w*|nationality|citizenship|native language|mother tongue|skin colou?r|your race|racial|gender|sexual\w*|"
    r"disabilit\w*|illness|disease|(?:your|mental|physical) health|medical (?:history|condition|leave)|"
    r"politic\w* (?:view|part|opinion|belief)\w*|who did you vote|trade union|union member\w*|military service|"
    r"criminal record|arrest\w*|salary|wage|(?:current|previous|last) pay|how much (?:do|did) you earn|"
    r"where do you live)\b"
)
_OF_THEMSELVES = re.compile(r"\b(?:i|im|ive|me|my|mine)\b")


def is_off_limits(text: str) -> bool:
    """Whether a line of the bot's touches such ground."""
    return _OFF_LIMITS.search(text.casefold().replace("’", "'")) is not None


def of_the_work(answer: str) -> str:
    """`answer` without the sentences in which somebody speaks of such ground in their own life."""
    sentences = re.split(r"(?<=[.?!…])\s+", answer.strip())
    return " ".join(sentence for sentence in sentences if not _is_personal(sentence))


def _is_personal(sentence: str) -> bool:
    said = " ".join(words(sentence))
    return _OFF_LIMITS.search(said) is not None and _OF_THEMSELVES.search(said) is not None

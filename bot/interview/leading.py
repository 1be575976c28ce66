"""Questions that say which answer is wanted, by rules for English; other languages have none."""

import re
from dataclasses import dataclass

LEADING_LANGUAGES = frozenset({"en"})
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_LEADS = re.compile(
    r"^(?:(?:so|and|now|but|well),? )?(?:"
    r"(?:don't|do not|wouldn't|would not) you (?:think|agree|say|feel|believe)(?: that)?|"
    r"(?:isn't|aren't|wasn't|weren't|shouldn't|couldn't|won't|can't|doesn't|didn't) "
    r"(?:it|that|this|you|we|they|there|a|the)\b|"
    r"(?:i|we) (?:assume|take it|suppose|presume|guess|trust|bet|imagine|expect)(?: that)?|"
    r"(?:surely|obviously|clearly|of course|naturally|certainly),?|"
    r"(?:you would agree|you'd agree|you will agree|wouldn't it be fair to say)(?: that)?|"
    r"you (?:must|surely|obviously|clearly|certainly) )",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r",? (?:right|correct|yes|no|true|"
    r"(?:is|isn't|wasn't|aren't|don't|doesn't|didn't|won't|wouldn't|haven't|hasn't|can't) "
    r"(?:it|that|you|they|he|she|we)|don't you think|wouldn't you (?:say|agree)|agreed)\?$",
    re.IGNORECASE,
)
_OF_YOU = re.compile(r"\byou(?:r|'ve|'re)?\b", re.IGNORECASE)
_TAG_NEEDS_COMMA = re.compile(r", [^,]*\?$")
_LOADED = re.compile(
    r"\b(?:as (?:we all know|everyone knows|everybody knows|you surely know)|everybody knows that|"
    r"how much (?:do|did) you (?:love|hate|enjoy))\b",
    re.IGNORECASE,
)
_TO_THEM = re.compile(r"(?:you|your|you've|you're)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leading:
    """What says which answer is wanted. claim: what the candidate is to agree with, where it is no claim about them."""

    words: str
    claim: str | None


def leading(text: str, language: str) -> Leading | None:
    """The first of the questions in `text` that leads; None where none does, or in a language without rules."""
    if language not in LEADING_LANGUAGES:
        return None
    for sentence in _SENTENCE.split(" ".join(text.replace("’", "'").split())):
        lead, tag, loaded = _LEADS.match(sentence), _TAGGED.search(sentence), _LOADED.search(sentence)
        found = lead or (tag if tag and _TAG_NEEDS_COMMA.search(sentence) else None) or loaded
        if found is None or not (loaded or sentence.endswith("?") or _OF_YOU.search(sentence)):
            continue
        rest = _TAGGED.sub("", _LEADS.sub("", sentence)).strip(" ,.?!")
        about_them = _TO_THEM.match(rest) or not rest or loaded
        return Leading(found[0].strip(" ,"), None if about_them else rest)
    return None

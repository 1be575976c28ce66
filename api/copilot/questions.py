"""What an interviewer asks the copilot for, told by the words of `prompts/copilot`, in any of its languages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from bot.interview.off_limits import Found, ground, is_off_limits
from bot.interview.spotting import Index, Token, fold, parse, tokens_of
from prompts import CopilotWords, Wish, copilot_languages, load_copilot, load_off_limits

_WORD = re.compile(r"[^\W_]+")


class After(StrEnum):
    """What a question is after."""

    VERDICT = "verdict"  # a score, a level, a recommendation: there is none during an interview
    OFF_LIMITS = "off_limits"
    OPEN = "open"  # what is not covered yet
    SUMMARY = "summary"
    LAST = "last"  # what was said just now
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, understood. language: it is answered in; found: which ground it is on, where that is off limits.

    by: the role whose words are wanted; speakers: the names of those whose are; sources: where to look, if it says so;
    number: the answer is a figure.
    """

    text: str
    after: After
    language: str
    found: Found | None = None
    by: str | None = None
    speakers: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    number: bool = False


class Reader:
    """Reads one language's questions."""

    def __init__(self, words: CopilotWords) -> None:
        self.words = words
        self._wishes: Index[Wish] = Index(
            (parse(phrase, words.lists), wish) for wish, phrases in words.asks.items() for phrase in phrases
        )
        self._person = Index((parse(phrase, {}), True) for phrase in words.person)
        self._turned = [([one.word for one in tokens_of(said) if one.word], to) for said, to in words.turned.items()]
        self.stop = frozenset(_WORD.findall(fold(words.stop)))
        self.numbers = frozenset(_WORD.findall(fold(words.numbers)))

    def wishes(self, text: str) -> frozenset[Wish]:
        """What a question asks for, or an answer holds."""
        tokens = tokens_of(text)
        return frozenset(wish for at in range(len(tokens)) for _, wish in self._wishes.at(tokens, at))

    def topics(self, text: str) -> list[str]:
        """The words that a question is about, beside those that ask for a summary."""
        tokens = tokens_of(text)
        asking = {
            place
            for at in range(len(tokens))
            for end, wish in self._wishes.at(tokens, at)
            if wish == "summary"
            for place in range(at, end)
        }
        return [
            token.word
            for place, token in enumerate(tokens)
            if token.word and token.word not in self.stop and place not in asking
        ]

    def names_the_person(self, text: str) -> bool:
        """Whether it speaks of whoever is interviewed."""
        tokens = tokens_of(text)
        return any(True for at in range(len(tokens)) for _ in self._person.at(tokens, at))

    def put_to_them(self, text: str) -> str:
        """A question about somebody as it would be put to them."""
        said = [token.word for token in tokens_of(text) if token.word]
        turned, at = list[str](), 0
        while at < len(said):
            for phrase, to in self._turned:
                if said[at : at + len(phrase)] == phrase:
                    turned.append(to)
                    at += len(phrase)
                    break
            else:
                turned.append(said[at])
                at += 1
        return f"{' '.join(turned)}?"

    def knows(self, text: str) -> int:
        """How many of the words of `text` are words that this language's questions are made of."""
        return sum(word in self.stop for word in _WORD.findall(fold(text)))


@lru_cache(maxsize=8)
def reader(language: str) -> Reader:
    """Return the reader of a language; raises `prompts.NotFound` for one that the copilot has no words in."""
    return Reader(load_copilot(language))


def understand(text: str, language: str, candidate: str, speakers: Iterable[str]) -> Asked:
    """Return what a question is after. language: of the interview; speakers: the names of everybody who spoke."""
    spoken = _language_of(text, language)
    own = reader(spoken)
    plain = _without_name(text, candidate, own.words.person[0])
    for one in (spoken, *(other for other in copilot_languages() if other != spoken)):
        if "verdict" in reader(one).wishes(_without_name(text, candidate, reader(one).words.person[0])):
            return Asked(text, After.VERDICT, one)
    if (found := _off_limits(plain, own, spoken)) is not None:
        return Asked(text, After.OFF_LIMITS, spoken, found)
    wishes = own.wishes(plain)
    about_them = own.names_the_person(plain)
    named = frozenset(name for name in speakers if name != candidate and _names(text, name))
    sources = {"resume": "of_resume" in wishes, "plan": "of_plan" in wishes}
    return Asked(
        text,
        _after(wishes, own.topics(plain)),
        spoken,
        by="interviewer" if "of_interviewer" in wishes else "candidate" if about_them and not named else None,
        speakers=named,
        sources=frozenset(source for source, wanted in sources.items() if wanted),
        number="number" in wishes,
    )


def _after(wishes: frozenset[Wish], topics: list[str]) -> After:
    if "open" in wishes:
        return After.OPEN
    if "last" in wishes:
        return After.LAST
    # "Sum up what she said about the migration" asks for that, and not for everything.
    return After.SUMMARY if "summary" in wishes and not topics else After.FACT


def _off_limits(text: str, own: Reader, language: str) -> Found | None:
    """The first ground that may not be trodden in a question, were it put to whoever it is about."""
    put = own.put_to_them(text)
    found = next(iter((*ground(put, language), *ground(text, language))), None)
    if found is not None or not (own.names_the_person(text) and is_off_limits(text, language)):
        return found
    return _named_ground(text, language)


def _named_ground(text: str, language: str) -> Found | None:
    """Which ground's word is in a text that asks about somebody without a question of the known forms."""
    for name, one in load_off_limits(language).grounds.items():
        words = Index((parse(phrase, load_off_limits(language).lists), name) for phrase in one.words)
        tokens: list[Token] = tokens_of(text)
        for at in range(len(tokens)):
            for end, _ in words.at(tokens, at):
                start, stop = tokens[at].start, tokens[end - 1].end
                return Found(name, text[start:stop], start, stop, one.reason, one.rephrase)
    return None


def _language_of(text: str, usual: str) -> str:
    """The language whose words a question is made of; that of the interview, unless another has clearly more."""
    known = copilot_languages()
    counts = {one: reader(one).knows(text) for one in known}
    best = max(known, key=lambda one: counts[one])
    if usual not in counts:
        return best if counts[best] > 0 else "en"
    clearly = counts[best] > counts[usual] + 1 or (counts[best] > 0 and not counts[usual])
    return best if clearly else usual


def _without_name(text: str, name: str, person: str) -> str:
    """`text` with "she" for the candidate's name, in full or each part of it."""
    for part in sorted({name, *name.split()}, key=len, reverse=True):
        if len(part) > 1:
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", person, text, flags=re.IGNORECASE)
    return text


def _names(text: str, name: str) -> bool:
    said = set(_WORD.findall(fold(text)))
    return any(part in said for part in _WORD.findall(fold(name)) if len(part) > 1)

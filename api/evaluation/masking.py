"""What says who somebody is rather than what they did, taken out before anything is rated.

Names, words for a gender, ages, schools, addresses, and origins that follow "I am from". The masked text says of each
place of its own which place of the stored text it stands for, so that a quote is always shown as it was said.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from api.evaluation.names import FIRST_NAMES
from api.evaluation.transcript import Turn
from bot.interview import Role

SOMEONE, AGE, SCHOOL, ADDRESS = "[person]", "[age]", "[school]", "[address]"

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_GREETED = re.compile(rf"\b(?:hello|hi|hey|welcome|thank you|thanks|nice to meet you),? ({_NAME})", re.IGNORECASE)
_CALLED = re.compile(
    r"\b(?i:my name is|my name['’]s|call me|(?:colleague|someone|somebody|manager|boss|friend) (?:called|named))"
    rf" ({_NAME}(?: {_NAME})?)"
)
_TWO_TO_NINETY = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|eighteen|nineteen|\d\d)"
)
_PAIRS = (  # words for a gender, and what both are read as: nobody can tell which of them was said
    "he she they, himself herself themselves, man woman person, men women people, guy lady person, guys ladies people, "
    "gentleman girl person, gentlemen girls people, boy bloke person, boys blokes people, male female person, "
    "husband wife partner, boyfriend girlfriend partner, mother father parent, mum mom parent, dad daddy parent, "
    "son daughter child, sons daughters children, brother sister sibling, brothers sisters siblings, "
    "salesman saleswoman salesperson, businessman businesswoman businessperson, chairman chairwoman chair, "
    "foreman forewoman supervisor, spokesman spokeswoman speaker, actor actress actor, waiter waitress server"
)
_SHARED = {"him": "their", "his": "their", "her": "their", "hers": "their"}  # "her" is both of the others
_WORDS = {word: neutral for pair in _PAIRS.split(", ") for *both, neutral in [pair.split()] for word in both} | _SHARED
_AGE = (
    rf"{_TWO_TO_NINETY}[ -]years?[ -]old|aged? {_TWO_TO_NINETY}|turn(?:ed|ing) {_TWO_TO_NINETY}(?=[.,!?]| last| this|$)"
    r"|in (?:my|their|his|her) (?:(?:early|mid|late)[ -])?(?:twenties|thirties|forties|fifties|sixties|[2-6]0s)"
    r"|(?:born|graduated) in (?:19|20)\d\d|class of (?:19|20)\d\d"
)
_SCHOOL = (
    rf"\b(?:(?:{_NAME} ){{1,3}}(?:University|College|School|Institute|Academy|Polytechnic)"
    rf"|(?:the )?(?:University|College|School|Institute|Academy) of {_NAME}(?: {_NAME})*"
    r"|Harvard|Stanford|Oxford|Cambridge|Yale|Princeton|MIT|ETH|Caltech|Berkeley|Sorbonne|INSEAD)\b"
)
_ADDRESS = (
    rf"\b\d{{1,5}} (?:{_NAME} ){{1,3}}(?:Street|Road|Avenue|Lane|Drive|Square|Boulevard|St|Rd|Ave)\b"
    rf"|(?:(?<=\b[Ll]ive in )|(?<=\b[Gg]rew up in )|(?<=\bI am from )|(?<=\bI['’]m from )){_NAME}(?: {_NAME})?"
    r"|\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}\b|(?<!\w)\+\d[\d ()-]{7,18}\d"
)
_TITLE = rf"\b(?:Mr|Mrs|Ms|Miss|Herr|Frau|Se[ñn]ora?|Monsieur|Madame)\.? {_NAME}(?: {_NAME})?"
_WORD = rf"\b(?i:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b"
_INSTEAD = {"age": AGE, "school": SCHOOL, "address": ADDRESS, "title": SOMEONE, "name": SOMEONE}
_IDENTIFYING = (
    rf"(?P<age>\b(?i:{_AGE})\b)|(?P<school>{_SCHOOL})|(?P<address>{_ADDRESS})|(?P<title>{_TITLE})|(?P<word>{_WORD})"
    rf"|(?P<name>\b{_NAME}"
)
_KNOWN = frozenset(FIRST_NAMES.split())


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what identifies. edits: (start, end) in `text`, and (start, end) of what stood there before."""

    text: str
    edits: tuple[tuple[int, int, int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the original the characters from `start` to before `end` of the masked text stand.

        What begins or ends within a replacement takes in all that was replaced.
        """
        return self._place(start, last=False), self._place(end, last=True)

    def _place(self, at: int, *, last: bool) -> int:
        index = bisect_left(self.edits, at, key=lambda edit: edit[1] - (not last))
        if index < len(self.edits):
            start, _, was_start, was_end = self.edits[index]
            if at > start or (at == start and not last):
                return was_end if last else was_start
        moved = self.edits[index - 1][3] - self.edits[index - 1][1] if index else 0
        return at + moved


def mask(text: str, names: Iterable[str] = ()) -> Masked:
    """Return a text without names, words for a gender, ages, schools and addresses.

    names: of people known by name, in any spelling of case; a name that is a common word too is one where it is
    written with a capital. Common first names are known anyway.
    """
    known = {part.casefold() for name in names for part in re.findall(r"[\w'’-]{2,}", name)}
    pieces: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    length = done = 0
    for found in _finder(frozenset(known & _KNOWN)).finditer(text):
        if (instead := _instead(found, known)) is None:
            continue
        before = text[done : found.start()]
        pieces += [before, instead]
        start = length + len(before)
        length, done = start + len(instead), found.end()
        edits.append((start, length, found.start(), found.end()))
    return Masked("".join([*pieces, text[done:]]), tuple(edits))


@lru_cache(maxsize=256)
def _finder(names: frozenset[str]) -> re.Pattern[str]:
    """What finds everything that identifies, with some names in lower case too."""
    return re.compile(_IDENTIFYING + "".join(rf"|\b{re.escape(name)}\b" for name in sorted(names)) + ")")


def people(turns: Sequence[Turn]) -> frozenset[str]:
    """Return the names that a transcript itself shows to be names: whom the bot greets, who is introduced."""
    found: set[str] = set()
    for turn in turns:
        if turn.role == Role.BOT:
            found.update(name for name in _GREETED.findall(turn.text) if name[0].isupper())
        found.update(_CALLED.findall(turn.text))
    return frozenset(found)


def _instead(found: re.Match[str], known: set[str]) -> str | None:
    """What is said in place of what was found; None to leave it."""
    kind, text = str(found.lastgroup), found[0]
    if kind == "word":
        plain = _WORDS[text.casefold()]
        return plain.capitalize() if text[0].isupper() else plain
    if kind == "name":
        name = re.sub(r"['’]s$", "", text)
        folded, capital = name.casefold(), name[0].isupper()
        return SOMEONE + text[len(name) :] if not capital or folded in known or folded in _KNOWN else None
    return _INSTEAD[kind]

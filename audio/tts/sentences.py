"""Cutting a text into the pieces that are spoken one after the other."""

import re
from itertools import pairwise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a full stop does not end a sentence after (lower case, without the stop): always, and only before a number.
_TITLES = _words(
    "mr mrs ms dr prof rev gen col capt lt hon vs approx dept e.g i.e bzw ca z.b d.h u.a o.ä hr fr hrn mme mlle "
    "sra srta"
)
_BEFORE_NUMBER = _words("no nos nr fig vol art pp p sec ch jan feb apr jun jul aug sep sept oct nov dec")

# Latin, Greek, Cyrillic marks end a sentence before a space; full-width, Arabic, Devanagari and others need none.
_CLOSERS = r"[\"'”’»›)\]}」』】）]*"
_END = re.compile(rf"(?:[.!?…]+{_CLOSERS}(?=\s|$)|[。！？｡؟۔।॥։።]+{_CLOSERS})")
_CLAUSE = re.compile(r"[,;:—–](?=\s)|[、，；：،؛]")
_SPEAKABLE = re.compile(r"\w")


def sentences(text: str) -> list[str]:
    """Return the sentences of `text` in order, trimmed, without those that hold nothing to say.

    Line breaks end a sentence; abbreviations, initials, decimals and a mark inside a word don't.
    """
    found = []
    for line in text.splitlines():
        cuts = [0, *(m.end() for m in _END.finditer(line) if _ends(line, m)), len(line)]
        found += [line[start:end].strip() for start, end in pairwise(cuts)]
    return [one for one in found if _SPEAKABLE.search(one)]


def _ends(line: str, mark: re.Match[str]) -> bool:
    after = line[mark.end() :].lstrip()
    if not after:
        return True
    if after[0].islower() and mark.group() not in {"?", "!"}:
        return False  # "late... and dark", "Really?" she asked
    if not mark.group().startswith(".") or mark.group().startswith(".."):
        return True
    before = line[: mark.start()].split()
    word = before[-1].lstrip("\"'“‘«(") if before else ""
    if len(word) == 1 and word.isupper():
        return False  # an initial: "J. K. Rowling"
    if word.isdigit() and (len(before) == 1 or after[0].isdigit()):
        return False  # a list number, or a date as in "3. 12. 2024"
    low = word.lower()
    return low not in _TITLES and not (low in _BEFORE_NUMBER and after[0].isdigit())


def opening(sentence: str, at_least: int = 24, worth: int = 90) -> tuple[str, str]:
    """Split a sentence longer than `worth` characters after its first clause, so that its sound can begin early.

    Returns the clause and the rest; both have `at_least` characters, else the whole sentence and "".
    """
    if len(sentence) > worth:
        for mark in _CLAUSE.finditer(sentence):
            head, rest = sentence[: mark.end()], sentence[mark.end() :].strip()
            if len(head) >= at_least and len(rest) >= at_least:
                return head, rest
    return sentence, ""

"""Words as a reader or a listener takes them, without what hides them from a program.

Look-alike letters of other alphabets, digits for letters, letters with spaces between them, words run together,
characters that nobody sees, hesitations. Each word keeps its place in the text, so that what is found can be quoted.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

LONGEST = 60  # characters of a word that are looked at
RUN_TOGETHER = 12  # letters from which on a word may be several
SPELT = 5  # letters with spaces between them from which on they are words

_UNSEEN = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
)
_WORD = re.compile(
    rf"(?:(?<!\S)[!@$](?=\w))?[^\W_](?:[^\W_]|['’](?=(?:s|t|m|d|re|ll|ve)\b)|[@$](?=\w)|[{_UNSEEN}\u0300-\u036f])*+"
    r"|[\U000e0041-\U000e007a]++"
)
_STOP = re.compile(r"[.!?…。！？]['\"”»)\]]*(?:\s|$)|[>}\]]\s|\n\s*\n")
_PAUSE = re.compile(r"[^\w\s'’]+(?:\s|$)|\s[^\w\s'’]")
_NEW_LINE = re.compile(r"\n[^\n]*$")
_LOOKS_LIKE = {
    "a": "аαɑ",
    "b": "ьβв",
    "c": "сϲ",
    "d": "ԁđ",
    "e": "еєεё",
    "g": "ɡ",
    "h": "һн",
    "i": "іιıї",
    "j": "јϳ",
    "k": "кκ",
    "l": "łӏ",
    "m": "м",
    "n": "ոη",
    "o": "оοøօ",
    "p": "рρ",
    "q": "ԛ",
    "s": "ѕ",
    "t": "тτ",
    "u": "υս",
    "v": "ѵν",
    "w": "ԝω",
    "x": "хχ",
    "y": "уγү",
}
_LETTERS = {ord(other): letter for letter, others in _LOOKS_LIKE.items() for other in others}
_LETTERS |= {point: chr(point - 0xE0000) for point in range(0xE0020, 0xE007F)}  # tags: ASCII that nobody sees
_FOR_LETTERS = [str.maketrans("0134578@$!", f"o{one}eastbasi") for one in "il"]
_HESITATIONS = frozenset({"um", "uh", "uhm", "erm", "hmm", "mm", "ah", "eh", "ahm", "euh", "hum", "yyy"})


class Word(NamedTuple):
    """One word. text: folded; start, end: its place; pause, stop: a pause, or the end of a sentence, comes after it."""

    text: str
    start: int
    end: int
    pause: bool
    stop: bool


def words_of(text: str, known: Set[str]) -> list[Word]:
    """Return the words of a text, folded as `folded` does. known: those that disguised letters may turn out to be."""
    found = list(_WORD.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    words: list[Word] = []
    for match, until in zip(found, ends, strict=True):
        between = text[match.end() : until]
        plain = between == " "
        stop = not plain and (
            until == len(text) or _STOP.search(between) is not None or _begins_line(text, until, between)
        )
        pause = stop or (not plain and _PAUSE.search(between) is not None)
        word = folded(match[0])
        if any(map(str.isdigit, word)) or word[:1] in "!@$":
            word = _without_digits(word, known)
        words.append(Word(word, match.start(), match.end(), pause, stop))
    spelt = [one for group in _groups(words, text) for one in _joined(group, known)]
    return [word for word in spelt if word.text not in _HESITATIONS]


def _begins_line(text: str, at: int, between: str) -> bool:
    """Whether a line begins at a place that does not go on with the sentence of the line before."""
    line = _NEW_LINE.search(between)
    return line is not None and (not text[at].islower() or not line[0].isspace())


@lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """Return a word in small Latin letters without accents, look-alikes and characters that nobody sees.

    An é at its end stays: it tells what somebody did (ignoré) from what somebody is to do (ignore).
    """
    if word.isascii():
        return word[:LONGEST].lower().replace("'", "")
    if len(word) > 3 and word[-1] in "éÉ":
        return folded(word[:-1]) + "é"
    plain = unicodedata.normalize("NFKD", word[: 3 * LONGEST].casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)
    return "".join(c for c in plain if c.isalnum() or c in "!@$")[:LONGEST]


def _without_digits(word: str, known: Set[str]) -> str:
    """`1gn0re` is `ignore`; a figure stays one."""
    if not any(map(str.isalpha, word)):
        return word.strip("!@$")
    variants = [word.translate(letters) for letters in _FOR_LETTERS]
    return next((one for one in variants if one in known), variants[0] if len(word) > 3 else word)


def _groups(words: Sequence[Word], text: str) -> Iterator[list[Word]]:
    """Yield runs of single letters in a line, and the other words each by itself."""
    run: list[Word] = []
    for word in words:
        letter = len(word.text) == 1 and word.text.isalpha()
        if run and (not letter or "\n" in text[run[-1].end : word.start]):
            yield run
            run = []
        if letter:
            run.append(word)
        else:
            yield [word]
    if run:
        yield run


def _joined(group: list[Word], known: Set[str]) -> Iterator[Word]:
    """Read a run of single letters as words, and a word that is several as those."""
    if len(group) >= SPELT and len(group[0].text) == 1 and group[0].text.isalpha():
        text = "".join(word.text for word in group)
        for start, end in _split(text, known) or [(0, len(text))]:
            last = group[end - 1]
            yield Word(text[start:end], group[start].start, last.end, last.pause and end == len(text), last.stop)
        return
    for word in group:
        parts = _split(word.text, known) if len(word.text) >= RUN_TOGETHER and word.text not in known else []
        for start, end in parts or [(0, len(word.text))]:
            ends = end == len(word.text)
            yield Word(word.text[start:end], word.start, word.end, word.pause and ends, word.stop and ends)


def _split(text: str, known: Set[str]) -> list[tuple[int, int]]:
    """Cut a text into known words, as few as possible; return no parts when it can't be."""
    text = text[:1000]
    longest = 16
    best: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(text)  # for each end: words, begin of the last
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - longest), end):
            before = best[start]
            if before is not None and text[start:end] in known:
                option = (before[0] + 1, start)
                best[end] = min(best[end] or option, option)
    parts: list[tuple[int, int]] = []
    end = len(text)
    while end and (cell := best[end]) is not None:
        parts.append((cell[1], end))
        end = cell[1]
    return [] if end else parts[::-1]

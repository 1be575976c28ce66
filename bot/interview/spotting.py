"""Finding phrases in what is said or written: word by word, in time linear in the text, with the place of each find.

A phrase is words with `/` between alternatives and `*` for any ending, `[optional]` words, `<lists>`, `_` for any one
word, `…` for up to four, `<number>` for figures, `^` and `?` where a sentence begins and ends, and `{}` for a slot.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

GAP = 4  # words that `…` may stand for
KEY = 3  # letters by which a phrase is looked up

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_\u0300-\u036f](?:[^\W_]|[\u0300-\u036f])*|[.?!…;:\n]")
_PART = re.compile(r"\[[^\]]*\]|<[^>]*>|\S+")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, folded, and where it stands; where sentences begin and end the word is empty."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a phrase: one of these words, a word with one of these stems, one of these phrases, or the slot."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    phrases: tuple["Phrase", ...] = ()
    slot: bool = False
    anything: bool = False
    number: bool = False
    optional: bool = False
    most: int = 1


Phrase = tuple[Part, ...]
_EDGE = Part(words=frozenset({""}))


def fold(text: str) -> str:
    """`text` in lower case and without accents."""
    return "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))


def tokens_of(text: str) -> list[Token]:
    """The words of `text` with their places, each sentence between edges; an apostrophe parts words, `U.S.` is one."""
    found = [Token("", 0, 0)]
    for match in _TOKEN.finditer(text):
        word = match[0] if match[0].isascii() and match[0].isalpha() and match[0].islower() else fold(match[0])
        found.append(Token(word.replace(".", "") if word[0].isalnum() else "", match.start(), match.end()))
    return [*found, Token("", len(text), len(text))]


def parse(phrase: str, lists: Mapping[str, Sequence[str]]) -> Phrase:
    """Return a phrase ready to be looked for."""
    begins, asked = phrase.startswith("^ "), phrase.endswith("?")
    parts = [
        part for piece in _PART.findall(phrase.removeprefix("^ ").removesuffix("?")) for part in _read(piece, lists)
    ]
    return (*([_EDGE] if begins else []), *parts, *([_EDGE] if asked else []))


def _read(piece: str, lists: Mapping[str, Sequence[str]]) -> Iterator[Part]:
    match piece:
        case "{}":
            yield Part(slot=True)
        case "…":
            yield Part(anything=True, optional=True, most=GAP)
        case "_":
            yield Part(anything=True)
        case "<number>":
            yield Part(number=True)
        case _ if piece[0] == "<":
            yield Part(phrases=tuple(parse(one, lists) for one in lists[piece[1:-1]]))
        case _ if piece[0] == "[":
            (part,) = _read(piece[1:-1], lists)
            yield Part(part.words, part.stems, part.phrases, anything=part.anything, optional=True)
        case _ if "'" in piece or "’" in piece:
            yield from (Part(words=frozenset({word})) for word in re.split("['’]", fold(piece)))
        case _:
            words = fold(piece).split("/")
            stems = tuple(word[:-1] for word in words if word[-1] == "*")
            yield Part(words=frozenset(word for word in words if word[-1] != "*"), stems=stems)


class Index(Generic[T]):
    """Phrases that mean something, found by their first word."""

    def __init__(self, phrases: Iterable[tuple[Phrase, T]]) -> None:
        self._by_word: dict[str, list[tuple[Phrase, T]]] = defaultdict(list)
        self._by_stem: dict[str, list[tuple[Phrase, T]]] = defaultdict(list)
        for phrase, meaning in phrases:
            words, stems = _beginnings(phrase)
            for word in words:
                self._by_word[word].append((phrase, meaning))
            for stem in {stem[:KEY] for stem in stems}:
                self._by_stem[stem].append((phrase, meaning))

    def at(self, tokens: Sequence[Token], at: int, slots: Sequence[Sequence[int]] = ()) -> Iterator[tuple[int, T]]:
        """Yield where each phrase that begins with the token at `at` ends (the longest way), and what it means.

        slots: for each token where what may fill a slot from there ends.
        """
        word = tokens[at].word
        for phrase, meaning in (*self._by_word.get(word, ()), *self._by_stem.get(word[:KEY], ())):
            longest = max(_ends(phrase, 0, tokens, at, slots), default=at)
            if longest > at:
                yield longest, meaning


def _beginnings(phrase: Phrase) -> tuple[set[str], set[str]]:
    words, stems = set(phrase[0].words), set(phrase[0].stems)
    for inner in phrase[0].phrases:
        more_words, more_stems = _beginnings(inner)
        words |= more_words
        stems |= more_stems
    return words, stems


def _ends(phrase: Phrase, part: int, tokens: Sequence[Token], at: int, slots: Sequence[Sequence[int]]) -> Iterator[int]:
    """Yield every place at which the rest of a phrase ends; bounded by the phrase, whatever the text."""
    if part == len(phrase):
        yield at
        return
    here = phrase[part]
    if here.optional:
        yield from _ends(phrase, part + 1, tokens, at, slots)
    for after in _over(here, tokens, at, slots):
        yield from _ends(phrase, part + 1, tokens, after, slots)


def _over(here: Part, tokens: Sequence[Token], at: int, slots: Sequence[Sequence[int]]) -> Iterator[int]:
    if at == len(tokens):
        return
    word = tokens[at].word
    if here.anything:
        for after in range(at, min(at + here.most, len(tokens))):
            if not tokens[after].word:
                return
            yield after + 1
    elif here.slot:
        yield from slots[at]
    elif here.phrases:
        for inner in here.phrases:
            yield from _ends(inner, 0, tokens, at, slots)
    elif word in here.words or (here.stems and word.startswith(here.stems)) or (here.number and word.isdecimal()):
        yield at + 1

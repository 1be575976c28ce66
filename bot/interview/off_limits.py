"""Ground that no interviewer may tread: what a text asks the candidate, what it wants of a person, and what a candidate
tells of their own life unasked. The words are data (`prompts/off_limits`); a language without a file has none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.interview.spotting import Index, Phrase, Token, parse, tokens_of
from prompts import GroundName, OffLimits, forbidding_places, grounds_languages, load_off_limits

_SENTENCES = re.compile(r"(?<=[.?!…])\s+")


@dataclass(frozen=True, slots=True)
class Found:
    """One find. words: as they stand in the text, from `start` to `end`; rephrase: what may be asked instead."""

    category: GroundName
    words: str
    start: int
    end: int
    reason: str
    rephrase: str


def ground(text: str, language: str, jurisdiction: str | None = None) -> tuple[Found, ...]:
    """What `text` asks a candidate that no interview may ask, in its order.

    jurisdiction: ISO 3166 (`DE`, `US`, `US-CA`); a ground that only some places forbid is found there, wherever the
    part of the country is not told, and where nothing is.
    """
    lexicon = _lexicon(language)
    return () if lexicon is None else tuple(lexicon.asked(text, jurisdiction))


def wanted(text: str, language: str, jurisdiction: str | None = None) -> tuple[Found, ...]:
    """What a criterion, or a level of its scale, wants of a person and may not; with whatever it asks."""
    lexicon = _lexicon(language)
    return () if lexicon is None else tuple(lexicon.asked(text, jurisdiction, wants=True))


def is_off_limits(text: str, language: str) -> bool:
    """Whether a line of the bot's touches such ground: asks about it, or only names it."""
    lexicon = _lexicon(language)
    return lexicon is not None and any(True for _ in lexicon.asked(text, None, names=True))


def of_the_work(answer: str, language: str) -> str:
    """`answer` without the sentences in which somebody speaks of such ground in their own life."""
    lexicon = _lexicon(language)
    if lexicon is None:
        return answer.strip()
    return " ".join(one for one in _SENTENCES.split(answer.strip()) if not lexicon.is_told(one))


class _Lexicon:
    """The phrases of one language, ready to be looked for."""

    def __init__(self, loaded: OffLimits) -> None:
        def read(phrases: Iterable[str]) -> list[Phrase]:
            return [parse(phrase, loaded.lists) for phrase in phrases]

        def index(*kinds: str) -> Index[GroundName]:
            return Index(
                (phrase, name)
                for name, one in loaded.grounds.items()
                for kind in kinds
                for phrase in read(getattr(one, kind))
            )

        self._grounds = loaded.grounds
        self._words, self._framed = index("words"), index("words", "ambiguous")
        self._asks, self._wants, self._unless = index("asks"), index("wants"), index("unless")
        self._frames = Index((phrase, None) for phrase in read(loaded.frames))
        self._never = Index((phrase, None) for phrase in read(loaded.unless))
        self._me = frozenset(word for phrase in read(loaded.me) for word in phrase[0].words)

    def asked(
        self, text: str, jurisdiction: str | None, *, wants: bool = False, names: bool = False
    ) -> Iterator[Found]:
        """Yield what is asked in the text's order; with what is wanted, with what is only named."""
        tokens = tokens_of(text)
        spans = [*self._spans(self._asks, tokens), *self._in_frames(tokens)]
        if wants:
            spans += self._spans(self._wants, tokens)
        if names:
            spans += self._spans(self._words, tokens)
        for name, start, end in _longest(self._left(spans, tokens)):
            if _is_forbidden(name, jurisdiction):
                inside = [token for token in tokens[start:end] if token.word]
                first, last = inside[0].start, inside[-1].end
                one = self._grounds[name]
                yield Found(name, text[first:last], first, last, one.reason, one.rephrase)

    def is_told(self, sentence: str) -> bool:
        """Whether somebody speaks of such ground in their own life."""
        tokens = tokens_of(sentence)
        if not any(token.word in self._me for token in tokens):
            return False
        return bool(self._left([*self._spans(self._words, tokens)], tokens))

    def _spans(self, index: Index[GroundName], tokens: Sequence[Token]) -> "Iterator[_Span]":
        for at in range(len(tokens)):
            for end, name in index.at(tokens, at):
                yield name, at, end

    def _in_frames(self, tokens: Sequence[Token]) -> "Iterator[_Span]":
        words = [list(self._framed.at(tokens, at)) for at in range(len(tokens))]
        for name in {name for here in words for _, name in here}:
            slots = [[end for end, which in here if which == name] for here in words]
            for at in range(len(tokens)):
                for end, _ in self._frames.at(tokens, at, slots):
                    yield name, at, end

    def _left(self, spans: "Sequence[_Span]", tokens: Sequence[Token]) -> "list[_Span]":
        """The spans that nothing harmless reaches into."""
        if not spans:
            return []
        harmless = [(None, at, end) for at in range(len(tokens)) for end, _ in self._never.at(tokens, at)]
        own = list(self._spans(self._unless, tokens))
        return [
            (name, start, end)
            for name, start, end in spans
            if not any(of in (None, name) and first < end and last > start for of, first, last in (*harmless, *own))
        ]


_Span = tuple[GroundName, int, int]


def _longest(spans: Sequence[_Span]) -> Iterator[_Span]:
    """Of spans of one ground that overlap only the longest, in the text's order."""
    kept: list[_Span] = []
    for name, start, end in sorted(spans, key=lambda span: span[1] - span[2]):
        if not any(of == name and first < end and last > start for of, first, last in kept):
            kept.append((name, start, end))
    yield from sorted(kept, key=lambda span: span[1:])


def _is_forbidden(name: GroundName, jurisdiction: str | None) -> bool:
    places = forbidding_places().get(name)
    if places is None or jurisdiction is None:
        return True
    country = jurisdiction.partition("-")[0]
    return bool({jurisdiction, country} & places) or (
        jurisdiction == country and any(place.startswith(f"{country}-") for place in places)
    )


@lru_cache(maxsize=8)
def _lexicon(language: str) -> _Lexicon | None:
    return _Lexicon(load_off_limits(language)) if language in grounds_languages() else None

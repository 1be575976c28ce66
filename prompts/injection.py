"""Words that are meant for whoever rates, or for a model, instead of for a person: found in any text that reaches us.

The rules are data, one file to a language (`hostile/LANGUAGE.yaml`). A rule is a row of words, and may leave gaps of a few
words; it is tried only where its first word stands and looks a few dozen words ahead at most, so that the time is linear
in the text however it was made. Everything is tried in every language: nobody has to attack in the language of the plan.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from prompts.disguise import Word, folded, words_of
from prompts.encoded import encoded, marked_up
from prompts.files import Document, package, read_yaml

REST = 30  # words of a sentence after what was found that go with it
REST_WITHOUT_STOP = 12  # the same where no full stop follows, as in what some recognisers write
LONGEST_PHRASE = 5  # words of a phrase that may stand before a find
CLOSE = 3  # words between two finds that go with them

_PART = re.compile(r"\.\.\d+|\([^()]*\)(?:\?|~\d+)?|\S+")
_AGAIN = re.compile(r"^(.*?)(\?|~(\d+))?$")


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that is meant for the rater. kind: what it tries, as in the rules' files; end: exclusive."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of several phrases, at least `least` and at most `most` times. prefixes: beginnings of one-word phrases."""

    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    prefixes: tuple[str, ...]
    least: int = 1
    most: int = 1

    def ends(self, texts: tuple[str, ...], at: int) -> Sequence[int]:
        """Return where a phrase that begins at a word may end, the longest first."""
        if at >= len(texts):
            return ()
        text = texts[at]
        phrases = self.phrases.get(text)
        if phrases is not None:
            return [at + len(each) for each in phrases if len(each) == 1 or texts[at : at + len(each)] == each]
        return (at + 1,) if self.prefixes and text.startswith(self.prefixes) else ()


@dataclass(frozen=True, slots=True)
class _Gap:
    """Up to so many words of the same sentence."""

    most: int


@dataclass(frozen=True, slots=True)
class _Pause:
    """No word: punctuation or the end."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What tells in one language how far a clause goes.

    before: leads to what was found and goes with it; self: the speaker goes on about themselves; inside: but not after these.
    """

    before: _Choice
    self: _Choice
    inside: _Choice


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    parts: tuple[_Choice | _Gap | _Pause, ...]
    not_after: _Choice | None
    not_before: _Choice | None
    around: "_Around"


@dataclass(frozen=True, slots=True)
class _Said:
    """Words, and their texts alone."""

    words: Sequence[Word]
    texts: tuple[str, ...]


class _RuleIn(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Annotated[str, Field(pattern=r"^[a-z]+$")]
    say: Annotated[tuple[str, ...], Field(min_length=1)]
    not_after: str | None = None
    not_before: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    words: dict[str, tuple[str | int, ...]]
    rules: Annotated[tuple[_RuleIn, ...], Field(min_length=1)]


class Detector:
    """Finds instructions to a rater or a model, by the rules of every language there is."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._known = frozenset(word for rule in rules for word in _vocabulary(rule))
        self._by_word: dict[str, list[tuple[Set[str] | None, _Rule]]] = {}
        self._by_prefix: dict[str, list[tuple[Set[str] | None, _Rule]]] = {}
        for rule in rules:
            first = rule.parts[0]
            assert isinstance(first, _Choice)  # `_compiled` saw to it
            for word, phrases in first.phrases.items():
                self._by_word.setdefault(word, []).append((_seconds(phrases, rule.parts), rule))
            for prefix in first.prefixes:
                self._by_prefix.setdefault(prefix, []).append((None, rule))
        self._lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def find(self, text: str) -> list[Found]:
        """Return the places of a text that are meant for a rater or a model, in order, none overlapping another."""
        return self.find_in([text])[0]

    def find_in(self, texts: Sequence[str]) -> list[list[Found]]:
        """Return the places in each of several texts that follow each other: an instruction may be split over them."""
        words: list[Word] = []
        bounds = [0]
        for text in texts:
            words += words_of(text, self._known)
            bounds.append(len(words))
        marks = [""] * len(words)
        for start, end, kind in self._matches(words):
            for index in range(start, end):
                marks[index] = marks[index] or kind
        _close_gaps(marks, words)
        found = []
        for text, first, last in zip(texts, bounds, bounds[1:], strict=False):
            places = _places(text, words[first:last], marks[first:last])
            found.append(_merged([*places, *(Found(*each) for each in encoded(text, self._says_something))]))
            found[-1] = _merged([*found[-1], *(Found(*each) for each in marked_up(text))])
        return found

    def _says_something(self, text: str) -> bool:
        return any(True for _ in self._matches(words_of(text, self._known)))

    def _matches(self, words: Sequence[Word]) -> Iterator[tuple[int, int, str]]:
        said = _Said(words, tuple(word.text for word in words))
        done = -1
        for at, (word, following) in enumerate(zip(said.texts, (*said.texts[1:], ""), strict=False)):
            if at < done:
                continue
            for seconds, rule in self._starting_with(word):
                if seconds is not None and following not in seconds:
                    continue
                end = _end(said, at, rule.parts, 0)
                if end is not None and not _void(rule, said, at, end):
                    start, done = _clause(said, at, end, rule.around)
                    yield start, done, rule.kind
                    break

    def _starting_with(self, word: str) -> Iterator[tuple[Set[str] | None, _Rule]]:
        yield from self._by_word.get(word, ())
        for length in self._lengths:
            yield from self._by_prefix.get(word[:length], ()) if length <= len(word) else ()


def _seconds(phrases: Sequence[tuple[str, ...]], parts: Sequence[_Choice | _Gap | _Pause]) -> Set[str] | None:
    """Return the words that may come second in a match that begins with one of some phrases; None for any."""
    seconds = {phrase[1] for phrase in phrases if len(phrase) > 1}
    if all(len(phrase) > 1 for phrase in phrases):
        return seconds
    first = parts[0]
    if not isinstance(first, _Choice) or first.most > 1:
        return None
    for part in parts[1:]:
        if not isinstance(part, _Choice) or part.prefixes:
            return None
        seconds |= part.phrases.keys()
        if part.least:
            return seconds
    return None


def _clause(said: _Said, start: int, end: int, around: _Around) -> tuple[int, int]:
    """Widen what was found to its clause: up to the stop, or to where the speaker goes on about themselves."""
    words = said.words
    while (begin := _led_to(said, start, around.before)) is not None:
        start = begin
    if words[end - 1].stop:
        return start, end
    stop = next((n + 1 for n in range(end, min(end + REST, len(words))) if words[n].stop), None)
    limit = stop or min(end + REST_WITHOUT_STOP, len(words))
    for index in range(end, limit):
        if words[index].text in around.self.phrases and words[index - 1].text not in around.inside.phrases:
            return start, index
    return start, limit


def _led_to(said: _Said, at: int, phrases: _Choice) -> int | None:
    """Return where a phrase begins that ends right before a word of the same sentence, or None."""
    for begin in range(max(0, at - LONGEST_PHRASE), at):
        if at in phrases.ends(said.texts, begin) and not any(word.stop for word in said.words[begin:at]):
            return begin
    return None


def _end(said: _Said, at: int, parts: Sequence[_Choice | _Gap | _Pause], index: int, times: int = 0) -> int | None:
    """Return where a match of the parts from `index` on ends that begins at a word, or None.

    times: how often the part at `index` was there already.
    """
    if index == len(parts):
        return at
    part = parts[index]
    if isinstance(part, _Choice):
        if times < part.most:
            for end in part.ends(said.texts, at):
                again = index if part.most > 1 else index + 1
                if (found := _end(said, end, parts, again, times + 1 if part.most > 1 else 0)) is not None:
                    return found
        return _end(said, at, parts, index + 1) if times >= part.least else None
    if isinstance(part, _Pause):
        return _end(said, at, parts, index + 1) if at and said.words[at - 1].pause else None
    for skipped in range(part.most + 1):
        if (end := _end(said, at + skipped, parts, index + 1)) is not None:
            return end
        if at + skipped >= len(said.texts) or said.words[at + skipped - 1].stop:
            return None
    return None


def _void(rule: _Rule, said: _Said, start: int, end: int) -> bool:
    """Whether what stands around a match says that somebody tells of it, and does not ask for it."""
    if rule.not_before is not None and rule.not_before.ends(said.texts, end):
        return True
    return rule.not_after is not None and _led_to(said, start, rule.not_after) is not None


def _close_gaps(marks: list[str], words: Sequence[Word]) -> None:
    """A few words between two finds of one sentence belong to them."""
    last = None
    for index, mark in enumerate(marks):
        if not mark:
            continue
        if last is not None and 1 < index - last <= CLOSE + 1 and not any(word.stop for word in words[last:index]):
            marks[last + 1 : index] = [marks[last]] * (index - last - 1)
        last = index


def _places(text: str, words: Sequence[Word], marks: Sequence[str]) -> Iterator[Found]:
    start = 0
    while start < len(words):
        if not marks[start]:
            start += 1
            continue
        end = start + 1
        while end < len(words) and marks[end] and not words[end - 1].stop:
            end += 1
        until = words[end].start if end < len(words) else len(text)
        tail = text[words[end - 1].end : until]
        if not words[end - 1].stop and end < len(words):
            tail = ""
        elif (gap := re.search(r"\s", tail)) is not None:
            tail = tail[: gap.start()]
        yield Found(words[start].start, words[end - 1].end + len(tail), marks[start])
        start = end


def _merged(found: Sequence[Found]) -> list[Found]:
    merged: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if merged and one.start < merged[-1].end:
            last = merged.pop()
            one = Found(last.start, max(last.end, one.end), last.kind)
        merged.append(one)
    return merged


# ---- reading the rules ----------------------------------------------------------------------------------------------


def load_detector(root: Traversable | None = None) -> Detector:
    """Load the rules of every language; raises `BadFile`."""
    folder = (root or package()) / "hostile"
    rules: list[_Rule] = []
    for source in sorted(folder.iterdir(), key=lambda file: file.name):
        document = read_yaml(source)
        read = document.parse(_File)
        for name in _Around.__slots__:
            if name not in read.words:
                raise document.bad(["words"], f"needs a list {name!r}")
        around = _Around(**{name: _choice(read.words[name], read.words) for name in _Around.__slots__})
        rules += [
            _compiled(document, read, around, index, line)
            for index, rule in enumerate(read.rules)
            for line in range(len(rule.say))
        ]
    return Detector(rules)


@cache
def the_detector() -> Detector:
    """Return the detector of the product's own rules."""
    return load_detector()


def _compiled(document: Document, read: _File, around: _Around, index: int, line: int) -> _Rule:
    rule = read.rules[index]
    place = ("rules", index, "say", line)
    try:
        parts = tuple(_part(part, read.words) for part in _PART.findall(rule.say[line]))
        guards = [
            _choice(read.words[name], read.words) if name else None for name in (rule.not_after, rule.not_before)
        ]
    except KeyError as why:
        raise document.bad(place, f"there is no list {why.args[0]!r} under `words`") from why
    if not parts or not isinstance(parts[0], _Choice) or parts[0].least == 0:
        raise document.bad(place, "must begin with a word that has to be there")
    return _Rule(rule.kind, parts, guards[0], guards[1], around)


def _part(written: str, lists: Mapping[str, Sequence[str | int]]) -> _Choice | _Gap | _Pause:
    if written == "$":
        return _Pause()
    if written.startswith(".."):
        return _Gap(int(written[2:]))
    again = _AGAIN.match(written)
    assert again is not None
    body, sign, times = again.groups()
    phrases = body[1:-1].split("|") if body.startswith("(") else [body]
    least, most = (1, 1) if sign is None else (0, int(times or 1))
    return _choice(phrases, lists, least, most)


def _choice(
    written: Sequence[str | int], lists: Mapping[str, Sequence[str | int]], least: int = 1, most: int = 1
) -> _Choice:
    phrases: dict[str, list[tuple[str, ...]]] = {}
    prefixes: set[str] = set()
    for phrase in _flat(written, lists):
        if phrase.endswith("*") and " " not in phrase:
            prefixes.add(folded(phrase[:-1]))
            continue
        parts = tuple(folded(word) for word in phrase.split())
        phrases.setdefault(parts[0], []).append(parts)
    longest_first = {word: tuple(sorted(set(each), key=len, reverse=True)) for word, each in phrases.items()}
    return _Choice(longest_first, tuple(sorted(prefixes)), least, most)


def _flat(written: Sequence[str | int], lists: Mapping[str, Sequence[str | int]]) -> Iterator[str]:
    for phrase in map(str, written):
        if phrase.startswith("{"):
            yield from _flat(lists[phrase[1:-1]], lists)
        else:
            yield phrase


def _vocabulary(rule: _Rule) -> Iterator[str]:
    for part in rule.parts:
        if isinstance(part, _Choice):
            yield from (word for phrases in part.phrases.values() for phrase in phrases for word in phrase)
            yield from (prefix for prefix in part.prefixes if len(prefix) > 4)

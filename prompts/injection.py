"""Words that are meant for whoever rates, or for a model, instead of for a person: found in any text that reaches us.

The rules are data, one file to a language (`hostile/LANGUAGE.yaml`). A rule is a row of words, and may leave gaps of a
few words; it is tried only where its first word stands and looks a few dozen words ahead at most, so that the time is
linear in the text, however that was made. All languages are tried: nobody has to attack in the language of the plan.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache

from prompts.disguise import Word, words_of
from prompts.encoded import encoded, marked_up
from prompts.rules import Around, Choice, Part, Pause, Rule, load_rules

LEFT_OUT = "[…]"
REST = 30  # words of a sentence after what was found that go with it
REST_WITHOUT_STOP = 12  # the same where no full stop follows, as in what some recognisers write
LONGEST_PHRASE = 5  # words of a phrase that may stand before a find
CLOSE = 3  # words between two finds that go with them


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that is meant for the rater. kind: what it tries, as in the rules' files; end: exclusive."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Said:
    """Words, and their texts alone."""

    words: Sequence[Word]
    texts: tuple[str, ...]


class Detector:
    """Finds instructions to a rater or a model, by the rules of every language there is."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._known = frozenset(word for rule in rules for word in rule.vocabulary())
        self._by_word: dict[str, list[tuple[Set[str] | None, Rule]]] = {}
        self._by_prefix: dict[str, list[tuple[Set[str] | None, Rule]]] = {}
        for rule in rules:
            first = rule.parts[0]
            assert isinstance(first, Choice)  # `_compiled` saw to it
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

    def _starting_with(self, word: str) -> Iterator[tuple[Set[str] | None, Rule]]:
        yield from self._by_word.get(word, ())
        for length in self._lengths:
            yield from self._by_prefix.get(word[:length], ()) if length <= len(word) else ()


def _seconds(phrases: Sequence[tuple[str, ...]], parts: Sequence[Part]) -> Set[str] | None:
    """Return the words that may come second in a match that begins with one of some phrases; None for any."""
    seconds = {phrase[1] for phrase in phrases if len(phrase) > 1}
    if all(len(phrase) > 1 for phrase in phrases):
        return seconds
    first = parts[0]
    if not isinstance(first, Choice) or first.most > 1:
        return None
    for part in parts[1:]:
        if not isinstance(part, Choice) or part.prefixes:
            return None
        seconds |= part.phrases.keys()
        if part.least:
            return seconds
    return None


def _clause(said: _Said, start: int, end: int, around: Around) -> tuple[int, int]:
    """Widen what was found to its clause: up to the stop, or to where the speaker goes on about themselves."""
    words = said.words
    while (led := _led_to(said, start, around.before)) is not None:
        start = led
    if words[end - 1].stop:
        return start, end
    stop: int | None = next((n + 1 for n in range(end, min(end + REST, len(words))) if words[n].stop), None)
    limit = stop or min(end + REST_WITHOUT_STOP, len(words))
    for index in range(end, limit):
        if words[index].text in around.self.phrases and words[index - 1].text not in around.inside.phrases:
            return start, index
    return start, limit


def _led_to(said: _Said, at: int, phrases: Choice) -> int | None:
    """Return where a phrase begins that ends right before a word of the same sentence, or None."""
    for begin in range(max(0, at - LONGEST_PHRASE), at):
        if at in phrases.ends(said.texts, begin) and not any(word.stop for word in said.words[begin:at]):
            return begin
    return None


def _end(said: _Said, at: int, parts: Sequence[Part], index: int, times: int = 0) -> int | None:
    """Return where a match of the parts from `index` on ends that begins at a word, or None.

    times: how often the part at `index` was there already.
    """
    if index == len(parts):
        return at
    part = parts[index]
    if isinstance(part, Choice):
        if times < part.most:
            again, counted = (index, times + 1) if part.most > 1 else (index + 1, 0)
            for after in part.ends(said.texts, at):
                if (end := _end(said, after, parts, again, counted)) is not None:
                    return end
        return _end(said, at, parts, index + 1) if times >= part.least else None
    if isinstance(part, Pause):
        return _end(said, at, parts, index + 1) if at and said.words[at - 1].pause else None
    for skipped in range(part.most + 1):
        if (end := _end(said, at + skipped, parts, index + 1)) is not None:
            return end
        if at + skipped >= len(said.texts) or said.words[at + skipped - 1].stop:
            return None
    return None


def _void(rule: Rule, said: _Said, start: int, end: int) -> bool:
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


def quarantined(texts: Sequence[str]) -> list[str]:
    """Return texts that follow each other without what is meant for a rater or a model; `LEFT_OUT` stands for it."""
    return [without(text, found) for text, found in zip(texts, the_detector().find_in(texts), strict=True)]


def without(text: str, found: Sequence[Found], instead: str = LEFT_OUT) -> str:
    """Return a text without some places in it."""
    for one in reversed(found):
        text = text[: one.start] + instead + text[one.end :]
    return text


@cache
def the_detector() -> Detector:
    """Return the detector of the product's own rules."""
    return Detector(load_rules())

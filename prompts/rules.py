"""How people tell a rater or a model what to do: rows of words, read from `hostile/LANGUAGE.yaml`.

The syntax is in `README.md`, "Hostile words". All words are folded as those of the texts they are held against.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from prompts.disguise import folded
from prompts.files import Document, package, read_yaml

LEAST_PREFIX = 4  # letters; a shorter beginning of a word is no word
_PART = re.compile(r"\.\.\d+|\([^()]*\)(?:\?|~\d+)?|\S+")
_AGAIN = re.compile(r"^(.*?)(\?|~(\d+))?$")


@dataclass(frozen=True, slots=True)
class Choice:
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
class Gap:
    """Up to so many words of the same sentence."""

    most: int


@dataclass(frozen=True, slots=True)
class Pause:
    """No word: punctuation or the end."""


Part: TypeAlias = Choice | Gap | Pause


@dataclass(frozen=True, slots=True)
class Around:
    """What tells in one language how far a clause goes.

    before: leads to what was found and goes with it; self: the speaker goes on about themselves; inside: except after
    these.
    """

    before: Choice
    self: Choice
    inside: Choice


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. not_after, not_before: phrases that make something harmless of it; kind: what it tries."""

    kind: str
    parts: tuple[Part, ...]
    not_after: Choice | None
    not_before: Choice | None
    around: Around

    def vocabulary(self) -> Iterator[str]:
        """Yield its words."""
        for part in self.parts:
            if isinstance(part, Choice):
                yield from (word for phrases in part.phrases.values() for phrase in phrases for word in phrase)
                yield from (prefix for prefix in part.prefixes if len(prefix) > LEAST_PREFIX)


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


def load_rules(root: Traversable | None = None) -> list[Rule]:
    """Load the rules of every language; raises `BadFile`."""
    folder = (root or package()) / "hostile"
    rules: list[Rule] = []
    for source in sorted(folder.iterdir(), key=lambda file: file.name):
        document = read_yaml(source)
        read = document.parse(_File)
        for name in Around.__slots__:
            if name not in read.words:
                raise document.bad(["words"], f"needs a list {name!r}")
        around = Around(**{name: _choice(read.words[name], read.words) for name in Around.__slots__})
        rules += [
            _compiled(document, read, around, index, line)
            for index, rule in enumerate(read.rules)
            for line in range(len(rule.say))
        ]
    return rules


def _compiled(document: Document, read: _File, around: Around, index: int, line: int) -> Rule:
    rule = read.rules[index]
    place = ("rules", index, "say", line)
    try:
        parts = tuple(_part(part, read.words) for part in _PART.findall(rule.say[line]))
        guards = [_choice(read.words[name], read.words) if name else None for name in (rule.not_after, rule.not_before)]
    except KeyError as why:
        raise document.bad(place, f"there is no list {why.args[0]!r} under `words`") from why
    if not parts or not isinstance(parts[0], Choice) or parts[0].least == 0:
        raise document.bad(place, "must begin with a word that has to be there")
    return Rule(rule.kind, parts, guards[0], guards[1], around)


def _part(written: str, lists: Mapping[str, Sequence[str | int]]) -> Part:
    if written == "$":
        return Pause()
    if written.startswith(".."):
        return Gap(int(written[2:]))
    again = _AGAIN.match(written)
    assert again is not None
    body, sign, times = again.groups()
    phrases = body[1:-1].split("|") if body.startswith("(") else [body]
    least, most = (1, 1) if sign is None else (0, int(times or 1))
    return _choice(phrases, lists, least, most)


def _choice(
    written: Sequence[str | int], lists: Mapping[str, Sequence[str | int]], least: int = 1, most: int = 1
) -> Choice:
    phrases: dict[str, list[tuple[str, ...]]] = {}
    prefixes: set[str] = set()
    for phrase in _flat(written, lists):
        if phrase.endswith("*") and " " not in phrase:
            prefixes.add(folded(phrase[:-1]))
            continue
        parts = tuple(folded(word) for word in phrase.split())
        phrases.setdefault(parts[0], []).append(parts)
    longest_first = {word: tuple(sorted(set(each), key=len, reverse=True)) for word, each in phrases.items()}
    return Choice(longest_first, tuple(sorted(prefixes)), least, most)


def _flat(written: Sequence[str | int], lists: Mapping[str, Sequence[str | int]]) -> Iterator[str]:
    for phrase in map(str, written):
        if phrase.startswith("{"):
            yield from _flat(lists[phrase[1:-1]], lists)
        else:
            yield phrase

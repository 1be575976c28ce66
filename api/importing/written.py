"""Plain text as a transcript: a label before the words of each turn, or a name on its own line above them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from api.importing import Said
from api.importing.faults import bad
from api.importing.labels import Label, label_of, looks_like_a_name, time_alone
from api.importing.parts import role_named

# Headings that people put before what they say. Any other word may be somebody's name, and what they say is not to be
# taken for somebody else's words.
_HEADING_WORDS = (
    "result results outcome note example action actions situation task lesson lessons reason first second third "
    "problem solution context summary answer edit update also finally however step"
)
_HEADINGS = frozenset(_HEADING_WORDS.split())


def written(lines: Sequence[str]) -> list[Said]:
    """Return who said what in a text; raise `BadTranscript` where nobody is named."""
    labels = {number: label for number, line in enumerate(lines) if (label := label_of(line)) is not None}
    labels = dict(_believed(labels)) or dict(_names_above(lines))
    if not labels:
        raise bad(
            "does not say who speaks",
            'begin each turn with its speaker, as in "Maria: I built it.", or put the name on a line above the words',
        )
    turns = list(_turns(lines, labels))
    if not turns:
        raise bad("names speakers, but none of them says anything", "send the words too")
    return turns


def _believed(labels: Mapping[int, Label]) -> Iterator[tuple[int, Label]]:
    """Leave out what is rather a word with a colon within an answer: small, or a heading, and there but once."""
    used = Counter(label.name.casefold() for label in labels.values())
    for number, label in labels.items():
        once = used[label.name.casefold()] == 1 and label.ms is None and role_named(label.name) is None
        if not (once and (label.name[0].islower() or label.name.casefold() in _HEADINGS)):
            yield number, label


def _names_above(lines: Sequence[str]) -> Iterator[tuple[int, Label]]:
    """Lines that hold a name alone: after an empty line or a time, above words, and the same more than once."""
    found = {number: line.strip() for number, line in enumerate(lines) if _stands_above(lines, number)}
    used = Counter(name.casefold() for name in found.values())
    for number, name in found.items():
        if used[name.casefold()] > 1 or role_named(name) is not None:
            yield number, Label(name, None, "")


def _stands_above(lines: Sequence[str], number: int) -> bool:
    before = lines[number - 1] if number else ""
    alone = not before.strip() or time_alone(before) is not None
    followed = number + 1 < len(lines) and bool(lines[number + 1].strip())
    name = lines[number].strip()
    return alone and followed and looks_like_a_name(name) and not name.endswith((":", ".", "?", "!"))


def _turns(lines: Sequence[str], labels: Mapping[int, Label]) -> Iterator[Said]:
    speaker, begun, ms, words = "", 1, None, list[str]()
    time: int | None = None
    for number, line in enumerate(lines):
        if (label := labels.get(number)) is not None:
            yield from _turn(speaker, words, begun, ms)
            speaker, begun, words = label.name, number + 1, [label.rest]
            ms = label.ms if label.ms is not None else time
            time = None
        elif (alone := time_alone(line)) is not None:
            if any(words):
                time = alone
            else:
                ms = alone
        elif speaker:  # what stands above the first name is a heading
            words.append(line.strip())
    yield from _turn(speaker, words, begun, ms)


def _turn(speaker: str, words: Sequence[str], line: int, ms: int | None) -> Iterator[Said]:
    text = " ".join(word for word in words if word)
    if speaker and text:
        yield Said(speaker, text, line, ms)

"""How a line of text says who speaks, and when: "Maria: …", "[00:01:23] Maria: …", "INTERVIEWER 00:12 …"."""

import re
from dataclasses import dataclass

from api.importing import LONGEST_NAME
from api.importing.clocks import CLOCK, clock_ms

LOOKED_AT = 200  # characters at the beginning of a line; a label is not longer
MOST_NAME_WORDS = 6

_NAME = r"(?P<name>[^\W_][^:\[\]\n\t]{0,99}?|\[[^\[\]\n]{1,100}\])"
_TIME = rf"[\[(]?(?P<time>{CLOCK})[\])]?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_TIME}[ \t]{{0,8}}[-–|]?[ \t]{{0,8}}{_NAME}[ \t]{{0,8}}:(?=\s|$)",  # [00:01:23] Maria: words
        rf"{_NAME}[ \t]{{0,8}}{_TIME}[ \t]{{0,8}}:?(?=\s|$)",  # Maria (00:12): words; INTERVIEWER 00:12 words
        rf"{_NAME}[ \t]{{0,8}}:(?=\s|$)",  # Maria: words
    )
)
_TIME_ALONE = re.compile(rf"[\[(]?({CLOCK})[\])]?")
_SENTENCE = re.compile(r"[.!?;,…](?:\s|$)")
_TITLE = re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms|Hr|Fr|Sr|Sra|Mme|M|Jr|St|[A-Z])\.")


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before the words of a line. ms: when, None where no time is told; rest: the words, may be empty."""

    name: str
    ms: int | None
    rest: str


def label_of(line: str) -> Label | None:
    """Return the label that a line begins with; None where it begins with plain words."""
    text = line.strip()
    head = text[:LOOKED_AT]
    for form in _FORMS:
        if (found := form.match(head)) is None:
            continue
        name = found["name"].strip(" \t[]-–|")
        time = found.groupdict().get("time")
        if looks_like_a_name(name):
            return Label(name, clock_ms(time) if time else None, text[found.end() :].strip())
    return None


def time_alone(line: str) -> int | None:
    """Return the time that a line consists of, in ms."""
    found = _TIME_ALONE.fullmatch(line.strip()[:LOOKED_AT])
    return clock_ms(found[1]) if found else None


def looks_like_a_name(text: str) -> bool:
    """Tell whether a text may be somebody's name or part: short, with a letter, and no sentence."""
    plain = _TITLE.sub("", text)
    return (
        0 < len(text) <= LONGEST_NAME
        and len(text.split()) <= MOST_NAME_WORDS
        and any(character.isalpha() for character in text)
        and _SENTENCE.search(plain) is None
    )

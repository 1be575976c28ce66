"""Ground that an interview may not tread: its words by language, why, and what may be asked instead."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field

from prompts.errors import NotFound
from prompts.files import Document, Place, package, read_yaml

GroundName: TypeAlias = Literal[
    "age",
    "family",
    "pregnancy",
    "religion",
    "origin",
    "health",
    "union",
    "salary_history",
    "politics",
    "orientation",
    "military",
    "criminal_record",
    "housing",
    "finances",
]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]
Phrases: TypeAlias = tuple[Text, ...]

SLOT, GAP, ANY, NUMBER, START = "{}", "…", "_", "<number>", "^"
_WORD = r"[^\W_]+\*?"
_PIECE = re.compile(rf"{_WORD}(?:/{_WORD})*|{_WORD}(?:['’]{_WORD})+|_")
_STEM = re.compile(r"(?<![^\W_])[^\W_]{1,2}\*")
_NAME = re.compile(r"<([a-z ]+)>")
_ROOM = re.compile(r"\[[^\]]*\]|<[^>]*>|\S+")

PLACES = "places.yaml"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ground(_Frozen):
    """One ground. reason: why it is off limits; rephrase: what may be asked instead, as a sentence to be spoken.

    words: name the ground wherever they stand; ambiguous: only in a question to the candidate (the frames); asks:
    questions in words of their own; wants: what nobody may be judged by; unless: what merely sounds like it.
    """

    reason: Text
    rephrase: Text
    words: Phrases = ()
    ambiguous: Phrases = ()
    asks: Annotated[Phrases, Field(min_length=1)]
    wants: Phrases = ()
    unless: Phrases = ()


class OffLimits(_Frozen):
    """What is off limits in one language. me: words by which somebody speaks of themselves; frames: questions to the
    candidate, with a slot for a ground's word; lists: alternatives by name; unless: what is no question on any ground.
    """

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    me: Annotated[Phrases, Field(min_length=1)]
    frames: Annotated[Phrases, Field(min_length=1)]
    lists: dict[str, Phrases] = {}
    unless: Phrases = ()
    grounds: dict[GroundName, Ground]


def grounds_languages(root: Traversable | None = None) -> tuple[str, ...]:
    """Return the languages whose off-limits ground is known, in order."""
    names = [file.name for file in _folder(root).iterdir() if file.name.endswith(".yaml") and file.name != PLACES]
    return tuple(sorted(name.removesuffix(".yaml") for name in names))


def load_off_limits(language: str, root: Traversable | None = None) -> OffLimits:
    """Load what is off limits in a language; raises `NotFound` for one without a file, `BadFile` for a faulty one."""
    known = grounds_languages(root)
    if language not in known:
        raise NotFound("off-limits ground in language", language, known)
    document = read_yaml(_folder(root) / f"{language}.yaml")
    loaded = document.parse(OffLimits)
    if absent := [name for name in get_args(GroundName) if name not in loaded.grounds]:
        raise document.bad(["grounds"], f"lacks {', '.join(absent)}")
    for place, phrase in _phrases(loaded):
        _check(document, place, phrase, loaded.lists)
    return loaded


@lru_cache(maxsize=1)
def forbidding_places() -> Mapping[str, frozenset[str]]:
    """Return the places (ISO 3166: `DE`, `US-CA`) that forbid a ground, for grounds that are free elsewhere."""
    data = read_yaml(_folder(None) / PLACES).data
    return {name: frozenset(places) for name, places in data.items()}


def _folder(root: Traversable | None) -> Traversable:
    return (root or package()) / "off_limits"


def _phrases(loaded: OffLimits) -> Iterable[tuple[Place, str]]:
    for key in ("me", "frames", "unless"):
        yield from (((key, at), phrase) for at, phrase in enumerate(getattr(loaded, key)))
    for name, phrases in loaded.lists.items():
        yield from ((("lists", name, at), phrase) for at, phrase in enumerate(phrases))
    for name, ground in loaded.grounds.items():
        for key in ("words", "ambiguous", "asks", "wants", "unless"):
            yield from ((("grounds", name, key, at), phrase) for at, phrase in enumerate(getattr(ground, key)))


def _check(document: Document, place: Place, phrase: str, lists: Mapping[str, Phrases]) -> None:
    """Refuse what could not be matched, or would match nearly everything."""
    if (place[0] == "frames") != (SLOT in phrase):
        raise document.bad(place, f"{SLOT} stands for a ground's word, in frames and nowhere else")
    for name in _NAME.findall(phrase):
        if f"<{name}>" != NUMBER and name not in lists:
            raise document.bad(place, f"there is no list {name!r}; known: {', '.join(sorted(lists)) or 'none'}")
    parts = _ROOM.findall(phrase.removesuffix("?").removeprefix(f"{START} "))
    if not parts or parts[0][0] == "[" or parts[0] in (GAP, ANY, SLOT):
        raise document.bad(place, "must begin with a word or a list")
    for part in parts:
        inner = part[1:-1] if part[0] == "[" else part
        plain = part in (GAP, ANY, SLOT) or part[0] == "<" or (inner[:1] == "<" and inner[-1:] == ">")
        if not plain and _PIECE.fullmatch(inner) is None:
            raise document.bad(place, f"{part!r} is no word, no words/with/strokes, no [optional] one and no <list>")
        if _STEM.search(inner):
            raise document.bad(place, f"{part!r}: write three letters or more before a *")

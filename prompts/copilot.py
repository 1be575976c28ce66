"""What the copilot writes to an interviewer, and by which words it knows what they ask, one file to a language."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from prompts.errors import NotFound
from prompts.files import package, read_yaml

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]
Phrases: TypeAlias = Annotated[tuple[Text, ...], Field(min_length=1)]
Wish: TypeAlias = Literal[
    "verdict", "open", "summary", "last", "number", "of_interviewer", "of_resume", "of_plan", "judged"
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sounds(_Frozen):
    """What a strong and a weak answer sound like."""

    strong: Text
    weak: Text


class Cards(_Frozen):
    """What cards say that the plan has no words for."""

    clarify: Text
    open_question: Text
    both_sides: Text


class Says(_Frozen):
    """What the copilot answers; what stands in braces is put in."""

    no_verdict: Text
    off_limits: Text
    nothing_said: Text
    unknown: Text
    unknown_with_resume: Text
    transcript: Text
    plan: Text
    resume: Text
    still_open: Text
    not_asked: Text
    all_covered: Text
    no_criteria: Text
    time_left: Text
    so_far: Text
    about: Text


class CopilotWords(_Frozen):
    """One language's words. sounds: by signal or kind of card; person: how whoever is interviewed is spoken of;

    turned: what is said of them as it would be said to them; asks: phrases as in `prompts/off_limits`; stop: words that
    tell nothing of what a question is about; numbers: words that are figures; states: of a criterion that is open.
    """

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    cards: Cards
    sounds: Mapping[str, Sounds]
    person: Phrases
    turned: Mapping[str, Text]
    lists: Mapping[str, Phrases]
    asks: Mapping[Wish, Phrases]
    stop: Annotated[str, Field(min_length=1)]
    numbers: Annotated[str, Field(min_length=1)]
    says: Says
    states: Mapping[str, Text]


def copilot_languages() -> tuple[str, ...]:
    """Return the languages that the copilot has words in, in order."""
    return tuple(sorted(file.name.removesuffix(".yaml") for file in _folder(None).iterdir()))


@lru_cache(maxsize=8)
def load_copilot(language: str, root: Traversable | None = None) -> CopilotWords:
    """Load a language's words; raises `NotFound` for one without a file, `BadFile` for a faulty one."""
    if root is None and language not in (known := copilot_languages()):
        raise NotFound("copilot's words in language", language, known)
    return read_yaml(_folder(root) / f"{language}.yaml").parse(CopilotWords)


def _folder(root: Traversable | None) -> Traversable:
    return (root or package()) / "copilot"

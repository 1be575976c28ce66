"""The plan of an interview: sections, questions, criteria. Parsed at the edge, frozen inside."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

MOST_TIMES_TOO_LONG = 5  # core questions beyond the plan's time are shortened alike; by more than this they are none


def _can_be_said(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("holds no word that could be said")
    return text


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Spoken = Annotated[Text, AfterValidator(_can_be_said)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class Patience(StrEnum):
    """How long a silence may last before the turn is taken: a yes/no needs none, a design question seconds."""

    BRIEF = "brief"
    NORMAL = "normal"
    LONG = "long"


class Priority(StrEnum):
    """`OPTIONAL` questions are the first to go when time runs short."""

    CORE = "core"
    OPTIONAL = "optional"


class Signal(StrEnum):
    """What an answer can hold; what is missing is what a follow-up asks for."""

    SITUATION = "situation"
    OWN_PART = "own_part"
    ACTION = "action"
    RESULT = "result"
    NUMBER = "number"
    TRADE_OFF = "trade_off"
    LESSON = "lesson"


class Criterion(_Frozen):
    """What is judged, with observable behaviour for each level 1-5 (may be empty: then only coverage is reported).

    required: whoever does not reach `min_level` is not recommended.
    """

    id: Key
    name: Text
    description: str = ""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    required: bool = False
    min_level: Annotated[int, Field(ge=1, le=5)] | None = None
    anchors: dict[int, str] = Field(default_factory=dict)


class Question(_Frozen):
    """One question, how to follow it up and how patient to be with its answer.

    probes: a follow-up for each thing an answer may lack, asked at most `max_followups` times.
    anchors: what answers to this very question sound like on each level 1-5, where its criteria span several questions.
    terms: names and words the recogniser should expect in the answer.
    """

    id: Key
    text: Spoken
    rephrase: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    criteria: tuple[Key, ...] = ()
    expects: tuple[Signal, ...] = (Signal.SITUATION, Signal.OWN_PART, Signal.ACTION, Signal.RESULT)
    probes: dict[Signal, Spoken] = Field(default_factory=dict)
    max_followups: Annotated[int, Field(ge=0, le=2)] = 2
    patience: Patience = Patience.NORMAL
    priority: Priority = Priority.CORE
    minutes: Annotated[float, Field(gt=0, le=60)] = 3.0
    anchors: dict[int, str] = Field(default_factory=dict)
    terms: tuple[str, ...] = ()


class Section(_Frozen):
    """Questions that belong together."""

    id: Key
    name: Text
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=40)]


class Plan(_Frozen):
    """A whole interview. Question ids are unique; every criterion a question names exists; the time is not absurd."""

    title: Text
    minutes: Annotated[float, Field(gt=0, le=240)] = 30.0
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    criteria: tuple[Criterion, ...] = ()
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=20)]
    facts: tuple[str, ...] = ()  # what may be told to a candidate who asks about the job or the company

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        questions, seen = self.questions, set[str]()
        for question in questions:
            if question.id in seen:
                raise ValueError(f"question id {question.id!r} is used more than once; give each question its own id")
            seen.add(question.id)
        known = {criterion.id for criterion in self.criteria}
        for question in questions:
            for criterion in question.criteria:
                if criterion not in known:
                    raise ValueError(
                        f"question {question.id!r} names criterion {criterion!r}, which the plan does not define; "
                        f"known: {', '.join(sorted(known)) or 'none'}"
                    )
        core = sum(question.minutes for question in questions if question.priority is Priority.CORE)
        if core > self.minutes * MOST_TIMES_TOO_LONG:
            raise ValueError(
                f"the core questions are planned to take {core:g} minutes, the whole interview {self.minutes:g}; "
                "give it more minutes, or make questions optional or shorter"
            )
        return self


def faults(error: ValidationError) -> list[tuple[str, str]]:
    """Return what is wrong with a plan, for the person who wrote it: where ("sections.0.name"), and in plain words."""
    found = error.errors(include_url=False, include_input=False)
    return [
        (".".join(str(part) for part in item["loc"]), _in_words(item))
        for item in found
        if not (item["type"] == "too_short" and _holds_a_fault(item["loc"], found))  # short of what is told already
    ]


def _holds_a_fault(place: tuple[int | str, ...], found: Sequence[Mapping[str, Any]]) -> bool:
    return any(len(item["loc"]) > len(place) and item["loc"][: len(place)] == place for item in found)


def _in_words(item: Mapping[str, Any]) -> str:
    words = _WORDS.get(item["type"])
    said: str = item["msg"]
    return words(item.get("ctx") or {}) if words else said.removeprefix("Value error, ")


def _pattern(facts: Mapping[str, Any]) -> str:
    if "{2}" in facts["pattern"]:
        return "must be a language's two letters, like en"
    return "must be 1 to 64 small letters, digits, dots, dashes or underscores, a letter or digit first"


def _always(words: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda facts: words


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": _always("is missing"),
    "extra_forbidden": _always("a plan has no such field; is it misspelt?"),
    "string_too_short": _always("must not be empty"),
    "string_too_long": lambda facts: f"may have at most {facts['max_length']} characters",
    "string_pattern_mismatch": _pattern,
    "too_short": lambda facts: f"must have at least {facts['min_length']} of them",
    "too_long": lambda facts: f"may have at most {facts['max_length']} of them",
    "greater_than": lambda facts: f"must be more than {facts['gt']:g}",
    "greater_than_equal": lambda facts: f"must be at least {facts['ge']:g}",
    "less_than_equal": lambda facts: f"must be at most {facts['le']:g}",
    "enum": lambda facts: f"must be {facts['expected']}",
    "string_type": _always("must be text"),
    **dict.fromkeys(("float_type", "float_parsing"), _always("must be a number")),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _always("must be a whole number")),
    **dict.fromkeys(("tuple_type", "list_type"), _always("must be a list")),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _always("must have named fields")),
}

"""The plan of an interview: sections, questions, criteria. Parsed at the edge, frozen inside."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Text = Annotated[str, Field(min_length=1, max_length=2000)]
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
    """What is judged, with observable behaviour for each level 1-5 (may be empty: then only coverage is reported)."""

    id: Key
    name: Text
    description: str = ""
    weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    anchors: dict[int, str] = Field(default_factory=dict)


class Question(_Frozen):
    """One question, how to follow it up and how patient to be with its answer.

    probes: a follow-up for each thing an answer may lack, asked at most `max_followups` times.
    terms: names and words the recogniser should expect in the answer.
    """

    id: Key
    text: Text
    rephrase: str = ""
    criteria: tuple[Key, ...] = ()
    expects: tuple[Signal, ...] = (Signal.SITUATION, Signal.OWN_PART, Signal.ACTION, Signal.RESULT)
    probes: dict[Signal, str] = Field(default_factory=dict)
    max_followups: Annotated[int, Field(ge=0, le=2)] = 2
    patience: Patience = Patience.NORMAL
    priority: Priority = Priority.CORE
    minutes: Annotated[float, Field(gt=0, le=60)] = 3.0
    terms: tuple[str, ...] = ()


class Section(_Frozen):
    """Questions that belong together."""

    id: Key
    name: Text
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=40)]


class Plan(_Frozen):
    """A whole interview. Question ids are unique; every criterion a question names exists."""

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
        ids = [question.id for question in self.questions]
        for question_id in ids:
            if ids.count(question_id) > 1:
                raise ValueError(f"question id {question_id!r} is used more than once; give each question its own id")
        known = {criterion.id for criterion in self.criteria}
        for question in self.questions:
            for criterion in question.criteria:
                if criterion not in known:
                    raise ValueError(
                        f"question {question.id!r} names criterion {criterion!r}, which the plan does not define; "
                        f"known: {', '.join(sorted(known)) or 'none'}"
                    )
        return self

"""What style, tone and seniority make of an interview that is put together from the bank: data, and its loader."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from prompts.files import package, read_yaml
from prompts.questions import Anchors, BankQuestion, Key, Probes, Text

Depth: TypeAlias = Literal["shallow", "mixed", "deep", "practical"]
Spot: TypeAlias = Annotated[str, Field(pattern=r"\{words\}", max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StyleQuestion(BankQuestion):
    """A question of a style itself. skill: that of the bank it is judged with."""

    skill: str


class PlainQuestion(_Frozen):
    """A question that is asked and not judged."""

    id: Key
    text: Text
    rephrase: Text


class StyleShape(_Frozen):
    """What a style makes of the choice. about: what it is about, within a sentence; `shapes.yaml` says the rest."""

    about: Text
    first: tuple[str, ...] = ()
    own_share: Annotated[int, Field(ge=0, le=4)] = 1
    per_skill: Annotated[int, Field(ge=1, le=4)] = 1
    depth: Depth = "mixed"
    max_followups: Annotated[int, Field(ge=0, le=2)] = 2
    minutes: Annotated[float, Field(gt=0, le=60)] | None = None
    asks: tuple[StyleQuestion, ...] = ()
    plain: tuple[PlainQuestion, ...] = ()


class ToneShape(_Frozen):
    """How things are put. prefers: which of a question's two wordings is asked."""

    prefers: Literal["text", "shorter"]
    rapport: Text
    closing: Text
    resume: Spot
    resume_rephrase: Spot


class SeniorityShape(_Frozen):
    """What a level of seniority asks for. general: skills asked about when a text names too few."""

    general: Annotated[tuple[str, ...], Field(min_length=2)]
    depth: Depth
    patience: Annotated[int, Field(ge=0, le=1)]


class ResumeShape(_Frozen):
    """How a question about something in a résumé is followed up; its wording is the tone's."""

    measures: Spot
    probes: Probes


class ProcessShape(_Frozen):
    """How questions about a written process are worded and judged. known: what an answer is to hold, at level 3."""

    skill: Key
    name: Text
    topic: Text
    about: Text
    anchors: Anchors
    heading: Spot
    heading_rephrase: Spot
    statement: Spot
    statement_rephrase: Spot
    measures: Spot
    known: Spot
    probes: Probes


class Shapes(_Frozen):
    """Everything that shapes an interview of the bank.

    usual: where no seniority is known; further: skills asked about where the general ones leave time.
    """

    styles: Mapping[str, StyleShape]
    tones: Mapping[str, ToneShape]
    seniorities: Mapping[str, SeniorityShape]
    usual: SeniorityShape
    further: tuple[str, ...]
    resume: ResumeShape
    process: ProcessShape


def load_shapes(root: Traversable | None = None) -> Shapes:
    """Load the shapes; raises `BadFile` naming file, line and what to do."""
    return read_yaml((root or package()) / "shapes.yaml").parse(Shapes)

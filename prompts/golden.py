"""Golden interviews: transcripts we wrote, with the levels a careful person gives them, to measure raters by.

A role is a folder with a plan and one transcript for each of `STRENGTHS`. Times are not written: words take as long as
they do at `WORDS_A_MINUTE`, after a pause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from prompts.errors import NotFound
from prompts.files import Document, package, read_yaml
from prompts.questions import Bank, Key
from prompts.ready import load_plan

STRENGTHS = ("strong", "middling", "weak")
WORDS_A_MINUTE = 150
PAUSE_S = 0.6  # before a turn that names none

Level: TypeAlias = Literal[1, 2, 3, 4, 5, "insufficient_evidence", "not_asked"]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=8000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExpectedQuote(_Frozen):
    """Words that a careful reader would quote. turn: from 0, one of the candidate's."""

    turn: Annotated[int, Field(ge=0)]
    quote: Text


class Expected(_Frozen):
    """What a careful reader says of one criterion, and why."""

    criterion: Key
    level: Level
    why: Text
    evidence: tuple[ExpectedQuote, ...] = ()


class _Candidate(_Frozen):
    name: Text
    gender: Literal["female", "male", "none"]


class _Turn(_Frozen):
    role: Literal["bot", "candidate"]
    text: Text
    question: Key | None = None
    pause: Annotated[float, Field(ge=0, le=60)] = PAUSE_S
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class _Transcript(_Frozen):
    role: Key
    level: Literal["strong", "middling", "weak"]
    candidate: _Candidate
    holds: tuple[Text, ...] = ()
    turns: Annotated[tuple[_Turn, ...], Field(min_length=1)]
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden interview. strength: one of `STRENGTHS`; turns: the data of `turn.final` events."""

    role: str
    strength: str
    candidate: str
    gender: str
    holds: tuple[str, ...]
    plan: dict[str, Any]
    turns: tuple[dict[str, Any], ...]
    expected: tuple[Expected, ...]


def golden_roles(root: Traversable | None = None) -> tuple[str, ...]:
    """Return the roles there are golden interviews of."""
    folder = (root or package()) / "golden"
    return tuple(sorted(each.name for each in folder.iterdir() if each.is_dir()))


def load_golden(role: str, *, bank: Bank | None = None, root: Traversable | None = None) -> tuple[Golden, ...]:
    """Return a role's interviews, strongest first; raise `NotFound`, or `BadFile` naming file, line and what to do."""
    if role not in (known := golden_roles(root)):
        raise NotFound("golden role", role, known)
    folder = (root or package()) / "golden" / role
    plan = load_plan(Path(str(folder / "plan.yaml")), bank=bank)
    return tuple(_golden(read_yaml(folder / f"{strength}.yaml"), role, strength, plan) for strength in STRENGTHS)


def _golden(document: Document, role: str, strength: str, plan: Mapping[str, Any]) -> Golden:
    told = document.parse(_Transcript)
    for key, wanted, found in (("role", role, told.role), ("level", strength, told.level)):
        if found != wanted:
            raise document.bad([key], f"must be {wanted!r}, as the file is named")
    _check_turns(document, told, plan)
    _check_expected(document, told, plan)
    turns = tuple(_timed(told.turns))
    return Golden(
        role, strength, told.candidate.name, told.candidate.gender, told.holds, dict(plan), turns, told.expected
    )


def _check_turns(document: Document, told: _Transcript, plan: Mapping[str, Any]) -> None:
    questions = {question["id"] for section in plan["sections"] for question in section["questions"]}
    for index, turn in enumerate(told.turns):
        if turn.question is not None and turn.question not in questions:
            raise document.bad(["turns", index, "question"], f"the plan has no question {turn.question!r}")


def _check_expected(document: Document, told: _Transcript, plan: Mapping[str, Any]) -> None:
    criteria = [criterion["id"] for criterion in plan["criteria"]]
    named = [one.criterion for one in told.expected]
    if sorted(named) != sorted(criteria):
        odd = ", ".join(sorted(set(named) ^ set(criteria))) or "one that stands twice"
        raise document.bad(["expected"], f"must name each criterion of the plan once; look at: {odd}")
    for index, one in enumerate(told.expected):
        for number, quoted in enumerate(one.evidence):
            place: tuple[str | int, ...] = ("expected", index, "evidence", number)
            if quoted.turn >= len(told.turns) or told.turns[quoted.turn].role != "candidate":
                raise document.bad([*place, "turn"], f"turn {quoted.turn} is none of the candidate's")
            if quoted.quote not in told.turns[quoted.turn].text:
                raise document.bad([*place, "quote"], f"turn {quoted.turn} does not hold these words")


def _timed(turns: tuple[_Turn, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at_ms = 0
    for seq, turn in enumerate(turns, 1):
        start = at_ms + round(1000 * turn.pause)
        at_ms = start + round(60_000 * len(turn.text.split()) / WORDS_A_MINUTE)
        found.append(
            {
                "seq": seq,
                "role": turn.role,
                "text": turn.text,
                "start_ms": start,
                "end_ms": at_ms,
                "question_id": turn.question,
                "confidence": turn.confidence,
            }
        )
    return found

"""Phase 2 behind one seam: what an engine reads of an interview, and the engine that needs no model."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from api.evaluation import evaluator
from api.evaluation.evaluator import Assessment
from api.evaluation.rubric import Rubric
from api.evaluation.transcript import Turn
from bot.plan import Plan


class EngineName(StrEnum):
    """Who gives the levels: rules that a reader can check, or a model that reads verified quotes."""

    STRUCTURED = "structured"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Case:
    """Everything an engine reads of one interview. qa: that of phase 1; names: of people, to be masked."""

    plan: Plan
    rubric: Rubric
    turns: Sequence[Turn]
    qa: Sequence[Mapping[str, Any]]
    product: str = "interview"
    names: tuple[str, ...] = ()


class Engine(Protocol):
    """Gives levels on quoted evidence."""

    name: EngineName
    version: str

    async def assess(self, case: Case) -> Assessment:
        """Return levels, the overall figure and what they add up to; never fails on what somebody said."""
        ...


class StructuredEngine:
    """The rules of `evaluator.py`: the same case gives the same result."""

    name = EngineName.STRUCTURED
    version = evaluator.VERSION

    async def assess(self, case: Case) -> Assessment:
        """Return what the rules find."""
        return await asyncio.to_thread(evaluator.assess, case.plan, case.rubric, case.turns, case.qa, case.product)

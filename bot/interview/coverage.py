"""The coverage ledger: how far the answers so far speak for each criterion of the plan."""

from dataclasses import dataclass
from enum import StrEnum

from bot.interview.cursor import Cursor, Progress
from bot.interview.followups import SUFFICIENT, share
from bot.plan import Plan


class State(StrEnum):
    """How far one criterion has come."""

    NOT_TOUCHED = "not_touched"
    ASKED = "asked"
    THIN = "thin"
    SUFFICIENT = "sufficient"


@dataclass(frozen=True, slots=True)
class Covered:
    """Where one criterion stands. turns: the numbers of the candidate's turns that speak to it."""

    criterion_id: str
    name: str
    state: State
    turns: tuple[int, ...] = ()


def ledger(plan: Plan, cursor: Cursor) -> tuple[Covered, ...]:
    """Return where each criterion stands, in the order of the plan.

    What was asked counts only with an answer to it; in whatever words it was asked.
    """
    found = []
    for criterion in plan.criteria:
        about = [progress for progress in cursor.all if criterion.id in progress.question.criteria]
        turns = tuple(sorted({turn for progress in about for turn in progress.turns}))
        found.append(Covered(criterion.id, criterion.name, _state(about, plan.language), turns))
    return tuple(found)


def _state(about: list[Progress], language: str) -> State:
    if any(progress.parts and share(progress, language) >= SUFFICIENT for progress in about):
        return State.SUFFICIENT
    if any(progress.parts for progress in about):
        return State.THIN
    return State.ASKED if any(progress.asked for progress in about) else State.NOT_TOUCHED

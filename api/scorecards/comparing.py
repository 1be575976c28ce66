"""The AI's levels beside those of people, and where they disagree."""

from collections.abc import Sequence
from typing import Any

from api.evaluation.tables import EvaluationRow
from api.scorecards.schemas import Agreement, Compared, Rating, ScorecardOut, Side, SideBySide

APART = 2  # levels from which on two raters disagree; one is what careful raters differ by


def beside(evaluation: EvaluationRow, cards: Sequence[ScorecardOut]) -> SideBySide:
    """Return an assessment with each interviewer's levels beside its own. cards: every version of them.

    Compared is what each gave first: a later version may have been written with the AI's levels in view.
    """
    result: dict[str, Any] = evaluation.result or {}
    first = {card.by: card for card in sorted(cards, key=lambda card: -card.version)}
    newest = {card.by: card for card in sorted(cards, key=lambda card: card.version)}
    return SideBySide(
        evaluation_id=evaluation.id,
        version=evaluation.version,
        overall=result.get("overall"),
        recommendation=result.get("recommendation"),
        criteria=[
            Compared(
                criterion_id=one["criterion_id"],
                name=one["name"],
                level=one["level"],
                status=one["status"],
                people=[
                    side
                    for by in sorted(first)
                    if (side := _side(one["criterion_id"], one["level"], first[by], newest[by])) is not None
                ],
            )
            for one in result.get("criteria", ())
        ],
    )


def agreement(one: int | None, other: int | None) -> Agreement:
    """Tell how two levels go together; None: there is none."""
    if one is None or other is None:
        return Agreement.NONE if one is other else Agreement.ONE_SIDED
    gap = abs(one - other)
    return Agreement.SAME if gap == 0 else Agreement.NEAR if gap < APART else Agreement.APART


def _side(criterion_id: str, level: int | None, first: ScorecardOut, newest: ScorecardOut) -> Side | None:
    given, now = _rating(first, criterion_id), _rating(newest, criterion_id)
    if given is None:  # the plan had another rubric when it was rated
        return None
    return Side(
        by=first.by,
        name=first.name,
        level=given.level,
        amended=now.level if now is not None and now.level != given.level else None,
        note=(now or given).note,
        agreement=agreement(level, given.level),
    )


def _rating(card: ScorecardOut, criterion_id: str) -> Rating | None:
    return next((one for one in card.ratings if one.criterion_id == criterion_id), None)

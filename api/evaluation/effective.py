"""What an evaluation comes to with the levels people put in place of its own, by the rule of `scoring.py`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.evaluation import scoring
from api.evaluation.schemas import Effective, EvaluationOut, OverrideOut, override
from api.evaluation.scoring import Scored
from api.evaluation.tables import OverrideRow
from api.evaluation.telling import GOOD, POOR


def newest(overrides: Iterable[OverrideOut]) -> dict[str, OverrideOut]:
    """Return the override that counts of each criterion."""
    return {one.criterion_id: one for one in sorted(overrides, key=lambda one: one.number)}


def level_of(result: Mapping[str, Any], criterion_id: str, overrides: Iterable[OverrideOut]) -> int | None:
    """Return the level a criterion has; raise `LookupError` where there is no such criterion."""
    if (said := newest(overrides).get(criterion_id)) is not None:
        return said.level
    level: int | None = {one["criterion_id"]: one["level"] for one in result["criteria"]}[criterion_id]
    return level


def effective(result: Mapping[str, Any], overrides: Sequence[OverrideOut]) -> Effective:
    """Return the figures of an assessment with overrides applied; without any they are its own.

    What recommends nobody (coaching) still recommends nobody.
    """
    scored = [
        Scored(
            one["criterion_id"],
            one["weight"],
            level_of(result, one["criterion_id"], overrides),
            one["required"],
            one["min_level"],
        )
        for one in result["criteria"]
    ]
    figure = scoring.overall(scored, result["least_scored_weight"])
    verdict, capped_by = scoring.recommendation(figure.value, scored)
    silent = result["recommendation"] is None
    return Effective(
        levels={one.criterion_id: one.level for one in scored},
        overall=figure.value,
        scored_weight=figure.scored_weight,
        effective_weights=figure.weights,
        recommendation=None if silent else verdict.value,
        capped_by=[] if silent else capped_by,
        strengths=[one.criterion_id for one in scored if one.level is not None and one.level >= GOOD],
        concerns=[one.criterion_id for one in scored if one.level is not None and one.level <= POOR],
    )


def with_overrides(evaluation: EvaluationOut, rows: Iterable[OverrideRow]) -> EvaluationOut:
    """Return a version with what people put in place of its levels. rows: of any version; its own are taken."""
    result = evaluation.result
    if result is None or "criteria" not in result:
        return evaluation
    overrides = [
        override(row).model_copy(update={"carried_over": row.at < evaluation.created_at})
        for row in rows
        if row.evaluation_id == evaluation.id
    ]
    said = newest(overrides)
    criteria = [
        one | {"human_override": said[id_].model_dump(mode="json") if (id_ := one["criterion_id"]) in said else None}
        for one in result["criteria"]
    ]
    shown = {"result": result | {"criteria": criteria}, "overrides": overrides}
    return evaluation.model_copy(update=shown | {"effective": effective(result, overrides)})

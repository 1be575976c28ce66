"""What an assessment comes to with people's levels in place of the engine's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.evaluation.effective import effective, level_of
from api.evaluation.schemas import OverrideOut


def criterion(id_: str, level: int | None, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"criterion_id": id_, "level": level, "weight": weight, "required": False, "min_level": 3} | more


def result(*criteria: dict[str, Any], recommendation: str | None = "yes") -> dict[str, Any]:
    return {"criteria": list(criteria), "least_scored_weight": 0.6, "recommendation": recommendation}


def said(number: int, criterion_id: str, level: int | None) -> OverrideOut:
    return OverrideOut(
        id=f"ovr_{number}",
        number=number,
        criterion_id=criterion_id,
        level_before=None,
        level=level,
        reason="Because it was so.",
        by="ann",
        at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_the_newest_override_of_a_criterion_counts_and_others_keep_their_level() -> None:
    rated = result(criterion("a", 5, weight=3), criterion("b", 3))
    assert effective(rated, []).overall == 87.5
    found = effective(rated, [said(2, "a", 3), said(1, "a", 1)])
    assert (found.levels, found.overall, found.recommendation) == ({"a": 3, "b": 3}, 50.0, "mixed")
    assert (effective(rated, []).strengths, found.strengths, found.concerns) == (["a"], [], [])
    assert effective(rated, [said(1, "a", 1)]).concerns == ["a"]
    assert level_of(rated, "b", [said(1, "a", 1)]) == 3
    with pytest.raises(LookupError):
        level_of(rated, "c", [])


def test_what_the_engine_could_not_judge_counts_once_a_person_has() -> None:
    rated = result(criterion("a", 4), criterion("b", None), recommendation="insufficient_evidence")
    assert effective(rated, []).recommendation == "insufficient_evidence"
    found = effective(rated, [said(1, "b", 4)])
    assert (found.overall, found.scored_weight, found.recommendation) == (75.0, 1.0, "yes")


def test_required_criteria_cap_and_withhold_as_they_do_for_the_engine() -> None:
    rated = result(criterion("a", 5, weight=4), criterion("b", 5, required=True, min_level=4))
    capped = effective(rated, [said(1, "b", 3)])
    assert (capped.recommendation, capped.capped_by) == ("mixed", ["b"])
    assert effective(rated, [said(1, "b", None)]).recommendation == "insufficient_evidence"


def test_coaching_recommends_nobody_with_overrides_either() -> None:
    found = effective(result(criterion("a", 2), recommendation=None), [said(1, "a", 5)])
    assert (found.overall, found.recommendation, found.capped_by) == (100.0, None, [])

"""The AI's level beside a person's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.evaluation.tables import EvaluationRow
from api.scorecards.comparing import agreement, beside
from api.scorecards.schemas import ScorecardOut

AT = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (3, 3, "same"),
        (3, 4, "near"),
        (5, 3, "apart"),
        (None, 2, "one_sided"),
        (4, None, "one_sided"),
        (None, None, "none"),
    ],
)
def test_two_levels_agree_are_near_or_apart(one: int | None, other: int | None, how: str) -> None:
    assert agreement(one, other) == how == agreement(other, one)


def card(by: str, version: int, **levels: int | None) -> ScorecardOut:
    ratings = [{"criterion_id": id_, "level": level, "note": f"{by} {version}"} for id_, level in levels.items()]
    told: dict[str, Any] = {"id": f"{by}{version}", "interview_id": "int_1", "attempt_id": "att_1", "by": by}
    told |= {"name": by.title(), "version": version, "overall": "yes", "ratings": ratings, "note": None}
    return ScorecardOut.model_validate(told | {"reason": None, "blind": version == 1, "at": AT})


def test_what_is_compared_is_what_each_gave_first_and_what_they_amended_stands_beside_it() -> None:
    criteria = [
        {"criterion_id": "care", "name": "Care", "level": 4, "status": "scored"},
        {"criterion_id": "new", "name": "New", "level": None, "status": "not_asked"},
    ]
    row = EvaluationRow(id="evl_1", version=2, result={"overall": 75.0, "recommendation": "yes", "criteria": criteria})
    cards = [card("ines", 2, care=4), card("omar", 1, care=5, new=3), card("ines", 1, care=2)]
    care, new = beside(row, cards).criteria
    assert [(one.name, one.level, one.amended, one.agreement) for one in care.people] == [
        ("Ines", 2, 4, "apart"),
        ("Omar", 5, None, "near"),
    ]
    assert care.people[0].note == "ines 2"
    assert [(one.name, one.agreement) for one in new.people] == [("Omar", "one_sided")], "Ines had no such criterion"

"""Maya's tables: every status has a word, every word finds its statuses; minutes add up; only what was scored shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.dialects.maya.plans import whole_minutes
from api.dialects.maya.views import scores
from api.dialects.maya.words import RECOMMENDATIONS, STATES, State, statuses
from api.evaluation.scoring import Recommendation
from api.interviews.states import Status
from prompts import load_bank


def test_every_status_has_a_word_and_is_found_by_it() -> None:
    assert STATES.keys() == set(Status)
    for status, state in STATES.items():
        assert status in statuses(state)


@pytest.mark.parametrize("state", State)
def test_every_word_finds_something(state: State) -> None:
    assert statuses(state)


def test_one_word_stands_for_several_statuses_and_the_other_way_round() -> None:
    assert statuses(State.CANCELLED) == (Status.CANCELLED, Status.FAILED, Status.NO_SHOW, Status.EXPIRED)
    assert statuses(State.SCHEDULED) == (Status.SCHEDULED, Status.JOINING)
    assert statuses(State.VALIDATING_SKILLS) == statuses(State.GENERATING_PLAN) == (Status.PLANNING,)


def test_every_recommendation_has_a_word_or_none() -> None:
    assert RECOMMENDATIONS.keys() == {*(one.value for one in Recommendation), None}


@given(minutes=st.floats(0.1, 240), weights=st.lists(st.floats(0.1, 2400), min_size=1, max_size=20))
def test_whole_minutes_add_up(minutes: float, weights: list[float]) -> None:
    parts = whole_minutes(minutes, weights)
    assert sum(parts) == max(round(minutes), len(weights))
    assert min(parts) >= 1 and len(parts) == len(weights)


@pytest.mark.parametrize(
    ("minutes", "weights", "parts"),
    [
        (60, [40, 15, 5], [40, 15, 5]),
        (37, [8, 8, 8, 8], [10, 9, 9, 9]),
        (10, [100, 1, 1], [8, 1, 1]),
        (2, [3, 3, 3], [1, 1, 1]),
    ],
)
def test_minutes_are_shared_out_by_weight(minutes: float, weights: list[float], parts: list[int]) -> None:
    assert whole_minutes(minutes, weights) == parts


def test_scores_are_grouped_by_the_banks_categories_and_leave_out_what_was_not_scored() -> None:
    levels = {
        "python-backend.slow-endpoint": 4,
        "system-design": 5,
        "communication": 3,
        "own": 2,
        "a-b": 1,
        "a.b": 2,
        "teamwork": None,
    }
    criteria = [{"criterion_id": id_, "level": level} for id_, level in levels.items()]
    assert scores(criteria, load_bank()) == {
        "technical": {"python_backend_slow_endpoint": 4, "system_design": 5},
        "behavioural": {"communication": 3},
        "other": {"own": 2, "a_b": 1, "a.b": 2},
    }

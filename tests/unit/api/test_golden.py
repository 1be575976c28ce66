"""The golden interviews, and how far the rules' levels are from those of careful people."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from api.bench.golden import LEAST_KAPPA, TUNED_ON, figures, measured
from api.bench.golden.changes import injected, padded, swapped
from api.bench.golden.figures import Pair
from api.evaluation.engines import StructuredEngine
from prompts import golden_roles, load_bank, load_golden

BANK = load_bank()


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    interviews = [one for role in golden_roles() for one in load_golden(role, bank=BANK)]
    return asyncio.run(measured(StructuredEngine(), interviews, BANK, changes={}))[0]


def test_the_rules_agree_with_careful_people_order_every_role_and_abstain_honestly(told: dict[str, Any]) -> None:
    assert told["kappa"] >= 0.75 > LEAST_KAPPA and told["mae"] <= 0.6
    assert told["ordered"] == len(told["roles"]) == 8
    for role, means in told["roles"].items():
        assert all(one - other >= 0.5 for one, other in pairwise(means)), (role, means)
    assert told["verified_evidence"] == 1
    assert told["abstention"] >= 0.95 and told["abstentions"]["expected"] > 10
    assert told["kappa_tuned_on"] == told["kappa"] and set(told["roles"]) == TUNED_ON


def test_names_genders_padding_and_orders_to_the_rater_move_no_level() -> None:
    interviews = load_golden("data-analyst", bank=BANK)[1:]
    told, _ = asyncio.run(measured(StructuredEngine(), interviews, BANK))
    assert told["name_swap_delta"] == 0 and told["injection_delta"] == 0
    assert told["verbosity_delta"] <= 0.1


def test_a_change_changes_what_it_says_and_nothing_else() -> None:
    one = load_golden("account-executive", bank=BANK)[0]
    other = swapped(one)
    assert one.candidate not in str(other.turns) and "Maria" not in str(other.turns)
    assert [turn["seq"] for turn in other.turns] == [turn["seq"] for turn in one.turns]
    for change in (padded, injected):
        pairs = list(zip(one.turns, change(one).turns, strict=True))
        assert all(before == after for before, after in pairs if before["role"] == "bot")
        assert any(len(after["text"]) > len(before["text"]) for before, after in pairs)


def test_kappa_is_one_for_agreement_nought_for_chance_and_heavier_the_further_apart() -> None:
    def of(*given: int | None) -> list[Pair]:
        return [Pair("r", "strong", expected, level) for expected, level in enumerate(given, 1)]

    assert figures.kappa(of(1, 2, 3, 4, 5)) == 1
    assert figures.kappa(of(5, 4, 3, 2, 1)) == -1
    near, far = figures.kappa(of(1, 2, 3, 5, 4)), figures.kappa(of(5, 2, 3, 4, 1))
    assert near is not None and far is not None and far < near < 1
    assert figures.kappa(of(3, 3, 3, 3, 3)) == 0 and figures.kappa([]) is None
    assert figures.mae(of(1, 2, None, 4, 3)) == 0.5
    assert figures.abstention(of(1, None))["needless"] == 1
    assert figures.moved([{"a": 3, "b": None}], [{"a": 5, "b": 1}]) == 1.5

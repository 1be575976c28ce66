"""The frame of the benchmarks, and what the call benchmark makes of its calls."""

import io
import json

import pytest
from rich.console import Console

from api.bench import BENCHES, BenchOptions, BenchResult, Row, as_json, bench, machine, percentile, table
from api.bench.call import QUESTIONS, plan_of


def test_every_benchmark_is_found_by_its_name_and_an_unknown_one_is_not() -> None:
    assert callable(bench("call").run)
    assert set(BENCHES) == {"api", "call", "fleet", "golden", "pages", "speech"}
    with pytest.raises(KeyError):
        bench("nonsense")


@pytest.mark.parametrize(("value", "ok"), [(600.0, True), (600.1, False), (None, False)])
def test_a_figure_holds_at_its_limit_and_not_beyond_and_not_when_it_is_missing(value: float | None, ok: bool) -> None:
    assert Row.at_most("response", value, 600, "ms", "how").ok is ok


def test_the_table_shows_value_target_method_and_what_missed() -> None:
    rows = (
        Row.at_most("response p50", 512.5, 600, "ms", "voice end to first sound"),
        Row.at_most("barge-in p50", 300, 250, "ms", "onset to silence"),
        Row("gaps", None, method="none could be measured"),
    )
    out = io.StringIO()
    Console(file=out, width=140, color_system=None).print(table(BenchResult("call", rows)))
    lines = out.getvalue().splitlines()
    good, bad, none = (next(line for line in lines if metric in line) for metric in ("response", "barge-in", "gaps"))
    assert "✓" in good and "512.5 ms" in good and "≤ 600" in good
    assert "voice end to first sound" in lines[lines.index(good) + 1]
    assert "✗" in bad and "300 ms" in bad
    assert "✓" not in none and "✗" not in none and "–" in none


def test_json_holds_the_machine_every_row_and_every_sample() -> None:
    result = BenchResult("call", (Row("a", 1, "ms", "≤ 2", True, "how"),), {"samples": [1, 2]})
    told = json.loads(as_json([result], machine()))
    assert told["machine"]["cores"] >= 1
    assert told["machine"]["python"].startswith("3.")
    assert told["results"][0]["rows"][0] == {
        "metric": "a", "value": 1, "unit": "ms", "target": "≤ 2", "ok": True, "method": "how",
    }  # fmt: skip
    assert told["results"][0]["details"]["samples"] == [1, 2]


def test_percentiles_lie_between_neighbours_and_nothing_has_none() -> None:
    assert percentile([1, 2, 3, 4], 50) == 2.5
    assert percentile([7], 95) == 7
    assert percentile([], 50) is None


def test_the_benchmarks_questions_have_no_follow_ups_and_time_for_all_of_them() -> None:
    plan = plan_of(len(QUESTIONS))
    assert len(plan.questions) == len(QUESTIONS)
    assert all(question.max_followups == 0 for question in plan.questions)
    assert plan.minutes > sum(question.minutes for question in plan.questions)


def test_options_have_quiet_defaults() -> None:
    options = BenchOptions()
    options.tell("nobody listens")
    assert options.clips is None
    assert not options.quick

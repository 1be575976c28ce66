"""What the benchmark of the control plane makes of its samples."""

import pytest

from api.bench import BenchOptions, Row
from api.bench.api import measure, two_replicas
from api.bench.api.figures import Received, compared, delivered, middle_ratio, rounds_as_json
from api.bench.api.load import Round, request
from api.bench.api.scale import Scale
from api.errors import BadSettings


def test_rates_are_compared_pair_by_pair_and_one_disturbed_round_does_not_count() -> None:
    plain = [Round(1.0, (1.0,) * 100), Round(1.0, (1.0,) * 200), Round(2.0, (1.0,) * 200)]
    ours = [Round(1.0, (2.0,) * 80), Round(1.0, (2.0,) * 20), Round(2.0, (2.0,) * 160)]
    found = compared(plain, ours)
    assert found.rate_ratio == pytest.approx(0.8)  # of 0.8, 0.1 and 0.8
    assert (found.plain_rate, found.our_rate) == (100, 80)
    assert (found.plain_p50, found.our_p50, found.p99_ratio) == (1.0, 2.0, 2.0)


def test_the_slow_end_is_that_of_every_request_of_all_rounds() -> None:
    slow = Round(1.0, (1.0,) * 98 + (31.0,) * 2)
    found = compared([Round(1.0, (1.0,) * 100)] * 2, [slow] * 2)
    assert (found.our_p50, found.our_p99, found.p99_ratio) == (1.0, 31.0, 31.0)


def test_sides_of_different_length_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared([Round(1.0, (1.0,))] * 2, [Round(1.0, (1.0,))])


def test_middle_times_are_set_against_each_other() -> None:
    found = middle_ratio([2.0, 4.0, 90.0], [1.0, 6.0, 7.0])
    assert (found.plain, found.ours, found.ratio) == (4.0, 6.0, 1.5)


@pytest.mark.parametrize(
    ("numbers", "lost", "twice", "disordered"),
    [
        ([0, 1, 2, 3], 0, 0, 0),
        ([0, 1, 3], 1, 0, 0),
        ([], 4, 0, 0),
        ([0, 1, 1, 2, 3], 0, 1, 0),
        ([0, 2, 1, 3], 0, 0, 1),
        ([0, 1, 2, 3, 0, 1], 0, 2, 1),
    ],
)
def test_what_is_missing_repeated_or_out_of_place_is_counted(
    numbers: list[int], lost: int, twice: int, disordered: int
) -> None:
    whole = Received([0, 1], [1.0, 2.0])
    found = delivered({"a": 4, "b": 2}, [("a", Received(numbers, [5.0] * len(numbers))), ("b", whole)])
    assert (found.expected, found.lost, found.twice, found.out_of_order) == (6, lost, twice, disordered)
    assert list(found.ages_ms) == [5.0] * len(numbers) + [1.0, 2.0]
    assert found.wrong == twice + disordered


def test_rounds_are_told_without_every_request() -> None:
    assert rounds_as_json([Round(2.0, (1.0, 3.0))]) == [{"requests": 2, "seconds": 2.0, "p50_ms": 2.0, "p99_ms": 2.98}]


@pytest.mark.parametrize(("value", "ok"), [(0.7, True), (0.69, False), (None, False)])
def test_a_figure_that_must_be_reached_holds_from_its_limit_on(value: float | None, ok: bool) -> None:
    row = Row.at_least("rate", value, 0.7, "", "how")
    assert (row.ok, row.target) == (ok, "≥ 0.7")


def test_a_request_is_whole_and_carries_its_token() -> None:
    text = request("/v1/interviews?limit=20", "abc").decode()
    assert text.startswith("GET /v1/interviews?limit=20 HTTP/1.1\r\nHost: ")
    assert "\r\nAuthorization: Bearer abc\r\n" in text
    assert text.endswith("\r\n\r\n")
    assert "Authorization" not in request("/health").decode()


async def test_one_of_database_and_redis_alone_is_refused() -> None:
    with pytest.raises(BadSettings, match="--database and --redis go together"):
        await measure(BenchOptions(redis="redis://localhost"), Scale())


async def test_replicas_without_a_database_of_their_own_are_said_to_be_left_out() -> None:
    rows, details = await two_replicas(BenchOptions(), "bench", Scale())
    assert [(row.metric, row.value, row.ok) for row in rows] == [("two replicas", "not measured", None)]
    assert details == {}

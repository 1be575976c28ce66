"""The benchmark of the control plane runs to its end on the real thing; how fast is not asked here."""

from pathlib import Path

from api.bench import BenchOptions, Row
from api.bench.api import measure
from api.bench.api.scale import Scale
from tests.running_postgres import Postgres
from tests.running_redis import running_redis

TINY = Scale(
    connections=2, rounds=2, round_s=0.1, many=120, few=20, times=2, calls=2, readers=8, events_per_s=20, live_s=0.5
)
READERS_EVENTS = 8 * 10


def found(rows: tuple[Row, ...], metric: str) -> Row:
    return next(row for row in rows if row.metric.startswith(metric))


def check_delivery(rows: tuple[Row, ...], name: str) -> None:
    lost = found(rows, f"{name}: events lost")
    assert (lost.value, lost.ok, lost.method) == (0, True, f"of {READERS_EVENTS}")
    assert found(rows, f"{name}: events twice").value == 0
    age = found(rows, f"{name}: age of an event at its reader p95")
    assert isinstance(age.value, float) and age.value > 0


async def test_one_control_plane_and_two_replicas_are_measured(tmp_path: Path, postgres: Postgres) -> None:
    told: list[str] = []
    with running_redis(tmp_path) as redis:
        options = BenchOptions(database=await postgres.with_tables(), redis=redis, tell=told.append)
        result = await measure(options, TINY)
    ratios = [row for row in result.rows if "÷ a plain handler's" in row.metric]
    assert [row.target for row in ratios] == ["≥ 0.7", "≤ 3"] * 2 + ["", ""]
    assert all(isinstance(row.value, float) and row.value > 0 for row in ratios)
    lists = [row for row in result.rows if row.metric.startswith("list of 120")]
    assert len(lists) == 13
    assert [row.target for row in lists] == ["≤ 1.5"] + [""] * 12
    assert "writing 120 interviews" in told
    for name in ("live", "two replicas"):
        check_delivery(result.rows, name)
    assert len(result.details["live_ages_ms"]) == len(result.details["replicas_ages_ms"]) == READERS_EVENTS

"""Benchmarks: the figures this project promises, each with how it was measured in one line.

A benchmark is a module here with `async def run(options: BenchOptions) -> BenchResult`, found by its name in `BENCHES`.
"""

import importlib
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

BENCHES: Mapping[str, str] = {
    "api": "reading beside a plain handler, long lists, live events at many readers, two replicas",
    "call": "response, barge-in, join time, three calls at once and cost, at the candidate's ear",
    "fleet": "starts, memory and cost of bots, a look at ten thousand of them, how many calls fit",
    "golden": "levels of each engine beside those of careful people, and what ought not to move them",
    "pages": "what is said → what is on the interviewer's screen; a page of 300 turns",
    "speech": "word error rate, invented words, interim and final text times, load of the recogniser",
}


def _tell_nobody(line: str) -> None:
    """Take progress that nobody wants to see."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What a benchmark may be told.

    clips: a folder with a manifest, for `speech`; database, redis: of two replicas, for `api`; quick: fewer samples;
    tell: gets lines of progress.
    """

    clips: Path | None = None
    database: str | None = None
    redis: str | None = None
    quick: bool = False
    tell: Callable[[str], None] = _tell_nobody


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. target: what is promised, as text ("≤ 600"); ok: whether it holds (None: nothing is promised)."""

    metric: str
    value: float | int | str | None
    unit: str = ""
    target: str = ""
    ok: bool | None = None
    method: str = ""

    @classmethod
    def at_most(cls, metric: str, value: float | None, limit: float, unit: str, method: str) -> "Row":
        """Make a row that holds while `value` is at most `limit`; a figure that could not be taken does not hold."""
        return cls(metric, value, unit, f"≤ {limit:g}", value is not None and value <= limit, method)

    @classmethod
    def at_least(cls, metric: str, value: float | None, limit: float, unit: str, method: str) -> "Row":
        """Make a row that holds while `value` is at least `limit`; a figure that could not be taken does not hold."""
        return cls(metric, value, unit, f"≥ {limit:g}", value is not None and value >= limit, method)


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What one benchmark found. details: every sample behind the figures, for the JSON."""

    name: str
    rows: tuple[Row, ...]
    details: dict[str, Any] = field(default_factory=dict)


class Bench(Protocol):
    """A benchmark's module."""

    async def run(self, options: BenchOptions) -> BenchResult:
        """Measure and return the figures."""
        ...


def bench(name: str) -> Bench:
    """Return the benchmark of that name; raise `KeyError` when there is none."""
    if name not in BENCHES:
        raise KeyError(name)
    return cast(Bench, importlib.import_module(f"api.bench.{name}"))


def percentile(samples: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` percent of the samples lie (linear between neighbours); None of nothing."""
    return round(float(np.percentile(np.asarray(samples, dtype=np.float64), share)), 1) if len(samples) else None


def machine() -> dict[str, Any]:
    """Return on what the figures were taken."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(result: BenchResult) -> Table:
    """Return the figures as a table, each with its method below its name."""
    grid = Table(title=f"bench {result.name}", title_justify="left", show_lines=False, pad_edge=False)
    for heading, justify in (("", "left"), ("figure", "left"), ("value", "right"), ("target", "right")):
        grid.add_column(heading, justify=cast(JustifyMethod, justify), overflow="fold")
    for row in result.rows:
        mark = {True: Text("✓", "green"), False: Text("✗", "red"), None: Text("")}[row.ok]
        value = "–" if row.value is None else f"{row.value:g}" if isinstance(row.value, int | float) else row.value
        figure = Text.assemble((row.metric, "bold"), (f"\n{row.method}" if row.method else "", "dim"))
        grid.add_row(mark, figure, f"{value} {row.unit}".strip(), row.target)
    return grid


def as_json(results: Sequence[BenchResult], on: dict[str, Any]) -> str:
    """Return every figure with its samples as JSON. on: what `machine` said."""
    return json.dumps({"machine": on, "results": [asdict(result) for result in results]}, indent=2, ensure_ascii=False)

"""`python -m tests.chaos`: run the scenarios, print a table, keep a report. Exits with 1 when anything was wrong."""

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.bench import machine, percentile
from orchestrator.logs import configure_logs
from tests.chaos import scenarios
from tests.chaos.blows import Blow
from tests.chaos.calls import word_error_rate
from tests.chaos.losing import machines
from tests.chaos.scenarios import Outcome
from tests.chaos.soak import soak

SCENARIOS = {**scenarios.SCENARIOS, "machines": machines, "soak": soak}


def main() -> None:
    """Run what was asked for."""
    options = _options()
    configure_logs("console", "error")  # the candidates'; the product's own logs are kept in files
    seed = options.seed if options.seed is not None else random.randrange(10**6)
    report: dict[str, Any] = {"seed": seed, "machine": machine(), "scenarios": {}}
    options.out.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    for name in options.only or SCENARIOS:
        folder = options.out / name
        folder.mkdir(exist_ok=True)
        console.print(f"{name} … (seed {seed})")
        began = time.monotonic()
        try:
            scenario = partial(soak, minutes=options.minutes) if name == "soak" else SCENARIOS[name]
            outcome = asyncio.run(scenario(folder.absolute(), random.Random(f"{seed} {name}"), options.kills))
        except Exception as error:  # noqa: BLE001 - one scenario must not keep the others from being run
            outcome = Outcome(faults=[repr(error)])
        report["scenarios"][name] = _told(outcome, time.monotonic() - began)
        (options.out / "chaos.json").write_text(json.dumps(report, indent=2))
    Console().print(_table(report))
    sys.exit(any(told["faults"] for told in report["scenarios"].values()))


def _told(outcome: Outcome, took_s: float) -> dict[str, Any]:
    faults = list(outcome.faults)
    for call in outcome.calls:
        faults += [f"{call.held.interview_id}: {fault} (after {_blows(call.blows)})" for fault in call.faults()]
    waits = [pair for call in outcome.calls for pair in call.waits()]
    killed = [wait for blow, wait in waits if blow.how == "SIGKILL"]
    told: dict[str, Any] = {
        "calls": len(outcome.calls),
        "took_s": round(took_s, 1),
        "blows": [asdict(blow) for call in outcome.calls for blow in call.blows],
        "back_s": [round(wait, 2) for wait in killed],
        "stopped_back_s": [round(wait, 2) for blow, wait in waits if blow.how == "SIGSTOP"],
        "back_by_phase": _by_phase(waits),
        "skipped": outcome.skipped,
        "figures": word_error_rate(outcome.calls) | outcome.figures,
        "faults": faults,
    }
    if killed:
        told["back_p50_s"], told["back_p95_s"] = (percentile(killed, share) for share in (50, 95))
    return told


def _by_phase(waits: list[tuple[Blow, float]]) -> dict[str, dict[str, float | None]]:
    """How long those that were killed stayed away, by what they were doing."""
    phases: dict[str, list[float]] = {}
    for blow, wait in waits:
        if blow.how == "SIGKILL" and blow.during:
            phases.setdefault(blow.during, []).append(wait)
    return {
        phase: {
            "n": len(found),
            "p50": percentile(found, 50),
            "p95": percentile(found, 95),
            "worst": round(max(found), 2),
        }
        for phase, found in phases.items()
    }


def _blows(blows: list[Blow]) -> str:
    return ", ".join(f"{blow.how} of the {blow.part} while {blow.during or 'it ran'}" for blow in blows) or "no blow"


def _table(report: dict[str, Any]) -> Table:
    table = Table(title=f"chaos, seed {report['seed']}")
    for column in ("scenario", "calls", "blows", "back p50 / p95 s", "figures", "wrong"):
        table.add_column(column)
    for name, told in report["scenarios"].items():
        back = f"{told['back_p50_s']} / {told['back_p95_s']}" if "back_p50_s" in told else "–"
        figures = ", ".join(f"{key} {value}" for key, value in told["figures"].items())
        wrong = told["skipped"] or "\n".join(told["faults"]) or "nothing"
        table.add_row(name, str(told["calls"]), str(len(told["blows"])), back, figures, wrong)
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how many bots are killed (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the soak takes (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the same moments again")
    parser.add_argument("--out", type=Path, default=Path("chaos"), help="for report and logs (default: %(default)s)")
    parser.add_argument("--only", nargs="*", choices=SCENARIOS, help="some scenarios alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()

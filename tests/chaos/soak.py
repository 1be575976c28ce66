"""Three calls at once, again and again: what every part holds stays as it is."""

import asyncio
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from api.demo.server import Server
from tests.chaos.calls import Call
from tests.chaos.scenarios import AT_ONCE, Outcome, held, serving_at
from tests.chaos.vitals import INSIDE, LEAST, Watched, growth, watched

LOOK_S = 10.0
LET_GO_S = 5.0  # after the calls of one round: what is written up is written, what was theirs is let go


async def soak(folder: Path, rng: random.Random, kills: int, *, minutes: float = 60.0) -> Outcome:
    """Hold calls for `minutes`; memory, descriptors, threads and asyncio tasks of no part may grow."""
    outcome, rounds = Outcome(), 0
    async with watched() as (env, told):
        path = os.pathsep.join([str(INSIDE), *filter(None, [os.environ.get("PYTHONPATH")])])
        async with serving_at(folder, {**env, "PYTHONPATH": path}) as server:
            parts = Watched(server.pid, told)

            async def look(server: Server, calls: Sequence[Call]) -> None:
                while True:
                    await asyncio.sleep(LOOK_S)
                    await parts.look(bots=True)

            until = time.monotonic() + minutes * 60
            while time.monotonic() < until:
                calls = await held(server, look, AT_ONCE)
                outcome.faults += [f"{call.held.interview_id}: {fault}" for call in calls for fault in call.faults()]
                await asyncio.sleep(LET_GO_S)
                await parts.look(bots=False)
                rounds += 1
                seen = {name: [asdict(vitals) for vitals in looks] for name, looks in parts.seen.items()}
                (folder / "vitals.json").write_text(json.dumps(seen, indent=1))
    outcome.figures = {"rounds": rounds, "calls": rounds * AT_ONCE}
    for name, looks in parts.seen.items():
        outcome.figures[f"{name} MB"] = looks[-1].memory_mb
        outcome.faults += [
            f"{name}: {what} grew from {before:g} to {after:g}" for what, (before, after) in growth(looks).items()
        ]
    if rounds < LEAST:
        outcome.faults.append(f"{rounds} rounds are too few to tell: give it more --minutes")
    return outcome

"""Machines of a cluster are killed, cut off, replaced, and lose their head, while calls run on them."""

import asyncio
import contextlib
import importlib.util
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from api.bench import percentile
from api.demo.server import Server
from orchestrator.errors import LaunchError
from orchestrator.launchers import load_launcher
from tests.chaos.blows import Blow, bot_name
from tests.chaos.calls import Call
from tests.chaos.machines import HERE, PLACES, Cluster, Machine, cluster
from tests.chaos.scenarios import AT_ONCE, Outcome, held, serving_at
from tests.chaos.stores import stores
from tests.running_cluster import SLOW_S

NAMES = ("one", "two", "three")
LEASE_S = 60.0  # the default, LEASE_S: for longer there may not be two bots in one call
AWAY_S = 10.0  # of the head
PLUGGED_S = 5.0  # after the other bot has come
LOOK_S = 0.5


async def machines(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """Of three machines one at a time is killed, cut off, and replaced; then the head is lost for some seconds."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return Outcome(skipped="machines of one's own take root and iproute2")
    if importlib.util.find_spec("ray") is None:
        return Outcome(skipped="Ray is not installed: pip install 'vivavoce[ray]'")
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="vv") as data:
        async with (
            stores() as (postgres, redis),
            cluster(Path(data), folder, NAMES) as fleet,
            serving_at(
                folder,
                fleet.env
                | {
                    "LAUNCHER": "ray",
                    "LISTEN_HOST": HERE,
                    "DATABASE_URL": postgres.url,
                    "EVENT_BUS_URL": redis.url,
                },
            ) as server,
        ):
            for name, strike in {
                "killed": _kill,
                "cut off": _cut_off,
                "replaced": _replace,
                "headless": _behead,
            }.items():
                await _all_there(server)
                async with _doubles() as doubles:
                    calls = await held(server, _struck(fleet, strike, rng), AT_ONCE)
                waits = [wait for call in calls for wait in call.back_s()]
                outcome.figures |= {f"{name}: back p50 s": round(percentile(waits, 50) or 0.0, 1)} if waits else {}
                outcome.figures[f"{name}: two bots in a call, s"] = longest = round(doubles(calls), 1)
                if longest > LEASE_S:
                    outcome.faults.append(f"{name}: two bots in one call for {longest:g} s")
                if not waits and name != "headless":
                    outcome.faults.append(f"{name}: no call was hit")
                outcome.calls += calls
                for machine in fleet.machines:
                    if not machine.whole():
                        machine.kill()
                        await fleet.start_bots_on(machine)
                await _recorded(server, calls)
    return outcome


async def _kill(fleet: Cluster, machine: Machine, calls: Sequence[Call]) -> None:
    machine.kill()


async def _cut_off(fleet: Cluster, machine: Machine, calls: Sequence[Call]) -> None:
    with machine.unplugged():
        struck = [call for call in calls if call.blows]
        while not all(call.over or call.back_s() for call in struck):
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(PLUGGED_S)


async def _replace(fleet: Cluster, machine: Machine, calls: Sequence[Call]) -> None:
    machine.terminate()


async def _behead(fleet: Cluster, machine: Machine, calls: Sequence[Call]) -> None:
    for call in calls:
        call.blows.clear()  # no bot is lost by it
    fleet.head.kill()
    await asyncio.sleep(AWAY_S)
    await fleet.start_head()


def _struck(
    fleet: Cluster, strike: Callable[[Cluster, Machine, Sequence[Call]], Awaitable[None]], rng: random.Random
) -> Callable[[Server, Sequence[Call]], Awaitable[None]]:
    """Return what strikes the machine of the first call, once each call's candidate was asked something."""

    async def once(server: Server, calls: Sequence[Call]) -> None:
        while not all(call.held.of("question.asked") for call in calls):
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(rng.uniform(1, 4))
        machine = fleet.machine_of(calls[0].held.interview_id)
        assert machine is not None, "its bot is on no machine"
        for call in calls:
            if machine.runs(call.held.interview_id):
                call.blows.append(Blow("bot", f"loss of its machine ({strike.__name__[1:]})", time.time(), call.during))
        await strike(fleet, machine, calls)

    return once


async def _recorded(server: Server, calls: Sequence[Call]) -> None:
    """Fetch what was not there when its call ended: machines that are back bring their recordings to the bucket."""
    async with server.client() as client:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SLOW_S):
                for call in calls:
                    while call.unrecorded:
                        await call.fetch_recording(client, server.data_dir / f"{call.held.interview_id}.ogg")
                        await asyncio.sleep(LOOK_S)


async def _all_there(server: Server) -> None:
    """Return when bots can be placed on every machine."""
    launcher = load_launcher("ray", server.data_dir)
    async with asyncio.timeout(SLOW_S):
        while True:
            with contextlib.suppress(LaunchError):
                if (await launcher.capacity()).free == PLACES * len(NAMES):
                    return
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def _doubles() -> AsyncIterator[Callable[[Sequence[Call]], float]]:
    """Watch for two bots of one call; yields what tells the longest time (s) for which there were, cut off or not."""
    twice: dict[str, float] = {}

    async def watch() -> None:
        while True:
            looked_at = time.monotonic()
            await asyncio.sleep(LOOK_S)
            names = Counter[str]()
            for process in psutil.process_iter(["name", "status"]):
                if process.info["name"].startswith("bot ") and process.info["status"] != psutil.STATUS_ZOMBIE:
                    names[process.info["name"]] += 1
            for name in (name for name, count in names.items() if count > 1):
                twice[name] = twice.get(name, 0.0) + time.monotonic() - looked_at

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch())
        yield lambda calls: max((twice.get(bot_name(call.held.interview_id), 0.0) for call in calls), default=0.0)
        watching.cancel()

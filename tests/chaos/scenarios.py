"""What happens in each scenario: which calls are held, and what is done to whom meanwhile."""

import asyncio
import contextlib
import os
import random
import signal
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.client import Client
from api.demo.server import Server, serving
from tests.chaos.blows import API, HOST, SPEECH, Blow, Parts, filled
from tests.chaos.calls import JOINING, OUTAGE_S, Call, guest
from tests.chaos.path import bad_path
from tests.chaos.stores import stores, whole
from tests.guards import HANG_S

MOST_BLOWS = 3  # of one call: after that many lost bots there is no further one
AT_ONCE = 3
LOSS, JITTER_S = 0.05, 0.2
DISK = "48m"
WRITING = "writing"  # a turn has just been stored, and is being acknowledged
PHASES = {JOINING: 0.4, "speaking": 3.0, "listening": 3.0, "thinking": 0.3, WRITING: 0.05}  # how far into each, s
LOOK_S = 0.02

Strike = Callable[[Server, Sequence[Call]], Awaitable[None]]


@dataclass
class Outcome:
    """What came of one scenario. skipped: why it could not be run here; figures: what was measured besides."""

    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    skipped: str = ""
    figures: dict[str, float] = field(default_factory=dict)


async def held(server: Server, strike: Strike, count: int, *, recorded: bool = True) -> list[Call]:
    """Hold `count` interviews at once while `strike` does its worst; return them."""
    calls, someone = [Call(recorded=recorded) for _ in range(count)], await guest(server)
    patient = Client(server.url, server.token(), timeout_s=OUTAGE_S + HANG_S)
    async with patient as client, asyncio.TaskGroup() as tasks:
        striking = tasks.create_task(strike(server, calls))
        async with asyncio.TaskGroup() as holding:
            for call in calls:
                holding.create_task(call.hold(client, someone, server.data_dir))
        striking.cancel()
    return calls


async def underway(calls: Sequence[Call]) -> None:
    """Return when bot and candidate are together in each call."""
    while not all(call.backs() for call in calls):
        await asyncio.sleep(0.05)


async def comes_to(call: Call, phase: str, parts: Parts) -> None:
    """Return when the bot is at `phase`, or the call is over."""
    stored = call.stored
    while not call.over:
        if phase == WRITING:
            there = call.stored > stored
        else:
            there = call.during == phase and parts.bot(call.held.interview_id) is not None
        if there:
            return
        await asyncio.sleep(LOOK_S)


async def bot_struck(
    server: Server, call: Call, rng: random.Random, blows: Sequence[tuple[str, signal.Signals]]
) -> None:
    """Strike the bot of one call again and again, each time at a moment of chance in a phase."""
    parts = Parts(server)
    for phase, how in blows:
        if phase != JOINING:
            await back(call)
        await comes_to(call, phase, parts)
        await asyncio.sleep(rng.uniform(0, PHASES[phase]))
        during = WRITING if phase == WRITING else call.during
        if call.over or (blow := await parts.strike_bot(call.held.interview_id, how, during)) is None:
            return
        call.blows.append(blow)


async def back(call: Call) -> None:
    """Return when a bot is with the candidate that was not struck yet, or the call is over."""
    struck = max((blow.at for blow in call.blows), default=0.0)
    while not call.over and not any(at > struck for at in call.backs()):
        await asyncio.sleep(LOOK_S)


async def bots(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of bots at moments of chance in each phase of their work; some are stopped instead of killed."""
    outcome = Outcome()
    phases = [phase for _ in range(-(-kills // len(PHASES))) for phase in rng.sample(list(PHASES), len(PHASES))]
    async with serving_at(folder) as server:
        left = kills
        while left > 0:
            plans = []
            for _ in range(AT_ONCE):
                blows = [(phases.pop(), signal.SIGKILL) for _ in range(min(MOST_BLOWS, left))]
                left -= len(blows)
                if blows and rng.random() < 0.2:
                    blows[-1] = (blows[-1][0], signal.SIGSTOP)
                plans.append(blows)

            async def strike(server: Server, calls: Sequence[Call], plans: list[list[Any]] = plans) -> None:
                async with asyncio.TaskGroup() as tasks:
                    for call, blows in zip(calls, plans, strict=True):
                        tasks.create_task(bot_struck(server, call, rng, blows))

            outcome.calls += await held(server, strike, AT_ONCE)
    return outcome


async def parts(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of API, speech server and bot host in turn, then of API and speech server together."""
    async with serving_at(folder) as server:
        calls = await held(server, _in_turn(rng, (API,), (SPEECH,), (HOST,), (API, SPEECH)), AT_ONCE)
    return Outcome(calls)


async def databases(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of Redis and of PostgreSQL in turn, then of both and the API together; each is away for some seconds."""
    async with stores() as (postgres, redis):
        env = {"DATABASE_URL": postgres.url, "EVENT_BUS_URL": redis.url}
        async with serving_at(folder, env) as server:
            struck = Parts(server)

            async def strike(server: Server, calls: Sequence[Call]) -> None:
                await underway(calls)
                for victims in ((redis,), (postgres,), (redis, postgres)):
                    await asyncio.sleep(rng.uniform(2, 5))
                    for store in victims:
                        store.kill()
                    done = [Blow(store.url.partition(":")[0], "SIGKILL", time.time()) for store in victims]
                    if len(victims) > 1:
                        done.append(await struck.strike(API))
                    for call in calls:
                        call.blows += done
                    await asyncio.sleep(rng.uniform(1, 4))
                    for store in victims:
                        store.start()

            outcome = Outcome(await held(server, strike, AT_ONCE))
            if not await whole(postgres.url):
                outcome.faults.append("the database can't be read")
            return outcome


async def outage(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """The control plane is out of reach for a minute, with leases: calls go on, no second bot comes."""
    async with (
        stores() as (postgres, redis),
        serving_at(folder, {"DATABASE_URL": postgres.url, "EVENT_BUS_URL": redis.url}) as server,
    ):

        async def strike(server: Server, calls: Sequence[Call]) -> None:
            while not all(call.held.of("question.asked") for call in calls):  # so that answers fall into it
                await asyncio.sleep(LOOK_S)
            await asyncio.sleep(rng.uniform(1, 4))
            async with Parts(server).frozen(API):
                await asyncio.sleep(OUTAGE_S)

        outcome = Outcome(await held(server, strike, 2))
    outcome.faults += [f"{len(call.backs())} bots in one call" for call in outcome.calls if len(call.backs()) != 1]
    return outcome


async def descriptors(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """The API can open nothing for some seconds: no file, no connection."""
    async with serving_at(folder) as server:

        async def strike(server: Server, calls: Sequence[Call]) -> None:
            await underway(calls)
            await asyncio.sleep(rng.uniform(1, 4))
            with Parts(server).without_descriptors(API):
                await asyncio.sleep(8)

        return Outcome(await held(server, strike, 2))


async def full_disk(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """Not a byte is free for some seconds. A recording may end for it, and then says so; words may not be lost."""
    if os.geteuid() != 0:
        return Outcome(skipped="a disk of its own takes root")
    disk = folder / "disk"
    disk.mkdir()
    if refused := await _run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)):
        return Outcome(skipped=f"no disk of its own: {refused}")
    try:
        async with serving_at(folder, disk=disk) as server:

            async def strike(server: Server, calls: Sequence[Call]) -> None:
                await underway(calls)
                await asyncio.sleep(rng.uniform(2, 6))
                with filled(disk):
                    await asyncio.sleep(8)

            return Outcome(await held(server, strike, 2, recorded=False))
    finally:
        await _run("umount", "-l", str(disk))


async def bad_network(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """5 % loss and up to 200 ms of jitter, both ways: what is said stays intelligible."""
    async with serving_at(folder) as server:

        async def wait(server: Server, calls: Sequence[Call]) -> None:
            await asyncio.Event().wait()

        with bad_path(rng, loss=LOSS, jitter_s=JITTER_S):
            return Outcome(await held(server, wait, 1))


Scenario = Callable[[Path, random.Random, int], Awaitable[Outcome]]
SCENARIOS: Mapping[str, Scenario] = {
    "bots": bots,
    "parts": parts,
    "databases": databases,
    "outage": outage,
    "descriptors": descriptors,
    "full-disk": full_disk,
    "bad-network": bad_network,
}


def _in_turn(rng: random.Random, *victims: Sequence[str]) -> Strike:
    async def strike(server: Server, calls: Sequence[Call]) -> None:
        struck = Parts(server)
        await underway(calls)
        for modules in victims:
            await asyncio.sleep(rng.uniform(3, 7))
            done: list[Blow] = [await struck.strike(module) for module in modules]
            for call in calls:
                call.blows += done

    return strike


async def _run(*command: str) -> str:
    """Run a command; return what it says when it fails."""
    process = await asyncio.create_subprocess_exec(*command, stderr=PIPE)
    _, said = await process.communicate()
    return said.decode().strip() or f"status {process.returncode}" if process.returncode else ""


@asynccontextmanager
async def serving_at(
    folder: Path, env: Mapping[str, str] | None = None, *, disk: Path | None = None
) -> AsyncIterator[Server]:
    """Serve in a directory with a short path, which sockets need, on `disk` if there is one; logs go to `folder`."""
    place = disk or folder
    before = {name: os.environ.get(name) for name in env or {}}
    os.environ.update(env or {})
    with tempfile.TemporaryDirectory(prefix="vv", dir=place if len(str(place)) < 60 else None) as data:
        try:
            async with serving(Path(data), lambda line: None) as server:
                yield server
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            for log in (Path(data) / "serve.log", *(Path(data) / "run" / "logs").glob("*.log")):
                with contextlib.suppress(OSError):
                    (folder / log.name).write_bytes(log.read_bytes())

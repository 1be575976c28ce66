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

from api.client import Client
from api.demo.figures import answer_turns
from api.demo.server import Server, serving
from api.demo.words import word_errors
from bot.interview.commands import words
from tests.chaos.blows import API, HOST, SPEECH, Blow, Parts, filled
from tests.chaos.calls import QUESTIONS, Call, guest
from tests.chaos.path import bad_path
from tests.chaos.stores import stores, whole
from tests.guards import HANG_S

MOST_BLOWS = 3  # of one call: after that many lost bots there is no further one
AT_ONCE = 3
OUTAGE_S = 60.0
LOSS, JITTER_S = 0.05, 0.2
DISK = "48m"

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


async def bot_struck(server: Server, call: Call, rng: random.Random, blows: Sequence[signal.Signals]) -> None:
    """Strike the bot of one call again and again, each time at a moment of chance after it is (nearly) back."""
    parts = Parts(server)
    await underway([call])
    for how in blows:
        await asyncio.sleep(rng.uniform(0.2, 9.0))
        if call.over or (blow := await parts.strike_bot(call.held.interview_id, how, call.during)) is None:
            return
        call.blows.append(blow)
        if rng.random() < 0.8:  # else the next one is hit wherever it has got to
            while not call.over and not any(at > blow.at for at in call.backs()):
                await asyncio.sleep(0.05)


async def bots(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of bots at moments of chance, some while they join, and some stopped instead of killed."""
    outcome = Outcome()
    async with _serving(folder) as server:
        left = kills
        while left > 0:
            plans = []
            for _ in range(AT_ONCE):
                blows = [signal.SIGKILL] * min(MOST_BLOWS, left)
                left -= len(blows)
                if blows and rng.random() < 0.2:
                    blows[-1] = signal.SIGSTOP
                plans.append(blows)

            async def strike(server: Server, calls: Sequence[Call], plans: list[list[signal.Signals]] = plans) -> None:
                async with asyncio.TaskGroup() as tasks:
                    for call, blows in zip(calls, plans, strict=True):
                        tasks.create_task(bot_struck(server, call, rng, blows))

            outcome.calls += await held(server, strike, AT_ONCE)
    return outcome


async def parts(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of API, speech server and bot host in turn, then of API and speech server together."""
    async with _serving(folder) as server:
        calls = await held(server, _in_turn(rng, (API,), (SPEECH,), (HOST,), (API, SPEECH)), AT_ONCE)
    return Outcome(calls)


async def databases(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """kill -9 of Redis and of PostgreSQL in turn, then of both and the API together; each is away for some seconds."""
    async with stores() as (postgres, redis):
        env = {"DATABASE_URL": postgres.url, "EVENT_BUS_URL": redis.url}
        async with _serving(folder, env) as server:
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
        _serving(folder, {"DATABASE_URL": postgres.url, "EVENT_BUS_URL": redis.url}) as server,
    ):

        async def strike(server: Server, calls: Sequence[Call]) -> None:
            await underway(calls)
            await asyncio.sleep(rng.uniform(1, 4))
            async with Parts(server).frozen(API):
                await asyncio.sleep(OUTAGE_S)

        outcome = Outcome(await held(server, strike, 2))
    outcome.faults += [f"{len(call.backs())} bots in one call" for call in outcome.calls if len(call.backs()) != 1]
    return outcome


async def descriptors(folder: Path, rng: random.Random, kills: int) -> Outcome:
    """The API can open nothing for some seconds: no file, no connection."""
    async with _serving(folder) as server:

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
        async with _serving(disk) as server:

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
    async with _serving(folder) as server:

        async def wait(server: Server, calls: Sequence[Call]) -> None:
            await asyncio.Event().wait()

        with bad_path(rng, loss=LOSS, jitter_s=JITTER_S):
            outcome = Outcome(await held(server, wait, 1))
    wrong = total = 0
    for call in outcome.calls:
        for number, (_, said) in enumerate(QUESTIONS, 1):
            heard = " ".join(turn["text"] for turn in answer_turns(call.held, f"q{number}"))
            wrong, total = wrong + word_errors(said, heard), total + len(words(said))
    outcome.figures["word_error_rate"] = round(wrong / max(1, total), 3)
    return outcome


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
async def _serving(folder: Path, env: Mapping[str, str] | None = None) -> AsyncIterator[Server]:
    """Serve in a directory with a short path, which sockets need; the logs are kept in `folder`."""
    before = {name: os.environ.get(name) for name in env or {}}
    os.environ.update(env or {})
    with tempfile.TemporaryDirectory(prefix="vv", dir=folder if len(str(folder)) < 60 else None) as data:
        try:
            async with serving(Path(data), lambda line: None) as server:
                yield server
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})
            for log in (Path(data) / "serve.log", *(Path(data) / "run" / "logs").glob("*.log")):
                with contextlib.suppress(OSError):
                    (folder / log.name).write_bytes(log.read_bytes())

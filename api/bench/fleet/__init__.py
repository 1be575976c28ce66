"""What many bots cost: to start, in memory, in processor time, in one look at all of them; and how many calls fit.

Measured on the real product with simulated candidates in this process, which cost as much as the bots: on the machine
of a fleet more fits. Finals without interims are measured on lanes alone, as there is no such setting.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import psutil

from api.bench import BenchOptions, BenchResult, Row, percentile
from api.bench.call import calls_at_once, hold_one, plan_of, voices_of
from api.bench.fleet.cost import inference_s_per_minute
from api.bench.fleet.lanes import finals
from api.bench.fleet.reconciling import rounds
from api.client import Client
from api.demo.figures import call_minutes, turns_with_latency
from api.demo.server import Server, serving
from bot.candidate.mind import Manners

BOTS = 10_000
IDLE_BOTS = 6
STARTS = 8
ON_TIME_MS = 1500.0
BOT_CPU_S = 1.0 + 3.6
FEWEST, MOST = 2, 12
IN_ROOM_S = 30.0


async def run(options: BenchOptions) -> BenchResult:
    """Measure for some minutes and return the figures."""
    details: dict[str, Any] = {}
    bots = BOTS // 10 if options.quick else BOTS
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-", ignore_cleanup_errors=True) as folder:
        options.tell(f"rounds of the keeper over {bots:,} running bots")
        details["rounds_s"] = await rounds(Path(folder) / "keeper", bots, 3)
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-", ignore_cleanup_errors=True) as folder:
        async with serving(Path(folder), options.tell) as server:
            options.tell(f"{STARTS} starts, and {IDLE_BOTS} bots that wait in their rooms")
            details["starts_ms"] = await _starts(server, 3 if options.quick else STARTS)
            details["pss_mb"] = await _memory(server)
            rows = await _calls(server, options, details)
            rows += await _lanes(server, options, details)
    how = "one look at bots that all run, SQLite; the best of 3"
    return BenchResult(
        "fleet",
        (
            Row.at_most(
                "start request → bot in the room p50",
                percentile(details["starts_ms"], 50),
                1000,
                "ms",
                f"POST start sent → event `state: waiting` received; {len(details['starts_ms'])} starts, warm",
            ),
            Row.at_most(
                "memory per further bot",
                round((details["pss_mb"][-1] - details["pss_mb"][0]) / (IDLE_BOTS - 1), 1),
                40,
                "MB",
                f"proportional set size of the bot host and its bots: {IDLE_BOTS} less 1, waiting in their rooms",
            ),
            *rows,
            Row.at_most(f"reconciler pass over {bots:,} rows", round(min(details["rounds_s"]), 2), 1.0, "s", how),
        ),
        details,
    )


async def _calls(server: Server, options: BenchOptions, details: dict[str, Any]) -> list[Row]:
    voices = await voices_of(server)
    options.tell("one call alone")
    alone = await hold_one(server, plan_of(3), voices.guest(Manners()))
    minutes = call_minutes(alone) or 0.0
    spent = sum(float(one["cpu_s"]) for one in alone.of("usage") if "cpu_s" in one)
    inference = inference_s_per_minute()
    cpu = round(spent / minutes - inference, 2) if minutes else None
    details["bot_cpu_s_per_minute"] = {"all": spent / minutes if minutes else None, "vad": inference}
    carried, details["calls"] = 0, {}
    for calls in range(FEWEST, 3 if options.quick else MOST + 1, 2):
        options.tell(f"{calls} calls at once")
        held = await calls_at_once(server, plan_of(3), voices, calls)
        late = [float(turn["text_ms"]) for one in held for turn in turns_with_latency(one)]
        details["calls"][calls] = late
        p95 = percentile(late, 95)
        if p95 is None or p95 > ON_TIME_MS:
            break
        carried = calls
    how = f"`text_ms` p95 ≤ {ON_TIME_MS:g} ms, with interims and with their candidates on the same machine"
    return [
        Row.at_most(
            "cost of a bot without inference",
            cpu,
            BOT_CPU_S,
            "CPU-s/call-min",
            "getrusage of its process less voice activity detection; aim: 1.0, and 3.6 for RTP and Opus by aiortc",
        ),
        Row("calls at once with every final on time", carried, "", method=how),
    ]


async def _lanes(server: Server, options: BenchOptions, details: dict[str, Any]) -> list[Row]:
    found = []
    for interims in (True, False):
        carried = 0
        for talkers in range(4, 9 if options.quick else 33, 4):
            options.tell(f"{talkers} talkers {'with' if interims else 'without'} interims")
            late = await finals(server.speech_socket, talkers, interims=interims, seconds=10 if options.quick else 20)
            details[f"lanes_{talkers}_{'with' if interims else 'without'}"] = late
            p95 = percentile(late, 95)
            if p95 is None or p95 > ON_TIME_MS:
                break
            carried = talkers
        name = f"talkers at once with every final on time, {'with' if interims else 'without'} interims"
        found.append(Row(name, carried, "", method="lanes without calls, 20 s of speech with few pauses each"))
    return found


async def _starts(server: Server, times: int) -> list[float]:
    async with server.client() as client:
        return [await _start(client) for _ in range(times)]


async def _memory(server: Server) -> list[float]:
    """Return the memory of the bot host with its bots, after each of some that stay, in MB."""
    host = next(
        child
        for child in psutil.Process(server.pid).children(recursive=True)
        if "orchestrator.host" in " ".join(child.cmdline())
    )
    found, waiting = list[float](), list[str]()
    async with server.client() as client:
        try:
            for _ in range(IDLE_BOTS):
                await _start(client, waiting)
                await asyncio.sleep(1.0)  # what a bot still does when it has come in
                found.append(sum(one.memory_full_info().pss for one in (host, *host.children())) / 2**20)
        finally:
            for interview_id in waiting:
                await client.interviews.cancel(interview_id)
    return found


async def _start(client: Client, waiting: list[str] | None = None) -> float:
    """Return how long a bot took to be in its room, in ms; it is sent away again unless `waiting` takes its call."""
    loop = asyncio.get_running_loop()
    plan = plan_of(1).model_dump(mode="json", exclude_defaults=True)
    interview_id = (await client.interviews.create({"plan": plan, "candidate": {"name": "Ada"}})).id
    began = loop.time()
    await client.interviews.start(interview_id)
    async with asyncio.timeout(IN_ROOM_S):
        async for event in client.interviews.events(interview_id, after=0):
            if event.type == "state" and event.data.get("state") == "waiting":
                break
    took = round((event.heard_s - began) * 1000, 1)
    if waiting is None:
        await client.interviews.cancel(interview_id)
    else:
        waiting.append(interview_id)
    return took

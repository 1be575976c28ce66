"""`python -m orchestrator.host --socket PATH`: the bot host, warm parent of every bot on this machine.

It imports what a bot needs once, freezes it, and then forks: a bot is there within milliseconds and shares the pages
of everything that was imported. What it answers is in `orchestrator/wire.py`. Its bots die with it (see `leash`),
and whoever keeps it alive starts it again.

SIGTERM (a deploy): calls may go on for `DRAIN_S`, then what is left of them is handed over to whoever runs bots next.
SIGINT (a person at the terminal): bots say good-bye, and their calls end.
"""

import argparse
import asyncio
import functools
import importlib
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import structlog

from bot.spec import BotSpec
from orchestrator import Capacity, Departure, LaunchHandle, LaunchStatus
from orchestrator.door import Door
from orchestrator.forks import ONE_THREAD, BotMain, fork_bot, freeze, threads_here
from orchestrator.logs import configure_logs
from orchestrator.table import BotTable

log = structlog.get_logger(__name__)

EX_CONFIG = 78
LEAVE_S = 10.0  # how long bots may take to say good-bye, or to hand over, when the host stops; `serve` waits longer
BOTS_PER_CORE = 4
BOT_MB = 80  # peak of a bot in a call, with a third to spare
LOGS_KEPT_S = 14 * 24 * 3600
PRELOADED = ("aiortc", "av", "numpy", "onnxruntime", "openai.resources.audio", "openai.resources.chat", "websockets")


def prepare_bot() -> BotMain:
    """Import what a bot needs, load the voice detector, and return what a fork runs."""
    for name in PRELOADED:
        importlib.import_module(name)
    from audio.vad import SileroModel
    from bot.runtime import run_bot

    vad = SileroModel()
    vad.load()
    return functools.partial(run_bot, vad=vad)


def places(setting: str | None) -> int:
    """Return how many bots this host takes: `MAX_BOTS`, or what cores and memory bear. Raises `ValueError`."""
    if setting is not None:
        total = int(setting)
        if total < 1:
            raise ValueError("fewer than one")
        return total
    by_memory = psutil.virtual_memory().total // (BOT_MB * 2**20)
    return max(1, min(BOTS_PER_CORE * (os.cpu_count() or 1), by_memory))


class BotHost:
    """Serves a `BotTable` on a Unix socket."""

    def __init__(self, table: Callable[[Callable[[Departure], None]], BotTable], drain_s: float = 0.0) -> None:
        """drain_s: how long calls may go on after SIGTERM before they are handed over."""
        self._drain_s = drain_s
        self._door = Door(self)
        self._table = table(self._door.tell)

    async def serve(self, socket: Path) -> None:
        """Answer on `socket` (mode 0600) until SIGTERM or SIGINT; then let the bots hand over, or leave."""
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[signal.Signals] = asyncio.Queue()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.put_nowait, number)
        loop.add_signal_handler(signal.SIGCHLD, self._table.reap)
        async with self._door.open(socket):
            log.info("bot_host_ready", socket=str(socket), places=self._table.capacity().total)
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(self._table.watch(), name="pulses")
                await self._empty(told)
                watching.cancel()

    async def _empty(self, told: "asyncio.Queue[signal.Signals]") -> None:
        if await told.get() is signal.SIGTERM:
            log.info("bot_host_draining", calls=len(self._table.list()), for_s=self._drain_s)
            async with asyncio.TaskGroup() as tasks:
                draining = tasks.create_task(self._table.hand_over(LEAVE_S, after_s=self._drain_s), name="drain")
                impatient = tasks.create_task(told.get(), name="told again")
                await asyncio.wait((draining, impatient), return_when=asyncio.FIRST_COMPLETED)
                impatient.cancel()
                draining.cancel()
        await self._table.dismiss(LEAVE_S)

    # ---- what is behind the door ------------------------------------------------------------------------------------

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start one bot; see `RunsBots`."""
        return self._table.start(spec)

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands; see `RunsBots`."""
        return self._table.poll(handle)

    async def stop(self, handle: LaunchHandle, grace_s: float) -> None:
        """Ask one bot to leave; see `RunsBots`."""
        self._table.stop(handle, grace_s)

    async def let_go(self, handle: LaunchHandle) -> None:
        """Have one bot leave its call to another incarnation; see `RunsBots`."""
        self._table.let_go(handle, LEAVE_S)

    async def list(self) -> Sequence[LaunchHandle]:
        """Return every bot that runs; see `RunsBots`."""
        return self._table.list()

    async def capacity(self) -> Capacity:
        """Return how many bots fit; see `RunsBots`."""
        return self._table.capacity()


def main() -> None:
    """Load what a bot needs, then serve until told to stop."""
    options = _options()
    configure_logs(os.environ.get("LOG_FORMAT", "console"), os.environ.get("LOG_LEVEL", "info"))
    try:
        total = places(os.environ.get("MAX_BOTS"))
    except ValueError as error:
        _refuse(f"MAX_BOTS={os.environ['MAX_BOTS']}: give a whole number from 1 on ({error})")
    try:
        drain_s = float(os.environ.get("DRAIN_S", "0"))
    except ValueError:
        _refuse(f"DRAIN_S={os.environ['DRAIN_S']}: give seconds")
    os.umask(0o077)  # recordings and outboxes of every bot are for this user's eyes alone
    logs = options.socket.parent / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    _drop_old_logs(logs)
    began = time.perf_counter()
    try:
        run = pkgutil.resolve_name(options.entry)()
    except (ImportError, AttributeError, ValueError) as error:
        _refuse(f"{options.entry}: what a bot runs can't be loaded: {error}")
    freeze()
    if len(threads := threads_here()) > 1:
        log.warning("threads_before_fork", threads=threads, why="a lock one of them holds stays locked in a bot")
    log.info("bot_host_warm", import_s=round(time.perf_counter() - began, 2))

    def table(departed: Callable[[Departure], None]) -> BotTable:
        return BotTable(fork=functools.partial(fork_bot, run), total=total, log_dir=logs, departed=departed)

    async def serve() -> None:
        await BotHost(table, drain_s).serve(options.socket)

    options.socket.unlink(missing_ok=True)  # left by a host that was killed; `serve` locks the data directory
    try:
        asyncio.run(serve())
    finally:
        options.socket.unlink(missing_ok=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m orchestrator.host", description="Runs bots, one process each.")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to answer on")
    parser.add_argument(
        "--entry",
        default=os.environ.get("BOT_ENTRY", "orchestrator.host:prepare_bot"),
        help="MODULE:FUNCTION called once before the first fork; returns the coroutine function that runs one spec "
        "(BOT_ENTRY; default: %(default)s)",
    )
    return parser.parse_args()


def _refuse(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.exit(EX_CONFIG)


def _drop_old_logs(logs: Path) -> None:
    for file in logs.glob("*.log"):
        if file.stat().st_mtime < time.time() - LOGS_KEPT_S:
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # read by the libraries when a bot's parts are imported, which is later
    main()

"""`python -m orchestrator.host --socket PATH`: the bot host, warm parent of every bot on this machine.

It imports what a bot needs once, freezes it, and then forks: a bot is there within milliseconds and shares the pages
of everything that was imported. What it answers is in `orchestrator/wire.py`. Its bots die with it (see `leash`),
and whoever keeps it alive starts it again.

SIGTERM (a deploy): calls may go on for `DRAIN_S`, then what is left of them is handed over to whoever runs bots next.
SIGINT (a person at the terminal): bots say good-bye, and their calls end.
"""

import argparse
import asyncio
import contextlib
import functools
import importlib
import os
import pkgutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psutil
import structlog
from pydantic import ValidationError

from bot.spec import BotSpec
from orchestrator import Departure, wire
from orchestrator.errors import CapacityError, LaunchError
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
        self._watchers: set[asyncio.Queue[Departure]] = set()
        self._connections: dict[asyncio.StreamWriter, asyncio.Event] = {}
        self._table = table(self._tell)

    async def serve(self, socket: Path) -> None:
        """Answer on `socket` (mode 0600) until SIGTERM or SIGINT; then let the bots hand over, or leave."""
        loop = asyncio.get_running_loop()
        told: asyncio.Queue[signal.Signals] = asyncio.Queue()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.put_nowait, number)
        loop.add_signal_handler(signal.SIGCHLD, self._table.reap)
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._connection, socket, limit=wire.MAX_LINE)
        finally:
            os.umask(before)
        try:
            log.info("bot_host_ready", socket=str(socket), places=self._table.capacity().total)
            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(self._table.watch(), name="pulses")
                await self._empty(told)
                watching.cancel()
        finally:
            server.close()
            await self._hang_up()

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

    async def _hang_up(self) -> None:
        """End every connection and wait for its end: a cancelled one is logged as a crash by asyncio 3.11."""
        for writer, over in list(self._connections.items()):
            writer.close()
            await over.wait()

    def _tell(self, departure: Departure) -> None:
        for queue in self._watchers:
            queue.put_nowait(departure)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over = self._connections[writer] = asyncio.Event()
        try:
            while line := await reader.readline():
                answer = self._answer(line)
                writer.write(wire.pack(answer))
                await writer.drain()
                if answer.get("watching"):
                    await self._send_departures(reader, writer)
                    return
        except (ConnectionError, ValueError):  # gone in the middle of a line, or a line beyond the limit
            log.info("connection_broken")
        finally:
            writer.close()
            del self._connections[writer]
            over.set()

    async def _send_departures(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        queue: asyncio.Queue[Departure] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._forward(queue, writer), name="departures")
                await reader.read()  # the watcher sends nothing; this returns when it has gone
                sending.cancel()
        finally:
            self._watchers.discard(queue)

    async def _forward(self, queue: "asyncio.Queue[Departure]", writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                departure = await queue.get()
                fields = {
                    "handle": wire.pack_handle(departure.handle),
                    "status": wire.pack_status(departure.status),
                }
                writer.write(wire.pack({"departed": fields}))
                await writer.drain()

    def _answer(self, line: bytes) -> wire.Json:
        try:
            return self._do(wire.unpack(line))
        except CapacityError as error:
            return {"error": {"code": "capacity", "detail": str(error), "total": error.total}}
        except LaunchError as error:
            return {"error": {"code": "launch", "detail": str(error)}}
        except ValidationError as error:
            where = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            return {"error": {"code": "launch", "detail": f"the spec is not valid: {where}"}}
        except wire.BadLine as error:
            return {"error": {"code": "protocol", "detail": str(error)}}

    def _do(self, request: wire.Json) -> wire.Json:
        table = self._table
        match request:
            case {"do": "start", "spec": dict(spec)}:
                return {"ok": wire.pack_handle(table.start(BotSpec.model_validate(spec)))}
            case {"do": "poll", "handle": dict(handle)}:
                return {"ok": wire.pack_status(table.poll(wire.unpack_handle(handle)))}
            case {"do": "stop", "handle": dict(handle), "grace_s": int() | float() as grace_s}:
                table.stop(wire.unpack_handle(handle), float(grace_s))
                return {"ok": None}
            case {"do": "list"}:
                return {"ok": [wire.pack_handle(handle) for handle in table.list()]}
            case {"do": "capacity"}:
                capacity = table.capacity()
                return {"ok": asdict(capacity)}
            case {"do": "watch"}:
                return {"ok": None, "watching": True}
            case _:
                raise wire.BadLine(f"nothing to do for {sorted(request)}")


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

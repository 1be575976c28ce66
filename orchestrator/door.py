"""Answers on a Unix socket, in the protocol of `orchestrator/wire.py`, for whatever runs bots behind it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import structlog
from pydantic import ValidationError

from bot.spec import BotSpec
from orchestrator import Capacity, Departure, LaunchHandle, LaunchStatus, wire
from orchestrator.errors import CapacityError, LaunchError

log = structlog.get_logger(__name__)


class RunsBots(Protocol):
    """What is behind a door; each method raises `LaunchError` as `BotLauncher`'s does."""

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start one bot, unless that was done before."""
        ...

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands."""
        ...

    async def stop(self, handle: LaunchHandle, grace_s: float) -> None:
        """Ask one bot to leave; kill it after `grace_s`."""
        ...

    async def let_go(self, handle: LaunchHandle) -> None:
        """See to a bot whose keeper is gone: another will be sent in its stead."""
        ...

    async def list(self) -> Sequence[LaunchHandle]:
        """Return every bot that is pending or running."""
        ...

    async def capacity(self) -> Capacity:
        """Return how many bots fit."""
        ...


class Door:
    """Serves what runs bots to `orchestrator.launchers.process.ProcessLauncher`."""

    def __init__(self, behind: RunsBots) -> None:
        self._behind = behind
        self._watchers: set[asyncio.Queue[Departure]] = set()
        self._connections: dict[asyncio.StreamWriter, asyncio.Event] = {}

    @asynccontextmanager
    async def open(self, socket: Path) -> AsyncIterator[None]:
        """Answer on `socket` (mode 0600) for the length of the block."""
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._connection, socket, limit=wire.MAX_LINE)
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()
            await self._hang_up()

    def tell(self, departure: Departure) -> None:
        """Tell whoever watches that a bot has ended."""
        for queue in self._watchers:
            queue.put_nowait(departure)

    async def _hang_up(self) -> None:
        """End every connection and wait for its end: a cancelled one is logged as a crash by asyncio 3.11."""
        for writer, over in list(self._connections.items()):
            writer.close()
            await over.wait()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over = self._connections[writer] = asyncio.Event()
        try:
            while line := await reader.readline():
                answer = await self._answer(line)
                writer.write(wire.pack(answer))
                await writer.drain()
                if answer.get("watching"):
                    await self._send_departures(reader, writer)
                    return
                if answer.get("tethered"):
                    await self._hold(reader, wire.unpack_handle(answer["ok"]))
                    return
        except (ConnectionError, ValueError):  # gone in the middle of a line, or a line beyond the limit
            log.info("connection_broken")
        finally:
            writer.close()
            del self._connections[writer]
            over.set()

    async def _hold(self, reader: asyncio.StreamReader, handle: LaunchHandle) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()  # the keeper sends nothing; this returns when it has gone
        with contextlib.suppress(LaunchError):
            await self._behind.let_go(handle)

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

    async def _answer(self, line: bytes) -> wire.Json:
        try:
            return await self._do(wire.unpack(line))
        except CapacityError as error:
            return {"error": {"code": "capacity", "detail": str(error), "total": error.total}}
        except LaunchError as error:
            return {"error": {"code": "launch", "detail": str(error)}}
        except ValidationError as error:
            where = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            return {"error": {"code": "launch", "detail": f"the spec is not valid: {where}"}}
        except wire.BadLine as error:
            return {"error": {"code": "protocol", "detail": str(error)}}

    async def _do(self, request: wire.Json) -> wire.Json:
        behind = self._behind
        match request:
            case {"do": "start", "spec": dict(spec)}:
                handle = await behind.start(BotSpec.model_validate(spec))
                return {"ok": wire.pack_handle(handle), "tethered": request.get("tethered") is True}
            case {"do": "poll", "handle": dict(handle)}:
                return {"ok": wire.pack_status(await behind.poll(wire.unpack_handle(handle)))}
            case {"do": "stop", "handle": dict(handle), "grace_s": int() | float() as grace_s}:
                await behind.stop(wire.unpack_handle(handle), float(grace_s))
                return {"ok": None}
            case {"do": "list"}:
                return {"ok": [wire.pack_handle(handle) for handle in await behind.list()]}
            case {"do": "capacity"}:
                return {"ok": asdict(await behind.capacity())}
            case {"do": "watch"}:
                return {"ok": None, "watching": True}
            case _:
                raise wire.BadLine(f"nothing to do for {sorted(request)}")

"""One OS process per bot on this machine: a client of the bot host (`orchestrator/host.py`).

Or of whatever else answers as that does: `orchestrator/cluster.py` is a host whose bots are on many machines.

Every request has a connection of its own (50 µs on a Unix socket), so there is nothing to keep alive, nothing to
resume and nothing that a restart of either side could leave half done.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.spec import BotSpec
from orchestrator import Capacity, Departure, Exited, LaunchHandle, LaunchStatus, wire
from orchestrator.errors import CapacityError, LaunchError

ANSWER_S = 10.0
AGAIN_S = 0.2


class ProcessLauncher:
    """Starts bots through the bot host of `data_dir`."""

    shared = False

    def __init__(self, data_dir: Path) -> None:
        self._socket = data_dir / "run" / "bots.sock"

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start one bot; see `BotLauncher`."""
        return wire.unpack_handle(await self._ask({"do": "start", "spec": json.loads(spec.for_pipe())}))

    @asynccontextmanager
    async def tethered(self, spec: BotSpec) -> AsyncIterator[LaunchHandle]:
        """Start one bot that is to leave its call to another incarnation once this block, or this process, has ended.

        Raises what `start` does.
        """
        async with self._connected() as (reader, writer):
            writer.write(wire.pack({"do": "start", "spec": json.loads(spec.for_pipe()), "tethered": True}))
            await writer.drain()
            yield wire.unpack_handle(_result(await reader.readline()))

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands; see `BotLauncher`."""
        return wire.unpack_status(await self._ask({"do": "poll", "handle": wire.pack_handle(handle)}))

    async def stop(self, handle: LaunchHandle, *, grace: timedelta) -> None:
        """Ask one bot to leave; see `BotLauncher`."""
        await self._ask({"do": "stop", "handle": wire.pack_handle(handle), "grace_s": grace.total_seconds()})

    async def list(self) -> Sequence[LaunchHandle]:
        """Return every bot that runs; see `BotLauncher`."""
        return [wire.unpack_handle(handle) for handle in await self._ask({"do": "list"})]

    async def capacity(self) -> Capacity:
        """Return how many bots fit; see `BotLauncher`."""
        return Capacity(**await self._ask({"do": "capacity"}))

    async def departures(self) -> AsyncGenerator[Departure, None]:
        """Yield each bot that ends, through restarts of the host; see `BotLauncher`."""
        while True:
            try:
                async with aclosing(self._departures_of_one_host()) as departures:
                    async for departure in departures:
                        yield departure
            except LaunchError:
                await asyncio.sleep(AGAIN_S)

    async def aclose(self) -> None:
        """Nothing to let go of: no connection outlives its request."""

    async def _departures_of_one_host(self) -> AsyncGenerator[Departure, None]:
        async with self._connected() as (reader, writer):
            writer.write(wire.pack({"do": "watch"}))
            await writer.drain()
            _result(await reader.readline())
            while line := await reader.readline():
                fields = wire.unpack(line)["departed"]
                status = wire.unpack_status(fields["status"])
                if isinstance(status, Exited):
                    yield Departure(wire.unpack_handle(fields["handle"]), status)
        raise LaunchError("the bot host has gone")

    async def _ask(self, request: wire.Json) -> Any:
        try:
            async with asyncio.timeout(ANSWER_S), self._connected() as (reader, writer):
                writer.write(wire.pack(request))
                await writer.drain()
                return _result(await reader.readline())
        except TimeoutError as error:
            raise LaunchError(f"the bot host at {self._socket} did not answer within {ANSWER_S:g} s") from error

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=wire.MAX_LINE)
        except OSError as error:
            raise LaunchError(f"no bot host answers at {self._socket}: {error.strerror or error}") from error
        try:
            yield reader, writer
        except (OSError, wire.BadLine) as error:
            raise LaunchError(f"the bot host at {self._socket} broke off: {error}") from error
        finally:
            writer.close()


def _result(line: bytes) -> Any:
    if not line:
        raise wire.BadLine("no answer")
    match wire.unpack(line):
        case {"error": {"code": "capacity", "detail": str(detail), "total": int(total)}}:
            raise CapacityError(detail, total=total)
        case {"error": {"detail": str(detail)}}:
            raise LaunchError(detail)
        case {"ok": result}:
            return result
        case _:
            raise wire.BadLine("neither ok nor error")

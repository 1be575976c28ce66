"""Requests over HTTP, as many as a server answers: bytes on kept connections, since a full client would cost as much as
what is measured."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from api.bench.api.servers import HOST
from api.errors import ControlPlaneError

ANSWER_S = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class NotAnswered(ControlPlaneError):
    """A request of the benchmark was refused; says how."""

    code = "not_answered"


@dataclass(frozen=True, slots=True)
class Round:
    """Requests for some time. took_ms: one for each."""

    seconds: float
    took_ms: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.took_ms) / self.seconds


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that is kept."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, request: bytes) -> float:
        """Send a request, take the whole answer and return how many milliseconds that took; raise `NotAnswered`."""
        began = perf_counter()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await self.reader.readexactly(int(length[1]) if length else 0)
        took_ms = (perf_counter() - began) * 1000
        if not head.startswith(b"HTTP/1.1 200 "):
            wanted, got = request.split(b"\r\n", 1)[0], head.split(b"\r\n", 1)[0]
            raise NotAnswered(f"{wanted.decode()}: {got.decode()} {body[:300].decode(errors='replace')}")
        return took_ms


def request(path: str, token: str | None = None) -> bytes:
    """Return a GET as it goes over the wire."""
    login = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: application/json\r\n{login}\r\n".encode()


@asynccontextmanager
async def connected(port: int, count: int) -> AsyncIterator[Sequence[Connection]]:
    """Lend `count` connections to a server of this machine."""
    opened: list[Connection] = []
    try:
        for _ in range(count):
            opened.append(Connection(*await asyncio.open_connection(HOST, port)))  # noqa: PERF401
        yield opened
    finally:
        for connection in opened:
            connection.writer.close()


async def hammer(connections: Sequence[Connection], wanted: bytes, seconds: float) -> Round:
    """Send the same request over and over for some time, on each connection as soon as the last one is answered."""
    took_ms: list[float] = []
    began = perf_counter()

    async def again(connection: Connection) -> None:
        while perf_counter() - began < seconds:
            took_ms.append(await connection.get(wanted))

    async with asyncio.timeout(seconds + ANSWER_S), asyncio.TaskGroup() as tasks:
        for connection in connections:
            tasks.create_task(again(connection))
    return Round(perf_counter() - began, tuple(took_ms))

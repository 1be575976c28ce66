"""Whether a part of the product answers."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from orchestrator import BotLauncher
from orchestrator.errors import LaunchError

Connect: TypeAlias = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
PATIENCE_S = 2.0


def on_socket(path: Path) -> Connect:
    """Return how to reach a server on a Unix socket."""
    return lambda: asyncio.open_unix_connection(path)


def on_port(host: str, port: int) -> Connect:
    """Return how to reach a server on a TCP port."""
    return lambda: asyncio.open_connection(host, port)


async def answers(connect: Connect, path: str) -> bool:
    """Return whether `GET path` is answered with 200 within two seconds."""
    asked = f"GET {path} HTTP/1.1\r\nHost: vivavoce\r\nConnection: close\r\n\r\n".encode()
    return (await _answer(connect, asked)).split()[1:2] == [b"200"]


async def hears(connect: Connect, asked: bytes) -> bool:
    """Return whether `asked` is answered at all within two seconds."""
    return bool(await _answer(connect, asked))


async def _answer(connect: Connect, asked: bytes) -> bytes:
    """Return the first line of the answer; nothing where there is none."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await connect()
            try:
                writer.write(asked)
                await writer.drain()
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return b""


async def launches(launcher: BotLauncher) -> bool:
    """Return whether the place where bots run answers."""
    try:
        await launcher.capacity()
    except LaunchError:
        return False
    return True

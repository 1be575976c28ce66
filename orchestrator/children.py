"""The processes a supervisor keeps alive, as the operating system runs them."""

import asyncio
import contextlib
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.leash import leashed

LINE = 1 << 20  # bytes; a longer line is passed on in pieces


@dataclass(frozen=True, slots=True)
class Child:
    """One part of the product. ready: asked again and again until it answers yes; grace_s: from asking to SIGKILL.

    interrupt: what asks it to end when a person stops everything, where that is another thing than being replaced.
    deaf_s: one that was ready and says nothing for so long is ended. alive: what it is asked then, where being ready
    takes more than itself.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(default_factory=dict)
    pass_fds: tuple[int, ...] = ()
    grace_s: float = 3.0
    interrupt: signal.Signals = signal.SIGTERM
    deaf_s: float = 10.0
    alive: Callable[[], Awaitable[bool]] | None = None


class Started(Protocol):
    """A child that was started."""

    @property
    def pid(self) -> int:
        """Its process."""
        ...

    def lines(self) -> AsyncIterator[str]:
        """Yield what it writes, to its end."""
        ...

    async def wait(self) -> int:
        """Return its exit status (negative: the signal that ended it)."""
        ...

    async def stop(self, grace_s: float, by: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, kill it after `grace_s`, and return when it has ended."""
        ...


class Spawn(Protocol):
    """Starts children."""

    async def __call__(self, child: Child) -> Started:
        """Start `child`; raises `OSError`."""
        ...


class ChildProcess:
    """A real one, on a leash: it does not outlive this process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def lines(self) -> AsyncIterator[str]:
        """Yield what it writes to standard output and standard error, to its end."""
        stream = self._process.stdout
        assert stream is not None  # asked for in `spawn`
        while True:
            try:
                line = await stream.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                line = end.partial
            except asyncio.LimitOverrunError:
                line = await stream.read(LINE)
            if not line:
                return
            yield line.decode(errors="replace").rstrip("\n")

    async def wait(self) -> int:
        """Return its exit status (negative: the signal that ended it)."""
        return await self._process.wait()

    async def stop(self, grace_s: float, by: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, SIGKILL after `grace_s`, and return when it has ended."""
        self._signal(by)
        try:
            async with asyncio.timeout(grace_s):
                await self._process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


async def spawn(child: Child) -> ChildProcess:
    """Start `child` as a process of its own; raises `OSError`."""
    process = await asyncio.create_subprocess_exec(
        *leashed(child.argv),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        env=dict(child.env),
        pass_fds=child.pass_fds,
        start_new_session=True,  # Ctrl-C is for the supervisor, which stops its children in order
        limit=LINE,
    )
    return ChildProcess(process)

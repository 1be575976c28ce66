"""Processes for a supervisor that need no operating system, named for how they behave. They live in virtual time."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from orchestrator.children import Child


@dataclass
class FakeProcess:
    """Lives until it is stopped, or for `life_s` seconds; then says its words and ends with `code`."""

    pid: int
    code: int = 0
    life_s: float | None = None
    words: Sequence[str] = ()
    stop_s: float = 0.5
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: Callable[[], None] = lambda: None

    async def lines(self) -> AsyncIterator[str]:
        """Yield the words at the end."""
        await self.ended.wait()
        for word in self.words:
            yield word

    async def wait(self) -> int:
        """Live."""
        try:
            async with asyncio.timeout(self.life_s):
                await self.ended.wait()
        except TimeoutError:
            self.ended.set()
        return self.code

    async def stop(self, grace_s: float, by: signal.Signals = signal.SIGTERM) -> None:
        """Take `stop_s` to end, or the whole grace when that is shorter."""
        if not self.ended.is_set():
            self.stopping()
            await asyncio.sleep(min(self.stop_s, grace_s))
            self.ended.set()


@dataclass
class Nursery:
    """Starts fake processes and notes when. lives: for each child, how its first, second, … process lives."""

    lives: dict[str, list[FakeProcess]] = field(default_factory=dict)
    starts: list[tuple[str, float]] = field(default_factory=list)
    stops: list[tuple[str, float]] = field(default_factory=list)
    processes: dict[str, FakeProcess] = field(default_factory=dict)

    async def __call__(self, child: Child) -> FakeProcess:
        """Start the next process of `child`; when no more are listed, one that lives until it is stopped."""
        now = asyncio.get_running_loop().time
        self.starts.append((child.name, now()))
        row = self.lives.get(child.name, [])
        process = row.pop(0) if row else FakeProcess(pid=len(self.starts))
        process.stopping = lambda: self.stops.append((child.name, now()))
        self.processes[child.name] = process
        return process

    def started_at(self, name: str) -> list[float]:
        """Return when the processes of one child were started."""
        return [round(at, 2) for child, at in self.starts if child == name]

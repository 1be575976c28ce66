"""Launchers that run nothing, named for how they behave."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NoReturn

from bot.spec import BotSpec
from orchestrator import Capacity, Departure, Exited, LaunchHandle, LaunchStatus, Lost, Running
from orchestrator.errors import CapacityError, LaunchError


@dataclass
class MemoryLauncher:
    """Keeps the contract with no process behind it; a bot leaves at once when asked, and when a test says so."""

    total: int = 8
    specs: list[BotSpec] = field(default_factory=list)
    stopped: list[tuple[LaunchHandle, timedelta]] = field(default_factory=list)
    shared: bool = False
    draining: bool = False
    _states: dict[LaunchHandle, LaunchStatus] = field(default_factory=dict)
    _watchers: set["asyncio.Queue[Departure]"] = field(default_factory=set)

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Note the spec."""
        handle = LaunchHandle.of(spec)
        if handle not in self._states:
            if (await self.capacity()).free == 0:
                raise CapacityError(f"all {self.total} places are taken", total=self.total)
            self.specs.append(spec)
            self._states[handle] = Running()
        return handle

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return what is known."""
        return self._states.get(handle, Lost())

    async def stop(self, handle: LaunchHandle, *, grace: timedelta) -> None:
        """End the bot as one that leaves politely."""
        self.stopped.append((handle, grace))
        self.end(handle, Exited(0, "finished", asked=True))

    async def list(self) -> Sequence[LaunchHandle]:
        """Return those that run."""
        return [handle for handle, state in self._states.items() if isinstance(state, Running)]

    async def capacity(self) -> Capacity:
        """Return how many are left of `total`."""
        free = 0 if self.draining else self.total - len(await self.list())
        return Capacity(total=self.total, free=free, draining=self.draining)

    async def departures(self) -> AsyncIterator[Departure]:
        """Yield what `end` is told."""
        queue: asyncio.Queue[Departure] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def end(self, handle: LaunchHandle, status: Exited) -> None:
        """Let a bot end as a test wants it, as a crash for example."""
        if isinstance(self._states.get(handle), Running):
            self._states[handle] = status
            for queue in self._watchers:
                queue.put_nowait(Departure(handle, status))

    def forget(self) -> None:
        """Lose every bot, as a host does that was killed and started again."""
        self._states.clear()


@dataclass
class FullLauncher(MemoryLauncher):
    """Never has room."""

    total: int = 0


@dataclass
class SlowLauncher(MemoryLauncher):
    """Takes its time to start a bot."""

    delay_s: float = 5.0

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start after a while."""
        await asyncio.sleep(self.delay_s)
        return await MemoryLauncher.start(self, spec)


@dataclass
class HeldLauncher(MemoryLauncher):
    """Starts nothing until it is let go. asked: set when a start waits; starts: how often one was asked for."""

    starts: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Start when it may."""
        self.starts += 1
        self.asked.set()
        await self.let_go.wait()
        return await MemoryLauncher.start(self, spec)


class AbsentHost:
    """Nobody answers."""

    shared = False

    async def start(self, spec: BotSpec) -> LaunchHandle:
        """Fail."""
        self._fail()

    async def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Fail."""
        self._fail()

    async def stop(self, handle: LaunchHandle, *, grace: timedelta) -> None:
        """Fail."""
        self._fail()

    async def list(self) -> Sequence[LaunchHandle]:
        """Fail."""
        self._fail()

    async def capacity(self) -> Capacity:
        """Fail."""
        self._fail()

    async def departures(self) -> AsyncIterator[Departure]:
        """Wait for a host that never comes."""
        await asyncio.Event().wait()
        yield Departure(LaunchHandle("", "", 1), Exited(0, ""))

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _fail(self) -> NoReturn:
        raise LaunchError("no bot host answers")

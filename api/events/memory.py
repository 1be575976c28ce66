"""The event bus of one process: a bounded ring per interview that somebody listens to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from api.errors import BusUnavailable, SlowReader
from api.events import Event


@dataclass(eq=False, slots=True)
class _Ring:
    events: deque[Event]
    published: int = 0  # how many ever were; the last of them is events[-1]
    readers: set["_Place"] = field(default_factory=set)


@dataclass(eq=False, slots=True)
class _Place:
    """Where one reader is. taken: how many of the ring's events it has had."""

    ring: _Ring
    taken: int
    news: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    async def next(self, within_s: float) -> Event | None:
        if self.taken == self.ring.published and not self.closed:
            self.news.clear()
            try:
                async with asyncio.timeout(within_s):
                    await self.news.wait()
            except TimeoutError:
                return None
        if self.closed:
            raise BusUnavailable("the event bus is closed")
        behind = self.ring.published - self.taken
        if behind > len(self.ring.events):
            raise SlowReader(f"{behind} events behind, of which {len(self.ring.events)} are kept")
        self.taken += 1
        return self.ring.events[-behind]


class MemoryBus:
    """Rings in this process. ring: how many events a reader may fall behind."""

    def __init__(self, ring: int) -> None:
        self._size = ring
        self._rings: dict[str, _Ring] = {}
        self._closed = False

    async def publish(self, event: Event) -> None:
        """Put the event into its interview's ring; without listeners there is none."""
        if self._closed:
            raise BusUnavailable("the event bus is closed")
        ring = self._rings.get(event.interview_id)
        if ring is None:
            return
        ring.events.append(event)
        ring.published += 1
        for reader in ring.readers:
            reader.news.set()

    @asynccontextmanager
    async def subscribe(self, interview_id: str) -> AsyncIterator[_Place]:
        """Take a place at the end of the interview's ring."""
        if self._closed:
            raise BusUnavailable("the event bus is closed")
        ring = self._rings.setdefault(interview_id, _Ring(deque(maxlen=self._size)))
        place = _Place(ring, ring.published)
        ring.readers.add(place)
        try:
            yield place
        finally:
            ring.readers.discard(place)
            if not ring.readers:
                self._rings.pop(interview_id, None)

    async def aclose(self) -> None:
        """Wake every reader to tell it."""
        self._closed = True
        for ring in self._rings.values():
            for reader in ring.readers:
                reader.closed = True
                reader.news.set()

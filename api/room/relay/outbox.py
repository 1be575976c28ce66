"""What a replica has to tell the others and has not told yet."""

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_AT_ONCE = 64  # changes in a batch: Redis does nothing else meanwhile
MOST_WAITING = 32 << 20  # letters of JSON, while Redis is away


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """One change to a room, as JSON. lasting: it comes from the control plane and is true whoever sits where."""

    body: str
    lasting: bool


class Outbox:
    """Changes in the order they were made. Bounded: what is too much is let go, and `overflowed` says so."""

    def __init__(self) -> None:
        self._waiting: deque[Change] = deque()
        self._letters = 0
        self._news = asyncio.Event()
        self.overflowed = False

    def put(self, *, lasting: bool = False, **change: Any) -> Change:
        """Add a change; those that are None are left out."""
        made = Change(json.dumps({name: value for name, value in change.items() if value is not None}), lasting)
        if self._letters + len(made.body) > MOST_WAITING:
            self.overflowed = True
            self._refill([])
        self._waiting.append(made)
        self._letters += len(made.body)
        self._news.set()
        return made

    async def take(self) -> list[Change]:
        """Wait for a change; take it and those behind it, as many as go at once."""
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        batch = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
        self._letters -= sum(len(change.body) for change in batch)
        return batch

    def withdraw(self, change: Change) -> bool:
        """Take back a change that still waits; tell whether it did."""
        if change not in self._waiting:
            return False
        self._waiting.remove(change)
        self._letters -= len(change.body)
        return True

    def begin_anew(self, unsent: Iterable[Change]) -> None:
        """Keep what is true whoever sits where, of a batch that was not carried out and of what waits behind it."""
        self._refill([change for change in (*unsent, *self._waiting) if change.lasting])
        self.overflowed = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def _refill(self, changes: list[Change]) -> None:
        self._waiting = deque(changes)
        self._letters = sum(len(change.body) for change in changes)

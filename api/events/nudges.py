"""Having other replicas look at once at what they hold: a bot's socket, say, when somebody else told the bot something.

A nudge carries no news, only where there is some. What is to be found is in the database, and whoever holds the thing
looks there now and then without being nudged; so a nudge that is lost costs a moment and never the thing itself.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit


class Nudges(Protocol):
    """Replicas that can be nudged."""

    async def send(self, attempt_id: str) -> None:
        """Have every replica look after an attempt; never raises."""
        ...

    async def hear(self, heard: Callable[[str | None], None]) -> None:
        """Call `heard` with each attempt that was nudged, until cancelled; with None when some may have been missed."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class NoOthers:
    """There is no other replica."""

    async def send(self, attempt_id: str) -> None:
        """Nobody to tell."""

    async def hear(self, heard: Callable[[str | None], None]) -> None:
        """Nobody tells anything."""
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        """Nothing to let go of."""


def open_nudges(bus_url: str) -> Nudges:
    """Return the replicas that share the event bus at `bus_url`."""
    if urlsplit(bus_url).scheme == "memory":
        return NoOthers()
    from api.events.redis_nudges import RedisNudges

    return RedisNudges(bus_url)

"""A bot that was sent ahead of time waits for the minute at which its call begins."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

MOST_S = 60.0  # a clock that is set back in the meantime keeps nobody waiting for longer
LOOK_S = 1.0  # how soon a clock that is set is noticed


def _now() -> datetime:
    return datetime.now(UTC)


async def come(at: datetime | None, clock: Callable[[], datetime] = _now) -> None:
    """Return when a time of day has come, at once when that is past or None."""
    loop = asyncio.get_running_loop()
    latest = loop.time() + MOST_S
    while at is not None and loop.time() < latest:
        left_s = (at - clock()).total_seconds()
        if left_s <= 0:
            return
        await asyncio.sleep(min(left_s, LOOK_S))

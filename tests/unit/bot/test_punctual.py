"""A bot that was sent ahead joins on the minute, whatever the clocks do."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.punctual import MOST_S, come

AT = datetime(2030, 10, 27, 1, 0, tzinfo=UTC)  # when clocks in Berlin are set back


class WallClock:
    """Goes with the event loop, and is set now and then. moved: by how much, and when (s from the start)."""

    def __init__(self, ahead_s: float, *moved: tuple[float, float]) -> None:
        self._began, self._ahead_s, self._moved = asyncio.get_running_loop().time(), ahead_s, moved

    def __call__(self) -> datetime:
        up_s = asyncio.get_running_loop().time() - self._began
        set_s = sum(by_s for by_s, at_s in self._moved if up_s >= at_s)
        return AT - timedelta(seconds=self._ahead_s) + timedelta(seconds=up_s + set_s)


@pytest.mark.parametrize(
    ("ahead_s", "moved", "waits_s"),
    [
        (10.0, (), 10.0),
        (0.25, (), 0.25),
        (-5.0, (), 0.0),
        (10.0, ((3600.0, 4.5),), 5.0),  # set forward: it is late already
        (10.0, ((-3600.0, 4.5),), MOST_S),  # set back: nobody waits for an hour
    ],
)
async def test_it_comes_on_time(ahead_s: float, moved: tuple[tuple[float, float], ...], waits_s: float) -> None:
    began = asyncio.get_running_loop().time()
    await come(AT, WallClock(ahead_s, *moved))
    assert asyncio.get_running_loop().time() - began == pytest.approx(waits_s, abs=0.01)


async def test_without_a_time_it_comes_at_once() -> None:
    began = asyncio.get_running_loop().time()
    await come(None)
    assert asyncio.get_running_loop().time() == began

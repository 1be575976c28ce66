"""A seat in a meeting's page: what the page does not take, or no longer gives, holds the bot's pulse back."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from playwright.async_api import Error

from audio import Pcm
from bot.platforms.browser.driver import Look
from bot.platforms.browser.meeting import BrowserConnection
from bot.pulse import Watch

FRAME = np.full(480, 900, np.int16)
PIECE = base64.b64encode(np.full(320, 900, np.int16).tobytes()).decode()


@dataclass
class MoodyPage:
    """Refuses all sound while `refuses` is set."""

    refuses: bool = False
    taken: list[Pcm] = field(default_factory=list)

    async def evaluate(self, script: str, sound: str) -> None:
        if self.refuses:
            raise Error("the microphone's clock is closed")
        self.taken.append(np.frombuffer(base64.b64decode(sound), np.int16))


class OneOther:
    """A driver of a call with one other in it."""

    async def look(self) -> Look:
        return Look("in_call", {"p0": "Ada"})

    async def leave(self) -> None:
        pass


@dataclass
class Seat:
    page: MoodyPage
    connection: BrowserConnection

    async def passes(self, seconds: float, *, speaking: bool = False, hearing: bool = True) -> float:
        """Let time pass; return for how long something has stood still at its end."""
        watch, loop = Watch(self.connection.progress), asyncio.get_running_loop()
        still_s = 0.0
        for number in range(int(seconds / 0.02)):
            if speaking:
                self.connection.play(FRAME)
            if hearing:
                self.connection.hear(PIECE)
            await asyncio.sleep(0.02)
            if number % 25 == 0:
                still_s = watch.still_s(watch.look(loop.time()), loop.time())
        return still_s


@asynccontextmanager
async def seated() -> AsyncIterator[Seat]:
    page: Any = MoodyPage()
    driver: Any = OneOther()
    connection = BrowserConnection(page, driver, ear=lambda participant, pcm: None)
    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(connection.watch()), tasks.create_task(connection.speak())]
        await asyncio.sleep(0.1)
        yield Seat(page, connection)
        for task in working:
            task.cancel()


async def test_a_page_that_takes_and_gives_sound_moves() -> None:
    async with seated() as seat:
        assert await seat.passes(10, speaking=True) <= 1
        assert await seat.passes(10) <= 1


async def test_a_page_that_refuses_every_frame_stands_still_until_it_takes_one() -> None:
    async with seated() as seat:
        seat.page.refuses = True
        assert await seat.passes(8, speaking=True) >= 7
        seat.page.refuses = False
        assert await seat.passes(2, speaking=True) <= 1
        assert len(seat.page.taken) > 50


async def test_a_page_that_refuses_once_loses_nothing() -> None:
    async with seated() as seat:
        seat.page.refuses = True
        seat.connection.play(FRAME)
        await asyncio.sleep(0.3)
        seat.page.refuses = False
        assert await seat.passes(8) <= 1
        assert np.array_equal(np.concatenate(seat.page.taken), FRAME)


async def test_a_page_that_gives_no_sound_any_more_stands_still() -> None:
    async with seated() as seat:
        assert await seat.passes(2) <= 1
        assert await seat.passes(8, hearing=False) >= 7


async def test_a_page_that_has_given_no_sound_yet_has_none_to_give() -> None:
    async with seated() as seat:
        assert await seat.passes(8, hearing=False) <= 1

"""A bot's pulse stays behind as soon as something that carries sound stands still, and at no other time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.platforms.peer import VoiceTrack
from bot.pulse import NOTED_S, Progress, Pulse, Watch, keep
from tests.unit.bot.calls import ADA, call


@dataclass
class Body:
    """Parts that a test moves, and what was said of them."""

    parts: dict[str, Progress] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    pulse: Pulse = field(default_factory=Pulse)

    def part(self, name: str, done: int, *, waiting: bool = True) -> None:
        self.parts[name] = Progress(name, done, waiting)

    @property
    def behind_s(self) -> float:
        last = self.pulse.last
        assert last is not None
        return asyncio.get_running_loop().time() - last


@asynccontextmanager
async def beating() -> AsyncIterator[Body]:
    body = Body()
    await asyncio.sleep(100)  # a clock at 0 has no pulse
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(keep(body.pulse, Watch(lambda: body.parts.values()), body.said.append))
        await asyncio.sleep(0.1)
        yield body
        task.cancel()


async def test_what_has_nothing_to_do_or_does_it_keeps_the_pulse_up() -> None:
    async with beating() as body:
        for done in range(40):
            body.part("the voice", done)
            body.part("a track", 0, waiting=False)
            await asyncio.sleep(0.5)
        assert body.behind_s <= 1.1 and body.said == []


async def test_one_part_that_stands_still_holds_the_pulse_back_whatever_the_others_do() -> None:
    async with beating() as body:
        for done in range(12):
            body.part("the track to ann", done)
            body.part("the track to ben", 7)
            await asyncio.sleep(0.5)
        assert body.behind_s == pytest.approx(6.0, abs=1.1)
        assert body.said == [f"the track to ben has had sound to pass on for {NOTED_S:.0f} s and passed on none"]
        for done in range(8, 12):
            body.part("the track to ann", done + 20)
            body.part("the track to ben", done)
            await asyncio.sleep(0.5)
        assert body.behind_s <= 1.1


async def test_a_part_that_goes_away_holds_nothing_back() -> None:
    async with beating() as body:
        body.part("the track to ann", 3)
        await asyncio.sleep(5)
        body.parts.clear()
        await asyncio.sleep(0.6)
        assert body.behind_s <= 0.6


async def test_a_track_that_nobody_takes_from_has_work_waiting() -> None:
    track = VoiceTrack()
    assert (track.taken, track.waiting) == (0, False)
    track.push(b"sound", 960)
    assert (track.taken, track.waiting) == (0, True)
    await track.recv()
    assert (track.taken, track.waiting) == (1, False)


async def test_a_bot_that_waits_listens_and_speaks_has_a_pulse_in_all_of_it() -> None:
    async with call(["I have built one.", "It was mine."]) as running:
        watch, loop = Watch(running.session.progress), asyncio.get_running_loop()
        longest, done = 0.0, set()
        running.meeting.come(ADA)
        for _ in range(60):
            longest = max(longest, watch.still_s(watch.look(loop.time()), loop.time()))
            done |= {progress.done for progress in running.session.progress()}
            await asyncio.sleep(0.5)
        assert longest == 0 and len(done) > 5


async def test_a_voice_that_does_not_pay_out_what_it_has_stands_still() -> None:
    async with call() as running:
        running.meeting.come(ADA)
        await running.speaking()
        watch, loop = Watch(running.session.progress), asyncio.get_running_loop()
        running.session._speaking.cancel()  # its pacing ends in the middle of a line
        await asyncio.sleep(0.1)
        watch.look(loop.time())
        await asyncio.sleep(6)
        assert watch.still_s(watch.look(loop.time()), loop.time()) >= 5

"""Somebody in the room who says what they are told to, and knows when the last of it was heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.candidate import seat_of_link
from bot.candidate.answers import Clip
from bot.candidate.microphone import FRAME_S, Microphone, Purpose, Utterance
from bot.platforms import MeetingConnection, Participant
from bot.platforms.room import join_room


class Speaker:
    """Speaks in one room."""

    def __init__(self, seat: MeetingConnection) -> None:
        self._seat, self._microphone = seat, Microphone()
        self._loop = asyncio.get_running_loop()

    async def say(self, clip: Clip) -> float:
        """Say it; return when its last voiced sample left, on the event loop's clock."""
        said = Utterance(clip, Purpose.ANSWER, None)
        self._microphone.say(said)
        while said.done is None:  # noqa: ASYNC110 - frames are paced by the clock, not by an event
            await asyncio.sleep(FRAME_S)
        return said.end or said.done

    async def breathe(self) -> None:
        """Send the sound of the room, and what is said in it, until cancelled."""
        due = self._loop.time()
        while True:
            self._seat.play(self._microphone.frame(self._loop.time()))
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - self._loop.time()))


@asynccontextmanager
async def speaker(link: str) -> AsyncIterator[Speaker]:
    """Take the seat of a join link, having agreed to be recorded, until the block ends."""
    url, token = seat_of_link(link)
    async with join_room(url, token, ear=_nobody_listens, consented=True) as seat, asyncio.TaskGroup() as tasks:
        one = Speaker(seat)
        breathing = tasks.create_task(one.breathe())
        watching = tasks.create_task(_follow(seat))
        try:
            yield one
        finally:
            breathing.cancel()
            watching.cancel()


async def _follow(seat: MeetingConnection) -> None:
    async for _ in seat.events():
        pass  # they have to be taken, and nothing follows from them here


def _nobody_listens(participant: Participant, pcm: object) -> None:
    """Take what is heard."""

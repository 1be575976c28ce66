"""A call that people hold, over real WebRTC: a candidate and an interviewer in the room, and what the bot sends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from api.client import Client
from audio import Pcm
from bot.candidate import seat_of_link
from bot.candidate.answers import Clip
from bot.candidate.microphone import FRAME_S, Microphone, Purpose, Utterance
from bot.interview import Role
from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from tests.guards import HANG_S
from tests.integration.test_survival import plan

QUIET_S = 0.5  # without a packet: what was on its way when a line ended has come


@dataclass
class BotEar:
    """Counts what arrives of the bot: each call is one RTP packet with sound in it (`bot.platforms.peer`)."""

    packets: int = 0
    samples: int = 0
    last: float = 0.0
    bots: set[str] = field(default_factory=set)

    def __call__(self, participant: Participant, pcm: Pcm) -> None:
        if participant.role is Role.BOT:
            self.packets += 1
            self.samples += int(np.count_nonzero(pcm))
            self.last = asyncio.get_running_loop().time()
            self.bots.add(participant.id)

    async def quiet(self) -> int:
        """Wait until nothing comes any more; return how many packets came so far."""
        loop = asyncio.get_running_loop()
        await holds(lambda: loop.time() - self.last > QUIET_S)
        return self.packets


@dataclass
class Person:
    """Somebody in the room: sends sound all the time, as a browser does, and says what they are given."""

    seat: RoomConnection
    microphone: Microphone = field(default_factory=Microphone)

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            self.seat.play(self.microphone.frame(loop.time()))
            due = max(due + FRAME_S, loop.time() - 0.2)
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def says(self, clip: Clip) -> None:
        self.microphone.say(Utterance(clip, Purpose.ANSWER, None))
        await holds(lambda: not self.microphone.speaking)


async def holds(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(HANG_S):
        while not condition():
            await asyncio.sleep(0.02)


@dataclass
class Watched:
    """What the interview's stream has told so far."""

    events: list[Any] = field(default_factory=list)

    async def follow(self, client: Client, interview_id: str) -> None:
        async for event in client.interviews.events(interview_id, after=0):
            self.events.append(event)

    def of(self, type_: str, **with_: Any) -> list[dict[str, Any]]:
        told = (event.data for event in self.events if event.type == type_)
        return [data for data in told if with_.items() <= data.items()]


@dataclass(frozen=True)
class HeldByPeople:
    """One call with both in it, after the bot's disclosure. ear: the candidate's; following: done once it is over."""

    interview_id: str
    candidate: Person
    interviewer: Person
    ear: BotEar
    told: Watched
    following: "asyncio.Task[None]"


@asynccontextmanager
async def held_by_people(client: Client, mode: str, *, questions: int) -> AsyncIterator[HeldByPeople]:
    """Hold a call in `mode` until the block ends; the block ends the call."""
    ear, told = BotEar(), Watched()
    wanted = {"plan": plan(questions).model_dump(mode="json", exclude_defaults=True), "candidate": {"name": "Ada"}}
    interview_id = (await client.interviews.create(wanted | {"mode": mode})).id
    links = [
        await client.interviews.link(interview_id, {"role": role, "name": name})
        for role, name in (("candidate", "Ada"), ("interviewer", "Ines"))
    ]
    async with asyncio.TaskGroup() as tasks, AsyncExitStack() as room:
        following = tasks.create_task(told.follow(client, interview_id))
        await client.interviews.start(interview_id)
        await holds(lambda: bool(told.of("state", state="waiting")))
        seats = [
            await room.enter_async_context(join_room(*seat_of_link(link.url), ear=hears, consented=True))
            for link, hears in zip(links, (ear, lambda who, pcm: None), strict=True)
        ]
        candidate, interviewer = (Person(seat) for seat in seats)
        living = [tasks.create_task(person.live()) for person in (candidate, interviewer)]
        await holds(lambda: bool(told.of("disclosure")))
        yield HeldByPeople(interview_id, candidate, interviewer, ear, told, following)
        await holds(following.done)
        for person in living:
            person.cancel()

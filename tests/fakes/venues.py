"""Meetings as the conformance suite needs them: in the built-in room, on a Janus, and on a page in a browser."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import SecretStr

from audio import Pcm
from bot.platforms import FRAME, NAMED, Participant, ParticipantJoined, ParticipantLeft, Venue
from bot.platforms.registry import platform_for, platforms
from bot.platforms.room import RoomConnection, join_room
from bot.spec import BotSpec, Meeting, Place
from tests.fakes.janus_guest import MIXED, JanusGuest, janus_guest
from tests.fakes.simulated_meet import SimulatedMeet
from tests.running_host import spec_of
from tests.running_janus import DEAF, LOCKED, OPEN, Janus
from tests.running_room import SEATS, RestartableRoom

Heard = Sequence[tuple[float, Pcm]]
NOWHERE = 4711  # no room has this number


@dataclass
class Voice:
    """Sound that somebody still has to say, frame by frame."""

    frames: deque[Pcm] = field(default_factory=deque)

    def say(self, pcm: Pcm) -> None:
        self.frames.extend(pcm[at : at + FRAME] for at in range(0, len(pcm), FRAME))

    def next(self) -> Pcm | None:
        return self.frames.popleft() if self.frames else None


async def pacing() -> AsyncIterator[None]:
    """Come by every 20 ms."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        yield
        due += 0.02
        await asyncio.sleep(max(0.0, due - loop.time()))


# ---- the built-in room -----------------------------------------------------------------------------------------------


class RoomGuest(Voice):
    """Somebody in the built-in room."""

    def __init__(self) -> None:
        super().__init__()
        self._heard: list[tuple[float, Pcm]] = []
        self._bot_is_there = False
        self.connection: RoomConnection | None = None

    def hear(self, participant: Participant, pcm: Pcm) -> None:
        assert participant.name == SEATS["bot"].name
        self._heard.append((asyncio.get_running_loop().time(), pcm))

    def heard(self) -> Heard:
        return self._heard

    def sees_bot(self) -> bool:
        return self._bot_is_there

    async def leave(self) -> None:
        assert self.connection is not None
        await self.connection.leave()

    async def vanish(self) -> None:
        assert self.connection is not None
        await self.connection.drop()

    async def watch(self) -> None:
        assert self.connection is not None
        async for event in self.connection.events():
            if isinstance(event, ParticipantJoined | ParticipantLeft) and event.participant.name == SEATS["bot"].name:
                self._bot_is_there = isinstance(event, ParticipantJoined)

    async def speak(self) -> None:
        assert self.connection is not None
        async for _ in pacing():
            if (frame := self.next()) is not None:
                self.connection.play(frame)


@dataclass
class RoomMeeting:
    room: RestartableRoom
    folder: Path

    @property
    def venue(self) -> Venue:
        return platform_for(self.spec)

    @property
    def spec(self) -> BotSpec:
        return self._spec("bot")

    def _spec(self, token: str) -> BotSpec:
        place = Place(url=self.room.url, token=SecretStr(token))
        return spec_of(self.folder).model_copy(update={"room": place})

    @asynccontextmanager
    async def guest(self, name: str) -> AsyncIterator[RoomGuest]:
        guest, only_the_bot = RoomGuest(), SEATS["bot"].participant_id

        def hear(participant: Participant, pcm: Pcm) -> None:
            if participant.id == only_the_bot:
                guest.hear(participant, pcm)

        async with join_room(self.room.url, name.lower(), ear=hear) as connection, asyncio.TaskGroup() as tasks:
            guest.connection = connection
            beside = [tasks.create_task(guest.watch()), tasks.create_task(guest.speak())]
            yield guest
            for task in beside:
                task.cancel()

    async def remove(self, code: str) -> None:
        assert code == "replaced"
        async with join_room(self.room.url, "bot", ear=lambda who, pcm: None):
            pass

    def refused(self, code: str) -> BotSpec:
        assert code == "link_invalid"
        return self._spec("forged")


# ---- Janus -----------------------------------------------------------------------------------------------------------


@dataclass
class InRoom:
    """A guest of a Janus, as the suite needs one. bot: the name that the bot shows."""

    guest: JanusGuest
    bot: str

    def say(self, pcm: Pcm) -> None:
        self.guest.say(pcm)

    def heard(self) -> Heard:
        return self.guest.heard.get(MIXED if self.guest.mixed else self.bot, [])

    def sees_bot(self) -> bool:
        return self.bot in self.guest.here.values()

    async def leave(self) -> None:
        await self.guest.leave()

    async def vanish(self) -> None:
        self.guest.vanish()


@dataclass
class JanusMeeting:
    janus: Janus
    folder: Path
    kind: str = "room"
    last: JanusGuest | None = None

    @property
    def venue(self) -> Venue:
        return platforms()["janus"]

    @property
    def spec(self) -> BotSpec:
        return self.of(self.janus.room(kind=self.kind))

    def of(self, url: str, secret: str | None = None) -> BotSpec:
        key = SecretStr(self.janus.secret if secret is None else secret)
        meeting = Meeting(url=url, platform="janus", secret=key, evidence=self.folder / "seen")
        return spec_of(self.folder).model_copy(update={"meeting": meeting})

    @asynccontextmanager
    async def guest(self, name: str) -> AsyncIterator[InRoom]:
        mixed = self.kind == "bridge"
        async with janus_guest(self.janus.server, self.janus.secret, OPEN, name, mixed=mixed) as guest:
            self.last = guest
            yield InRoom(guest, NAMED.format(name=self.spec.name))

    async def remove(self, code: str) -> None:
        assert self.last is not None
        if code == "removed_from_meeting":
            await self.last.kick(NAMED.format(name=self.spec.name))
        else:
            assert code == "meeting_ended"
            await self.last.destroy()

    def refused(self, code: str) -> BotSpec:
        places = {"meeting_not_found": NOWHERE, "meeting_locked": LOCKED, "meeting_unreachable": DEAF}
        return self.of(self.janus.room(places[code], kind=self.kind, pin="guess"))


# ---- a page in a browser ---------------------------------------------------------------------------------------------


class PageGuest(Voice):
    """Somebody in the simulated Meet, which has one track for all."""

    def __init__(self, meet: SimulatedMeet, name: str, heard: list[tuple[float, Pcm]]) -> None:
        super().__init__()
        self._meet, self._name, self._heard = meet, name, heard

    def heard(self) -> Heard:
        return self._heard

    def sees_bot(self) -> bool:
        return self._meet.connected and not self._meet.left.is_set()

    async def leave(self) -> None:
        self._meet.names.remove(self._name)

    async def vanish(self) -> None:
        raise NotImplementedError("the page shows the same")


@dataclass
class PageMeeting:
    meet: SimulatedMeet
    folder: Path
    guests: list[PageGuest] = field(default_factory=list)
    _heard: list[tuple[float, Pcm]] = field(default_factory=list)

    @property
    def venue(self) -> Venue:
        return platforms()["meet"]

    @property
    def spec(self) -> BotSpec:
        meeting = Meeting(url=self.meet.url, platform="meet", evidence=self.folder / "seen")
        return spec_of(self.folder).model_copy(update={"meeting": meeting})

    @asynccontextmanager
    async def guest(self, name: str) -> AsyncIterator[PageGuest]:
        guest = PageGuest(self.meet, name, self._heard)
        self.meet.names.append(name)
        self.guests.append(guest)
        yield guest
        self.guests.remove(guest)
        if name in self.meet.names:
            self.meet.names.remove(name)

    async def run(self) -> None:
        """Send what the guests say, mixed, and keep what comes."""
        loop = asyncio.get_running_loop()
        self.meet.on_sound = lambda pcm: self._heard.append((loop.time(), pcm))
        async for _ in pacing():
            if frames := [frame for guest in self.guests if (frame := guest.next()) is not None]:
                self.meet.say(np.sum(frames, axis=0).astype(np.int16))

    async def remove(self, code: str) -> None:
        self.meet.standing = {"removed_from_meeting": "removed", "meeting_ended": "ended"}[code]

    def refused(self, code: str) -> BotSpec:
        self.meet.standing = {"meeting_not_found": "not_found"}[code]
        return self.spec

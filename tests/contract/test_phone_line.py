"""The conformance suite of platforms on the bot's telephone, with a caller behind Twilio's protocol."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audio import VOICE_RATE, Pcm
from audio.pcm import resample
from bot.orders import COMMAND, LineTold
from bot.platforms import Ear, Venue
from bot.platforms.conformance import PlatformConformance
from bot.platforms.phone import PhoneConnection, PhoneLine, Ring
from bot.spec import BotSpec
from tests.fakes.phone import RATE, SimulatedPhone, calling_by_twilio
from tests.integration.plane import Plane, running, uplink

TOKEN = "twilio-auth-token"


class RungLine:
    """The bot's telephone with the line over which it is rung."""

    @asynccontextmanager
    async def join(self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AsyncIterator[PhoneConnection]:
        line = PhoneLine(lambda id_: None)
        async with uplink(spec) as bot, line.join(spec, ear=ear) as connection, asyncio.TaskGroup() as tasks:

            async def obey() -> None:
                while True:
                    told = COMMAND.validate_python(await bot.told())
                    assert isinstance(told, LineTold)
                    line.ring(Ring(told.id, told.data.url, told.data.caller))

            obeying = tasks.create_task(obey())
            yield connection
            obeying.cancel()


@dataclass
class PhoneGuest:
    """Somebody on the telephone."""

    phone: SimulatedPhone

    def say(self, pcm: Pcm) -> None:
        self.phone.say(resample(pcm, VOICE_RATE, RATE))

    def heard(self) -> Sequence[tuple[float, Pcm]]:
        return self.phone.pieces

    def sees_bot(self) -> bool:
        return not self.phone.closed.is_set()

    async def leave(self) -> None:
        await self.phone.hang_up()

    async def vanish(self) -> None:
        self.phone.lose_line()


@dataclass
class PhoneMeeting:
    plane: Plane
    spec: BotSpec
    phone_url: str
    venue: Venue = field(default_factory=RungLine)

    @asynccontextmanager
    async def guest(self, name: str) -> AsyncIterator[PhoneGuest]:
        assert name == self.spec.candidate_name
        async with calling_by_twilio(self.phone_url, TOKEN) as phone:
            yield PhoneGuest(phone)

    async def remove(self, code: str) -> None:
        raise NotImplementedError("a call is over with its interview, and there is none here")

    def refused(self, code: str) -> BotSpec:
        raise NotImplementedError("the bot waits for calls; nobody refuses it")


class TestPhone(PlatformConformance):
    test_every_voice_is_heard_under_its_own_name_or_none = None  # type: ignore[assignment]  # a call has one caller
    test_leaving_is_quick_and_may_be_asked_for_twice = None  # type: ignore[assignment]  # the line waits for an heir

    @pytest.fixture
    async def meeting(self, tmp_path: Path) -> AsyncIterator[PhoneMeeting]:
        async with running(tmp_path, twilio_auth_token=TOKEN) as plane:
            client = plane.client()
            id_, spec = await plane.started(client, meeting_url=f"{plane.url}/phone", candidate={"name": "Ada"})
            link = (await client.post(f"/v1/interviews/{id_}/links", json={"name": "Ada"})).json()
            yield PhoneMeeting(plane, spec, link["phone_url"])

"""Calls by telephone through a real control plane: providers' sockets on one side, the bot's telephone on the other."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.exceptions import InvalidStatus

from api.phone import legs
from audio import SAMPLE_RATE, Pcm
from bot.interview import Role
from bot.orders import COMMAND, LineTold
from bot.platforms import Control, MediaFailed, MeetingEvent, Participant, ParticipantJoined, ParticipantLeft
from bot.platforms.phone import PhoneConnection, PhoneLine, Ring
from bot.spec import BotSpec
from tests.fakes.phone import (
    CALLED,
    PlainNetwork,
    SimulatedPhone,
    TwilioNetwork,
    by_telnyx,
    by_twilio,
    calling,
    calling_by_telnyx,
    calling_by_twilio,
    instructed,
    stream_in,
)
from tests.guards import HANG_S, connect
from tests.integration.plane import Bot, Plane, close_code, running, shared, until, uplink
from tests.integration.voices import Ear, pitch, tone
from tests.running_redis import running_redis

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "twilio-auth-token"
KEY = Ed25519PrivateKey.generate()
PUBLIC_KEY = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    folder = tmp_path_factory.mktemp("phone")
    async with shared(folder, twilio_auth_token=f"old-token,{TOKEN}", telnyx_public_key=(PUBLIC_KEY,)) as plane:
        yield plane


@dataclass
class Answering:
    """A bot with its telephone: uplink and line, no interview."""

    bot: Bot
    connection: PhoneConnection
    ear: Ear
    events: "asyncio.Queue[MeetingEvent]" = field(default_factory=asyncio.Queue)
    done: list[str] = field(default_factory=list)

    async def next(self) -> MeetingEvent:
        async with asyncio.timeout(HANG_S):
            return await self.events.get()

    async def joined(self) -> Participant:
        event = await self.next()
        assert isinstance(event, ParticipantJoined), event
        return event.participant


@asynccontextmanager
async def answering(spec: BotSpec, **more: float) -> AsyncIterator[Answering]:
    """Run the telephone of the bot that `spec` starts, and ring it when the control plane says so."""
    ear, done = Ear(), list[str]()
    line = PhoneLine(done.append, **more)
    async with uplink(spec) as bot, line.join(spec, ear=ear) as connection, asyncio.TaskGroup() as tasks:
        here = Answering(bot, connection, ear, done=done)

        async def obey() -> None:
            while True:
                told = COMMAND.validate_python(await bot.told())
                assert isinstance(told, LineTold)
                line.ring(Ring(told.id, told.data.url, told.data.caller))

        async def watch() -> None:
            async for event in connection.events():
                here.events.put_nowait(event)

        running = [tasks.create_task(obey()), tasks.create_task(watch())]
        yield here
        for task in running:
            task.cancel()


@dataclass
class Held:
    """An interview that is held by telephone, and its candidate's links."""

    interview_id: str
    spec: BotSpec
    phone_url: str
    stream_url: str


async def held(plane: Plane) -> Held:
    client = plane.client()
    interview_id, spec = await plane.started(client, meeting_url=f"{plane.url}/phone")
    assert spec.phone
    return await with_links(plane, interview_id, spec)


async def with_links(plane: Plane, interview_id: str, spec: BotSpec) -> Held:
    link = (await plane.client().post(f"/v1/interviews/{interview_id}/links", json={"name": "Ann"})).json()
    return Held(interview_id, spec, link["phone_url"], link["stream_url"])


async def say(connection: PhoneConnection, frames: int, hz: float) -> None:
    loop, wave = asyncio.get_running_loop(), tone(hz)
    start = loop.time()
    for number in range(frames):
        connection.play(wave(number))
        await asyncio.sleep(max(0.0, start + (number + 1) * 0.02 - loop.time()))


def beep(hz: float, seconds: float) -> Pcm:
    at = np.arange(round(8000 * seconds)) / 8000
    return (8000 * np.sin(2 * np.pi * hz * at)).astype(np.int16)


Calling = Callable[[Held], AbstractAsyncContextManager[SimulatedPhone]]
WAYS: dict[str, Calling] = {
    "twilio": lambda call: calling_by_twilio(call.phone_url, TOKEN),
    "telnyx": lambda call: calling_by_telnyx(call.phone_url, KEY),
    "plain": lambda call: calling(call.stream_url, PlainNetwork()),
}


# ---- what a call is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
async def test_sound_keys_and_hanging_up_go_through(plane: Plane, way: str) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot, WAYS[way](call) as phone:
        caller = await bot.joined()
        assert (caller.name, caller.role, caller.consented) == ("Ann", Role.CANDIDATE, False)
        phone.say(beep(440, 1.0))
        await say(bot.connection, 50, 600)
        sound = await bot.ear.hears(caller.id, 1.5)
        assert abs(pitch(sound[SAMPLE_RATE // 4 : SAMPLE_RATE]) - 440) < 10
        await phone.plays(0.9)
        assert abs(pitch(phone.sound[800:6400]) / 2 - 600) < 10  # `pitch` is of 16 kHz
        await phone.press("1")
        assert await bot.next() == Control(caller, "repeat")
        await phone.press("9")
        await phone.press("0")
        assert await bot.next() == Control(caller, "human")
        await phone.hang_up()
        assert await bot.next() == ParticipantLeft(caller, dropped=False)


async def test_16_khz_pcm_goes_through_whole(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot, connect(call.stream_url) as socket:
        await socket.send(json.dumps({"event": "start", "encoding": "pcm", "rate": 16000}))
        at = np.arange(16000) / 16000
        whistle = (8000 * np.sin(2 * np.pi * 5000 * at)).astype("<i2").tobytes()
        while bot.events.empty():  # before the bot has dialled there is nobody to hear it
            await socket.send(whistle[:640])
            await asyncio.sleep(0.02)
        caller = await bot.joined()
        await socket.send(whistle)
        assert abs(pitch((await bot.ear.hears(caller.id, 1.0))[-8000:]) - 5000) < 10  # beyond what µ-law can carry
        await say(bot.connection, 10, 5000)
        sound = b""
        while len(sound) < 4 * 640:
            piece = await socket.recv()
            if isinstance(piece, bytes):
                assert len(piece) == 640  # 20 ms
                sound += piece
        assert abs(pitch(np.frombuffer(sound, "<i2")) - 5000) < 50


async def test_what_nobody_has_heard_is_taken_back(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot, calling_by_twilio(call.phone_url, TOKEN, delay_s=0.4) as phone:
        await bot.joined()
        await say(bot.connection, 50, 600)
        began = asyncio.get_running_loop().time()
        unheard = bot.connection.recall()
        heard = len(phone.sound) / 160
        assert 15 <= unheard <= 40
        assert 0 <= heard - (50 - unheard) <= 10  # not more than there was; less by the way of the marks
        async with asyncio.timeout(HANG_S):
            while not phone.cleared:
                await asyncio.sleep(0.005)
        assert phone.cleared[0] - began < 0.25
        at_clear = len(phone.sound)
        assert bot.connection.recall() == 0
        await say(bot.connection, 10, 600)
        await phone.plays(at_clear / 8000 + 0.15)  # and the line is as it was
        assert len(phone.cleared) == 1


async def test_the_end_of_what_is_said_is_heard_before_the_bot_leaves(plane: Plane) -> None:
    call = await held(plane)
    async with calling_by_twilio(call.phone_url, TOKEN, delay_s=0.5) as phone:
        async with answering(call.spec) as bot:
            await bot.joined()
            await say(bot.connection, 40, 600)
        assert len(phone.sound) / 160 >= 39


async def test_a_lost_line_is_told_from_hanging_up_and_whoever_calls_again_is_back(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot:
        async with calling_by_twilio(call.phone_url, TOKEN) as phone:
            caller = await bot.joined()
            phone.lose_line()
            assert await bot.next() == ParticipantLeft(caller, dropped=True)
        async with calling_by_twilio(call.phone_url, TOKEN):
            assert await bot.next() == ParticipantJoined(caller, again=True)
        assert len(bot.done) == 1


async def test_who_hangs_up_while_the_bot_speaks_has_hung_up(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot:
        for _ in range(3):
            async with calling_by_twilio(call.phone_url, TOKEN) as phone, asyncio.TaskGroup() as tasks:
                caller = await bot.joined()
                talking = tasks.create_task(say(bot.connection, 200, 600))
                await phone.plays(0.1)
                await phone.hang_up()
                assert await bot.next() == ParticipantLeft(caller, dropped=False)
                talking.cancel()


async def test_a_second_call_takes_the_firsts_place(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec) as bot, calling_by_twilio(call.phone_url, TOKEN) as first:
        caller = await bot.joined()
        async with calling_by_twilio(call.phone_url, TOKEN):
            assert await bot.next() == ParticipantLeft(caller, dropped=True)
            assert await bot.next() == ParticipantJoined(caller, again=True)
            await first.closed.wait()
            assert first.socket.close_code == legs.REPLACED


async def test_a_bot_that_takes_anothers_place_finds_the_call(plane: Plane) -> None:
    call = await held(plane)
    async with calling_by_twilio(call.phone_url, TOKEN) as phone:
        async with answering(call.spec) as bot:
            caller = await bot.joined()
        async with answering(call.spec) as heir:
            assert await heir.joined() == caller
            await say(heir.connection, 20, 600)
            await phone.plays(0.3)
            assert not phone.closed.is_set()
            await phone.hang_up()
            assert await heir.next() == ParticipantLeft(caller, dropped=False)


async def test_the_call_ends_with_the_interview_and_is_not_taken_up_again(plane: Plane) -> None:
    call = await held(plane)
    async with calling_by_twilio(call.phone_url, TOKEN) as phone:
        async with answering(call.spec) as bot:
            await bot.joined()
            await bot.bot.event(1, "state", state="joining")
            await bot.bot.event(2, "state", state="waiting")
            await bot.bot.event(3, "state", state="in_call")
            await bot.bot.event(4, "ended", reason="completed", report={})
            async with asyncio.timeout(HANG_S):
                while bot.bot.acked < 4:
                    await asyncio.sleep(0.01)
        async with asyncio.timeout(HANG_S):
            await phone.closed.wait()
        assert phone.socket.close_code == legs.OVER
    await until(plane.client(), call.interview_id, "completed", "failed")
    answer = await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN))
    assert (answer.status_code, answer.text) == (200, "<Response><Hangup/></Response>")


async def test_a_call_that_no_bot_takes_is_given_back(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legs, "BOT_WITHIN_S", 0.3)
    call = await held(plane)
    async with calling_by_twilio(call.phone_url, TOKEN) as phone:
        async with asyncio.timeout(HANG_S):
            await phone.closed.wait()
        assert phone.socket.close_code == legs.NO_BOT


async def test_a_call_whose_bot_does_not_come_back_is_given_back(plane: Plane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legs, "BOT_WITHIN_S", 0.3)
    call = await held(plane)
    async with calling_by_twilio(call.phone_url, TOKEN) as phone:
        async with answering(call.spec) as bot:
            await bot.joined()
        async with asyncio.timeout(HANG_S):
            await phone.closed.wait()
        assert phone.socket.close_code == legs.NO_BOT


async def test_a_call_without_sound_is_told(plane: Plane) -> None:
    call = await held(plane)
    async with answering(call.spec, media_within_s=0.2) as bot, connect(call.stream_url) as socket:
        await socket.send(json.dumps({"event": "start", "encoding": "mulaw", "rate": 8000}))
        assert isinstance(await bot.next(), MediaFailed)


async def test_a_call_comes_in_at_another_replica_than_its_bots(tmp_path: Path) -> None:
    public = "https://voice.example.org"
    with running_redis(tmp_path) as redis:
        shared_ = {
            "database_url": f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}",
            "event_bus_url": redis,
            "signing_key_file": tmp_path / "key",
            "public_url": public,
            "twilio_auth_token": TOKEN,
            "watch_every_s": HANG_S * 2,  # the bot is told by a nudge, not by somebody who looks now and then
        }
        async with running(tmp_path / "a", **shared_) as a, running(tmp_path / "b", **shared_) as b:
            client = a.client()
            interview_id, spec = await a.started(client, meeting_url=f"{public}/phone")
            call = await with_links(a, interview_id, spec)
            async with answering(spec) as bot, through(b, call, public):
                assert (await bot.joined()).name == "Ann"


@asynccontextmanager
async def through(plane: Plane, call: Held, public: str) -> AsyncIterator[SimulatedPhone]:
    """A call of Twilio's to the public address, which the balancer sends to one replica."""
    asked = call.phone_url.replace(public, plane.url)
    url = stream_in((await instructed(asked, by_twilio(call.phone_url, TOKEN))).text)
    here = url.replace("ws" + public.removeprefix("http"), plane.sockets(""))
    async with calling(here, TwilioNetwork(), headers=by_twilio(url, TOKEN, {})) as phone:
        yield phone


async def test_a_server_that_stops_gives_its_calls_back(tmp_path: Path) -> None:
    async with running(tmp_path, twilio_auth_token=TOKEN) as plane:
        call = await held(plane)
        async with answering(call.spec) as bot, calling_by_twilio(call.phone_url, TOKEN) as phone:
            caller = await bot.joined()
            plane.services.close_streams()
            assert await bot.next() == ParticipantLeft(caller, dropped=True)
            async with asyncio.timeout(HANG_S):
                await phone.closed.wait()
            assert phone.socket.close_code == legs.STOPPING


# ---- who may call --------------------------------------------------------------------------------------------------


async def test_what_a_provider_is_told_to_do(plane: Plane) -> None:
    call = await held(plane)
    answer = await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN))
    assert answer.headers["content-type"].startswith("application/xml")
    assert stream_in(answer.text).startswith(plane.sockets(f"/phone/{call.interview_id}/twilio/vvt_"))
    assert answer.text.endswith(f'<Redirect method="POST">{call.phone_url}</Redirect></Response>')
    told = (await instructed(call.phone_url, by_telnyx(KEY))).text
    assert 'codec="PCMU" bidirectionalMode="rtp" bidirectionalCodec="PCMU"/></Connect>' in told


async def test_only_what_a_provider_signed_is_answered(plane: Plane) -> None:
    call = await held(plane)
    url = call.phone_url
    for headers, form in [
        ({}, CALLED),
        (by_twilio(url, "another-token"), CALLED),
        (by_twilio(f"{url}x", TOKEN), CALLED),
        (by_twilio(url, TOKEN), {**CALLED, "From": "+4930123"}),
        (by_telnyx(Ed25519PrivateKey.generate()), CALLED),
        (by_telnyx(KEY), {**CALLED, "From": "+4930123"}),
        (by_telnyx(KEY, at=time.time() - 301), CALLED),
        ({**by_telnyx(KEY), "Telnyx-Timestamp": "now"}, CALLED),
        ({**by_telnyx(KEY), "Telnyx-Signature-Ed25519": "?"}, CALLED),
    ]:
        answer = await instructed(url, headers, form)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_signed"), headers
    assert (await instructed(url, by_twilio(url, "old-token"))).status_code == 200  # while it is being changed


async def test_what_was_answered_once_is_not_answered_again(plane: Plane) -> None:
    call = await held(plane)
    recorded = by_telnyx(KEY)
    first = await instructed(call.phone_url, recorded)
    again = await instructed(call.phone_url, recorded)
    assert (first.status_code, again.status_code, again.json()["code"]) == (200, 401, "ticket_used")
    async with calling(stream_in(first.text), PlainNetwork()):
        pass
    with pytest.raises(InvalidStatus) as refused:
        await connect(stream_in(first.text))
    assert refused.value.response.status_code == 401


async def test_a_socket_of_twilios_is_signed_too_and_opens_once(plane: Plane) -> None:
    call = await held(plane)
    url = stream_in((await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN))).text)
    for headers in ({}, by_twilio(url, "another-token", {}), by_twilio(f"{url}x", TOKEN, {})):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, additional_headers=headers)
        assert refused.value.response.status_code == 403
    signed = by_twilio(url, TOKEN, {})
    with pytest.raises(InvalidStatus) as refused:  # a ticket for one provider is none for another
        await connect(url.replace("/twilio/", "/telnyx/"))
    assert refused.value.response.status_code == 401
    url = stream_in((await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN))).text)
    signed = by_twilio(url, TOKEN, {})
    async with connect(url, additional_headers=signed):
        pass
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, additional_headers=signed)
    assert refused.value.response.status_code == 401
    assert b"ticket_used" in (refused.value.response.body or b"")


@pytest.mark.parametrize("spoiled", ["", "nonsense"])
async def test_a_link_that_is_none_opens_nothing(plane: Plane, spoiled: str) -> None:
    call = await held(plane)
    url = call.phone_url.partition("?")[0] + f"?token={spoiled}"
    answer = await instructed(url, by_twilio(url, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (401, "forged")
    with pytest.raises(InvalidStatus) as refused:
        await connect(call.stream_url.partition("?")[0] + f"?token={spoiled}")
    assert refused.value.response.status_code == 401


async def test_a_bots_line_opens_for_its_own_bot_alone(plane: Plane) -> None:
    call, other = await held(plane), await held(plane)
    key = other.spec.uplink.token.get_secret_value()
    for path, token, status in [
        (f"/phone/{call.interview_id}/line/x", "nonsense", 401),
        (f"/phone/{call.interview_id}/line/x", key, 403),
        (f"/phone/{other.interview_id}/line/x", key, 404),
    ]:
        with pytest.raises(InvalidStatus) as refused:
            await connect(plane.sockets(path), additional_headers={"Authorization": f"Bearer {token}"})
        assert refused.value.response.status_code == status


# ---- which interviews take calls -----------------------------------------------------------------------------------


async def test_an_interview_that_starts_on_joining_starts_with_the_call(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, start={"policy": "on_join"})
    link = (await client.post(f"/v1/interviews/{interview_id}/links", json={"name": "Ann"})).json()
    async with calling_by_twilio(link["phone_url"], TOKEN):
        spec = plane.spec_of(interview_id)
        assert spec.phone
        async with answering(spec) as bot:
            assert (await bot.joined()).name == "Ann"


async def test_an_interview_whose_bot_waits_for_no_call_refuses_it(plane: Plane) -> None:
    client = plane.client()
    waiting = await plane.created(client)
    in_room, spec = await plane.started(client)
    for interview_id, word in ((waiting, "start it first"), (in_room, "waits in a room")):
        call = await with_links(plane, interview_id, spec)
        answer = await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_by_phone")
        assert word in answer.json()["detail"]
        with pytest.raises(InvalidStatus) as refused:
            await connect(call.stream_url)
        assert refused.value.response.status_code == 409


async def test_interviews_that_people_hold_are_not_held_by_telephone(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, mode="shadow", meeting_url=f"{plane.url}/phone")
    answer = await client.post(f"/v1/interviews/{interview_id}/start")
    assert (answer.status_code, answer.json()["code"]) == (409, "meeting_not_supported")


async def test_only_candidates_links_have_a_telephone_form(plane: Plane) -> None:
    call = await held(plane)
    wanted = {"name": "Ines", "role": "interviewer"}
    link = (await plane.client().post(f"/v1/interviews/{call.interview_id}/links", json=wanted)).json()
    assert (link["phone_url"], link["stream_url"]) == (None, None)
    url = call.phone_url.partition("=")[0] + "=" + link["url"].partition("#")[2]
    answer = await instructed(url, by_twilio(url, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_by_phone")


# ---- hostile callers -----------------------------------------------------------------------------------------------

START = '{"event":"start","encoding":"mulaw","rate":8000}'


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["{"], legs.BAD_FRAME),
        (["[" * 50_000], legs.BAD_FRAME),
        (['{"event":"start","encoding":"opus","rate":48000}'], legs.BAD_FRAME),
        (['{"event":"start","encoding":["mulaw"],"rate":{}}'], legs.BAD_FRAME),
        ([START, START], legs.BAD_FRAME),
        ([START, b"\xff" * 70_000], legs.BAD_FRAME),
        ([START, '{"event":"dtmf","digit":"12"}'], legs.BAD_FRAME),
        ([START, '{"event":"mark","name":7}'], legs.BAD_FRAME),
        ([START, *[b"\xff" * 160] * 500], legs.TOO_MANY),
    ],
)
async def test_what_is_not_in_the_protocol_ends_the_call(plane: Plane, frames: list[str | bytes], code: int) -> None:
    call = await held(plane)
    async with answering(call.spec), connect(call.stream_url) as socket:
        for frame in frames:
            await socket.send(frame)
        assert await close_code(socket) == code


async def test_a_call_of_twilios_is_the_one_it_was_opened_for(plane: Plane) -> None:
    call = await held(plane)
    form = {**CALLED, "CallSid": "CA" + "d" * 32}
    answer = await instructed(call.phone_url, by_twilio(call.phone_url, TOKEN, form), form)
    url = stream_in(answer.text)
    async with calling(url, TwilioNetwork(), headers=by_twilio(url, TOKEN, {})) as phone:
        async with asyncio.timeout(HANG_S):
            await phone.closed.wait()
        assert phone.socket.close_code == legs.BAD_FRAME
        assert "callSid" in (phone.socket.close_reason or "")

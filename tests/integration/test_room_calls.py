"""Two parties in the built-in room: real signalling, real WebRTC, sound both ways."""

import asyncio
import json
import socket

import pytest

from audio import SAMPLE_RATE
from bot.errors import LinkRefused, RoomUnavailable
from bot.platforms import Control, MediaFailed, MicrophoneChanged, ParticipantJoined, ParticipantLeft, Slept
from bot.platforms.peer import Peer
from bot.platforms.room import join_room
from tests.guards import connect
from tests.integration.voices import Ear, pitch, talk, until
from tests.running_room import RestartableRoom


@pytest.fixture
def room() -> RestartableRoom:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return RestartableRoom(free.getsockname()[1])


async def test_two_hear_each_other(room: RestartableRoom) -> None:
    bot_ear, ada_ear = Ear(), Ear()
    async with (
        room.open(),
        join_room(room.url, "ada", ear=ada_ear, consented=True) as ada,
        join_room(room.url, "bot", ear=bot_ear) as bot,
    ):
        joined = await until(bot, ParticipantJoined)
        assert isinstance(joined, ParticipantJoined)
        assert (joined.participant.name, joined.participant.consented, joined.again) == ("Ada", True, False)
        await until(ada, ParticipantJoined)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk(ada, 50, 440))
            tasks.create_task(talk(bot, 50, 880))
        heard = await bot_ear.hears("ada", 0.9)
        assert len(heard) <= 1.1 * SAMPLE_RATE
        assert pitch(heard) == pytest.approx(440, abs=3)
        assert pitch(await ada_ear.hears("bot-1", 0.9)) == pytest.approx(880, abs=3)


async def test_nothing_is_sent_while_nothing_is_said(room: RestartableRoom) -> None:
    ear = Ear()
    async with room.open(), join_room(room.url, "ada", ear=ear) as ada, join_room(room.url, "bot", ear=Ear()) as bot:
        await until(ada, ParticipantJoined)
        await until(bot, ParticipantJoined)
        await talk(bot, 10, 880)
        await ear.hears("bot-1", 0.18)
        await asyncio.sleep(0.5)
        assert len(ear.sound("bot-1")) <= 0.22 * SAMPLE_RATE
        await talk(bot, 10, 880)
        assert len(await ear.hears("bot-1", 0.36)) <= 0.44 * SAMPLE_RATE


async def test_three_in_a_mesh_keep_their_voices_apart(room: RestartableRoom) -> None:
    ear = Ear()
    async with (
        room.open(),
        join_room(room.url, "bot", ear=ear) as bot,
        join_room(room.url, "ada", ear=Ear()) as ada,
        join_room(room.url, "ines", ear=Ear()) as ines,
    ):
        await until(bot, ParticipantJoined)
        await until(bot, ParticipantJoined)
        await until(ada, ParticipantJoined)
        await until(ines, ParticipantJoined)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk(ada, 40, 440))
            tasks.create_task(talk(ines, 40, 660))
        assert pitch(await ear.hears("ada", 0.7)) == pytest.approx(440, abs=3)
        assert pitch(await ear.hears("ines", 0.7)) == pytest.approx(660, abs=3)


async def test_a_restart_of_the_room_is_not_heard(room: RestartableRoom) -> None:
    ear = Ear()
    async with asyncio.TaskGroup() as tasks:
        server = room.open()
        await server.__aenter__()
        async with join_room(room.url, "ada", ear=Ear()) as ada, join_room(room.url, "bot", ear=ear) as bot:
            await until(bot, ParticipantJoined)
            await until(ada, ParticipantJoined)
            talking = tasks.create_task(talk(ada, 150, 440))
            await asyncio.sleep(0.5)
            await server.__aexit__(None, None, None)
            await asyncio.sleep(0.5)
            async with room.open():
                await talking
                assert len(await ear.hears("ada", 2.91)) <= 3.09 * SAMPLE_RATE
                assert {m.seat.participant_id for m in room.hub.members("i1")} == {"ada", "bot-1"}
                await ada.send({"type": "control", "control": "repeat"})
                control = await until(bot, Control)
                assert isinstance(control, Control)
                assert control.control == "repeat"


async def test_leaving_and_dropping_are_told_apart_and_coming_back_is_noticed(room: RestartableRoom) -> None:
    async with room.open(), join_room(room.url, "bot", ear=Ear()) as bot:
        async with join_room(room.url, "ada", ear=Ear()) as ada:
            await until(bot, ParticipantJoined)
            await until(ada, ParticipantJoined)
        left = await until(bot, ParticipantLeft)
        assert isinstance(left, ParticipantLeft)
        assert not left.dropped
        async with join_room(room.url, "ada", ear=Ear()) as ada:
            back = await until(bot, ParticipantJoined)
            assert isinstance(back, ParticipantJoined)
            assert back.again
            await ada.drop()
            dropped = await until(bot, ParticipantLeft)
            assert isinstance(dropped, ParticipantLeft)
            assert dropped.dropped


async def test_the_newer_of_two_windows_has_the_seat(room: RestartableRoom) -> None:
    async with (
        room.open(),
        join_room(room.url, "bot", ear=Ear()) as bot,
        join_room(room.url, "ada", ear=Ear()) as first,
    ):
        await until(bot, ParticipantJoined)
        async with join_room(room.url, "ada", ear=Ear()) as second:
            events = [event async for event in first.events()]
            assert getattr(events[-1], "code", None) == "replaced"
            await until(second, ParticipantJoined)
            again = await until(bot, ParticipantJoined)
            assert isinstance(again, ParticipantJoined)
            assert again.again


async def test_a_refused_link_says_why(room: RestartableRoom) -> None:
    async with room.open():
        with pytest.RaisesGroup(LinkRefused) as refused:
            async with join_room(room.url, "forged", ear=Ear()):
                pass
        [error] = refused.value.exceptions
        assert "not valid" in str(error)


async def test_no_room_at_all_is_unavailable(room: RestartableRoom) -> None:
    with pytest.RaisesGroup(RoomUnavailable):
        async with join_room(room.url, "ada", ear=Ear(), patience_s=0.5):
            pass


NONSENSE: tuple[dict[str, object], ...] = (
    {"sdp": {"type": "offer", "sdp": "x"}},
    {"sdp": {"type": "offer", "sdp": "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"}},
    {"sdp": {"type": "answer", "sdp": "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"}},
    {"candidate": {"candidate": "candidate:1 1 udp", "sdpMid": "0", "sdpMLineIndex": 0}},
)


async def test_nonsense_from_one_guest_is_no_harm_to_the_others(room: RestartableRoom) -> None:
    ear = Ear()
    async with room.open(), join_room(room.url, "bot", ear=ear) as bot:
        async with connect(room.url) as guest:
            await guest.send(json.dumps({"type": "hello", "token": "ines"}))
            welcome = json.loads(await guest.recv())
            to = welcome["peers"][0]["peer_id"]
            for data in NONSENSE:
                await guest.send(json.dumps({"type": "signal", "to": to, "data": data}))
            await asyncio.sleep(0.5)
        async with join_room(room.url, "ada", ear=Ear()) as ada:
            joined = await until(bot, ParticipantJoined)
            assert isinstance(joined, ParticipantJoined)
            assert joined.participant.name == "Ada"
            await until(ada, ParticipantJoined)
            await talk(ada, 25, 440)
            assert pitch(await ear.hears("ada", 0.4)) == pytest.approx(440, abs=5)


async def test_a_guest_whose_sound_never_comes_is_told_of(room: RestartableRoom) -> None:
    async with room.open(), join_room(room.url, "bot", ear=Ear(), media_within_s=0.5) as bot:
        async with connect(room.url) as guest:
            await guest.send(json.dumps({"type": "hello", "token": "ada"}))
            [peer] = json.loads(await guest.recv())["peers"]
            elsewhere = Peer([], hear=lambda pcm: None, changed=lambda state: None, broken=lambda error: None)
            offer = await elsewhere.offer()
            await guest.send(json.dumps({"type": "signal", "to": peer["peer_id"], "data": {"sdp": offer}}))
            failed = await until(bot, MediaFailed)  # the answer is never taken
            await elsewhere.close()
            for lost in (True, True, False):  # said twice, it is news once
                await guest.send(json.dumps({"type": "level", "muted": lost, "lost": lost}))
            changed = [await until(bot, MicrophoneChanged) for _ in range(2)]
            await guest.send(json.dumps({"type": "slept", "ms": 61_900}))
            slept = await until(bot, Slept)
        assert isinstance(failed, MediaFailed)
        assert failed.participant.name == "Ada"
        assert changed == [MicrophoneChanged(failed.participant, works) for works in (False, True)]
        assert slept == Slept(failed.participant, 61_900)

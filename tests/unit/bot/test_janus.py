"""Rooms on Janus servers: which addresses are taken, what is kept to itself, and news that overtake an answer."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.settings import Settings
from bot.interview import Role
from bot.platforms.janus import JANUS, JanusAddress, parse_address
from bot.platforms.janus.session import Answer, Handle, JanusLost, JanusSession
from bot.platforms.janus.videoroom import VideoRoomSeat
from bot.platforms.registry import platform_of

SERVER = "wss://janus.example.org/janus"


@pytest.mark.parametrize(
    ("address", "parsed"),
    [
        (f"janus+{SERVER}?room=1234", JanusAddress(SERVER, 1234)),
        (f"janus+{SERVER}?room=1234&pin=s%26me", JanusAddress(SERVER, 1234, pin="s&me")),
        (f"janus+{SERVER}?bridge=12", JanusAddress(SERVER, 12, mixed=True)),
        (f"janus+{SERVER}?bridge=12&room=12", None),
        (f"janus+{SERVER}?room=board-room", JanusAddress(SERVER, "board-room")),
        ("janus+ws://127.0.0.1:8188/?room=1", JanusAddress("ws://127.0.0.1:8188/", 1)),
        (f"janus+{SERVER}", None),
        (f"janus+{SERVER}?room=", None),
        (f"janus+{SERVER}?room=1&room=2", None),
        (f"janus+{SERVER}?room=1&pim=1", None),
        (f"{SERVER}?room=1", None),
        ("janus+wss://ada@janus.example.org/janus?room=1", None),
    ],
)
def test_an_address_names_a_server_a_room_and_maybe_a_pin(address: str, parsed: JanusAddress | None) -> None:
    assert parse_address(urlsplit(address)) == parsed


def test_only_servers_that_the_operator_names_are_connected_to() -> None:
    assert platform_of(JANUS.example, {"janus": (SERVER,)}) == "janus"
    for places in ({}, {"janus": ("wss://janus.example.org",)}, {"meet": (SERVER,)}):
        assert platform_of(JANUS.example, places) is None


def test_a_pin_is_not_shown() -> None:
    assert "sesame" not in repr(parse_address(urlsplit(f"{JANUS.example}&pin=sesame")))


def test_places_and_keys_are_settings() -> None:
    settings = Settings(
        meeting_sites=f"janus={SERVER},janus=ws://127.0.0.1:8188/janus,meet=http://127.0.0.1:8090",
        meeting_keys="janus=s=cret",
    )
    assert settings.meeting_places() == {
        "janus": (SERVER, "ws://127.0.0.1:8188/janus"),
        "meet": ("http://127.0.0.1:8090",),
    }
    key = settings.meeting_key("janus")
    assert key is not None
    assert (key.get_secret_value(), settings.meeting_key("meet")) == ("s=cret", None)
    assert "s=cret" not in repr(settings)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"meeting_sites": "pigeons=https://loft.example.org"}, "MEETING_SITES: each is a platform .*janus"),
        ({"meeting_sites": "janus=janus.example.org"}, "MEETING_SITES"),
        ({"meeting_keys": "pigeons=secret"}, "MEETING_KEYS: each is a platform .*janus"),
        ({"meeting_keys": "janus"}, "MEETING_KEYS"),
    ],
)
def test_settings_that_lead_nowhere_are_refused(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Settings(**wrong)


class HastyServer(JanusSession):
    """Tells of somebody who comes before its answer to a join is read; that answer knows nobody."""

    def __init__(self) -> None:
        self.asked_for: list[int] = []
        self.seat: VideoRoomSeat | None = None

    async def attach(self, plugin: str, news: Any) -> Handle:
        return HastyHandle(self)

    async def close(self) -> None:
        pass


class HastyHandle(Handle):
    def __init__(self, server: HastyServer) -> None:
        self._server = server

    async def ask(self, body: dict[str, Any], jsep: dict[str, str] | None = None) -> Answer:
        if body.get("ptype") == "publisher":
            assert self._server.seat is not None
            streams = [{"type": "audio", "mid": "0"}]
            self._server.seat.told({"publishers": [{"id": 7, "display": "Ines", "streams": streams}]})
            return Answer({"videoroom": "joined", "publishers": []}, None)
        if body.get("ptype") == "subscriber":
            self._server.asked_for.append(body["streams"][0]["feed"])
        raise JanusLost("that is all it knows")

    async def detach(self) -> None:
        self._server.asked_for.remove(7)


@pytest.mark.real_time
async def test_who_comes_while_the_bot_is_taking_its_seat_is_not_taken_for_gone() -> None:
    server = HastyServer()
    seat = VideoRoomSeat(JanusAddress(SERVER, 1), "Viva", None, lambda who, pcm: None, lambda name: Role.CANDIDATE)
    async with asyncio.TaskGroup() as tasks:
        server.seat, seat.session, seat.tasks = seat, server, tasks
        with pytest.raises(JanusLost):
            await seat.sit_down(HastyHandle(server))
        await asyncio.sleep(0.05)
        assert server.asked_for == [7]
        seat.end(None)
        await seat.hang_up()

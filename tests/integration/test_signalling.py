"""The room's WebSocket over a real server and real sockets."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
import websockets
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection

from api.room import Card, Hub, Refused, RoomSeat, room_router
from api.room.frames import MAX_FRAME_BYTES, NoticeShown
from api.room.members import NOT_ALLOWED, NOT_NAMED
from tests.guards import HANG_S, connect

HELLO_WITHIN_S = 0.3


@dataclass(frozen=True)
class Seat:
    participant_id: str
    role: str
    name: str


SEATS = {
    "ada": Seat("ada", "candidate", "Ada"),
    "bot": Seat("bot-1", "bot", "Viva"),
    "olga": Seat("olga", "observer", "Olga"),
}
CARD = Card(title="Backend engineer", language="en", mode="solo", status="in_progress", questions=3)


class GuestList:
    """A door that knows three guests and one interview, and refuses the rest the way the real one does."""

    def __init__(self) -> None:
        self.taken_off: Callable[[], bool] = bool  # whether whoever asks has been removed from the interview

    async def admit(self, interview_id: str, token: str) -> tuple[RoomSeat, Card]:
        if interview_id == "over":
            raise Refused(4410, "interview_over", "This interview is over.")
        if self.taken_off():
            raise Refused(NOT_ALLOWED, NOT_NAMED, "Taken off.")
        if token not in SEATS:
            raise Refused(4401, "link_invalid", "This link is not valid.")
        return SEATS[token], CARD

    async def agreed(self, interview_id: str, seat: RoomSeat, notice: NoticeShown | None) -> None:
        pass

    async def withdrew(self, interview_id: str, seat: RoomSeat) -> None:
        pass


@dataclass(frozen=True)
class Room:
    url: str
    hub: Hub
    door: GuestList

    @asynccontextmanager
    async def enter(self, token: str, **hello: Any) -> AsyncIterator[tuple[ClientConnection, dict[str, Any]]]:
        async with connect(self.url, max_size=None) as line:
            await say(line, {"type": "hello", "token": token, **hello})
            yield line, await heard(line)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    hub = Hub()
    app = FastAPI()
    door = GuestList()
    app.include_router(room_router(hub, door, HELLO_WITHIN_S))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, log_level="error", lifespan="off", ws="websockets-sansio", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listening]))
            yield Room(f"ws://127.0.0.1:{listening.getsockname()[1]}/room/i1/signal", hub, door)
            hub.close()
            server.should_exit = True


async def say(line: ClientConnection, frame: Any) -> None:
    await line.send(json.dumps(frame))


async def heard(line: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(HANG_S):
        frame: dict[str, Any] = json.loads(await line.recv())
        return frame


async def goodbye(line: ClientConnection) -> tuple[list[dict[str, Any]], int]:
    """Everything said until the other side closes, and the close code."""
    frames = []
    while True:
        try:
            frames.append(await heard(line))
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd is not None
            return frames, closed.rcvd.code


async def test_two_find_each_other_and_exchange_descriptions(room: Room) -> None:
    async with room.enter("bot") as (bot, _), room.enter("ada", consented=True) as (ada, welcome):
        [peer] = welcome["peers"]
        assert (peer["participant_id"], peer["role"]) == ("bot-1", "bot")
        joined = await heard(bot)
        assert joined["peer"]["consented"] is True
        await say(ada, {"type": "signal", "to": peer["peer_id"], "data": {"sdp": {"type": "offer", "sdp": "v=0 ü"}}})
        offer = await heard(bot)
        assert (offer["from"], offer["data"]["sdp"]["sdp"]) == (welcome["peer_id"], "v=0 ü")
        candidate = {
            "candidate": {"candidate": "candidate:1 1 UDP 1 ::1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
        }
        await say(bot, {"type": "signal", "to": offer["from"], "data": candidate})
        assert (await heard(ada))["data"] == candidate


async def test_whoever_is_removed_in_the_moment_of_coming_in_does_not_stay(room: Room) -> None:
    async with room.enter("bot") as (bot, _):
        room.door.taken_off = lambda: any(one.seat.participant_id == "olga" for one in room.hub.members("i1"))
        async with room.enter("olga") as (olga, refusal):
            assert (refusal["type"], refusal["code"]) == ("error", "not_named")
            assert await goodbye(olga) == ([], 4403)
        assert [(await heard(bot))["type"] for _ in range(2)] == ["peer-joined", "peer-left"]
    assert room.hub.members("i1") == ()


@pytest.mark.parametrize("by_choice", [True, False])
async def test_the_bot_learns_whether_the_candidate_left_or_dropped(room: Room, by_choice: bool) -> None:
    async with room.enter("bot") as (bot, _):
        async with room.enter("ada") as (ada, _):
            await heard(bot)
            if by_choice:
                await say(ada, {"type": "leave"})
                await ada.wait_closed()
            else:
                ada.transport.abort()
        left = await heard(bot)
        assert (left["type"], left["participant_id"], left["dropped"]) == ("peer-left", "ada", not by_choice)


async def test_a_link_opened_twice_belongs_to_the_newer_window(room: Room) -> None:
    async with room.enter("ada") as (first, _), room.enter("ada") as (second, _):
        assert await goodbye(first) == ([{"type": "replaced"}], 4409)
        room.hub.announce("i1", "floor", {"floor": "listening"})
        assert (await heard(second))["floor"] == "listening"


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("not json", 4400),
        ("[" * 40_000, 4400),
        (b"\x00\x01", 4400),
        ('{"type":"leave"}', 4400),
        ('{"type":"hello","token":"x"}' + " " * MAX_FRAME_BYTES, 4400),
        ('{"type":"hello","token":"forged"}', 4401),
    ],
)
async def test_a_bad_beginning_is_answered_and_closed(room: Room, first: str | bytes, code: int) -> None:
    async with connect(room.url) as line:
        await line.send(first)
        frames, closed = await goodbye(line)
    assert closed == code
    assert [frame["type"] for frame in frames] == ["error"]
    assert frames[0]["detail"]


async def test_an_interview_that_is_over_says_so(room: Room) -> None:
    async with connect(room.url.replace("/i1/", "/over/")) as line:
        await say(line, {"type": "hello", "token": "ada"})
        frames, closed = await goodbye(line)
    assert (frames[0]["code"], closed) == ("interview_over", 4410)


async def test_a_silent_caller_is_not_kept(room: Room) -> None:
    async with connect(room.url) as line:
        frames, closed = await goodbye(line)
    assert (frames[0]["code"], closed) == ("no_hello", 4408)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "control", "control": "stop"}, 4403),
        ({"type": "mystery"}, 4400),
    ],
)
async def test_a_refused_frame_ends_the_connection_and_harms_no_other(
    room: Room, frame: dict[str, Any], code: int
) -> None:
    async with room.enter("bot") as (bot, _), room.enter("olga") as (olga, _):
        await heard(bot)
        await say(olga, frame)
        frames, closed = await goodbye(olga)
        assert (frames[-1]["type"], closed) == ("error", code)
        assert (await heard(bot))["type"] == "peer-left", "the bot heard nothing of the frame itself"


async def test_a_flood_is_cut_off(room: Room) -> None:
    async with room.enter("ada") as (ada, _):
        with contextlib.suppress(websockets.ConnectionClosed):
            for _ in range(5000):
                await say(ada, {"type": "level", "muted": True})
        frames, closed = await goodbye(ada)
    assert [frame["code"] for frame in frames] == ["too_many_frames"]
    assert closed == 4429


async def test_a_restarted_server_takes_everybody_back_with_their_media(room: Room) -> None:
    async with room.enter("bot") as (bot, _), room.enter("ada") as (ada, _):
        await heard(bot)
        room.hub.close()
        assert await goodbye(bot) == ([], 1012)
        assert (await goodbye(ada))[1] == 1012
    async with room.enter("ada", peers=["bot-1"]) as (ada, welcome):
        assert welcome["peers"] == []
        async with room.enter("bot", peers=["ada"]) as (_, welcome):
            assert [peer["participant_id"] for peer in welcome["peers"]] == ["ada"]
            assert (await heard(ada))["peer"]["live"] is True


async def test_the_end_reaches_people_with_its_reason(room: Room) -> None:
    async with room.enter("bot") as (bot, _), room.enter("ada") as (ada, _):
        await heard(bot)
        room.hub.end("i1", "candidate_silent", "failed")
        assert await goodbye(ada) == ([{"type": "ended", "reason": "candidate_silent", "status": "failed"}], 4410)
        assert (await heard(bot))["type"] == "ended"


async def test_a_connection_that_closes_while_it_is_written_to_is_a_departure_and_no_crash() -> None:
    hub, app = Hub(), FastAPI()
    app.include_router(room_router(hub, GuestList()))
    said = iter(
        [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": '{"type":"hello","token":"ada"}'}]
    )

    async def receive() -> dict[str, Any]:
        for message in said:
            return message
        await asyncio.Event().wait()
        raise AssertionError("nothing sets it")

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.send":
            raise RuntimeError('Cannot call "send" once a close message has been sent.')

    scope = {"type": "websocket", "path": "/room/i1/signal", "headers": [], "query_string": b"", "subprotocols": []}
    async with asyncio.timeout(HANG_S):
        await app(scope, receive, send)
    assert hub.members("i1") == ()

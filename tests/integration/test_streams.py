"""Following an interview live: every stored event once and in order, whenever and however often a reader comes."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from api.auth import LEEWAY_S
from tests.fakes.launcher import MemoryLauncher
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, close_code, running, until, uplink
from tests.running_redis import running_redis


class Reader:
    """Reads server-sent events as a browser does."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.last_id: str | None = None

    async def next(self) -> dict[str, Any]:
        """Return the next event's data."""
        async with asyncio.timeout(HANG_S):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.last_id = line.removeprefix("id: ")
                if line.startswith("data: "):
                    return json.loads(line.removeprefix("data: "))  # type: ignore[no-any-return]
        raise EOFError

    async def until(self, type_: str) -> list[dict[str, Any]]:
        """Return everything up to the next event of a type."""
        seen = []
        while not seen or seen[-1]["type"] != type_:
            seen.append(await self.next())
        return seen


@asynccontextmanager
async def reading(client: httpx.AsyncClient, interview_id: str, last_id: str | None = None) -> AsyncIterator[Reader]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with client.stream("GET", f"/v1/interviews/{interview_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Reader(response.aiter_lines())


@asynccontextmanager
async def watching(plane: Plane, interview_id: str, after: int = 0) -> AsyncIterator[ClientConnection]:
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/stream?after={after}")) as socket:
        await socket.send(json.dumps({"token": plane.token()}))
        yield socket


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cuts nothing off when it stops, so that whoever keeps it from stopping is noticed."""
    monkeypatch.setattr("api.__main__.STOP_WITHIN_S", 2 * HANG_S)


async def test_a_reader_who_comes_back_misses_nothing_and_gets_nothing_twice(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot:
            await bot.says(1, 1, "One.")
            async with reading(client, interview_id) as reader:
                first = await reader.until("turn.final")
                assert first[0]["type"] == "snapshot"
                assert first[0]["data"]["interview"]["id"] == interview_id
                last_id = reader.last_id
            for n in range(2, 40):
                await bot.says(n, n, f"Number {n}.")
            await bot.acknowledged(20)
            async with reading(client, interview_id, last_id) as reader:
                second = []
                while not second or second[-1]["data"].get("text") != "Number 39.":
                    second.append(await reader.next())
        numbers = [event["seq"] for event in first + second if event["seq"] is not None]
        assert numbers == list(range(1, len(numbers) + 1))
        assert [event["data"]["text"] for event in second[1:]] == [f"Number {n}." for n in range(2, 40)]


async def test_what_is_said_is_seen_as_it_is_said_and_interim_text_is_not_repeated(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot, watching(plane, interview_id) as socket:
            assert json.loads(await socket.recv())["type"] == "snapshot"
            while json.loads(await socket.recv())["data"].get("status") != "joining":
                pass
            await bot.event(None, "turn.interim", turn_id="t1", speaker="Ann", role="candidate", text="I bu", stable=0)
            interim = json.loads(await socket.recv())
            assert (interim["type"], interim["seq"]) == ("turn.interim", None)
            await bot.says(1, 1, "I built a queue.")
            final = json.loads(await socket.recv())
            assert (final["type"], final["data"]["text"]) == ("turn.final", "I built a queue.")
            async with watching(plane, interview_id, after=final["seq"] - 1) as late:
                assert json.loads(await late.recv())["data"]["last_seq"] == final["seq"]
                assert json.loads(await late.recv()) == final


async def test_a_stream_ends_with_its_interview(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with (
            uplink(spec) as bot,
            reading(client, interview_id) as reader,
            watching(plane, interview_id) as socket,
        ):
            await bot.event(1, "ended", reason="no_show", report={})
            seen = await reader.until("stream.end")
            assert seen[-1]["data"]["reason"] == "interview_over"
            assert seen[-2]["data"]["status"] == "no_show"
            assert await close_code(socket) == 1000
        headers = {"Last-Event-ID": reader.last_id or ""}
        nothing_more = await client.get(f"/v1/interviews/{interview_id}/events", headers=headers)
        assert nothing_more.status_code == 204
        async with reading(client, interview_id) as reader:
            again = await reader.until("stream.end")
        assert [event["type"] for event in again] == [event["type"] for event in seen]


async def test_a_stream_ends_with_the_key_or_token_that_opened_it(tmp_path: Path) -> None:
    async with running(tmp_path, stream_ping_s=0.1) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        scopes = ["interview:read", "transcript:read"]
        key = (await client.post("/v1/keys", json={"name": "Wall", "scopes": scopes})).json()
        short = plane.services.tokens.issue("acme", expires_in=timedelta(seconds=5 - LEEWAY_S))
        path = plane.sockets(f"/v1/interviews/{interview_id}/stream")
        for token, code in ((short, "token_expired"), (key["key"], "key_revoked")):
            bearer = {"Authorization": f"Bearer {token}"}
            async with (
                httpx.AsyncClient(base_url=plane.url, headers=bearer, timeout=HANG_S) as guest,
                uplink(spec) as bot,
                reading(guest, interview_id) as reader,
                connect(path, additional_headers=bearer) as socket_,
                watching(plane, interview_id) as other,
            ):
                assert (await reader.next())["type"] == json.loads(await socket_.recv())["type"] == "snapshot"
                if code == "key_revoked":
                    assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
                    said = "Whoever was shut out does not read this."
                    await bot.event(None, "turn.interim", turn_id="t1", speaker="Ann", role="candidate", text=said)
                heard = await reader.until("stream.end")
                async with asyncio.timeout(HANG_S):
                    seen = [json.loads(await socket_.recv())]
                    while seen[-1]["type"] != "stream.end":
                        seen.append(json.loads(await socket_.recv()))
                ends = [heard[-1]["data"], seen[-1]["data"]]
                assert [(end["reason"], end["resume"]) for end in ends] == [(code, False)] * 2
                assert await close_code(socket_) == 4401
                assert "shut out" not in json.dumps(heard + seen)
                if code == "key_revoked":
                    async with asyncio.timeout(HANG_S):
                        while "shut out" not in str(await other.recv()):
                            pass
                refused = await guest.get(f"/v1/interviews/{interview_id}/events")
                assert (refused.status_code, refused.json()["code"]) == (401, code)


async def test_readers_go_on_after_a_restart_where_they_were(tmp_path: Path, patient: None) -> None:
    bots = MemoryLauncher()
    async with running(tmp_path, bots) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot, reading(client, interview_id) as reader:
            await bot.says(1, 1, "Before.")
            before = await reader.until("turn.final")
            stopping = asyncio.get_running_loop().time()
            plane.services.closing.set()
            bye = await reader.until("stream.end")
            assert bye[-1]["data"] == {
                "reason": "server_stopping",
                "detail": "The server restarts; resume from the last number.",
                "resume": True,
            }
    assert asyncio.get_running_loop().time() - stopping < HANG_S
    async with running(tmp_path, bots) as plane:
        moved = spec.model_copy(
            update={"uplink": spec.uplink.model_copy(update={"url": plane.sockets(f"/bots/{interview_id}/uplink")})}
        )
        async with uplink(moved) as bot, reading(plane.client(), interview_id, reader.last_id) as reader:
            await bot.says(2, 2, "After.")
            after = await reader.until("turn.final")
    assert after[-1]["seq"] == before[-1]["seq"] + 1
    assert after[-1]["data"]["text"] == "After."


async def test_open_streams_do_not_keep_a_server_from_stopping(tmp_path: Path, patient: None) -> None:
    began = 0.0
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, _ = await plane.started(client)
        async with connect(plane.sockets(f"/v1/interviews/{interview_id}/stream")) as socket:
            await socket.send(json.dumps({"token": plane.token()}))
            await socket.recv()
            began = asyncio.get_running_loop().time()
            plane.services.closing.set()
            assert await close_code(socket) == 1012
    assert asyncio.get_running_loop().time() - began < HANG_S


async def test_a_reader_that_does_not_read_is_cut_off_and_the_others_are_not(tmp_path: Path) -> None:
    async with running(tmp_path, stream_ring=64, stream_send_s=0.3) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        deaf = socket.create_connection(("127.0.0.1", int(plane.url.rsplit(":", 1)[1])))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        path, key = f"/v1/interviews/{interview_id}/events", plane.token()
        deaf.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        async with uplink(spec) as bot, reading(client, interview_id) as reader:
            await reader.next()
            for n in range(1, 80):
                await bot.says(n, n, "word " * 2000)
                if n % 20 == 0:
                    await bot.acknowledged(n)
            seen = 0
            while seen < 79:
                event = await reader.next()
                assert event["type"] != "stream.end"
                seen += event["type"] == "turn.final"
            await asyncio.sleep(0.4)
            await bot.event(80, "ended", reason="no_show", report={})
            await until(client, interview_id, "no_show", "completed")
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        deaf.settimeout(HANG_S)
        received = await asyncio.to_thread(_drain, deaf)
        assert b"event: snapshot" in received
        assert received.count(b"event: turn.final") < 79


def _drain(connection: socket.socket) -> bytes:
    """Read until the server has closed; a connection that stays open fails the test by its timeout."""
    received = b""
    with connection:
        try:
            while piece := connection.recv(1 << 20):
                received += piece
        except ConnectionResetError:
            pass
    return received


async def test_who_may_not_watch(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id, _ = await plane.started(plane.client())
        path = plane.sockets(f"/v1/interviews/{interview_id}/stream")
        cases = [
            (json.dumps({"token": "nonsense"}), 4401),
            (json.dumps({"token": plane.token("globex")}), 4404),
            (json.dumps({"token": plane.token("acme", "interviews:write")}), 4403),
            ("hello", 4400),
        ]
        for frame, code in cases:
            async with connect(path) as socket_:
                await socket_.send(frame)
                assert await close_code(socket_) == code, frame
        async with connect(path, additional_headers={"Authorization": f"Bearer {plane.token()}"}) as socket_:
            assert json.loads(await socket_.recv())["type"] == "snapshot"


@pytest.mark.parametrize("last_id", ["-1", "abc", "99999999999999999999"])
async def test_a_last_event_id_that_is_no_number_of_ours(tmp_path: Path, last_id: str) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id = await plane.created(client)
        answer = await client.get(f"/v1/interviews/{interview_id}/events", headers={"Last-Event-ID": last_id})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["header", "last-event-id"]


async def test_a_reader_that_claims_to_be_ahead_is_not_left_waiting(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client)
        async with uplink(spec) as bot, reading(client, interview_id, "5000") as reader:
            await reader.next()
            await bot.says(1, 1, "Hello.")
            assert (await reader.next())["data"]["text"] == "Hello."


async def test_with_redis_what_one_api_takes_another_shows(tmp_path: Path) -> None:
    with running_redis(tmp_path) as url:
        data, bots = tmp_path / "data", MemoryLauncher()
        async with (
            running(data, bots, event_bus_url=url) as one,
            running(data, bots, event_bus_url=url, stream_ping_s=60) as two,
        ):
            interview_id, spec = await one.started(one.client())
            async with uplink(spec) as bot, watching(two, interview_id) as socket_:
                while json.loads(await socket_.recv())["data"].get("status") != "joining":
                    pass
                await bot.event(None, "turn.interim", turn_id="t1", text="I bu")
                assert json.loads(await socket_.recv())["type"] == "turn.interim"
                await bot.says(1, 1, "I built a queue.")
                assert json.loads(await socket_.recv())["data"]["text"] == "I built a queue."

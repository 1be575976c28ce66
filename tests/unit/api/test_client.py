"""The client against a server that is scripted, request by request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.client import Client, Refused, StreamEvent, Unreachable


def frame(seq: int | None, type_: str, **data: object) -> bytes:
    number = b"" if seq is None else f"id: {seq}\n".encode()
    body = json.dumps({"seq": seq, "type": type_, "at": "2026-01-01T00:00:00Z", "at_ms": 5, "data": data})
    return number + f"event: {type_}\ndata: {body}\n\n".encode()


class Stream(httpx.AsyncByteStream):
    """Sends its pieces, then ends, or breaks off."""

    def __init__(self, pieces: list[bytes], *, breaks: bool = False) -> None:
        self._pieces, self._breaks = pieces, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._breaks:
            raise httpx.ReadError("the connection broke")


class ScriptedServer(httpx.AsyncBaseTransport):
    """Answers the n-th request with the n-th answer; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(*answers: httpx.Response | Exception) -> tuple[Client, ScriptedServer]:
    server = ScriptedServer(*answers)
    return Client("http://voice.example", "secret", transport=server), server


def stream(*pieces: bytes, breaks: bool = False) -> httpx.Response:
    return httpx.Response(200, stream=Stream(list(pieces), breaks=breaks))


async def collect(talk: Client, after: int | None = None) -> list[StreamEvent]:
    return [event async for event in talk.events("int_1", after=after)]


END = frame(9, "interview.status", status="completed", reason="completed", over=True)


async def test_requests_carry_the_token_and_the_body() -> None:
    talk, server = client(httpx.Response(202, json={}))
    async with talk:
        await talk.start("int_1")
    (request,) = server.requests
    assert (request.method, request.url.path) == ("POST", "/v1/interviews/int_1/start")
    assert request.headers["Authorization"] == "Bearer secret"


async def test_a_problem_is_told_in_the_servers_own_words() -> None:
    problem = {
        "title": "Invalid",
        "detail": "The body can't be used.",
        "code": "invalid",
        "errors": [{"loc": ["plan", "minutes"], "detail": "must be greater than 0"}],
    }
    talk, _ = client(httpx.Response(422, json=problem))
    with pytest.raises(Refused) as caught:
        await talk.create({}, candidate="Alex")
    assert caught.value.status == 422
    assert str(caught.value).splitlines() == ["The body can't be used.", "  plan.minutes: must be greater than 0"]


async def test_an_answer_that_is_no_problem_document_is_still_refused_by_its_status() -> None:
    talk, _ = client(httpx.Response(502, text="<h1>Bad gateway</h1>"))
    with pytest.raises(Refused, match="the server answered 502"):
        await talk.get("int_1")


async def test_no_answer_is_told_with_the_address() -> None:
    talk, _ = client(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable, match=r"no answer from http://voice\.example"):
        await talk.start("int_1")


async def test_events_come_in_order_until_the_interview_is_over() -> None:
    talk, server = client(stream(frame(1, "state", state="waiting"), frame(None, "floor", floor="waiting"), END))
    events = await collect(talk, after=0)
    assert [(event.seq, event.type) for event in events] == [(1, "state"), (None, "floor"), (9, "interview.status")]
    assert events[0].data == {"state": "waiting"}
    assert server.requests[0].headers["Last-Event-ID"] == "0"


async def test_an_event_may_arrive_in_any_number_of_pieces() -> None:
    whole = b": ping\n\n" + frame(1, "turn.final", text="Grüß Gott") + END
    talk, _ = client(stream(*(whole[index : index + 7] for index in range(0, len(whole), 7))))
    assert [event.data.get("text") for event in await collect(talk)] == ["Grüß Gott", None]


async def test_a_broken_stream_goes_on_after_the_last_number_seen() -> None:
    talk, server = client(
        stream(frame(1, "a"), frame(2, "b"), frame(None, "floor"), breaks=True),
        httpx.ConnectError("the server restarts"),
        stream(frame(3, "c"), END),
    )
    assert [event.seq for event in await collect(talk)] == [1, 2, None, 3, 9]
    assert [request.headers.get("Last-Event-ID") for request in server.requests] == [None, "2", "2"]


async def test_a_server_that_stays_away_is_given_up() -> None:
    talk, _ = client(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable):
        await collect(talk)


async def test_a_refused_stream_is_not_tried_again() -> None:
    talk, server = client(httpx.Response(404, json={"detail": "There is no interview 'int_1'."}))
    with pytest.raises(Refused, match="no interview"):
        await collect(talk)
    assert len(server.requests) == 1


async def test_a_recording_is_written_as_it_comes(tmp_path: Path) -> None:
    talk, _ = client(httpx.Response(200, stream=Stream([b"Ogg", b"S and more"])))
    await talk.save_recording("int_1", tmp_path / "r.ogg")
    assert (tmp_path / "r.ogg").read_bytes() == b"OggS and more"


async def test_a_recording_that_is_not_there_leaves_no_file(tmp_path: Path) -> None:
    talk, _ = client(httpx.Response(404, json={"detail": "There is no recording."}))
    with pytest.raises(Refused, match="no recording"):
        await talk.save_recording("int_1", tmp_path / "r.ogg")
    assert list(tmp_path.iterdir()) == []

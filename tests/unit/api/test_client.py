"""The client against a server that is scripted, request by request."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api.client import Client, Refused, StreamEvent, Unreachable
from api.client.stream import SILENT_FOR_S
from api.keys.schemas import CreateKey


def frame(seq: int | None, type_: str, **data: object) -> bytes:
    number = b"" if seq is None else f"id: {seq}\n".encode()
    body = json.dumps({"seq": seq, "type": type_, "at": "2026-01-01T00:00:00Z", "at_ms": 5, "data": data})
    return number + f"event: {type_}\ndata: {body}\n\n".encode()


class Stream(httpx.AsyncByteStream):
    """Sends its pieces, then ends, or breaks off: after `silent_s` without a word."""

    def __init__(self, pieces: list[bytes], *, breaks: bool = False, silent_s: float = 0.0) -> None:
        self._pieces, self._breaks, self._silent_s = pieces, breaks, silent_s

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        await asyncio.sleep(self._silent_s)
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


def stream(*pieces: bytes, breaks: bool = False, silent_s: float = 0.0) -> httpx.Response:
    return httpx.Response(200, stream=Stream(list(pieces), breaks=breaks, silent_s=silent_s))


async def collect(talk: Client, after: int | None = None) -> list[StreamEvent]:
    return [event async for event in talk.interviews.events("int_1", after=after)]


def problem(status: int, code: str = "conflict", **more: object) -> httpx.Response:
    told = {"title": "T", "status": status, "detail": "No.", "code": code, "request_id": "req_1", **more}
    headers = {"Retry-After": str(more["retry_after_s"])} if "retry_after_s" in more else {}
    return httpx.Response(status, json=told, headers=headers)


KEY = {
    "id": "key_1",
    "name": "ATS",
    "scopes": ["*"],
    "per_minute": None,
    "per_hour": None,
    "created_by": "ann",
    "created_at": "2026-11-22T05:00:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": None,
}


def page_of(*ids: str, page: int = 1, pages: int = 1) -> httpx.Response:
    meta = {"page": page, "limit": 100, "total": 9, "pages": pages}
    return httpx.Response(200, json={"data": [KEY | {"id": id_} for id_ in ids], "meta": meta})


END = frame(9, "interview.status", status="completed", reason="completed", over=True)


async def test_requests_carry_the_token_and_the_body() -> None:
    talk, server = client(httpx.Response(201, json=KEY | {"key": "vv_secret"}))
    async with talk:
        made = await talk.keys.create(CreateKey(name="ATS", scopes=["*"]))
    (request,) = server.requests
    assert (request.method, request.url.path) == ("POST", "/v1/keys")
    assert request.headers["Authorization"] == "Bearer secret"
    assert json.loads(request.content) == {"name": "ATS", "scopes": ["*"]}, "what was not said is not sent"
    assert (made.key, made.created_at) == ("vv_secret", datetime(2026, 11, 22, 5, tzinfo=UTC))


async def test_a_problem_is_told_in_the_servers_own_words() -> None:
    errors = [{"loc": ["body", "plan", "minutes"], "what": "must be greater than 0", "todo": "correct it"}]
    talk, server = client(problem(422, "invalid", detail="The body can't be used.", errors=errors))
    with pytest.raises(Refused) as caught:
        await talk.interviews.create({})
    assert (caught.value.status, caught.value.problem.code) == (422, "invalid")
    assert caught.value.problem.errors[0].loc == ["body", "plan", "minutes"]
    assert str(caught.value).splitlines() == [
        "The body can't be used.",
        "  body.plan.minutes: must be greater than 0; correct it",
    ]
    assert len(server.requests) == 1


async def test_an_answer_that_is_no_problem_document_is_still_refused_by_its_status() -> None:
    talk, _ = client(httpx.Response(502, text="<h1>Bad gateway</h1>"))
    with pytest.raises(Refused, match="the server answered 502") as caught:
        await talk.interviews.get("int_1")
    assert (caught.value.status, caught.value.problem.code) == (502, "untold")


@pytest.mark.parametrize("answer", ["<h1>Hello</h1>", '{"id": 1}'])
async def test_an_answer_that_can_not_be_read_is_refused(answer: str) -> None:
    talk, _ = client(httpx.Response(200, text=answer))
    with pytest.raises(Refused, match="can't be read"):
        await talk.keys.get("key_1")


async def test_no_answer_is_told_with_the_address() -> None:
    talk, _ = client(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable, match=r"no answer from http://voice\.example"):
        await talk.interviews.start("int_1")


async def test_a_post_is_sent_again_under_the_key_it_made() -> None:
    talk, server = client(
        httpx.ReadTimeout("slow"),
        problem(409, "request_in_progress", retry_after_s=10),
        httpx.Response(201, json=KEY | {"key": "vv_secret"}),
    )
    assert (await talk.keys.create({"name": "ATS", "scopes": ["*"]})).key == "vv_secret"
    keys = [request.headers["Idempotency-Key"] for request in server.requests]
    assert len(keys) == 3 and len(set(keys)) == 1
    assert len({request.content for request in server.requests}) == 1
    await talk.keys.create({"name": "ATS", "scopes": ["*"]})
    assert server.requests[-1].headers["Idempotency-Key"] != keys[0]


async def test_a_busy_server_is_asked_again_when_it_says_so() -> None:
    talk, server = client(problem(429, retry_after_s=3), httpx.Response(200, json=KEY))
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert (await talk.keys.get("key_1")).id == "key_1"
    assert loop.time() - before == pytest.approx(3.0)
    talk, server = client(problem(503, "no_capacity", retry_after_s=10))
    with pytest.raises(Refused) as caught:
        await talk.interviews.start("int_1")
    assert (caught.value.problem.code, caught.value.problem.retry_after_s) == ("no_capacity", 10)
    assert len(server.requests) == 1, "whoever asks decides whether to wait that long"


async def test_a_change_and_a_deletion_are_sent_once() -> None:
    for send in (
        lambda talk: talk.jobs.change("job_1", {"title": "Engineer"}),
        lambda talk: talk.jobs.delete("job_1"),
        lambda talk: talk.interviews.decide("int_1", {"decision": "hire"}),
    ):
        talk, server = client(httpx.ReadTimeout("slow"))
        with pytest.raises(Unreachable):
            await send(talk)
        assert len(server.requests) == 1
        assert "Idempotency-Key" not in server.requests[0].headers


async def test_what_is_wrong_is_not_sent_again() -> None:
    talk, server = client(problem(409))
    with pytest.raises(Refused):
        await talk.interviews.cancel("int_1")
    assert len(server.requests) == 1


async def test_a_list_is_read_page_by_page_as_it_is_needed() -> None:
    talk, server = client(page_of("key_3", "key_2", pages=2), page_of("key_1", page=2, pages=2))
    keys = talk.keys.each()
    assert (await anext(keys)).id == "key_3"
    assert len(server.requests) == 1
    assert [key.id async for key in keys] == ["key_2", "key_1"]
    assert [request.url.params["page"] for request in server.requests] == ["1", "2"]
    talk, _ = client(page_of(pages=0))
    assert [key.id async for key in talk.keys.each()] == []


async def test_filters_that_say_nothing_are_left_out() -> None:
    talk, server = client(page_of())
    await talk.interviews.page(2, 10, status=["ready", "draft"], job_id=None)
    assert server.requests[0].url.params.multi_items() == [
        ("status", "ready"),
        ("status", "draft"),
        ("page", "2"),
        ("limit", "10"),
    ]


async def test_a_change_may_be_meant_for_one_version() -> None:
    talk, server = client(problem(412, "stale_version"))
    for version in (7, None):
        with pytest.raises(Refused):
            await talk.jobs.change("job_1", {}, version=version)
    assert [request.headers.get("If-Match") for request in server.requests] == ['"7"', None]


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


async def test_a_server_that_stood_still_for_longer_than_one_is_waited_for_is_asked_once_more() -> None:
    """The connection says nothing until it is given up, and by then everything is there again."""
    talk, _ = client(
        stream(frame(1, "a"), breaks=True, silent_s=SILENT_FOR_S + 1),
        httpx.ConnectError("not yet"),
        stream(frame(2, "b"), END),
    )
    assert [event.seq for event in await collect(talk)] == [1, 2, 9]


async def test_a_refused_stream_is_not_tried_again() -> None:
    talk, server = client(problem(404, "not_found", detail="There is no interview 'int_1'."))
    with pytest.raises(Refused, match="no interview"):
        await collect(talk)
    assert len(server.requests) == 1


async def test_a_recording_is_written_as_it_comes(tmp_path: Path) -> None:
    talk, _ = client(httpx.Response(200, stream=Stream([b"Ogg", b"S and more"])))
    await talk.interviews.save_recording("int_1", tmp_path / "r.ogg")
    assert (tmp_path / "r.ogg").read_bytes() == b"OggS and more"


async def test_a_recording_that_is_not_there_leaves_no_file(tmp_path: Path) -> None:
    talk, _ = client(problem(404, "not_found", detail="There is no recording."))
    with pytest.raises(Refused, match="no recording"):
        await talk.interviews.save_recording("int_1", tmp_path / "r.ogg")
    assert list(tmp_path.iterdir()) == []

"""`Idempotency-Key` over real HTTP: what is sent again is answered again and not done again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, File, Request, Response, UploadFile

from api.bodies import PlainJson
from api.errors import NoCapacity
from api.idempotency import SHOWN_ONCE, Idempotency, IdempotencyRow
from api.middleware import BodyLimit, RequestIds
from api.moments import utc_now
from api.problems import install
from tests.fakes.launcher import FullLauncher, SlowLauncher
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running

INTERVIEW = {"candidate": {"name": "Ann"}, "plan": PLAN}


def key(value: str = "k-1") -> dict[str, str]:
    return {"Idempotency-Key": value}


async def test_what_is_sent_twice_is_done_once_and_answered_alike(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        first = await client.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key())
        again = await client.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key())
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert again.headers["idempotent-replayed"] == "true"
        assert "idempotent-replayed" not in first.headers
        for name in ("etag", "location", "content-type"):
            assert again.headers[name] == first.headers[name]
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        assert (await client.get("/v1/jobs")).json()["meta"]["total"] == 1


async def test_without_a_key_everything_is_done_every_time(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        for _ in range(2):
            await client.post("/v1/jobs", json={"title": "Backend engineer"})
        assert (await client.get("/v1/jobs")).json()["meta"]["total"] == 2


async def test_of_equal_creations_at_once_exactly_one_is_done(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        answers = await asyncio.gather(
            *(client.post("/v1/interviews", json=INTERVIEW, headers=key()) for _ in range(6))
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        for answer in answers:
            if answer.status_code == 409:
                assert answer.json()["code"] == "request_in_progress"
                assert int(answer.headers["retry-after"]) > 0
        assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
        assert (await client.get("/v1/interviews")).json()["meta"]["total"] == 1


async def test_of_equal_starts_at_once_exactly_one_sends_a_bot(tmp_path: Path) -> None:
    async with running(tmp_path, SlowLauncher(delay_s=0.1)) as plane:
        client = plane.client()
        start = f"/v1/interviews/{await plane.created(client)}/start"
        answers = await asyncio.gather(*(client.post(start, headers=key()) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
        assert {answer.json().get("code") for answer in answers} == {None, "request_in_progress"}
        later = await client.post(start, headers=key())
        assert (later.status_code, later.headers["idempotent-replayed"]) == (202, "true")
        assert len(plane.launcher.specs) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/jobs", {"title": "Frontend engineer"}), ("/v1/jobs?x=1", {"title": "Backend engineer"})],
    ids=["body", "path"],
)
async def test_a_key_is_for_one_request(tmp_path: Path, path: str, body: dict[str, Any]) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        await client.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key())
        other = await client.post(path, json=body, headers=key())
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert other.headers["content-type"] == "application/problem+json"
        assert other.json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]


async def test_a_key_is_one_callers(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        body = {"title": "Backend engineer"}
        issue = plane.services.tokens.issue
        hour = timedelta(hours=1)
        tokens = [
            plane.token("acme"),
            plane.token("globex"),
            plane.token("acme", "job:create"),  # may do less: is not told what the first one was
            issue("acme", expires_in=hour, subject="somebody else"),
        ]
        async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as client:
            answers = [
                await client.post("/v1/jobs", json=body, headers={**key(), "Authorization": f"Bearer {token}"})
                for token in tokens
            ]
            reader = {**key(), "Authorization": f"Bearer {plane.token('acme', 'job:read')}"}
            refused = await client.post("/v1/jobs", json=body, headers=reader)
        assert [answer.status_code for answer in answers] == [201] * 4
        assert len({answer.json()["id"] for answer in answers}) == 4
        assert refused.status_code == 403


@pytest.mark.parametrize("value", ["", "x" * 256, "caf\u00e9", "a\x7f"], ids=["empty", "long", "not ASCII", "control"])
async def test_keys_that_can_not_be_used_are_refused(tmp_path: Path, value: str) -> None:
    async with running(tmp_path) as plane:
        headers = {"Idempotency-Key": value.encode("latin-1")}
        answer = await plane.client().post("/v1/jobs", json={"title": "Backend engineer"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert answer.json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]


async def test_refusals_are_repeated_too_but_not_those_of_tokens(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        for replayed in (None, "true"):
            wrong = await client.post("/v1/jobs", json={"title": "x"}, headers=key("wrong"))
            assert (wrong.status_code, wrong.headers.get("idempotent-replayed")) == (422, replayed)
        narrow = plane.client("acme", "job:read")
        for _ in range(2):
            refused = await narrow.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key("narrow"))
            assert (refused.status_code, "idempotent-replayed" in refused.headers) == (403, False)
        async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as nobody:
            anonymous = await nobody.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key())
            assert anonymous.status_code == 401


async def test_a_server_that_was_full_can_be_asked_again_with_the_same_key(tmp_path: Path) -> None:
    async with running(tmp_path, FullLauncher()) as plane:
        client = plane.client()
        start = f"/v1/interviews/{await plane.created(client)}/start"
        for _ in range(2):
            answer = await client.post(start, headers=key())
            assert (answer.status_code, answer.json()["code"]) == (503, "no_capacity")
            assert "idempotent-replayed" not in answer.headers


async def test_a_body_that_is_too_large_claims_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, max_body_bytes=2000) as plane:
        client = plane.client()

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield b"x" * 100

        as_json = {"Content-Type": "application/json"}
        large = await client.post("/v1/jobs", content=endless(), headers=key() | as_json)
        assert (large.status_code, large.json()["code"]) == (413, "content_too_large")
        fits = await client.post("/v1/jobs", json={"title": "Backend engineer"}, headers=key())
        assert fits.status_code == 201


class Hands:
    """Endpoints that count what was done, on the database of a running control plane; its time can be moved."""

    def __init__(self, plane: Plane) -> None:
        self.done = 0
        self.working = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.ahead = timedelta()
        self.app = FastAPI()
        self.app.state.services = plane.services
        install(self.app)
        self.app.add_middleware(PlainJson)
        self.app.add_middleware(Idempotency, clock=self.now)
        self.app.add_middleware(BodyLimit, largest=100_000)
        self.app.add_middleware(RequestIds, answered=lambda *told: None)
        self.app.post("/v1/secret", status_code=201, dependencies=[SHOWN_ONCE])(self.secret)
        self.app.post("/v1/crash")(self.crash)
        self.app.post("/v1/slow")(self.slow)
        self.app.post("/v1/file")(self.file)
        self.app.post("/elsewhere")(self.count)

    def now(self) -> datetime:
        return utc_now() + self.ahead

    async def count(self) -> int:
        self.done += 1
        return self.done

    async def secret(self, response: Response) -> dict[str, str]:
        await self.count()
        response.headers["Location"] = "/v1/keys/1"
        return {"secret": "sesame"}

    async def crash(self) -> int:
        if await self.count() == 1:
            raise ZeroDivisionError
        if self.done == 2:
            raise NoCapacity("full")
        return self.done

    async def slow(self) -> int:
        done = await self.count()
        self.working.set()
        await self.may_go_on.wait()
        return done

    async def file(self, request: Request, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        return {"bytes": len(await file.read()), "done": await self.count()}


@asynccontextmanager
async def hands(tmp_path: Path) -> AsyncIterator[tuple[Hands, httpx.AsyncClient]]:
    async with running(tmp_path) as plane:
        served = Hands(plane)
        transport = httpx.ASGITransport(served.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {plane.token()}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://hands", headers=headers) as client:
            yield served, client


async def test_a_secret_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    async with hands(tmp_path) as (served, client):
        shown = await client.post("/v1/secret", headers=key())
        assert shown.json() == {"secret": "sesame"}
        again = await client.post("/v1/secret", headers=key())
        assert (again.status_code, again.json()["code"]) == (409, "secret_shown_once")
        assert "/v1/keys/1" in again.json()["detail"]
        assert served.done == 1
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("*") if path.is_file())
    assert IdempotencyRow.__tablename__.encode() in kept
    assert b"sesame" not in kept


async def test_what_failed_on_our_side_is_tried_again(tmp_path: Path) -> None:
    async with hands(tmp_path) as (_, client):
        answers = [await client.post("/v1/crash", headers=key()) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [500, 503, 200, 200]
        assert [answer.text for answer in answers[2:]] == ["3", "3"]


async def test_a_claim_nobody_finishes_is_free_after_a_minute_and_an_answer_after_a_day(tmp_path: Path) -> None:
    async with hands(tmp_path) as (served, client), asyncio.TaskGroup() as tasks:
        abandoned = tasks.create_task(client.post("/v1/slow", headers=key()))
        await served.working.wait()
        early = await client.post("/v1/slow", headers=key())
        assert (early.status_code, early.json()["code"]) == (409, "request_in_progress")
        served.ahead = timedelta(seconds=61)
        second = tasks.create_task(client.post("/v1/slow", headers=key()))
        while served.done < 2:
            await asyncio.sleep(0.005)
        served.may_go_on.set()
        assert ((await second).text, (await abandoned).text) == ("2", "1")
        assert (await client.post("/v1/slow", headers=key())).text == "2"  # the late one did not overwrite it
        served.ahead += timedelta(hours=24)
        assert (await client.post("/v1/slow", headers=key())).text == "3"


async def test_a_file_sent_again_is_the_same_file_whatever_its_boundary(tmp_path: Path) -> None:
    async with hands(tmp_path) as (served, client):
        answers = [
            await client.post("/v1/file", files={"file": ("cv.pdf", content)}, headers=key())
            for content in (b"%PDF" * 9000, b"%PDF" * 9000, b"%PDX" * 9000)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 422]
        assert answers[0].json() == answers[1].json() == {"bytes": 36_000, "done": 1}
        assert served.done == 1


async def test_keys_mean_nothing_outside_v1(tmp_path: Path) -> None:
    async with hands(tmp_path) as (_, client):
        assert [(await client.post("/elsewhere", headers=key())).text for _ in range(2)] == ["1", "2"]

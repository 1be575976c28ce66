"""Tickets over real HTTP: one opening of one interview's stream, by whichever replica it is asked of."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.tickets import Tickets
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, close_code, running
from tests.running_postgres import Postgres


async def ticket_for(plane: Plane, interview_id: str, tenant: str = "acme", *scopes: str) -> str:
    answer = await plane.client(tenant, *scopes).post("/v1/tickets", json={"interview_id": interview_id})
    assert answer.status_code == 201, answer.text
    left = datetime.fromisoformat(answer.json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    return str(answer.json()["ticket"])


async def opened(plane: Plane, interview_id: str, ticket: str) -> tuple[int, str]:
    """Open the stream of events as `EventSource` does; return the status and the first line or the problem's code."""
    path = f"/v1/interviews/{interview_id}/events"
    async with (
        httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as browser,
        browser.stream("GET", path, params={"ticket": ticket}) as answer,
    ):
        if answer.status_code == 200:
            return 200, await anext(answer.aiter_lines())
        return answer.status_code, str(json.loads(await answer.aread())["code"])


async def test_a_ticket_opens_one_stream_once(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client())
        other = await plane.created(plane.client())
        ticket = await ticket_for(plane, interview_id, "acme", "transcript:read")
        assert await opened(plane, other, ticket) == (401, "ticket_unknown")
        assert await opened(plane, interview_id, ticket) == (200, "retry: 1000")
        assert await opened(plane, interview_id, ticket) == (401, "ticket_used")
        assert await opened(plane, interview_id, "vvt_nonsense") == (401, "ticket_unknown")


async def test_a_socket_takes_a_ticket_as_its_first_frame(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client())
        path = plane.sockets(f"/v1/interviews/{interview_id}/stream")
        frame = json.dumps({"ticket": await ticket_for(plane, interview_id)})
        async with connect(path) as socket:
            await socket.send(frame)
            assert json.loads(await socket.recv())["type"] == "snapshot"
        async with connect(path) as socket:
            await socket.send(frame)
            assert await close_code(socket) == 4401
            assert socket.close_reason == "used"
        async with connect(path) as socket:
            await socket.send("{}")
            assert await close_code(socket) == 4400


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
async def test_of_many_at_two_replicas_one_gets_in(tmp_path: Path, postgres: Postgres, backend: str) -> None:
    settings = {"database_url": await postgres.with_tables()} if backend == "postgresql" else {}
    async with running(tmp_path, **settings) as one, running(tmp_path, **settings) as two:
        interview_id = await one.created(one.client())
        ticket = await ticket_for(one, interview_id)
        answers = await asyncio.gather(*(opened(plane, interview_id, ticket) for plane in (one, two) for _ in range(4)))
        assert sorted(status for status, _ in answers) == [200, *[401] * 7]


async def test_a_ticket_is_good_for_a_minute(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client())
        caller = plane.services.tokens.caller(plane.token())
        earlier = Tickets(plane.services.database, lambda: datetime.now(UTC) - timedelta(seconds=61))
        late = (await earlier.issue(caller, interview_id)).ticket
        assert await opened(plane, interview_id, late) == (401, "ticket_expired")


async def test_who_gets_a_ticket(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client())
        body = {"interview_id": interview_id}
        foreign = await plane.client("globex").post("/v1/tickets", json=body)
        assert foreign.status_code == 404
        without = await plane.client("acme", "interview:read").post("/v1/tickets", json=body)
        assert (without.status_code, without.json()["required_permission"]) == (403, "transcript:read")
        unnamed = await plane.client().post("/v1/tickets", json={})
        assert unnamed.json()["errors"][0]["loc"] == ["body", "interview_id"]
        ticket = await ticket_for(plane, interview_id)
        as_token = await plane.client().get("/v1/keys", headers={"Authorization": f"Bearer {ticket}"})
        assert as_token.status_code == 401

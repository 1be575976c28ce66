"""What a tenant used, over real HTTP, on SQLite and PostgreSQL."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fakes.webhooks import webhook_server
from tests.integration.plane import Bot, Plane, running, until, uplink
from tests.running_postgres import Postgres

TODAY = datetime(2026, 11, 22, 9, tzinfo=UTC)
NOTHING = {
    "interviews_created": 0,
    "interviews_held": 0,
    "attempts": 0,
    "call_minutes": 0.0,
    "recorded_minutes": 0.0,
    "recorded_bytes": 0,
    "evaluations": 0,
    "webhooks_delivered": 0,
}


class MovedClock:
    """The time of day, as the test says."""

    now = TODAY

    def __call__(self) -> datetime:
        return self.now


@pytest_asyncio.fixture
async def clock() -> MovedClock:
    return MovedClock()


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def plane(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Plane]:
    settings = {"database_url": await postgres.with_tables()} if request.param == "postgresql" else {}
    async with running(tmp_path, clock=clock, webhook_allow_private=True, **settings) as plane:
        yield plane


async def tell(bot: Bot, n: int, at: datetime, event: str, **data: Any) -> None:
    frame = {"type": "event", "n": n, "at": at.isoformat(), "at_ms": n, "event": event, "data": data}
    await bot.socket.send(json.dumps(frame))


async def held(plane: Plane, client: httpx.AsyncClient, begin: datetime, length: timedelta, **more: Any) -> str:
    """Hold an interview that the bot came to at `begin`, recorded for a minute and a half; return its id."""
    interview_id, spec = await plane.started(client, **more)
    async with uplink(spec) as bot:
        await tell(bot, 1, begin, "state", state="waiting")
        await tell(bot, 2, begin + timedelta(minutes=1), "state", state="in_call")
        await bot.says(3, 1, "I built the search and in the end it was fast.")
        await tell(bot, 4, begin, "recording", file="a.ogg", duration_ms=90_000, bytes=4_000, sha256="0" * 64)
        await tell(bot, 5, begin + length, "ended", reason="completed", report={"questions": []})
        await until(client, interview_id, "completed")
    return interview_id


async def usage(client: httpx.AsyncClient, **params: str) -> dict[str, Any]:
    response = await client.get("/v1/usage", params=params)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_what_was_used_is_told_by_day_and_in_total(plane: Plane, clock: MovedClock) -> None:
    client, other = plane.client(), plane.client("globex")
    before = TODAY - timedelta(days=1)
    clock.now = before
    await plane.created(client)  # never held
    clock.now = TODAY
    await held(plane, other, TODAY, timedelta(minutes=5))
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    interview_id = await held(plane, client, midnight - timedelta(minutes=10), timedelta(minutes=12, seconds=30))
    assert (await client.post(f"/v1/interviews/{interview_id}/evaluate")).status_code == 201
    told = await usage(client, **{"from": "2026-11-20", "to": "2026-11-23"})
    assert (told["from"], told["to"]) == ("2026-11-20", "2026-11-23")
    assert told["days"] == [
        NOTHING | {"day": "2026-11-20"},
        NOTHING | {"day": "2026-11-21", "interviews_created": 1},
        NOTHING | {"day": "2026-11-22", "interviews_created": 1, "interviews_held": 1, "attempts": 1, "evaluations": 1},
        NOTHING | {"day": "2026-11-23", "call_minutes": 12.5, "recorded_minutes": 1.5, "recorded_bytes": 4_000},
    ]
    assert told["total"] == {
        "interviews_created": 2,
        "interviews_held": 1,
        "attempts": 1,
        "call_minutes": 12.5,
        "recorded_minutes": 1.5,
        "recorded_bytes": 4_000,
        "evaluations": 1,
        "webhooks_delivered": 0,
    }
    theirs = await usage(other)
    assert (theirs["total"]["interviews_created"], theirs["total"]["call_minutes"]) == (1, 5.0)


async def test_delivered_messages_are_counted_and_failed_ones_are_not(plane: Plane) -> None:
    client = plane.client()
    async with webhook_server() as recipient:
        made = (await client.post("/v1/webhooks", json={"url": recipient.url, "events": ["ping"]})).json()
        assert (await client.post(f"/v1/webhooks/{made['id']}/ping")).json()["status"] == "delivered"
    assert (await client.post(f"/v1/webhooks/{made['id']}/ping")).json()["status"] == "failed"
    told = await usage(client)
    assert told["total"] == NOTHING | {"webhooks_delivered": 1}
    assert told["days"][-1] == NOTHING | {"day": "2026-11-22", "webhooks_delivered": 1}


async def test_the_range_is_the_last_30_days_and_at_most_a_year(plane: Plane) -> None:
    client = plane.client("acme", "billing:read")
    usual = await usage(client)
    assert (usual["from"], usual["to"], len(usual["days"])) == ("2026-10-24", "2026-11-22", 30)
    assert (await usage(client, to="2026-01-30"))["from"] == "2026-01-01"
    assert (await usage(client, **{"from": "2026-11-22"}))["days"] == [NOTHING | {"day": "2026-11-22"}]
    year = await usage(client, **{"from": "2023-12-31", "to": "2024-12-30"})
    assert [date.fromisoformat(day["day"]) for day in year["days"]] == [
        date(2023, 12, 31) + timedelta(days=number) for number in range(366)
    ]
    for wrong, loc, words in (
        ({"from": "2023-12-30", "to": "2024-12-30"}, ["query", "from"], "is 367 days"),
        ({"from": "2026-11-23"}, ["query", "from"], "after the last day"),
        ({"from": "yesterday"}, ["query", "from"], "is not a day"),
        ({"to": "1700000000"}, ["query", "to"], "is not a day"),
        ({"to": "0001-01-01"}, ["query", "to"], "is not between"),
        ({"to": "2026-02-30"}, ["query", "to"], ""),
    ):
        answer = await client.get("/v1/usage", params=wrong)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["loc"]) == (422, loc)
        assert words in error["what"] and error["todo"]
    refused = await plane.client("acme", "role:recruiter").get("/v1/usage")
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "billing:read")


async def test_what_was_erased_is_counted_as_far_as_it_is_still_known(plane: Plane) -> None:
    client = plane.client()
    who = {"display_name": "Ann", "data_expires_on": "2099-01-01"}
    candidate = (await client.post("/v1/candidates", json=who)).json()["id"]
    interview_id = await held(plane, client, TODAY, timedelta(minutes=3), candidate_id=candidate)
    assert (await client.post(f"/v1/interviews/{interview_id}/evaluate")).status_code == 201
    before = (await usage(client))["total"]
    assert (before["evaluations"], before["recorded_bytes"]) == (1, 4_000)
    erased = await client.post("/v1/privacy/erasures", json={"candidate_id": candidate, "reason": "asked"})
    assert erased.status_code == 201, erased.text
    known = {"interviews_created": 1, "interviews_held": 1, "attempts": 1, "call_minutes": 3.0}
    assert (await usage(client))["total"] == NOTHING | known

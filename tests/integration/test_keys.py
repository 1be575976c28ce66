"""API keys over real HTTP: made, used like any token, limited, expired, revoked at once, and accounted for."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.errors import KeyRefused
from api.keys.service import KeyService
from api.limits import Rate
from tests.guards import HANG_S
from tests.integration.plane import Plane, running

READING: dict[str, Any] = {"name": "ATS", "scopes": ["interview:read", "key:manage"]}


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/keys", json=READING | more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def ask(plane: Plane, key: str, path: str = "/v1/question-bank") -> httpx.Response:
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as anybody:
        return await anybody.get(path, headers={"Authorization": f"Bearer {key}"})


async def test_a_key_opens_what_its_scopes_say_and_its_secret_is_shown_once(plane: Plane, tmp_path: Path) -> None:
    client = plane.client()
    created = await client.post("/v1/keys", json=READING)
    key = created.json()
    assert created.headers["location"] == f"/v1/keys/{key['id']}"
    assert key["key"].startswith(f"vv_{key['id'].removeprefix('key_')}_")
    assert key["last_used_at"] is None
    assert (await ask(plane, key["key"])).status_code == 200
    refused = await ask(plane, key["key"], "/v1/jobs")
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "job:read")
    listed = (await client.get("/v1/keys")).json()
    assert listed["meta"]["total"] == 1
    (shown,) = listed["data"]
    assert shown == (await client.get(f"/v1/keys/{key['id']}")).json()
    assert "key" not in shown and shown["last_used_at"] is not None
    assert (shown["name"], shown["scopes"], shown["created_by"]) == ("ATS", READING["scopes"], "admin")
    secret = key["key"].rsplit("_", 1)[1]
    kept = "\n".join(sqlite3.connect(tmp_path / "vivavoce.db").iterdump())
    assert key["id"] in kept and secret not in kept


async def test_a_revoked_key_opens_nothing_from_then_on(plane: Plane) -> None:
    client = plane.client()
    key = await made(client)
    assert (await ask(plane, key["key"])).status_code == 200
    assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
    refused = await ask(plane, key["key"])
    assert (refused.status_code, refused.json()["code"]) == (401, "key_revoked")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
    assert (await client.get(f"/v1/keys/{key['id']}")).json()["revoked_at"] is not None


async def test_what_a_key_holds_open_learns_of_its_end_here_at_once_and_elsewhere_soon(plane: Plane) -> None:
    client, here = plane.client(), plane.services.keys
    elsewhere = KeyService(plane.services.database, Rate(0, 0), plane.services.clock)
    key = await made(client)
    for keys in (here, elsewhere):
        await keys.still(key["id"])
    assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
    with pytest.raises(KeyRefused, match="revoked"):
        await here.still(key["id"])
    with pytest.raises(KeyRefused, match="revoked"):
        async with asyncio.timeout(HANG_S):
            while True:
                await elsewhere.still(key["id"])
                await asyncio.sleep(0.1)
    with pytest.raises(KeyRefused, match="no such"):
        await here.still("key_0")


async def test_an_expired_key_is_called_so(tmp_path: Path) -> None:
    passed = timedelta()
    async with running(tmp_path, clock=lambda: datetime.now(UTC) + passed) as plane:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        key = await made(plane.client(), expires_at=tomorrow.isoformat())
        passed = timedelta(hours=23)
        assert (await ask(plane, key["key"])).status_code == 200
        passed = timedelta(hours=25)
        refused = await ask(plane, key["key"])
        assert (refused.status_code, refused.json()["code"]) == (401, "key_expired")


async def test_when_a_key_was_last_used_is_kept_coarsely(tmp_path: Path) -> None:
    passed = timedelta()
    async with running(tmp_path, clock=lambda: datetime.now(UTC) + passed) as plane:
        key = await made(plane.client())
        seen = []
        for minutes in (0, 14, 16):
            passed = timedelta(minutes=minutes)
            await ask(plane, key["key"])
            seen.append((await plane.client().get(f"/v1/keys/{key['id']}")).json()["last_used_at"])
        assert seen[0] == seen[1] < seen[2]


async def test_what_is_no_key_of_ours_is_unknown_and_tells_nothing_of_others(plane: Plane) -> None:
    client = plane.client()
    key = await made(client)
    await client.delete(f"/v1/keys/{key['id']}")
    public, secret = key["key"].removeprefix("vv_").split("_")
    flipped = ("0" if secret[0] != "0" else "1") + secret[1:]
    for wrong in (
        f"vv_{public}_{flipped}",
        f"vv_{public}_",
        f"vv_{'0' * 20}_{secret}",
        f"vv_{public}_{secret}0",
        "vv_",
        f"vv_{public.upper()}_{secret}",
    ):
        refused = await ask(plane, wrong)
        assert (refused.status_code, refused.json()["code"]) == (401, "key_unknown"), wrong


async def test_nobody_gives_away_more_than_they_have(plane: Plane) -> None:
    maker = plane.client("acme", "key:manage", "interview:read", "transcript:read", "recording:read")
    beyond = await maker.post("/v1/keys", json=READING | {"scopes": ["interview:read", "interview:delete"]})
    assert (beyond.status_code, beyond.json()["required_permission"]) == (403, "interview:delete")
    for scopes in (["*"], ["role:admin"], ["interviews:write"]):
        assert (await maker.post("/v1/keys", json=READING | {"scopes": scopes})).status_code == 403
    key = await made(maker, scopes=["read:interviews", "key:manage"])
    assert (await ask(plane, key["key"])).status_code == 200
    async with httpx.AsyncClient(
        base_url=plane.url, headers={"Authorization": f"Bearer {key['key']}"}, timeout=HANG_S
    ) as holder:
        child = await made(holder)
        assert child["created_by"] == key["id"]
        assert (await holder.post("/v1/keys", json=READING | {"scopes": ["job:read"]})).status_code == 403
    without = await plane.client("acme", "interview:read").post("/v1/keys", json=READING)
    assert (without.status_code, without.json()["required_permission"]) == (403, "key:manage")


async def test_a_key_is_its_tenants(plane: Plane) -> None:
    key = await made(plane.client("acme"))
    other = plane.client("globex")
    assert (await other.get(f"/v1/keys/{key['id']}")).status_code == 404
    assert (await other.delete(f"/v1/keys/{key['id']}")).status_code == 404
    assert (await other.get("/v1/keys")).json()["data"] == []
    interview_id = await plane.created(other)
    assert (await ask(plane, key["key"], f"/v1/interviews/{interview_id}")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "loc"),
    [
        ({"scopes": []}, ["body", "scopes"]),
        ({"scopes": ["interview:read", "interview:fly"]}, ["body", "scopes", 1]),
        ({"scopes": "interview:read"}, ["body", "scopes"]),
        ({"name": ""}, ["body", "name"]),
        ({"name": "A\u0000"}, ["body", "name"]),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ["body", "expires_at"]),
        ({"expires_at": "2027-01-01T00:00:00"}, ["body", "expires_at"]),
        ({"expires_at": "9999-12-31T23:59:59-12:00"}, ["body", "expires_at"]),
        ({"per_minute": 0}, ["body", "per_minute"]),
        ({"per_minute": 601}, ["body", "per_minute"]),
        ({"per_hour": True}, ["body", "per_hour"]),
        ({"tenant": "globex"}, ["body", "tenant"]),
    ],
)
async def test_what_cannot_be_a_key_is_told_where(plane: Plane, wrong: dict[str, Any], loc: list[Any]) -> None:
    answer = await plane.client().post("/v1/keys", json=READING | wrong)
    assert answer.status_code == 422, answer.text
    (first,) = answer.json()["errors"]
    assert first["loc"] == loc
    assert first["todo"]


async def test_a_key_survives_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        key = await made(plane.client())
    async with running(tmp_path) as plane:
        assert (await ask(plane, key["key"])).status_code == 200


async def test_a_key_is_not_shown_again_by_repeating_its_creation(plane: Plane) -> None:
    client = plane.client()
    headers = {"Idempotency-Key": "once"}
    first = await client.post("/v1/keys", json=READING, headers=headers)
    again = await client.post("/v1/keys", json=READING, headers=headers)
    assert first.status_code == 201
    assert again.status_code == 409 and first.json()["key"] not in again.text
    assert (await client.get("/v1/keys")).json()["meta"]["total"] == 1
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as holder:
        told = {"Authorization": f"Bearer {first.json()['key']}", "Idempotency-Key": "mine"}
        answers = [await holder.post("/v1/keys", json=READING, headers=told) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


async def test_making_and_revoking_keys_is_accounted_for(plane: Plane) -> None:
    client = plane.client()
    ids = [(await made(client))["id"] for _ in range(3)]
    for _ in range(2):
        await client.delete(f"/v1/keys/{ids[1]}")
    await client.post("/v1/keys", json=READING | {"scopes": ["interview:fly"]})
    page = (await client.get("/v1/audit", params={"limit": 2})).json()
    assert page["meta"] == {"page": 1, "limit": 2, "total": 4, "pages": 2}
    newest = page["data"][0]
    assert (newest["action"], newest["subject"], newest["actor"]) == ("key.revoked", ids[1], "admin")
    rest = (await client.get("/v1/audit", params={"limit": 2, "page": 2})).json()["data"]
    assert [event["subject"] for event in [*page["data"], *rest]] == [ids[1], ids[2], ids[1], ids[0]]
    of_one = (await client.get("/v1/audit", params={"subject": ids[1], "action": "key.created"})).json()["data"]
    assert [event["action"] for event in of_one] == ["key.created"]
    assert (await client.get("/v1/audit", params={"subject": "a\u0000"})).status_code == 422
    assert (await plane.client("globex").get("/v1/audit")).json()["data"] == []
    assert (await plane.client("acme", "role:recruiter").get("/v1/audit")).status_code == 403

"""Postings and their embed keys over real HTTP, with a clock the test moves."""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.moments import rfc3339, utc_now
from api.postings.signing import Visit, canonical, derived_secret, sign
from tests.integration.plane import Plane, running
from tests.running_postgres import Postgres

SITE = "https://careers.example.org"


@dataclass
class MovedClock:
    """The time of day, ahead by what the test says."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest_asyncio.fixture
async def clock() -> MovedClock:
    return MovedClock()


@pytest_asyncio.fixture
async def plane(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Plane]:
    async with running(tmp_path, clock=clock) as plane:
        yield plane


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def any_plane(
    request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path, clock: MovedClock
) -> AsyncIterator[Plane]:
    settings = {"database_url": await postgres.with_tables()} if request.param == "postgresql" else {}
    async with running(tmp_path, clock=clock, **settings) as plane:
        yield plane


async def a_template(client: httpx.AsyncClient) -> str:
    agent = (await client.post("/v1/agents", json={"name": "Vera"})).json()["id"]
    return str((await client.post("/v1/templates", json={"name": "First", "agent_id": agent})).json()["id"])


async def posting(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = dict(more)
    body.setdefault("template_id", await a_template(client))
    response = await client.post("/v1/postings", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


# ---- postings -----------------------------------------------------------------------------------------------------


async def test_a_posting_begins_as_a_draft_for_the_invited(plane: Plane) -> None:
    made = await posting(plane.client())
    assert made["id"].startswith("post_")
    assert (made["status"], made["visibility"], made["max_attempts"]) == ("draft", "invite", 1)
    assert (made["job_id"], made["available_until"], made["cover_image_url"]) == (None, None, None)


async def test_postings_are_filtered_by_status_job_and_template(plane: Plane) -> None:
    client = plane.client()
    job = (await client.post("/v1/jobs", json={"title": "Backend engineer"})).json()["id"]
    made = await posting(client, job_id=job, status="active", visibility="public", max_attempts=20)
    await posting(client)
    for where in ({"status": "active"}, {"job_id": job}, {"template_id": made["template_id"]}):
        assert (await client.get("/v1/postings", params=where)).json()["data"] == [made]


async def test_a_posting_opens_closes_and_opens_again_but_is_no_draft_twice(plane: Plane) -> None:
    client = plane.client()
    path = f"/v1/postings/{(await posting(client))['id']}"
    for status in ("active", "closed", "active"):
        assert (await client.patch(path, json={"status": status})).json()["status"] == status
    refused = await client.patch(path, json={"status": "draft"})
    assert (refused.status_code, refused.json()["current_status"]) == (409, "active")
    assert (await client.get(path)).json()["status"] == "active"


async def test_template_and_job_must_be_there_and_ones_own(plane: Plane) -> None:
    client, other = plane.client("acme"), plane.client("globex")
    mine = await a_template(client)
    foreign_job = (await other.post("/v1/jobs", json={"title": "Backend engineer"})).json()["id"]
    for body, field in (
        ({"template_id": "tpl_nobody"}, "template_id"),
        ({"template_id": await a_template(other)}, "template_id"),
        ({"template_id": mine, "job_id": foreign_job}, "job_id"),
    ):
        response = await client.post("/v1/postings", json=body)
        assert response.status_code == 422
        assert response.json()["errors"][0]["loc"] == ["body", field]


async def test_a_posting_ends_in_the_future(plane: Plane, clock: MovedClock) -> None:
    client = plane.client()
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = await posting(client, available_until=soon.isoformat())
    assert made["available_until"] == rfc3339(soon)
    clock.ahead = timedelta(hours=2)
    path = f"/v1/postings/{made['id']}"
    assert (await client.patch(path, json={"status": "closed"})).status_code == 200  # an old end doesn't hold it up
    late = await client.patch(path, json={"available_until": rfc3339(soon + timedelta(minutes=1))})
    assert late.status_code == 422 and late.json()["errors"][0]["loc"] == ["body", "available_until"]


async def test_what_cannot_be_a_posting_is_told_where(plane: Plane) -> None:
    client = plane.client()
    template_id = await a_template(client)
    wrong: tuple[tuple[str, Any], ...] = (
        ("max_attempts", 0),
        ("max_attempts", 21),
        ("max_attempts", "2"),
        ("status", "live"),
        ("visibility", "secret"),
        ("available_until", "2030-01-01T00:00:00"),
        ("available_until", "2020-01-01T00:00:00Z"),
        ("available_until", "9999-12-31T23:59:59-14:00"),
        ("available_until", "0001-01-01T00:00:00+14:00"),
        ("cover_image_url", "javascript:alert(1)"),
        ("cover_image_url", "http://example.org/a.png"),
        ("template_id", None),
        ("surprise", 1),
    )
    for field, value in wrong:
        response = await client.post("/v1/postings", json={"template_id": template_id, field: value})
        assert response.status_code == 422, (field, value)
        assert response.json()["errors"][0]["loc"][:2] == ["body", field]


async def test_what_is_named_while_it_is_deleted_is_either_kept_or_refused(any_plane: Plane) -> None:
    client = any_plane.client()
    for _ in range(5):
        template_id = await a_template(client)
        created, deleted = await asyncio.gather(
            client.post("/v1/postings", json={"template_id": template_id}),
            client.delete(f"/v1/templates/{template_id}"),
        )
        assert (created.status_code, deleted.status_code) in {(201, 409), (422, 204)}


# ---- embed keys ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Embed:
    """An open posting with an embed key, and a customer's server that signs."""

    client: httpx.AsyncClient
    clock: MovedClock
    posting_id: str
    key: dict[str, Any]

    @property
    def keys(self) -> str:
        return f"/v1/postings/{self.posting_id}/embed-keys"

    def visit(self, **changes: Any) -> Visit:
        now = int(self.clock().timestamp())
        nonce = secrets.token_urlsafe(16)
        ann = Visit(self.key["embed_id"], "ann-1", "Ann Ö", "ann@example.org", now, now + 300, nonce, SITE)
        return replace(ann, **changes)

    async def sent(self, visit: Visit, key: dict[str, Any] | None = None, **changes: Any) -> httpx.Response:
        """Send a visit signed with a key; what is changed is changed after it was signed."""
        key = key or self.key
        signature = sign(visit, key["embed_signing_key"])
        body = asdict(visit) | {"signature": signature, "page_origin": visit.origin} | changes
        return await self.client.post(f"{self.keys}/{key['kid']}/check", json=body)

    async def why_not(self, visit: Visit, key: dict[str, Any] | None = None, **changes: Any) -> str:
        response = await self.sent(visit, key, **changes)
        assert (response.status_code, response.json()["code"]) == (403, "embed_refused"), response.text
        return str(response.json()["detail"])

    async def rotated(self, overlap_s: int) -> dict[str, Any]:
        response = await self.client.post(f"{self.keys}/{self.key['kid']}/rotate", json={"overlap_s": overlap_s})
        assert response.status_code == 201, response.text
        key: dict[str, Any] = response.json()
        return key


async def new_key(client: httpx.AsyncClient, posting_id: str, **more: Any) -> dict[str, Any]:
    response = await client.post(f"/v1/postings/{posting_id}/embed-keys", json={"allowed_origins": [SITE]} | more)
    assert response.status_code == 201, response.text
    key: dict[str, Any] = response.json()
    return key


async def embedded(plane: Plane, clock: MovedClock) -> Embed:
    client = plane.client()
    made = await posting(client, status="active")
    return Embed(client, clock, made["id"], await new_key(client, made["id"]))


@pytest_asyncio.fixture
async def embed(plane: Plane, clock: MovedClock) -> Embed:
    return await embedded(plane, clock)


async def test_a_key_is_shown_once_and_its_secret_is_nowhere_on_disk(embed: Embed, tmp_path: Path) -> None:
    assert embed.key["state"] == "active" and embed.key["allowed_origins"] == [SITE]
    secret = embed.key["embed_signing_key"]
    listed = await embed.client.get(embed.keys)
    assert [key["kid"] for key in listed.json()["data"]] == [embed.key["kid"]]
    assert secret not in listed.text and "embed_signing_key" not in listed.text and "salt" not in listed.text
    with sqlite3.connect(tmp_path / "vivavoce.db") as database:
        assert secret not in "\n".join(database.iterdump())
    database.close()


async def test_a_repeated_creation_does_not_tell_the_secret_again(embed: Embed) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await embed.client.post(embed.keys, json={"allowed_origins": [SITE]}, headers=headers)
    again = await embed.client.post(embed.keys, json={"allowed_origins": [SITE]}, headers=headers)
    assert first.status_code == 201 and again.status_code == 409
    assert first.json()["embed_signing_key"] not in again.text


async def test_what_is_signed_is_canonical_json_that_any_language_can_make() -> None:
    visit = Visit("emb_1", "s", 'Ö "x"', "a@b.c", 10, 20, "n" * 16, SITE)
    assert (
        canonical(visit)
        == (
            '{"email":"a@b.c","embed_id":"emb_1","exp":20,"iat":10,"name":"Ö \\"x\\"","nonce":"nnnnnnnnnnnnnnnn",'
            f'"origin":"{SITE}","sub":"s"}}'
        ).encode()
    )
    # openssl dgst -sha256 -hmac esk_test
    assert sign(visit, "esk_test") == "2bef7f46eaf52ec047548828fe2e56e6365e37c6703e65ab76781c394f4350c5"


async def test_each_key_has_its_own_secret() -> None:
    made = derived_secret("root", "ek_1", "00" * 32)
    others = {
        derived_secret("Root", "ek_1", "00" * 32),
        derived_secret("root", "ek_2", "00" * 32),
        derived_secret("root", "ek_1", "01" * 32),
    }
    assert made not in others and len(others) == 3
    assert made == derived_secret("root", "ek_1", "00" * 32)


async def test_a_signed_visit_is_let_in_once(embed: Embed) -> None:
    visit = embed.visit()
    response = await embed.sent(visit)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "posting_id": embed.posting_id,
        "sub": "ann-1",
        "name": "Ann Ö",
        "email": "ann@example.org",
    }
    assert "used before" in await embed.why_not(visit)
    assert (await embed.sent(embed.visit())).status_code == 200


async def test_the_same_visit_sent_ten_times_at_once_is_let_in_once(any_plane: Plane, clock: MovedClock) -> None:
    embed = await embedded(any_plane, clock)
    visit = embed.visit()
    statuses = [answer.status_code for answer in await asyncio.gather(*(embed.sent(visit) for _ in range(10)))]
    assert sorted(statuses) == [200] + [403] * 9


async def test_no_field_can_be_changed_after_signing(embed: Embed) -> None:
    visit = embed.visit()
    changed: dict[str, Any] = {
        "embed_id": "emb_other",
        "sub": "ann-2",
        "name": "Ann O",
        "email": "eve@example.org",
        "iat": visit.iat - 1,
        "exp": visit.exp - 1,
        "nonce": "x" * 16,
        "origin": "https://evil.example",
        "signature": "0" * 64,
    }
    assert changed.keys() - {"signature"} == asdict(visit).keys()
    for field, value in changed.items():
        assert "signature" in await embed.why_not(visit, **{field: value}), field
    assert (await embed.sent(visit)).status_code == 200  # none of it used the nonce up


async def test_a_visit_is_good_for_five_minutes_at_most(embed: Embed, clock: MovedClock) -> None:
    now = int(clock().timestamp())
    for iat, exp in ((now, now + 301), (now, now), (now + 2, now)):
        assert "at most 300 seconds" in await embed.why_not(embed.visit(iat=iat, exp=exp))
    assert "future" in await embed.why_not(embed.visit(iat=now + 60, exp=now + 300))
    assert (await embed.sent(embed.visit(iat=now + 2, exp=now + 300))).status_code == 200  # clocks differ a little
    visit = embed.visit()
    clock.ahead = timedelta(seconds=301)
    assert "expired" in await embed.why_not(visit)


async def test_a_used_visit_stays_used_until_it_expires(embed: Embed, clock: MovedClock, tmp_path: Path) -> None:
    visit = embed.visit()
    assert (await embed.sent(visit)).status_code == 200
    clock.ahead = timedelta(seconds=290)
    assert "used before" in await embed.why_not(visit)
    clock.ahead = timedelta(seconds=310)
    assert "expired" in await embed.why_not(visit)
    assert (await embed.sent(embed.visit())).status_code == 200
    with sqlite3.connect(tmp_path / "vivavoce.db") as database:
        assert database.execute("SELECT count(*) FROM embed_nonce").fetchone() == (1,)  # the old one is forgotten
    database.close()


async def test_only_pages_of_allowed_origins_embed(embed: Embed) -> None:
    for origin in (
        "https://evil.example",
        "http://careers.example.org",
        f"{SITE}:8443",
        f"{SITE}.evil.example",
        "null",
    ):
        assert "allowed_origins" in await embed.why_not(embed.visit(origin=origin))
    assert "was signed for" in await embed.why_not(embed.visit(), page_origin="https://evil.example")


async def test_a_rotated_key_stays_good_for_the_overlap(any_plane: Plane, clock: MovedClock) -> None:
    embed = await embedded(any_plane, clock)
    new = await embed.rotated(overlap_s=3600)
    assert (new["embed_id"], new["state"]) == (embed.key["embed_id"], "active")
    assert new["kid"] != embed.key["kid"] and new["embed_signing_key"] != embed.key["embed_signing_key"]
    states = {key["kid"]: key["state"] for key in (await embed.client.get(embed.keys)).json()["data"]}
    assert states == {embed.key["kid"]: "rotating", new["kid"]: "active"}
    for key in (embed.key, new):
        assert (await embed.sent(embed.visit(), key)).status_code == 200
    swapped = {**new, "embed_signing_key": embed.key["embed_signing_key"]}
    assert "signature" in await embed.why_not(embed.visit(), swapped)
    visit = embed.visit()
    assert (await embed.sent(visit, embed.key)).status_code == 200
    assert "used before" in await embed.why_not(visit, new)
    clock.ahead = timedelta(seconds=3601)
    assert "revoked or has expired" in await embed.why_not(embed.visit())
    assert (await embed.sent(embed.visit(), new)).status_code == 200
    states = {key["kid"]: key["state"] for key in (await embed.client.get(embed.keys)).json()["data"]}
    assert states == {embed.key["kid"]: "revoked", new["kid"]: "active"}


async def test_only_an_active_key_is_rotated(embed: Embed) -> None:
    await embed.rotated(overlap_s=3600)
    path = f"{embed.keys}/{embed.key['kid']}"
    again = await embed.client.post(f"{path}/rotate", json={})
    assert (again.status_code, again.json()["current_status"]) == (409, "rotating")
    await embed.client.delete(path)
    again = await embed.client.post(f"{path}/rotate", json={})
    assert (again.status_code, again.json()["current_status"]) == (409, "revoked")


async def test_a_revoked_key_is_over_at_once(embed: Embed) -> None:
    visit = embed.visit()
    for _ in range(2):  # and stays so
        assert (await embed.client.delete(f"{embed.keys}/{embed.key['kid']}")).status_code == 204
    assert "revoked" in await embed.why_not(visit)
    listed = (await embed.client.get(embed.keys)).json()["data"]
    assert listed[0]["state"] == "revoked" and listed[0]["revoked_at"] is not None


async def test_a_key_ends_by_itself(embed: Embed, clock: MovedClock) -> None:
    short = await new_key(embed.client, embed.posting_id, life_s=60)
    visit = embed.visit(embed_id=short["embed_id"])
    assert (await embed.sent(visit, short)).status_code == 200
    clock.ahead = timedelta(seconds=61)
    assert "expired" in await embed.why_not(embed.visit(embed_id=short["embed_id"]), short)


async def test_a_key_signs_for_its_own_embed_alone(embed: Embed) -> None:
    other = await new_key(embed.client, embed.posting_id)
    assert "another embed_id" in await embed.why_not(embed.visit(), other)


async def test_nobody_enters_a_posting_that_is_not_open(embed: Embed) -> None:
    path = f"/v1/postings/{embed.posting_id}"
    await embed.client.patch(path, json={"status": "closed"})
    refused = await embed.sent(embed.visit())
    assert (refused.status_code, refused.json()["current_status"]) == (409, "closed")
    soon = rfc3339(embed.clock() + timedelta(seconds=100))
    await embed.client.patch(path, json={"status": "active", "available_until": soon})
    assert (await embed.sent(embed.visit())).status_code == 200
    embed.clock.ahead = timedelta(seconds=101)
    assert (await embed.sent(embed.visit())).status_code == 409


async def test_keys_go_with_their_posting(embed: Embed, tmp_path: Path) -> None:
    assert (await embed.client.delete(f"/v1/postings/{embed.posting_id}")).status_code == 204
    assert (await embed.client.get(embed.keys)).status_code == 404
    assert (await embed.sent(embed.visit())).status_code == 404
    with sqlite3.connect(tmp_path / "vivavoce.db") as database:
        assert database.execute("SELECT state FROM embed_key").fetchall() == [("revoked",)]
    database.close()


async def test_keys_are_their_tenants_own_and_need_the_scope(embed: Embed, plane: Plane) -> None:
    other = plane.client("globex")
    theirs = await posting(other, status="active")
    path, kid = embed.keys, embed.key["kid"]
    for response in (
        await other.get(path),
        await other.post(path, json={"allowed_origins": [SITE]}),
        await other.post(f"{path}/{kid}/rotate", json={}),
        await other.delete(f"{path}/{kid}"),
        await other.delete(f"/v1/postings/{theirs['id']}/embed-keys/{kid}"),
    ):
        assert response.status_code == 404
    reader = plane.client("acme", "posting:read")
    assert (await reader.get(path)).status_code == 200
    refused = await reader.post(path, json={"allowed_origins": [SITE]})
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "posting:update")
    assert (await embed.sent(embed.visit())).status_code == 200


async def test_what_cannot_be_an_embed_key_is_told_where(embed: Embed) -> None:
    origins = (
        "*",
        "null",
        "https://a.org/",
        "https://A.org",
        "http://a.org",
        "https://a.org:443",
        "https://u@a.org",
        "",
    )
    for origin in origins:
        response = await embed.client.post(embed.keys, json={"allowed_origins": [origin]})
        assert response.status_code == 422, origin
        assert response.json()["errors"][0]["loc"] == ["body", "allowed_origins", 0]
    for body, field in (
        ({"allowed_origins": []}, "allowed_origins"),
        ({"allowed_origins": [f"https://a{n}.org" for n in range(21)]}, "allowed_origins"),
        ({"allowed_origins": [SITE], "life_s": 0}, "life_s"),
    ):
        response = await embed.client.post(embed.keys, json=body)
        assert response.status_code == 422
        assert response.json()["errors"][0]["loc"] == ["body", field]
    local = await new_key(embed.client, embed.posting_id, allowed_origins=["http://localhost:3000", SITE, SITE])
    assert local["allowed_origins"] == ["http://localhost:3000", SITE]


async def test_a_posting_has_so_many_keys_and_no_more(embed: Embed) -> None:
    for _ in range(19):
        await new_key(embed.client, embed.posting_id)
    full = await embed.client.post(embed.keys, json={"allowed_origins": [SITE]})
    assert full.status_code == 409 and "revoke one" in full.json()["detail"]
    await embed.client.delete(f"{embed.keys}/{embed.key['kid']}")
    await new_key(embed.client, embed.posting_id)

"""What every kind of record does alike, on jobs, over real HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.plane import Plane

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOB: dict[str, Any] = {"title": "Backend engineer", "skills": {"required": ["Python"], "nice": ["Rust"]}}


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    response = await client.post("/v1/jobs", json=JOB | more)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


async def test_a_job_lives_from_creation_to_deletion(plane: Plane) -> None:
    client = plane.client()
    created = await client.post("/v1/jobs", json=JOB)
    job = created.json()
    assert created.headers["location"] == f"/v1/jobs/{job['id']}"
    assert created.headers["etag"] == '"1"'
    assert (job["title"], job["skills"]["nice"], job["status"]) == ("Backend engineer", ["Rust"], "open")
    got = await client.get(created.headers["location"])
    assert got.json() == job and got.headers["etag"] == '"1"'
    changed = await client.patch(f"/v1/jobs/{job['id']}", json={"status": "closed", "skills": {"nice": None}})
    assert changed.headers["etag"] == '"2"'
    assert changed.json()["skills"] == {"required": ["Python"], "nice": []}
    assert (await client.delete(f"/v1/jobs/{job['id']}")).status_code == 204
    assert (await client.get(f"/v1/jobs/{job['id']}")).status_code == 404
    assert (await client.get("/v1/jobs")).json()["meta"]["total"] == 0


async def test_a_list_is_paged_filtered_and_newest_first(plane: Plane) -> None:
    client = plane.client()
    ids = [(await made(client, title=f"Engineer {number}"))["id"] for number in range(5)]
    await client.patch(f"/v1/jobs/{ids[2]}", json={"status": "closed"})
    page = (await client.get("/v1/jobs", params={"limit": 2, "page": 2})).json()
    assert [job["id"] for job in page["data"]] == [ids[2], ids[1]]
    assert page["meta"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}
    closed = (await client.get("/v1/jobs", params={"status": "closed"})).json()
    assert [job["id"] for job in closed["data"]] == [ids[2]]
    assert (await client.get("/v1/jobs", params={"limit": 101})).status_code == 422


async def test_a_change_meant_for_an_older_version_is_refused(plane: Plane) -> None:
    client = plane.client()
    job = await made(client)
    path = f"/v1/jobs/{job['id']}"
    first = await client.patch(path, json={"title": "Data engineer"}, headers={"If-Match": '"1"'})
    assert first.status_code == 200
    late = await client.patch(path, json={"title": "Other engineer"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412 and late.json()["code"] == "stale_version"
    assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    nonsense = await client.patch(path, json={}, headers={"If-Match": "soon"})
    assert nonsense.status_code == 422 and nonsense.json()["errors"][0]["loc"] == ["header", "If-Match"]
    assert (await client.get(path)).json()["title"] == "Data engineer"


async def test_another_tenant_sees_nothing(plane: Plane) -> None:
    job = await made(plane.client("acme"))
    other = plane.client("globex")
    path = f"/v1/jobs/{job['id']}"
    for response in (await other.get(path), await other.patch(path, json={}), await other.delete(path)):
        assert response.status_code == 404
    assert (await other.get("/v1/jobs")).json()["data"] == []
    assert (await plane.client("acme").get(path)).status_code == 200


async def test_an_external_reference_names_one_job_of_a_tenant(plane: Plane) -> None:
    client = plane.client()
    job = await made(client, external_ref="ats-7")
    assert (await made(client, external_ref="ats-7"))["id"] == job["id"]
    other = await client.post("/v1/jobs", json=JOB | {"external_ref": "ats-7", "title": "Designer"})
    assert other.status_code == 409
    assert (other.json()["code"], other.json()["existing_id"]) == ("already_exists", job["id"])
    second = await made(client)
    stolen = await client.patch(f"/v1/jobs/{second['id']}", json={"external_ref": "ats-7"})
    assert stolen.status_code == 409
    assert (await made(plane.client("globex"), external_ref="ats-7"))["id"] != job["id"]
    await client.delete(f"/v1/jobs/{job['id']}")
    assert (await made(client, external_ref="ats-7"))["id"] != job["id"]


async def test_two_that_create_the_same_at_once_get_one(plane: Plane) -> None:
    client = plane.client()
    answers = await asyncio.gather(*(client.post("/v1/jobs", json=JOB | {"external_ref": "once"}) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_each_call_needs_its_scope(plane: Plane) -> None:
    job = await made(plane.client())
    reader = plane.client("acme", "job:read")
    path = f"/v1/jobs/{job['id']}"
    assert (await reader.get(path)).status_code == 200
    for response, scope in (
        (await reader.post("/v1/jobs", json=JOB), "job:create"),
        (await reader.patch(path, json={}), "job:update"),
        (await reader.delete(path), "job:delete"),
        (await plane.client("acme", "interview:read").get("/v1/jobs"), "job:read"),
    ):
        assert response.status_code == 403
        assert response.json()["required_permission"] == scope
        assert response.json()["detail"] == f"Insufficient permissions. Required: {scope}"
    assert (await plane.client("acme", "role:recruiter").patch(path, json={})).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "loc"),
    [
        ({"title": "Dev"}, ["body", "title"]),
        ({"title": "A\u0000engineer"}, ["body", "title"]),
        ({"skills": {"required": ["a"] * 6, "nice": ["b"] * 5}}, ["body", "skills"]),
        ({"skills": {"required": ["x" * 129]}}, ["body", "skills", "required", 0]),
        ({"salary": {"currency": "EUR", "min": 9, "max": 1}}, ["body", "salary"]),
        ({"metadata": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}}, ["body", "metadata"]),
        ({"pay": 1}, ["body", "pay"]),
    ],
)
async def test_what_cannot_be_a_job_is_told_where(plane: Plane, wrong: dict[str, Any], loc: list[Any]) -> None:
    client = plane.client()
    response = await client.post("/v1/jobs", json=JOB | wrong)
    assert response.status_code == 422
    assert response.json()["errors"][0]["loc"] == loc
    job = await made(client)
    patched = await client.patch(f"/v1/jobs/{job['id']}", json=wrong)
    assert patched.status_code == 422
    assert patched.json()["errors"][0]["loc"] == loc
    assert (await client.get(f"/v1/jobs/{job['id']}")).json() == job

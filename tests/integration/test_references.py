"""What is named by something still to come can't be deleted, on SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.plane import PLAN, Plane, running
from tests.running_postgres import Postgres


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def plane(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> AsyncIterator[Plane]:
    settings = {"database_url": await postgres.with_tables()} if request.param == "postgresql" else {}
    async with running(tmp_path, **settings) as plane:
        yield plane


async def made(client: httpx.AsyncClient, kind: str, **body: Any) -> str:
    response = await client.post(f"/v1/{kind}", json=body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def in_use(client: httpx.AsyncClient, path: str, by: str) -> None:
    """Make sure that `path` can't be deleted because of `by`, and is still there."""
    refused = await client.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert by in refused.json()["detail"]
    assert (await client.get(path)).status_code == 200


async def test_what_an_interview_to_come_names_stays_until_it_is_over(plane: Plane) -> None:
    client = plane.client()
    agent, other = [await made(client, "agents", name=name) for name in ("Vera", "Viva")]
    job = await made(client, "jobs", title="Backend engineer")
    template = await made(client, "templates", name="Screening", agent_id=other, plan=PLAN)
    named = {"job_id": job, "template_id": template, "agent_id": agent}
    interview_id = await plane.created(client, **named)
    for path in (f"/v1/jobs/{job}", f"/v1/templates/{template}", f"/v1/agents/{agent}"):
        await in_use(client, path, f"interview {interview_id}")
    assert (await client.post(f"/v1/interviews/{interview_id}/cancel")).status_code == 202
    for path in (f"/v1/jobs/{job}", f"/v1/templates/{template}", f"/v1/agents/{agent}"):
        assert (await client.delete(path)).status_code == 204, path
    kept = (await client.get(f"/v1/interviews/{interview_id}")).json()
    assert {name: kept[name] for name in named} == named, "what is over says what it was for"


async def test_a_deleted_interview_holds_nothing_back(plane: Plane) -> None:
    client = plane.client()
    job = await made(client, "jobs", title="Backend engineer")
    interview_id = await plane.created(client, job_id=job)
    await in_use(client, f"/v1/jobs/{job}", interview_id)
    assert (await client.delete(f"/v1/interviews/{interview_id}")).status_code == 204
    assert (await client.delete(f"/v1/jobs/{job}")).status_code == 204


async def test_a_job_stays_for_its_posting_and_goes_without_its_candidates(plane: Plane) -> None:
    client = plane.client()
    agent = await made(client, "agents", name="Vera")
    template = await made(client, "templates", name="Screening", agent_id=agent)
    job = await made(client, "jobs", title="Backend engineer")
    candidate = await made(client, "candidates", display_name="Ann", data_expires_on="2099-01-01", job_ids=[job])
    posting = await made(client, "postings", template_id=template, job_id=job)
    await in_use(client, f"/v1/jobs/{job}", f"posting {posting}")
    assert (await client.delete(f"/v1/postings/{posting}")).status_code == 204
    assert (await client.delete(f"/v1/jobs/{job}")).status_code == 204
    assert (await client.get(f"/v1/candidates/{candidate}")).json()["job_ids"] == [job]


async def test_another_tenants_interviews_hold_nothing_back(plane: Plane) -> None:
    client, other = plane.client(), plane.client("globex")
    job = await made(client, "jobs", title="Backend engineer")
    refused = await other.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan": PLAN, "job_id": job})
    assert refused.status_code == 422
    assert (await client.delete(f"/v1/jobs/{job}")).status_code == 204


async def test_what_is_named_while_it_is_deleted_is_either_kept_or_refused(plane: Plane) -> None:
    client = plane.client()
    for _ in range(8):
        job = await made(client, "jobs", title="Backend engineer")
        body = {"candidate": {"name": "Ann"}, "plan": PLAN, "job_id": job}
        created, deleted = await asyncio.gather(
            client.post("/v1/interviews", json=body), client.delete(f"/v1/jobs/{job}")
        )
        assert (created.status_code, deleted.status_code) in {(201, 409), (422, 204)}, created.text + deleted.text

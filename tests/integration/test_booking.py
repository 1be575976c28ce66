"""Interviews created together with their job and candidate, over real HTTP."""

from typing import Any

import httpx
import pytest

from tests.fakes.pdfs import pdf
from tests.integration.plane import PLAN, Plane

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANN: dict[str, Any] = {"first_name": "Ann", "last_name": "Example", "email": "ann@example.org"}
ANN |= {"data_expires_on": "2099-01-01"}
JOB: dict[str, Any] = {"title": "Backend engineer", "skills": {"required": ["Python", "PostgreSQL"]}}
JOB |= {"description": "You build the services behind our payments.", "seniority": "senior"}
BRIEF = {"question_count": 4}


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(path, json=body)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


async def counts(client: httpx.AsyncClient) -> list[int]:
    paths = ("jobs", "candidates", "interviews")
    return [(await client.get(f"/v1/{path}")).json()["meta"]["total"] for path in paths]


async def test_one_request_makes_job_candidate_plan_and_interview(plane: Plane) -> None:
    client = plane.client()
    booked = await made(client, "/v1/interviews", {"new_candidate": ANN, "new_job": JOB, "brief": BRIEF})
    candidate = (await client.get(f"/v1/candidates/{booked['candidate_id']}")).json()
    job = (await client.get(f"/v1/jobs/{booked['job_id']}")).json()
    assert (booked["candidate"]["name"], booked["title"], booked["job_source"]) == (
        "Ann Example",
        "Backend engineer",
        "new_job",
    )
    assert candidate["job_ids"] == [job["id"]]
    asked = [question["id"] for section in booked["plan"]["sections"] for question in section["questions"]]
    assert len(asked) == 4
    assert any(id_.startswith(("python", "data")) for id_ in asked), "the job's skills are asked about"
    assert booked["brief"]["question_count"] == 4
    assert await counts(client) == [1, 1, 1]


async def test_what_can_not_be_booked_leaves_nothing_behind(plane: Plane) -> None:
    client = plane.client()
    wrong = {"new_candidate": ANN, "new_job": JOB, "brief": BRIEF | {"categories": ["astrology"]}}
    response = await client.post("/v1/interviews", json=wrong)
    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    expired = {"new_candidate": ANN | {"data_expires_on": "2020-01-01"}, "new_job": JOB, "brief": BRIEF}
    assert (await client.post("/v1/interviews", json=expired)).status_code == 422
    assert await counts(client) == [0, 0, 0]


async def test_the_job_is_named_once(plane: Plane) -> None:
    client = plane.client()
    job = await made(client, "/v1/jobs", JOB)
    both = {"new_candidate": ANN, "new_job": JOB, "job_id": job["id"], "plan": PLAN}
    response = await client.post("/v1/interviews", json=both)
    assert (response.status_code, response.json()["code"]) == (422, "job_source_conflict")
    assert [each["loc"] for each in response.json()["errors"]] == [["body", "new_job"], ["body", "job_id"]]
    theirs = {"new_candidate": ANN | {"job_ids": [job["id"]]}, "job_id": job["id"], "plan": PLAN}
    assert (await client.post("/v1/interviews", json=theirs)).json()["code"] == "job_source_conflict"
    compact = {"new_candidate": ANN | {"job_ids": [job["id"]]}, "plan": PLAN}
    booked = await made(client, "/v1/interviews", compact)
    assert (booked["job_id"], booked["job_source"]) == (job["id"], "new_candidate")


async def test_a_candidates_only_job_is_the_one_and_of_several_one_must_be_named(plane: Plane) -> None:
    client = plane.client()
    first, second, closed = [await made(client, "/v1/jobs", JOB | {"title": f"Engineer {n}"}) for n in (1, 2, 3)]
    await client.patch(f"/v1/jobs/{closed['id']}", json={"status": "closed"})
    ann = await made(client, "/v1/candidates", ANN | {"job_ids": [first["id"], closed["id"]]})
    body = {"candidate_id": ann["id"], "plan": PLAN}
    booked = await made(client, "/v1/interviews", body)
    assert (booked["job_id"], booked["job_source"]) == (first["id"], "only_job")
    other = await client.post("/v1/interviews", json=body | {"job_id": second["id"]})
    assert (other.status_code, other.json()["errors"][0]["loc"]) == (422, ["body", "job_id"])
    await client.patch(f"/v1/candidates/{ann['id']}", json={"job_ids": [first["id"], second["id"]]})
    several = await client.post("/v1/interviews", json=body)
    assert (several.status_code, several.json()["code"]) == (422, "job_required")
    assert second["id"] in several.json()["errors"][0]["todo"]
    neither = await made(client, "/v1/interviews", body | {"without_job": True})
    assert (neither["job_id"], neither["job_source"]) == (None, None)
    both = await client.post("/v1/interviews", json=body | {"without_job": True, "job_id": second["id"]})
    assert both.json()["code"] == "job_source_conflict"
    named = await made(client, "/v1/interviews", body | {"job_id": second["id"]})
    assert (named["job_id"], named["job_source"]) == (second["id"], "job_id")
    third = await made(client, "/v1/interviews", body | {"new_job": JOB | {"title": "Engineer 4"}})
    now = (await client.get(f"/v1/candidates/{ann['id']}")).json()["job_ids"]
    assert now == [first["id"], second["id"], third["job_id"]]


async def test_a_booking_is_known_again_by_its_reference(plane: Plane) -> None:
    client = plane.client()
    body = {"new_candidate": ANN, "new_job": JOB, "brief": BRIEF, "external_ref": "ats-1"}
    first = await made(client, "/v1/interviews", body)
    assert (await made(client, "/v1/interviews", body))["id"] == first["id"]
    assert await counts(client) == [1, 1, 1]
    other = await client.post("/v1/interviews", json=body | {"new_job": JOB | {"title": "Another job"}})
    assert (other.status_code, other.json()["existing_id"]) == (409, first["id"])


async def test_what_is_created_along_needs_its_own_permission(plane: Plane) -> None:
    client = plane.client("acme", "interview:create")
    body = {"new_candidate": ANN, "plan": PLAN}
    response = await client.post("/v1/interviews", json=body)
    assert (response.status_code, response.json()["required_permission"]) == (403, "candidate:create")
    body = {"candidate": {"name": "Ann"}, "new_job": JOB, "plan": PLAN}
    response = await client.post("/v1/interviews", json=body)
    assert (response.status_code, response.json()["required_permission"]) == (403, "job:create")


async def test_a_template_brings_its_plan(plane: Plane) -> None:
    client = plane.client()
    agent = await made(client, "/v1/agents", {"name": "Viva"})
    template = await made(client, "/v1/templates", {"name": "Screening", "agent_id": agent["id"], "plan": PLAN})
    body = {"candidate": {"name": "Ann"}, "template_id": template["id"]}
    booked = await made(client, "/v1/interviews", body | {"agent_id": agent["id"]})
    assert (booked["plan"]["title"], booked["agent_id"]) == (PLAN["title"], agent["id"])
    assert (await client.get(f"/v1/interviews/{booked['id']}/plan")).json()["engine"] == "template"
    empty = await made(client, "/v1/templates", {"name": "Empty", "agent_id": agent["id"]})
    response = await client.post("/v1/interviews", json=body | {"template_id": empty["id"]})
    assert (response.status_code, response.json()["errors"][0]["loc"]) == (422, ["body", "template_id"])


async def test_a_brief_without_a_title_anywhere_says_so(plane: Plane) -> None:
    client = plane.client()
    response = await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "brief": BRIEF})
    assert (response.status_code, response.json()["errors"][0]["loc"]) == (422, ["body", "brief", "title"])


# ---- résumés ------------------------------------------------------------------------------------------------------


async def resume(client: httpx.AsyncClient, interview_id: str, data: bytes) -> httpx.Response:
    file = {"file": ("resume.pdf", data, "application/pdf")}
    return await client.post(f"/v1/interviews/{interview_id}/resume", files=file, timeout=60)


async def test_a_resume_makes_the_questions_personal(plane: Plane) -> None:
    client = plane.client()
    job = JOB | {"skills": {"required": ["System design", "Testing"]}}
    booked = await made(
        client, "/v1/interviews", {"new_candidate": ANN, "new_job": job, "brief": {"question_count": 1}}
    )
    taken = await resume(client, booked["id"], pdf("Ann Example. I tested payment systems: testing, unit tests, CI."))
    assert taken.status_code == 201, taken.text
    assert (taken.json()["personalised"], taken.json()["plan_version"]) == (True, 2)
    plan = (await client.get(f"/v1/interviews/{booked['id']}")).json()["plan"]
    assert plan != booked["plan"]
    assert "testing-quality" in [section["id"] for section in plan["sections"]]
    assert (await client.get(f"/v1/interviews/{booked['id']}/plan?version=1")).json()["state"] == "superseded"
    again = await resume(client, booked["id"], pdf("Ann Example. I tested payment systems: testing, unit tests, CI."))
    assert (again.json()["personalised"], again.json()["plan_version"]) == (False, 2)


async def test_a_resume_needs_a_candidate_of_the_records(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    response = await resume(client, interview_id, pdf("Ann"))
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert "candidate_id" in response.json()["detail"]
    booked = await made(client, "/v1/interviews", {"new_candidate": ANN, "plan": PLAN})
    damaged = await resume(client, booked["id"], b"no PDF at all")
    assert (damaged.status_code, damaged.json()["code"]) == (422, "resume_not_pdf")
    given = await resume(client, booked["id"], pdf("Ann Example has built payment systems for years."))
    assert (given.json()["personalised"], given.json()["plan_version"]) == (False, 1)
    assert (await resume(plane.client("other"), booked["id"], pdf("Ann"))).status_code == 404


@pytest.mark.parametrize("fields", [{"candidate_id": "cand_1", "new_candidate": ANN}, {}])
async def test_somebody_is_interviewed_and_named_once(plane: Plane, fields: dict[str, Any]) -> None:
    response = await plane.client().post("/v1/interviews", json={"plan": PLAN} | fields)
    assert (response.status_code, response.json()["errors"][0]["loc"]) == (422, ["body"])

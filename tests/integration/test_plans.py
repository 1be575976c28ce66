"""The versions of a plan: reviewed, approved, rejected, revised."""

from typing import Any

import httpx
import pytest

from tests.integration.plane import PLAN, Plane

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER = PLAN | {"title": "Another plan"}
BOOKED: dict[str, Any] = {"candidate": {"name": "Ann"}, "review_plan": True}


async def reviewed(client: httpx.AsyncClient, **more: Any) -> str:
    response = await client.post("/v1/interviews", json=BOOKED | {"plan": PLAN} | more)
    assert response.status_code == 201, response.text
    assert response.json()["status"] == "plan_review"
    return f"/v1/interviews/{response.json()['id']}"


async def test_a_plan_waits_for_a_person_and_is_approved(plane: Plane) -> None:
    client = plane.client()
    path = await reviewed(client)
    start = await client.post(f"{path}/start")
    assert (start.status_code, start.json()["current_status"]) == (409, "plan_review")
    shown = (await client.get(f"{path}/plan")).json()
    assert (shown["version"], shown["state"], shown["engine"], shown["decided_by"]) == (1, "review", "given", None)
    approved = await client.post(f"{path}/plan/approve", json={"reason": "Good questions."})
    assert approved.status_code == 200, approved.text
    body = approved.json()
    assert (body["state"], body["decided_by"], body["reason"]) == ("approved", "admin", "Good questions.")
    assert body["decided_at"] is not None
    assert (await client.get(path)).json()["status"] == "ready"
    assert (await client.post(f"{path}/plan/approve")).status_code == 409
    assert (await client.post(f"{path}/start")).status_code == 202
    done = (await client.get("/v1/audit", params={"action": "plan.approved"})).json()["data"]
    assert [event["subject"] for event in done] == [body["id"]]


async def test_an_approved_plan_keeps_its_appointment(plane: Plane) -> None:
    client = plane.client()
    path = await reviewed(client, start={"policy": "now"})
    assert plane.launcher.specs == []
    await client.post(f"{path}/plan/approve")
    body = (await client.get(path)).json()
    assert body["status"] in {"scheduled", "joining"}  # the scheduler starts it by itself


async def test_a_rejected_plan_ends_the_interview(plane: Plane) -> None:
    client = plane.client()
    path = await reviewed(client)
    rejected = await client.post(f"{path}/plan/reject", json={"reason": "Asks about age."})
    assert (rejected.status_code, rejected.json()["state"]) == (200, "rejected")
    body = (await client.get(path)).json()
    assert (body["status"], body["status_reason"]) == ("rejected", "plan_rejected")
    for call in ("approve", "reject", "revise"):
        sent = {"plan": OTHER} if call == "revise" else {}
        assert (await client.post(f"{path}/plan/{call}", json=sent)).status_code == 409


async def test_a_revision_is_another_version_that_waits_again(plane: Plane) -> None:
    client = plane.client()
    path = await reviewed(client)
    revised = await client.post(f"{path}/plan/revise", json={"plan": OTHER})
    assert (revised.status_code, revised.json()["version"], revised.json()["state"]) == (201, 2, "review")
    assert (await client.get(f"{path}/plan", params={"version": 1})).json()["state"] == "superseded"
    assert (await client.get(path)).json()["plan"]["title"] == "Another plan"
    await client.post(f"{path}/plan/approve")
    again = await client.post(f"{path}/plan/revise", json={"brief": {"title": "Python engineer", "question_count": 2}})
    assert (again.json()["version"], again.json()["engine"]) == (3, "structured")
    body = (await client.get(path)).json()
    assert (body["status"], body["brief"]["title"]) == ("plan_review", "Python engineer")
    fewer = await client.post(f"{path}/plan/revise", json={"brief": {"question_count": 1}})
    assert sum(len(section["questions"]) for section in fewer.json()["plan"]["sections"]) == 1
    assert (await client.get(path)).json()["brief"] == body["brief"] | {"question_count": 1}


async def test_a_changed_interview_has_another_version_only_where_its_plan_changed(plane: Plane) -> None:
    client = plane.client()
    path = f"/v1/interviews/{await plane.created(client)}"
    await client.patch(path, json={"title": "Another title"})
    assert (await client.get(f"{path}/plan")).json()["version"] == 1
    await client.patch(path, json={"plan": OTHER})
    shown = (await client.get(f"{path}/plan")).json()
    assert (shown["version"], shown["state"]) == (2, "approved")
    asked = await client.patch(path, json={"plan": PLAN, "review_plan": True})
    assert asked.json()["status"] == "plan_review"
    assert (await client.get(f"{path}/plan")).json()["state"] == "review"


async def test_a_draft_with_a_plan_to_review_can_not_be_started(plane: Plane) -> None:
    client = plane.client()
    response = await client.post("/v1/interviews", json=BOOKED | {"plan": PLAN, "draft": True})
    path = f"/v1/interviews/{response.json()['id']}"
    assert response.json()["status"] == "draft"
    assert (await client.post(f"{path}/start")).status_code == 409
    assert (await client.patch(path, json={"draft": False})).json()["status"] == "plan_review"


async def test_who_changes_an_interview_takes_no_approval_away(plane: Plane) -> None:
    client, editor = plane.client(), plane.client("acme", "interview:update")
    path = await reviewed(client)
    for then in ("plan_review", "ready"):
        refused = await editor.patch(path, json={"plan": OTHER, "review_plan": False})
        assert (refused.status_code, refused.json()["current_status"]) == (409, then)
        assert (await client.get(f"{path}/plan")).json()["version"] == 1
        await client.post(f"{path}/plan/approve")
    assert (await editor.patch(path, json={"plan": OTHER})).json()["status"] == "plan_review"


@pytest.mark.parametrize("call", ["approve", "reject"])
async def test_a_plan_that_another_took_the_place_of_is_not_decided_about(plane: Plane, call: str) -> None:
    client = plane.client()
    path = await reviewed(client)
    read = {"If-Match": (await client.get(f"{path}/plan")).headers["ETag"]}
    assert (await client.post(f"{path}/plan/revise", json={"plan": OTHER})).status_code == 201
    late = await client.post(f"{path}/plan/{call}", headers=read)
    assert (late.status_code, late.json()["code"]) == (412, "stale_version")
    assert (await client.get(path)).json()["status"] == "plan_review"
    again = {"If-Match": (await client.get(f"{path}/plan")).headers["ETag"]}
    assert (await client.post(f"{path}/plan/{call}", headers=again)).json()["version"] == 2


@pytest.mark.parametrize("body", [{}, {"minutes": 3.0}, {"plan": None}, {"title": "Other"}])
async def test_a_revision_that_asks_for_no_other_plan_is_refused(plane: Plane, body: dict[str, Any]) -> None:
    client = plane.client()
    path = await reviewed(client)
    response = await client.post(f"{path}/plan/revise", json=body)
    assert response.status_code == 422, response.text
    assert (await client.get(f"{path}/plan")).json()["version"] == 1


async def test_who_may_decide_about_plans(plane: Plane) -> None:
    path = await reviewed(plane.client())
    reader = plane.client("acme", "interview:read", "interview:update")
    for call in ("approve", "reject"):
        response = await reader.post(f"{path}/plan/{call}")
        assert (response.status_code, response.json()["required_permission"]) == (403, "plan:approve")
    other = plane.client("other")
    for call in ("plan", "plan/approve", "plan/reject", "plan/revise"):
        sent = {"plan": OTHER} if call == "plan/revise" else None
        response = await (other.get(f"{path}/{call}") if call == "plan" else other.post(f"{path}/{call}", json=sent))
        assert response.status_code == 404
    missing = await plane.client().get(f"{path}/plan", params={"version": 7})
    assert missing.status_code == 404


async def test_a_plan_is_looked_over_wherever_it_is_given_and_never_refused(plane: Plane) -> None:
    client = plane.client()
    unlawful = {"id": "kids", "text": "Do you have children?"}
    plan = PLAN | {"sections": [{"id": "home", "name": "your work", "questions": [unlawful]}], "criteria": []}
    before = (await client.get("/v1/interviews")).json()["meta"]["total"]
    looked_at = await client.post("/v1/plans/lint", json={"plan": plan})
    assert looked_at.status_code == 200, looked_at.text
    (serious,) = [one for one in looked_at.json()["warnings"] if one["severity"] == "serious"]
    assert (serious["code"], serious["where"]) == ("off_limits", "sections[0].questions[0].text")
    assert serious["rephrase"].startswith("This role travels")
    assert (await client.get("/v1/interviews")).json()["meta"]["total"] == before
    booked = await client.post("/v1/interviews", json=BOOKED | {"plan": plan})
    assert (booked.status_code, booked.json()["warnings"][0]) == (201, serious)
    path = f"/v1/interviews/{booked.json()['id']}/plan"
    assert (await client.get(path)).json()["warnings"][0] == serious
    revised = await client.post(f"{path}/revise", json={"plan": PLAN})
    assert [one for one in revised.json()["warnings"] if one["severity"] == "serious"] == []
    drafted = await client.post("/v1/interviews/draft", json={"prompt": "A nurse, 20 minutes"})
    assert [one["code"] for one in drafted.json()["plan_warnings"] if one["severity"] == "serious"] == []


async def test_where_a_plan_is_used_decides_about_past_pay(plane: Plane) -> None:
    client = plane.client()
    asked = {"id": "pay", "text": "What is your current salary?"}
    plan = PLAN | {"sections": [{"id": "pay", "name": "your work", "questions": [asked]}], "criteria": []}
    for place, serious in ((None, 1), ("US-CA", 1), ("US-TX", 0)):
        answer = await client.post("/v1/plans/lint", json={"plan": plan, "jurisdiction": place})
        assert sum(one["severity"] == "serious" for one in answer.json()["warnings"]) == serious
    refused = await client.post("/v1/plans/lint", json={"plan": plan, "jurisdiction": "Texas"})
    assert refused.status_code == 422
    viewer = plane.client("acme", "interview:read")
    assert (await viewer.post("/v1/plans/lint", json={"plan": plan})).status_code == 403


async def test_the_ready_plans_can_be_chosen_from_by_who_reads_interviews_and_nobody_else(plane: Plane) -> None:
    client = plane.client()
    plans = (await client.get("/app/plans")).json()["data"]
    assert {"name": "demo", "title": "Backend engineer", "minutes": 5, "questions": 4} in plans
    whole = (await client.get("/app/plans/demo")).json()
    assert sum(len(section["questions"]) for section in whole["sections"]) == 4
    assert whole["criteria"][0]["anchors"], "the bank's questions are written out"
    assert (await client.get("/app/plans/..%2fdemo")).status_code == 404
    assert (await client.get("/app/plans/none")).status_code == 404
    link = await client.post(
        f"/v1/interviews/{await plane.created(client)}/links", json={"role": "candidate", "name": "Ada"}
    )
    async with httpx.AsyncClient(base_url=plane.url) as guest:
        for headers in ({}, {"Authorization": f"Bearer {link.json()['url'].partition('#')[2]}"}):
            for path in ("/app/plans", "/app/plans/demo"):
                assert (await guest.get(path, headers=headers)).status_code == 401
    assert (await plane.client("acme", "webhook:manage").get("/app/plans")).status_code == 403

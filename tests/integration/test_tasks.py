"""What a call leaves for people to do, and the facts that keep it short: over real HTTP and sockets."""

from typing import Any

import pytest

from tests.integration.plane import PLAN, Plane, uplink

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Is there a canteen?"


async def test_a_question_that_was_passed_on_is_a_task_until_somebody_has_done_it(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    path = f"/v1/interviews/{interview_id}/tasks"
    assert (await client.get(path)).json()["data"] == []
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        told = {"text": f"The candidate asked: {QUESTION}", "question": QUESTION}
        await bot.event(2, "task", kind="candidate_question", **told)
        await bot.event(2, "task", kind="candidate_question", **told)  # sent again
        await bot.event(3, "task", kind="human_requested", text="The candidate asked to speak to a person.")
        await bot.event(4, "task", kind="a kind of another time", text="?")  # stored as an event, and nothing else
        await bot.event(5, "ended", reason="completed", report={"questions": []})
        await bot.acknowledged(5)
    first, second = (await client.get(path)).json()["data"]
    assert first == {
        "id": first["id"],
        "interview_id": interview_id,
        "attempt_id": spec.attempt_id,
        "kind": "candidate_question",
        "state": "open",
        "text": f"The candidate asked: {QUESTION}",
        "question": QUESTION,
        "at_ms": 5,
        "created_at": "2026-11-22T05:00:00.000Z",
        "done_at": None,
        "done_by": None,
    }
    assert second["kind"] == "human_requested"
    done = await client.post(f"{path}/{first['id']}/done")
    assert done.status_code == 200, done.text
    assert (done.json()["state"], bool(done.json()["done_at"]), bool(done.json()["done_by"])) == ("done", True, True)
    assert (await client.post(f"{path}/{first['id']}/done")).json() == done.json(), "whoever said so first is kept"
    assert [task["id"] for task in (await client.get(path, params={"state": "open"})).json()["data"]] == [second["id"]]
    assert [task["id"] for task in (await client.get(path, params={"state": "done"})).json()["data"]] == [first["id"]]
    found = (await client.post(f"/v1/interviews/{interview_id}/evaluate")).json()["result"]["tasks"]
    assert [(task["kind"], task["question"], task["at_ms"]) for task in found] == [
        ("candidate_question", QUESTION, 5),
        ("human_requested", None, 5),
        ("a kind of another time", None, 5),
    ]


async def test_tasks_quote_the_candidate_and_belong_to_their_tenant(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    path = f"/v1/interviews/{interview_id}/tasks"
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "task", kind="candidate_question", text="x", question=QUESTION)
        await bot.acknowledged(2)
    (task,) = (await client.get(path)).json()["data"]
    assert (await plane.client("acme", "interview:read").get(path)).status_code == 403
    assert (await plane.client("acme", "transcript:read").post(f"{path}/{task['id']}/done")).status_code == 403
    stranger = plane.client("other")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/{task['id']}/done")).status_code == 404
    assert (await client.post(f"{path}/tsk_none/done")).status_code == 404


async def test_the_facts_of_job_and_agent_reach_the_plan_and_go_with_them(plane: Plane) -> None:
    client = plane.client()

    async def made(kind: str, **body: Any) -> str:
        answer = await client.post(f"/v1/{kind}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    one = await made("jobs", title="Baker's mate", facts=["The bakery opens at six."])
    other = await made("jobs", title="Night baker", facts=["The bakery opens at midnight."])
    agent = await made("agents", name="Viva", facts=["The bakery is in Porto.", "The bakery opens at six."])
    plan = PLAN | {"facts": ["There are nine bakers."]}
    interview_id = await plane.created(client, plan=plan, job_id=one, agent_id=agent)

    async def facts() -> list[str]:
        told = (await client.get(f"/v1/interviews/{interview_id}/plan")).json()
        return list(told["plan"]["facts"])

    assert await facts() == ["There are nine bakers.", "The bakery opens at six.", "The bakery is in Porto."]
    path = f"/v1/interviews/{interview_id}"
    assert (await client.patch(path, json={"job_id": other, "agent_id": None})).status_code == 200
    assert await facts() == ["There are nine bakers.", "The bakery opens at midnight."]
    refused = await client.post("/v1/jobs", json={"title": "Night baker", "facts": ["x" * 301]})
    assert refused.status_code == 422

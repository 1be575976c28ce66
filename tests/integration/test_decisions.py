"""Decisions over real HTTP: by people, after the call, only added to."""

import pytest

from tests.integration.plane import Plane, until, uplink
from tests.integration.test_evaluations import ANSWER, held, rated

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_newest_decision_counts_and_the_others_stay(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER)
    await rated(client, path)
    assert (await client.get(f"{path}/decision")).status_code == 404
    first = await client.put(f"{path}/decision", json={"decision": "undecided"})
    assert first.status_code == 200, first.text
    body = {"decision": "next_round", "notes": "Good", "evaluation_version_seen": 1, "reason_codes": ["skills"]}
    second = (await client.put(f"{path}/decision", json=body)).json()
    assert {name: second[name] for name in body} == body
    assert second["by"] and second["at"] and second["number"] == 2
    assert (await client.get(f"{path}/decision")).json() == second
    listed = (await client.get(f"{path}/decisions")).json()
    assert [one["decision"] for one in listed["data"]] == ["next_round", "undecided"]
    assert listed["data"][1] == first.json()
    done = (await client.get("/v1/audit", params={"subject": path.rpartition("/")[2]})).json()["data"]
    assert [one["action"] for one in done].count("interview.decided") == 2
    assert [one["action"] for one in done].count("interview.evaluated") == 2


async def test_what_cannot_be_decided_is_refused_with_what_to_do(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER)
    for body, place in (
        ({"decision": "maybe"}, "decision"),
        ({"decision": "hire", "evaluation_version_seen": 3}, "evaluation_version_seen"),
        ({"decision": "hire", "evaluation_version_seen": 10**30}, "evaluation_version_seen"),
        ({"decision": "hire", "reason_codes": ["No good!"]}, "reason_codes"),
        ({"decision": "hire", "score": 5}, "score"),
        ({"decision": "hire", "notes": "a\x00b"}, "notes"),
    ):
        refusal = await client.put(f"{path}/decision", json=body)
        assert refusal.status_code == 422, refusal.text
        assert place in str(refusal.json()["errors"] or refusal.json()["detail"])
    assert (await client.get(f"{path}/decisions")).json()["data"] == []


async def test_nothing_is_decided_before_the_call_is_over(plane: Plane) -> None:
    client = plane.client()
    path = f"/v1/interviews/{await plane.created(client)}"
    refusal = await client.put(f"{path}/decision", json={"decision": "hire"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "session_not_ended")
    assert refusal.json()["current_status"] == "ready"


async def test_part_of_an_interview_needs_a_reason(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "ended", reason="no_show", report={})
        await until(client, interview_id, "no_show")
    path = f"/v1/interviews/{interview_id}/decision"
    bare = await client.put(path, json={"decision": "no_hire"})
    assert bare.status_code == 422 and bare.json()["errors"][0]["loc"] == ["body", "notes"]
    assert (await client.put(path, json={"decision": "no_hire", "reason_codes": ["no_show"]})).status_code == 200


async def test_coaching_ends_in_no_decision(plane: Plane) -> None:
    client = plane.client()
    agent = (await client.post("/v1/agents", json={"name": "Coach", "product": "coaching"})).json()
    template = (await client.post("/v1/templates", json={"name": "Practice", "agent_id": agent["id"]})).json()
    path = await held(plane, client, ANSWER, template_id=template["id"])
    refusal = await client.put(f"{path}/decision", json={"decision": "hire"})
    assert (refusal.status_code, refusal.json()["code"]) == (409, "coaching_decides_nothing")


async def test_a_program_decides_nothing_whatever_its_scopes(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER)
    key = (await client.post("/v1/keys", json={"name": "ATS", "scopes": ["*"]})).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    refusal = await client.put(f"{path}/decision", json={"decision": "hire"}, headers=headers)
    assert (refusal.status_code, refusal.json()["code"]) == (403, "people_only")
    assert (await client.get(f"{path}/decisions", headers=headers)).json()["data"] == []


async def test_only_who_may_decide_decides(plane: Plane) -> None:
    client = plane.client()
    path = await held(plane, client, ANSWER)
    recruiter = plane.client("acme", "role:recruiter")
    refusal = await recruiter.put(f"{path}/decision", json={"decision": "hire"})
    assert (refusal.status_code, refusal.json()["required_permission"]) == (403, "interview:decide")
    assert (await recruiter.get(f"{path}/decisions")).status_code == 200
    other = plane.client("globex")
    for answer in (
        await other.put(f"{path}/decision", json={"decision": "hire"}),
        await other.get(f"{path}/decision"),
        await other.get(f"{path}/decisions"),
    ):
        assert answer.status_code == 404

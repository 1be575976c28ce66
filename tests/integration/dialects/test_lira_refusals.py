"""Who may use Lira's calls, what they refuse, and in which shape."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.fakes.pdfs import pdf
from tests.integration.dialects.test_lira import (
    CREATE,
    DECISION,
    DRAFT,
    JSON,
    ORG,
    OUR_ROOM,
    ROOT,
    created,
    held,
    refused,
    shown,
)
from tests.integration.plane import Plane, running


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


async def test_another_organisation_is_not_there(plane: Plane) -> None:
    client, other = plane.client(ORG), plane.client("org_other")
    id_ = (await created(client))["interview_id"]
    for method, path in (
        ("GET", ROOT),
        ("GET", f"{ROOT}/{id_}"),
        ("DELETE", f"{ROOT}/{id_}"),
        ("POST", f"{ROOT}/draft"),
    ):
        answer = await other.request(method, path, json={"prompt": "A nurse"} if method == "POST" else None)
        assert ORG in refused(answer, 404, "ORGANISATION_NOT_FOUND", reason="organisation_not_found")
    theirs = ROOT.replace(ORG, "org_other")
    for method, call in CALLS:
        answer = await other.request(method, f"{theirs}/{id_}{call}", **_body(call))
        assert id_ in refused(answer, 404, "INTERVIEW_NOT_FOUND", reason="not_found"), call
    assert (await client.get(f"{ROOT}/{id_}")).status_code == 200


CALLS = (
    ("GET", ""),
    ("PUT", ""),
    ("DELETE", ""),
    ("GET", "/related"),
    ("POST", "/start"),
    ("POST", "/cancel"),
    ("POST", "/rejoin"),
    ("POST", "/resume"),
    ("POST", "/evaluate"),
    ("POST", "/generate-score"),
    ("PUT", "/decision"),
)


def _body(call: str) -> dict[str, Any]:
    if call == "/resume":
        return {"files": {"file": ("resume.pdf", pdf("Ann"), "application/pdf")}}
    return {"content": DECISION if call == "/decision" else b"{}", "headers": JSON}


PERMISSIONS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("interview:read",), "GET", "", "candidate:read"),
    (("candidate:read",), "GET", "", "interview:read"),
    (("role:viewer",), "GET", "/int_1", "candidate:read"),
    (("role:interviewer",), "POST", "", "interview:create"),
    (("interview:create", "candidate:read"), "POST", "", "candidate:create"),
    (("role:viewer",), "POST", "/draft", "interview:create"),
    (("role:viewer",), "PUT", "/int_1", "interview:update"),
    (("role:viewer",), "DELETE", "/int_1", "interview:delete"),
    (("role:viewer",), "POST", "/int_1/start", "interview:conduct"),
    (("interview:update",), "POST", "/int_1/resume", "candidate:update"),
    (("role:viewer",), "POST", "/int_1/evaluate", "interview:evaluate"),
    (("role:recruiter",), "PUT", "/int_1/decision", "interview:decide"),
)


async def test_every_call_needs_its_permission(plane: Plane) -> None:
    bodies = {"": CREATE, "/draft": DRAFT, "/int_1/decision": DECISION}
    for scopes, method, path, lacks in PERMISSIONS:
        body = _body("/resume") if path.endswith("resume") else {"content": bodies.get(path, b"{}"), "headers": JSON}
        answer = await plane.client(ORG, *scopes).request(method, ROOT + path, **body)
        message = refused(answer, 403, "INSUFFICIENT_ROLE", reason="forbidden", required_permission=lacks)
        assert message == f"Insufficient permissions. Required: {lacks}", (scopes, method, path)


async def test_a_recruiter_and_a_decider_can_do_their_work(plane: Plane) -> None:
    recruiter = plane.client(ORG, "role:recruiter")
    made = await created(recruiter)
    path = f"{ROOT}/{made['interview_id']}"
    await held(plane, recruiter, made["interview_id"], "It was fine, I think. We moved on.")
    shown(await recruiter.post(f"{path}/evaluate"), 201)
    decider = plane.client(ORG, "role:decider")
    shown(await decider.put(f"{path}/decision", content=DECISION, headers=JSON))
    shown(await decider.get(path))


async def test_everything_under_its_paths_is_refused_in_its_shape(plane: Plane) -> None:
    client = plane.client(ORG)
    anonymous = await client.get(ROOT, headers={"Authorization": ""})
    refused(anonymous, 401, "UNAUTHORIZED", reason="token_missing")
    assert anonymous.headers["www-authenticate"] == "Bearer"
    forged = await client.get(ROOT, headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    assert (forged.status_code, forged.json()["error"]["code"]) == (401, "UNAUTHORIZED")
    refused(await client.get("/lira/v1/meetings"), 404, "NOT_FOUND", reason="not_found")
    refused(await client.patch(ROOT), 405, "METHOD_NOT_ALLOWED", reason="method_not_allowed")
    large = await client.post(ROOT, content=b'{"role_title": "' + b"x" * 2_000_000 + b'"}', headers=JSON)
    refused(large, 413, "CONTENT_TOO_LARGE", reason="content_too_large")
    twice = await client.post(ROOT, content=b'{"role_title": "A", "role_title": "B"}', headers=JSON)
    fault = {"field": "body", "message": "names 'role_title' twice in one object", "todo": "send each field once"}
    refused(twice, 422, "INVALID", reason="invalid", fields=[fault])
    broken = await client.post(ROOT, content=b'{"a":', headers=JSON)
    fault = {"field": "body", "message": "is not JSON: Expecting value", "todo": "send well-formed JSON"}
    refused(broken, 422, "INVALID", reason="invalid", fields=[fault])
    word = await client.get(ROOT, params={"status": "ready"})
    fault = {"field": "status", "message": word.json()["error"]["details"]["fields"][0]["message"]}
    fault["todo"] = "use one of the values listed"
    refused(word, 422, "INVALID", reason="invalid", fields=[fault])
    assert "'bot_deployed'" in fault["message"]
    key = {"Idempotency-Key": "once", **JSON}
    made = [shown(await client.post(ROOT, content=CREATE, headers=key), 201) for _ in range(2)]
    assert made[0] == made[1] and len(shown(await client.get(ROOT))) == 1
    reused = await client.post(ROOT, json=OUR_ROOM, headers=key)
    assert (reused.status_code, reused.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_too_many_requests_are_told_so(tmp_path: Path) -> None:
    async with running(tmp_path, rate_per_minute=1) as plane:
        client = plane.client(ORG)
        shown(await client.get(ROOT))
        answer = await client.get(ROOT)
        wait = int(answer.headers["retry-after"])
        refused(answer, 429, "RATE_LIMITED", reason="rate_limited", retry_after_s=wait)


UNUSABLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("", {"role_title": None}, "role_title"),
    ("", {"role_title": " "}, "role_title"),
    ("", {"role_title": "x" * 201}, "role_title"),
    ("", {"candidate_email": "jane"}, "candidate_email"),
    ("", {"candidate_email": None}, "candidate_email"),
    ("", {"skills": ["x"] * 21}, "skills"),
    ("", {"skills": ["SQL", ""]}, "skills.1"),
    ("", {"evaluation_criteria": ["Calm", 3]}, "evaluation_criteria.1"),
    ("", {"question_count": 0}, "question_count"),
    ("", {"question_count": 41}, "question_count"),
    ("", {"question_count": "8"}, "question_count"),
    ("", {"meeting_url": "ftp://example.org"}, "meeting_url"),
    ("", {"scheduled_at": "2026-03-30T14:00:00"}, "scheduled_at"),
    ("", {"scheduled_at": "soon"}, "scheduled_at"),
    ("", {"mode": "loud"}, "mode"),
    ("", {"candidate": "Jane"}, "candidate"),
    ("/draft", {"prompt": ""}, "prompt"),
    ("/generate-questions", {"title": None}, "title"),
    ("/generate-questions", {"job_description": None}, "job_description"),
    ("/generate-questions", {"required_skills": None}, "required_skills"),
    ("/generate-questions", {"experience_level": None}, "experience_level"),
    ("/generate-questions", {"question_count": 41}, "question_count"),
    ("/generate-questions", {"categories": ["astrology"]}, "categories.0"),
)
USABLE: dict[str, dict[str, Any]] = {
    "": OUR_ROOM,
    "/draft": {"prompt": "A nurse"},
    "/generate-questions": {
        "title": "Data analyst",
        "job_description": "You count.",
        "required_skills": ["SQL"],
        "experience_level": "senior",
    },
}


async def test_what_can_not_be_used_is_named_where_it_was_sent(plane: Plane) -> None:
    client = plane.client(ORG)
    for call, fields, where in UNUSABLE:
        wrong = {name: value for name, value in (USABLE[call] | fields).items() if value is not None}
        answer = await client.post(ROOT + call, json=wrong)
        assert answer.status_code == 422, (call, fields)
        named = answer.json()["error"]["details"]["fields"]
        refused(answer, 422, "INVALID", reason="invalid", fields=named)
        assert [fault["field"] for fault in named] == [where], (call, fields)
        assert set(named[0]) == {"field", "message", "todo"} and all(named[0].values()), (call, fields)
    assert shown(await client.get(ROOT)) == []


async def test_the_dialect_can_be_moved_and_switched_off(tmp_path: Path) -> None:
    async with running(tmp_path / "moved", dialects=("lira=/voice",)) as plane:
        client = plane.client(ORG)
        made = shown(await client.post(f"/voice{ROOT}", content=CREATE, headers=JSON), 201)
        file = {"file": ("resume.pdf", pdf("Ann Example has built payment systems."), "application/pdf")}
        shown(await client.post(f"/voice{ROOT}/{made['interview_id']}/resume", files=file), 201)
        refused(await client.get("/voice/lira/v1/meetings"), 404, "NOT_FOUND", reason="not_found")
        assert (await client.get(ROOT)).headers["content-type"] == "application/problem+json"
    async with running(tmp_path / "off", dialects=()) as plane:
        answer = await plane.client(ORG).get(ROOT)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_call_is_documented(plane: Plane) -> None:
    document = (await plane.client(ORG).get("/v1/openapi.json")).json()
    calls = {
        each["operationId"]: each
        for path, entry in document["paths"].items()
        for each in entry.values()
        if path.startswith("/lira/")
    }
    assert len(calls) == 15
    refusal = {"$ref": "#/components/schemas/LiraRefusal"}
    for name, each in calls.items():
        assert each["tags"] == ["Lira"] and each["summary"] and each["description"] and each["security"], name
        assert {"401", "403", "404", "422", "429"} <= each["responses"].keys(), name
        for status, answer in each["responses"].items():
            if status >= "4":
                assert answer["content"] == {"application/json": {"schema": refusal}}, (name, status)
        for media in each.get("requestBody", {}).get("content", {}).values():
            schema = media["schema"].get("$ref", "").rpartition("/")[2]
            assert (
                media.get("example")
                or document["components"]["schemas"][schema].get("examples")
                or (name == "lira_resume")
            ), name
    assert "Lira" in {tag["name"] for tag in document["tags"]}

"""Maya's published calls over real HTTP: whole answers, its states, its errors."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.dialects.maya.words import MESSAGES
from api.moments import rfc3339
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running, until, uplink

pytestmark = pytest.mark.asyncio(loop_scope="module")

INTERVIEWS = "/api/v1/interviews"
JANE: dict[str, Any] = {
    "candidateName": "Jane Smith",
    "candidateEmail": "jane@example.com",
    "position": "Senior Engineer",
    "level": "SENIOR",
    "skills": ["TypeScript", "React", "Node.js"],
    "jobDescription": "Build scalable platform services with modern tooling.",
    "scheduledAt": "2024-02-01T10:00:00.000Z",
}
ECHOED = ("candidateName", "candidateEmail", "position", "level", "skills")
UNKNOWN = {"statusCode": 404, "message": "Interview not found"}
RATED: dict[str, Any] = {
    "title": "Data analyst",
    "criteria": [
        {
            "id": "checking-figures",
            "name": "Checking figures",
            "weight": 3,
            "anchors": {
                "1": "Trusts what the query gives; has no example.",
                "3": "Noticed that it could not be right, found the cause and corrected it.",
                "4": "Compared it with a second source, told those who had used it, and fixed the cause.",
            },
        },
        {"id": "calm", "name": "Calm", "weight": 1},
    ],
    "sections": [
        {
            "id": "main",
            "name": "Main",
            "questions": [
                {
                    "id": "figure",
                    "text": "Tell me about a figure that turned out to be wrong.",
                    "criteria": ["checking-figures"],
                    "expects": ["situation", "action", "result"],
                },
                {"id": "storm", "text": "When were you under pressure?", "criteria": ["calm"]},
            ],
        }
    ],
}
ANSWER = (
    "Last year our team had a revenue report that nobody questioned. I noticed that the total could not be right. "
    "I compared it with a second source, the ledger of the bank. I told those who had used it the same day. "
    "I found the cause and fixed the cause. As a result the report has been right since then, and I corrected it."
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("maya"), rate_per_minute=0, rate_per_hour=0) as plane:
        yield plane


async def created(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(INTERVIEWS, json=JANE | more)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def shown(client: httpx.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await client.get(f"{INTERVIEWS}/{id_}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def put(client: httpx.AsyncClient, id_: str, **fields: Any) -> dict[str, Any]:
    answer = await client.put(f"{INTERVIEWS}/{id_}", json=fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def hold(plane: Plane, client: httpx.AsyncClient, id_: str, answer: str | None = None) -> None:
    """Hold the interview: the candidate gives one answer to the first question, or none."""
    started = await client.post(f"/v1/interviews/{id_}/start")
    assert started.status_code == 202, started.text
    spec = plane.launcher.specs[-1]
    first = spec.plan.questions[0]
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "question.asked", question_id=first.id, follow_up=0, text=first.text)
        await bot.says(3, 1, first.text, role="bot", question_id=first.id)
        if answer is not None:
            await bot.says(4, 2, answer, question_id=first.id)
        await bot.event(
            5 if answer else 4, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000}
        )
        await until(client, id_, "completed")


# ---- the published examples -----------------------------------------------------------------------------------------


async def test_an_interview_is_created_as_published(plane: Plane) -> None:
    client = plane.client("creates")
    begun = datetime.now(UTC) - timedelta(milliseconds=1)
    body = await created(client)
    id_, created_at = body.pop("id"), body.pop("createdAt")
    assert id_.startswith("int_")
    assert begun <= datetime.fromisoformat(created_at) <= datetime.now(UTC)
    assert body == {name: JANE[name] for name in ECHOED} | {"workflowState": "RECEIVED", "tenantId": "creates"}
    whole = await shown(client, id_)
    updated_at, run_id, plan_id = whole.pop("updatedAt"), whole.pop("runId"), whole.pop("planId")
    assert whole == JANE | {
        "id": id_,
        "tenantId": "creates",
        "workflowState": "PENDING",
        "callbackUrl": None,
        "createdAt": created_at,
    }
    assert (run_id[:4], plan_id[:5]) == ("run_", "plan_") and updated_at >= created_at
    run = await client.get(f"{INTERVIEWS}/{run_id}/status")
    assert (run.status_code, run.json()) == (
        200,
        {"runId": run_id, "interviewId": id_, "workflowState": "PENDING", "reason": None},
    )
    plan = (await client.get(f"{INTERVIEWS}/{id_}/plan")).json()
    assert plan["structure"].keys() == {"duration", "sections"}
    assert (plan.pop("id"), plan.pop("interviewId"), plan.pop("createdAt")) == (plan_id, id_, created_at)
    sections = plan.pop("structure")["sections"]
    assert plan == {} and len(sections) > 1
    assert all(section.keys() == {"name", "duration", "topics"} and section["topics"] for section in sections)


async def test_it_is_an_interview_a_job_and_a_candidate_like_any_other(plane: Plane) -> None:
    client = plane.client("anywhere")
    ids = [(await created(client))["id"] for _ in range(2)]
    first, second = [(await client.get(f"/v1/interviews/{id_}")).json() for id_ in ids]
    assert (first["status"], first["job_source"], first["review_plan"]) == ("plan_review", "new_job", True)
    assert first["start"] == {"policy": "on_join", "scheduled_at": None}
    assert first["candidate_id"] == second["candidate_id"] and first["job_id"] != second["job_id"]
    job = (await client.get(f"/v1/jobs/{first['job_id']}")).json()
    assert (job["title"], job["seniority"], job["skills"]["required"], job["description"]) == (
        JANE["position"],
        "senior",
        JANE["skills"],
        JANE["jobDescription"],
    )
    jane = (await client.get(f"/v1/candidates/{first['candidate_id']}")).json()
    assert (jane["email"], jane["job_ids"]) == ("jane@example.com", [first["job_id"], second["job_id"]])


async def test_somebody_interviewed_for_a_hundred_jobs_is_interviewed_again(plane: Plane) -> None:
    client = plane.client("hundred")
    jobs = [(await client.post("/v1/jobs", json={"title": f"Engineer {n}"})).json()["id"] for n in range(100)]
    busy = {"display_name": "Jane Smith", "email": JANE["candidateEmail"], "data_expires_on": "2099-12-31"}
    assert (await client.post("/v1/candidates", json=busy | {"job_ids": jobs})).status_code == 201
    await created(client)
    await created(client)
    same = await client.get("/v1/candidates", params={"email": JANE["candidateEmail"]})
    assert [len(one["job_ids"]) for one in same.json()["data"]] == [2, 100]


async def test_a_plan_takes_the_minutes_of_its_sections(plane: Plane) -> None:
    client = plane.client("plans")
    section = {"id": "a", "name": "Technical Assessment"}
    questions = [{"id": f"q{n}", "text": "What?", "minutes": minutes} for n, minutes in enumerate((40, 15, 5))]
    questions[0]["criteria"] = ["ts", "react"]
    questions[1]["criteria"] = ["scale"]
    names = {"ts": "TypeScript patterns", "react": "React architecture", "scale": "Scalability"}
    plan = {
        "title": "Senior Engineer",
        "minutes": 60,
        "criteria": [{"id": id_, "name": name} for id_, name in names.items()],
        "sections": [section | {"id": f"s{n}", "questions": [one]} for n, one in enumerate(questions)],
    }
    id_ = await plane.created(client, plan=plan)
    found = (await client.get(f"{INTERVIEWS}/{id_}/plan")).json()
    assert found["structure"] == {
        "duration": 60,
        "sections": [
            {"name": "Technical Assessment", "duration": 40, "topics": ["TypeScript patterns", "React architecture"]},
            {"name": "Technical Assessment", "duration": 15, "topics": ["Scalability"]},
            {"name": "Technical Assessment", "duration": 5, "topics": []},
        ],
    }


async def test_interviews_are_listed_by_page_and_state(plane: Plane) -> None:
    client = plane.client("lists")
    everything = [await created(client, candidateName=f"Jane {n}") for n in range(3)]
    newest_first = [
        {
            "id": one["id"],
            "candidateName": one["candidateName"],
            "position": "Senior Engineer",
            "workflowState": "PENDING",
            "createdAt": one["createdAt"],
        }
        for one in reversed(everything)
    ]
    plain = await client.get(INTERVIEWS)
    assert plain.json() == {"data": newest_first, "meta": {"total": 3, "page": 1, "limit": 20, "totalPages": 1}}
    assert (await client.get(f"{INTERVIEWS}?state=PENDING&page=1&limit=20")).json() == plain.json()
    second = await client.get(f"{INTERVIEWS}?page=2&limit=2")
    assert second.json() == {"data": newest_first[2:], "meta": {"total": 3, "page": 2, "limit": 2, "totalPages": 2}}
    await put(client, everything[0]["id"], workflowState="CANCELLED")
    cancelled = (await client.get(f"{INTERVIEWS}?state=CANCELLED")).json()
    assert cancelled["data"] == [newest_first[2] | {"workflowState": "CANCELLED"}]
    assert (await client.get(f"{INTERVIEWS}?state=VALIDATING_SKILLS&limit=100")).json() == {
        "data": [],
        "meta": {"total": 0, "page": 1, "limit": 100, "totalPages": 0},
    }


async def test_an_interview_is_deleted(plane: Plane) -> None:
    client = plane.client()
    path = f"{INTERVIEWS}/{(await created(client))['id']}"
    deleted = await client.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for answer in (await client.get(path), await client.delete(path)):
        assert (answer.status_code, answer.json()) == (404, UNKNOWN)


async def test_an_assessment_tells_what_was_scored_on_its_scales(plane: Plane) -> None:
    client = plane.client("rated")
    id_ = await plane.created(client, plan=RATED, evaluate_at_end=True)
    early = await client.get(f"{INTERVIEWS}/{id_}/assessment")
    assert (early.status_code, early.json()) == (
        409,
        {
            "statusCode": 409,
            "message": "The assessment is available once workflowState is COMPLETED; the interview is APPROVED.",
        },
    )
    await hold(plane, client, id_, ANSWER)
    found = await client.get(f"{INTERVIEWS}/{id_}/assessment")
    evaluation = (await client.get(f"/v1/interviews/{id_}/assessment")).json()
    facts = (await client.get(f"/v1/interviews/{id_}")).json()["summary"]["text_summary"]
    question = RATED["sections"][0]["questions"][0]["text"]
    expected = {
        "id": evaluation["id"],
        "interviewId": id_,
        "overallScore": 75,
        "recommendation": "HIRE",
        "summary": facts,
        "scores": {"other": {"checking_figures": 4}},
        "transcript": f"[00:00:01] Bot: {question}\n[00:00:02] Candidate: {ANSWER}\n",
        "createdAt": evaluation["created_at"],
    }
    assert (found.status_code, found.json()) == (200, expected)
    assert facts.startswith("1 of 2 questions were answered")
    reader = plane.client("rated", "interview:read")
    assert (await reader.get(f"{INTERVIEWS}/{id_}/assessment")).json() == expected | {"transcript": None}


async def test_from_receipt_to_assessment_without_another_api_but_the_call(plane: Plane) -> None:
    client = plane.client("whole")
    id_ = (await created(client))["id"]
    assert (await put(client, id_, workflowState="APPROVED"))["workflowState"] == "APPROVED"
    await hold(plane, client, id_, "It was fine, I think. We moved on.")
    assert (await shown(client, id_))["workflowState"] == "ASSESSMENT_APPROVED"
    body = (await client.get(f"{INTERVIEWS}/{id_}/assessment")).json()
    assert (body["overallScore"], body["recommendation"], body["scores"]) == (None, None, {})
    late = await client.put(f"{INTERVIEWS}/{id_}", json={"position": "Principal Engineer"})
    assert (late.status_code, late.json()) == (
        409,
        {"statusCode": 409, "message": "An interview that is ASSESSMENT_APPROVED can't be changed."},
    )


async def test_a_silent_interview_has_no_assessment(plane: Plane) -> None:
    client = plane.client("silent")
    id_ = (await created(client))["id"]
    await put(client, id_, workflowState="APPROVED")
    await hold(plane, client, id_)
    none = await client.get(f"{INTERVIEWS}/{id_}/assessment")
    assert (none.status_code, none.json()) == (
        409,
        {"statusCode": 409, "message": MESSAGES["assessment_not_available"]},
    )


# ---- changes --------------------------------------------------------------------------------------------------------


async def test_fields_change_before_the_call_and_another_job_is_reviewed_again(plane: Plane) -> None:
    client = plane.client("changes")
    id_ = (await created(client))["id"]
    before = await put(client, id_, workflowState="APPROVED")
    soon = rfc3339(datetime.now(UTC) + timedelta(days=2))
    fields = {"candidateName": "Jane Doe", "scheduledAt": soon, "callbackUrl": "https://ats.example.com/webhook"}
    changed = await put(client, id_, **fields)
    assert changed.pop("updatedAt") > before.pop("updatedAt")
    assert changed == before | fields | {"workflowState": "SCHEDULED"}
    about = {"position": "SQL analyst", "level": "JUNIOR", "skills": ["SQL"], "jobDescription": "You query."}
    replanned = await put(client, id_, **about)
    new_plan = replanned["planId"]
    assert replanned | {"updatedAt": ""} == changed | about | {
        "workflowState": "PENDING",
        "planId": new_plan,
        "updatedAt": "",
    }
    assert new_plan != before["planId"]
    job_id = (await client.get(f"/v1/interviews/{id_}")).json()["job_id"]
    assert (await client.get(f"/v1/jobs/{job_id}")).json()["title"] == "SQL analyst"
    bare = await put(client, id_, level=None, jobDescription=None, scheduledAt=None, callbackUrl=None, skills=[])
    assert [bare[name] for name in ("level", "jobDescription", "scheduledAt", "callbackUrl", "skills")] == [
        *[None] * 4,
        [],
    ]
    passed = await put(client, id_, scheduledAt="2024-02-01T11:00:00+01:00")
    kept = (await client.get(f"/v1/interviews/{id_}")).json()["metadata"]
    assert kept == {"maya": {"scheduledAt": "2024-02-01T10:00:00.000Z"}}
    assert (passed["scheduledAt"], passed["workflowState"]) == ("2024-02-01T10:00:00.000Z", "PENDING")
    assert (await put(client, id_))["updatedAt"] == passed["updatedAt"]
    await put(client, id_, scheduledAt=soon)
    untimed = (await created(client, scheduledAt=None))["id"]
    for other in (id_, untimed):
        assert (await client.get(f"/v1/interviews/{other}")).json()["metadata"] == {}


async def test_another_address_is_another_candidate(plane: Plane) -> None:
    client = plane.client("people")
    id_ = (await created(client))["id"]
    first = (await client.get(f"/v1/interviews/{id_}")).json()["candidate_id"]
    changed = await put(client, id_, candidateEmail="joan@example.com")
    assert (changed["candidateEmail"], changed["candidateName"]) == ("joan@example.com", "Jane Smith")
    assert (await client.get(f"/v1/candidates/{first}")).json()["email"] == "jane@example.com"
    second = (await created(client, candidateEmail="joan@example.com"))["id"]
    await put(client, second, candidateEmail="jane@example.com")
    moved = (await client.get(f"/v1/interviews/{second}")).json()
    jane = (await client.get(f"/v1/candidates/{first}")).json()
    assert moved["candidate_id"] == first and moved["job_id"] in jane["job_ids"]
    await client.post(f"/v1/interviews/{id_}/cancel")
    late = await client.put(f"{INTERVIEWS}/{id_}", json={"candidateEmail": "jo@example.com"})
    assert late.status_code == 409
    assert (await client.get("/v1/candidates", params={"email": "jo@example.com"})).json()["meta"]["total"] == 0


async def test_a_state_moves_as_a_person_decides(plane: Plane) -> None:
    client = plane.client("moves")
    rejected = (await created(client))["id"]
    assert (await put(client, rejected, workflowState="REJECTED"))["workflowState"] == "REJECTED"
    again = await client.put(f"{INTERVIEWS}/{rejected}", json={"workflowState": "APPROVED"})
    assert (again.status_code, again.json()) == (
        409,
        {"statusCode": 409, "message": "The interview is REJECTED: no plan of it waits for a decision."},
    )
    id_ = (await created(client))["id"]
    for wanted, complaint in (
        ({"workflowState": "COMPLETED"}, "workflowState: can't be set to COMPLETED; send APPROVED, REJECTED or"),
        ({"workflowState": None}, "workflowState: can't be taken away; send another value, or leave it out"),
        ({"workflowState": "APPROVED", "level": "MID"}, "body: workflowState is changed by itself; send the other"),
    ):
        refused = await client.put(f"{INTERVIEWS}/{id_}", json=wanted)
        body = refused.json()
        assert (refused.status_code, body.pop("statusCode")) == (422, 422)
        (message,) = body.pop("message")
        assert message.startswith(complaint) and body == {"error": "Unprocessable Entity"}
    editor = plane.client("moves", "interview:update")
    for state, scope in (
        ("APPROVED", "plan:approve"),
        ("REJECTED", "plan:approve"),
        ("CANCELLED", "interview:conduct"),
    ):
        refused = await editor.put(f"{INTERVIEWS}/{id_}", json={"workflowState": state})
        assert (refused.status_code, refused.json()) == (
            403,
            {"statusCode": 403, "message": f"Insufficient permissions. Required: {scope}"},
        )
    assert (await shown(client, id_))["workflowState"] == "PENDING"


# ---- interviews of another origin -----------------------------------------------------------------------------------


async def test_an_interview_made_elsewhere_is_shown_with_what_is_known(plane: Plane) -> None:
    client = plane.client("others")
    id_ = await plane.created(client, plan=PLAN)
    body = await shown(client, id_)
    for name in ("createdAt", "updatedAt", "runId", "planId"):
        assert body.pop(name)
    assert body == {
        "id": id_,
        "tenantId": "others",
        "candidateName": "Ann",
        "candidateEmail": None,
        "position": "Backend engineer",
        "level": None,
        "skills": [],
        "jobDescription": None,
        "workflowState": "APPROVED",
        "callbackUrl": None,
        "scheduledAt": None,
    }
    refused = await client.put(f"{INTERVIEWS}/{id_}", json={"level": "SENIOR"})
    assert refused.status_code == 409 and "no job that was made with it" in refused.json()["message"]
    for own in ("noon", {"scheduledAt": "noon"}, {"scheduledAt": 12}, {}):
        await client.patch(f"/v1/interviews/{id_}", json={"metadata": {"maya": own}})
        assert (await shown(client, id_))["scheduledAt"] is None
    assert (await put(client, id_, candidateName="Ann Example"))["candidateName"] == "Ann Example"


async def test_a_draft_has_no_plan_to_show_yet(plane: Plane) -> None:
    client = plane.client()
    id_ = await plane.created(client, draft=True)
    body = await shown(client, id_)
    assert (body["workflowState"], body["planId"]) == ("RECEIVED", None)
    early = await client.get(f"{INTERVIEWS}/{id_}/plan")
    assert (early.status_code, early.json()) == (
        409,
        {
            "statusCode": 409,
            "message": "The plan is available once workflowState is PENDING; the interview is RECEIVED.",
        },
    )


async def test_who_and_what_for_may_have_gone(plane: Plane) -> None:
    client = plane.client()
    id_ = (await created(client))["id"]
    known = (await client.get(f"/v1/interviews/{id_}")).json()
    for kind in ("jobs", "candidates"):
        await client.delete(f"/v1/{kind}/{known[kind[:-1] + '_id']}")
    body = await shown(client, id_)
    assert body["position"] == "Senior Engineer" and body["candidateName"] == "Jane Smith"


# ---- what is refused ------------------------------------------------------------------------------------------------


async def test_what_is_not_there_or_not_allowed_is_said_as_published(plane: Plane) -> None:
    client, weak = plane.client("keeps"), plane.client("keeps", "job:read")
    id_ = (await created(client))["id"]
    run_id = (await shown(client, id_))["runId"]
    calls = (
        ("POST", "", "interview:create"),
        ("GET", "", "interview:read"),
        ("GET", f"/{id_}", "interview:read"),
        ("PUT", f"/{id_}", "interview:update"),
        ("DELETE", f"/{id_}", "interview:delete"),
        ("GET", f"/{id_}/plan", "interview:read"),
        ("GET", f"/{id_}/assessment", "interview:read"),
        ("GET", f"/{run_id}/status", "interview:read"),
    )
    other = plane.client("globex")
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as nobody:
        for method, path, scope in calls:
            sent = {"json": JANE if method == "POST" else {}} if method in {"POST", "PUT"} else {}
            refused = await weak.request(method, INTERVIEWS + path, **sent)
            assert (refused.status_code, refused.json()) == (
                403,
                {"statusCode": 403, "message": f"Insufficient permissions. Required: {scope}"},
            )
            unknown = await nobody.request(method, INTERVIEWS + path, **sent)
            body = unknown.json()
            assert (unknown.status_code, body.pop("statusCode"), list(body)) == (401, 401, ["message"])
            if path:
                answer = await other.request(method, INTERVIEWS + path, **sent)
                assert (answer.status_code, answer.json()) == (404, UNKNOWN), path
    assert (await other.get(INTERVIEWS)).json()["data"] == []
    for path in (f"/{id_}/status", f"/{run_id}"):  # each id in its own place
        assert (await client.get(INTERVIEWS + path)).json() == UNKNOWN


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"candidateName": ""}, "candidateName"),
        ({"candidateName": "x" * 201}, "candidateName"),
        ({"candidateEmail": "jane"}, "candidateEmail"),
        ({"position": "CTO"}, "position"),
        ({"level": "INTERN"}, "level"),
        ({"skills": ["x"] * 11}, "skills"),
        ({"skills": ["x" * 129]}, "skills.0"),
        ({"skills": "TypeScript"}, "skills"),
        ({"jobDescription": "x" * 20_001}, "jobDescription"),
        ({"scheduledAt": "2024-02-01T10:00:00"}, "scheduledAt"),
        ({"scheduledAt": "soon"}, "scheduledAt"),
        ({"callbackUrl": "ftp://example.com"}, "callbackUrl"),
        ({"candidate_name": "Jane"}, "candidate_name"),
        ({"tenantId": "acme"}, "tenantId"),
    ],
)
async def test_what_can_not_be_taken_is_named(plane: Plane, wrong: dict[str, Any], place: str) -> None:
    client = plane.client()
    id_ = (await created(client))["id"]
    for answer in (
        await client.post(INTERVIEWS, json=JANE | wrong),
        await client.put(f"{INTERVIEWS}/{id_}", json=wrong),
    ):
        body = answer.json()
        assert (answer.status_code, body["statusCode"], body["error"]) == (422, 422, "Unprocessable Entity")
        assert [message.split(":")[0] for message in body["message"]] == [place]


async def test_a_start_may_be_thirty_days_ahead(plane: Plane) -> None:
    client = plane.client()
    far = rfc3339(datetime.now(UTC) + timedelta(days=31))
    refused = await client.post(INTERVIEWS, json=JANE | {"scheduledAt": far})
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "statusCode": 400,
            "message": ["scheduledAt: is more than 30 days ahead; name a time in the next 30"],
            "error": "Bad Request",
        },
    )


async def test_bad_requests_are_refused_in_its_shape(plane: Plane) -> None:
    client = plane.client()
    json_ = {"Content-Type": "application/json"}
    for answer, status in (
        (await client.get(f"{INTERVIEWS}?limit=101"), 422),
        (await client.get(f"{INTERVIEWS}?page=0"), 422),
        (await client.get(f"{INTERVIEWS}?state=LOST"), 422),
        (await client.get(f"{INTERVIEWS}/%00"), 422),
        (await client.post(INTERVIEWS, content=b'{"level":"MID","level":"LEAD"}', headers=json_), 422),
        (await client.post(INTERVIEWS, content=b"{", headers=json_), 422),
        (await client.post(INTERVIEWS, content=b" " * (2 << 20), headers=json_), 413),
        (await client.patch(INTERVIEWS, json={}), 405),
        (await client.get(f"{INTERVIEWS}/int_1/plan/approve"), 404),
    ):
        body = answer.json()
        assert (answer.status_code, body.pop("statusCode")) == (status, status), answer.text
        assert answer.headers["content-type"] == "application/json"
        listed = isinstance(body.pop("message"), list)
        assert body == ({"error": "Unprocessable Entity"} if listed else {}) and listed == (status == 422)


async def test_what_is_wrong_is_told_of_what_was_sent(plane: Plane) -> None:
    client = plane.client()
    broken = await client.post(INTERVIEWS, content=b'{"a":', headers={"Content-Type": "application/json"})
    assert broken.json()["message"] == ["body: is not JSON: Expecting value; send well-formed JSON"]
    short = await client.post(INTERVIEWS, json=JANE | {"position": " CTO "})
    (message,) = short.json()["message"]
    assert message.startswith("position: String should have at least 5 characters")


async def test_a_key_is_answered_again(plane: Plane) -> None:
    client = plane.client("keys")
    first, again = [await client.post(INTERVIEWS, json=JANE, headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert first.json() == again.json() and again.headers["idempotent-replayed"] == "true"
    other = await client.post(INTERVIEWS, json=JANE | {"level": "MID"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["statusCode"]) == (422, 422)


# ---- settings -------------------------------------------------------------------------------------------------------


async def test_it_can_be_moved_switched_off_and_slowed_down(tmp_path: Path) -> None:
    async with running(tmp_path / "moved", dialects=("maya=/maya",), rate_per_minute=1) as moved:
        client = moved.client()
        assert (await client.get(f"/maya{INTERVIEWS}")).json()["meta"]["total"] == 0
        fast = await client.get(f"/maya{INTERVIEWS}")
        assert (fast.status_code, list(fast.json())) == (429, ["statusCode", "message"])
        assert int(fast.headers["retry-after"]) > 0
        away = await moved.client("acme2").get(INTERVIEWS)
        assert (away.status_code, away.headers["content-type"]) == (404, "application/problem+json")
    async with running(tmp_path / "off", dialects=()) as off:
        assert (await off.client().get(INTERVIEWS)).status_code == 404

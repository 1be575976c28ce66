"""InstaView's published calls over real HTTP: whole answers, its rules about jobs, its limits, its errors."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import httpx
import pytest
import pytest_asyncio

from api.moments import rfc3339
from tests.guards import HANG_S
from tests.integration.plane import Bot, Plane, running, until, uplink

pytestmark = pytest.mark.asyncio(loop_scope="module")

WRITTEN = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)  # when the published examples were new
THEN = "2024-01-20T14:00:00Z"
SHOWN_THEN = "2024-01-20T14:00:00.000Z"
JANE = {
    "firstName": "Jane",
    "lastName": "Doe",
    "email": "jane@example.com",
    "phoneNumber": "+1234567890",
    "gdprExpiryDate": "2026-11-16",
}
JOHN = {
    "firstName": "John",
    "lastName": "Smith",
    "email": "john@example.com",
    "phoneNumber": "+1234567890",
    "gdprExpiryDate": "2026-11-16",
}
ENGINEER = {
    "jobTitle": "Senior Backend Engineer",
    "jobDescription": "We are looking for a senior engineer...",
    "requiredSkills": ["TypeScript", "NestJS", "PostgreSQL"],
    "niceToHaveSkills": ["Redis", "AWS"],
    "languages": ["EN"],
    "experience": "SENIOR",
    "contractType": "FULL_TIME",
}
RATED: dict[str, Any] = {
    "title": "Data analyst",
    "criteria": [
        {
            "id": "checking",
            "name": "Checking figures",
            "weight": 3,
            "anchors": {
                "1": "Trusts what the query gives; has no example.",
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
                {"id": "figure", "text": "Which figure was wrong?", "criteria": ["checking"], "expects": ["action"]},
                {"id": "storm", "text": "When were you under pressure?", "criteria": ["calm"]},
            ],
        }
    ],
}
ANSWER = (
    "I compared it with a second source, the ledger of the bank. I told those who had used it the same day. "
    "I found the cause and fixed the cause."
)


class Calendar:
    """A clock that shows what a test sets."""

    now = WRITTEN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(autouse=True)
def _new(calendar: Calendar) -> None:
    calendar.now = WRITTEN


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory, calendar: Calendar) -> AsyncIterator[Plane]:
    folder = tmp_path_factory.mktemp("instaview")
    async with running(folder, clock=calendar, rate_per_minute=0, rate_per_hour=0) as plane:
        plane.launcher.total = 1000
        yield plane


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent_id(plane: Plane) -> str:
    return await made(plane.client(), "/v1/agents", {"name": "Friendly screener", "focus": "screening"})


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def a_job(client: httpx.AsyncClient, title: str = "Backend engineer") -> str:
    return await made(client, "/v1/jobs", {"title": title, "skills": {"required": ["Python"]}})


async def a_candidate(client: httpx.AsyncClient, *job_ids: str) -> str:
    ann = {"first_name": "Ann", "last_name": "Example", "data_expires_on": "2026-11-16", "job_ids": job_ids}
    return await made(client, "/v1/candidates", ann)


async def created(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/interviews", json=body)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def shown(client: httpx.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await client.get(f"/interviews/{id_}")
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def tell(bot: Bot, n: int, at: str, type_: str, **data: Any) -> None:
    frame = {"type": "event", "n": n, "at": f"2024-01-20T{at}.000Z", "at_ms": 5, "event": type_, "data": data}
    await bot.socket.send(json.dumps(frame))


async def hold(plane: Plane, client: httpx.AsyncClient, id_: str, *answers: str, recording: bytes = b"") -> None:
    """Have an interview's newest bot hold its call: each answer is said to the first question."""
    spec = plane.spec_of(id_)
    question = spec.plan.questions[0]
    async with uplink(spec) as bot:
        await tell(bot, 1, "14:00:15", "state", state="waiting")
        await tell(bot, 2, "14:02:15", "state", state="in_call")
        await tell(bot, 3, "14:02:16", "question.asked", question_id=question.id, follow_up=0, text=question.text)
        await bot.says(4, 1, question.text, role="bot", question_id=question.id)
        for number, answer in enumerate(answers):
            await bot.says(5 + number, 2 + number, answer, question_id=question.id)
        n = 5 + len(answers)
        if recording:
            name = f"{spec.attempt_id}.ogg"
            (plane.services.settings.recordings_dir / name).write_bytes(recording)
            kept = {"file": name, "bytes": len(recording), "sha256": "0" * 64, "duration_ms": 1_395_000}
            await tell(bot, n, "14:25:29", "recording", **kept)
            n += 1
        report = {"questions": [], "duration_ms": 1_395_000}
        await tell(bot, n, "14:25:30", "ended", reason="completed", report=report)
        await until(client, id_, "completed")


def fresh(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The whole answer that a new interview is."""
    interview = {
        "id": data["id"],
        "candidateId": data["candidateId"],
        "status": "SCHEDULED",
        "scheduledAt": SHOWN_THEN,
        "durationMinutes": None,
        "finishedDate": None,
        "metadata": {},
        "callAttempts": [],
        "analysis": None,
        "createdAt": rfc3339(WRITTEN),
        "updatedAt": rfc3339(WRITTEN),
    }
    return interview | more


def envelope(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None, "timestamp": rfc3339(WRITTEN)}


def refusal(code: str, message: Any, **details: Any) -> dict[str, Any]:
    error = {"code": code, "message": message, "details": {"requestId": ANY} | details}
    return {"success": False, "data": None, "error": error, "timestamp": ANY}


# ---- the published examples -----------------------------------------------------------------------------------------


async def test_with_an_existing_candidate_and_agent(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    job = await a_job(client)
    candidate = await a_candidate(client, job, await a_job(client, "Another job"))
    body = {"candidateId": candidate, "jobId": job, "agentId": agent_id, "scheduleTime": THEN}
    answer = await client.post("/interviews", json=body)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert answer.json() == envelope(fresh(data, candidateId=candidate, agentId=agent_id))
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    assert (known["job_id"], known["title"], known["status"]) == (job, "Backend engineer", "scheduled")


async def test_with_an_inline_candidate_for_a_job(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    job = await a_job(client)
    body = {"candidate": {"jobId": job} | JANE, "agentId": agent_id, "scheduleTime": THEN}
    answer = await client.post("/interviews", json=body)
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()) == (201, envelope(fresh(data, agentId=agent_id)))
    candidate = (await client.get(f"/v1/candidates/{data['candidateId']}")).json()
    kept = {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone_e164": "+1234567890"}
    kept |= {"data_expires_on": "2026-11-16", "job_ids": [job]}
    assert {name: candidate[name] for name in kept} == kept


async def test_with_an_inline_candidate_for_the_pool_everybody_is_asked_the_same(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    answer = await client.post("/interviews", json={"candidate": JOHN, "agentId": agent_id, "scheduleTime": THEN})
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()) == (201, envelope(fresh(data, agentId=agent_id)))
    assert (await client.get(f"/v1/candidates/{data['candidateId']}")).json()["pool"] is True
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    assert (known["title"], known["job_id"], known["candidate"]["name"]) == ("Friendly screener", None, "John Smith")
    assert len([each for section in known["plan"]["sections"] for each in section["questions"]]) == 8


async def test_with_an_inline_job_for_an_existing_candidate(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    body = {"candidateId": candidate, "job": ENGINEER, "agentId": agent_id, "scheduleTime": THEN}
    answer = await client.post("/interviews", json=body)
    data = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.json() == envelope(fresh(data, candidateId=candidate, agentId=agent_id))
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    job = (await client.get(f"/v1/jobs/{known['job_id']}")).json()
    assert (await client.get(f"/v1/candidates/{candidate}")).json()["job_ids"] == [job["id"]]
    kept = {"title": "Senior Backend Engineer", "description": "We are looking for a senior engineer..."}
    kept |= {"skills": {"required": ["TypeScript", "NestJS", "PostgreSQL"], "nice": ["Redis", "AWS"]}}
    kept |= {"language_requirements": [{"language": "en", "cefr": None}], "contract_type": "full_time"}
    kept |= {"seniority": "senior", "experience_band": None, "status": "open"}
    assert {name: job[name] for name in kept} == kept


async def test_with_both_inline(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    body = {"candidate": JANE, "job": ENGINEER, "agentId": agent_id, "scheduleTime": THEN}
    answer = await client.post("/interviews", json=body)
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()) == (201, envelope(fresh(data, agentId=agent_id)))
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    candidate = (await client.get(f"/v1/candidates/{data['candidateId']}")).json()
    assert candidate["job_ids"] == [known["job_id"]]
    assert known["title"] == "Senior Backend Engineer"


async def test_without_a_time_it_starts_at_once(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    answer = await client.post("/interviews", json={"candidateId": candidate, "agentId": agent_id})
    data = answer.json()["data"]
    now = rfc3339(WRITTEN)
    call = {"id": ANY, "direction": "OUTBOUND", "status": "IN_PROGRESS", "scheduledAt": now, "calledAt": None}
    call |= {"duration": None, "recordingUrl": None}
    more = {"status": "IN_PROGRESS", "scheduledAt": now, "callAttempts": [call]}
    assert answer.json() == envelope(fresh(data, candidateId=candidate, agentId=agent_id, **more))
    assert plane.spec_of(data["id"])


async def test_a_time_that_has_passed_is_shown_and_not_waited_for(
    plane: Plane, agent_id: str, calendar: Calendar
) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    calendar.now = datetime(2024, 2, 1, tzinfo=UTC)
    data = await created(client, {"candidateId": candidate, "agentId": agent_id, "scheduleTime": THEN})
    assert (data["status"], data["scheduledAt"], data["metadata"]) == ("IN_PROGRESS", SHOWN_THEN, {})
    assert data["callAttempts"][0]["scheduledAt"] == "2024-02-01T00:00:00.000Z"


async def test_the_whole_resource_of_an_interview_that_is_over(plane: Plane, agent_id: str, calendar: Calendar) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    body = {"candidateId": candidate, "agentId": agent_id, "scheduleTime": THEN}
    data = await created(client, body | {"metadata": {"externalInterviewId": "INT-789", "team": "core"}})
    assert data["metadata"] == {"externalInterviewId": "INT-789", "team": "core"}
    path = f"/v1/interviews/{data['id']}"
    assert (await client.patch(path, json={"plan": RATED})).json()["external_ref"] == "INT-789"
    calendar.now = datetime(2024, 1, 20, 14, tzinfo=UTC)
    await until(client, data["id"], "joining")
    await hold(plane, client, data["id"], ANSWER, recording=b"OggS and sound")
    facts = (await client.get(f"{path}/evaluations")).json()["data"][-1]
    whole = await shown(client, data["id"])
    url = f"{plane.url}{path}/recording?attempt=1"
    assert whole == {
        "id": data["id"],
        "candidateId": candidate,
        "agentId": agent_id,
        "status": "COMPLETED",
        "scheduledAt": SHOWN_THEN,
        "durationMinutes": 23,
        "finishedDate": "2024-01-20T14:25:30.000Z",
        "metadata": {"externalInterviewId": "INT-789", "team": "core"},
        "callAttempts": [
            {
                "id": plane.spec_of(data["id"]).attempt_id,
                "direction": "OUTBOUND",
                "status": "COMPLETED",
                "scheduledAt": SHOWN_THEN,
                "calledAt": "2024-01-20T14:00:15.000Z",
                "duration": 1395,
                "recordingUrl": url,
            }
        ],
        "analysis": {
            "id": ANY,
            "general": {
                "overallRating": 75,
                "companyFitRating": "UNDEFINED",
                "education": "UNDEFINED",
                "experience": "UNDEFINED",
                "strongPoints": ["Checking figures: level 4 of 5"],
                "weakPoints": [],
                "evaluation": [facts["result"]["text_summary"], "Recommendation: yes"],
                "status": 3,
                "createdAt": SHOWN_THEN,
                "updatedAt": SHOWN_THEN,
            },
            "specific": None,
        },
        "createdAt": rfc3339(WRITTEN),
        "updatedAt": "2024-01-20T14:25:30.000Z",
    }
    same_token = plane.client("acme", "read:interviews")
    assert (await same_token.get(whole["callAttempts"][0]["recordingUrl"])).content == b"OggS and sound"


async def test_a_candidates_interviews(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    body = {"candidateId": candidate, "agentId": agent_id, "scheduleTime": THEN}
    ids = {(await created(client, body))["id"] for _ in range(3)}
    answer = await client.get(f"/interviews?candidateId={candidate}")
    everything = fresh({"id": ANY, "candidateId": candidate}, agentId=agent_id)
    where = {"total": 3, "page": 1, "limit": 20, "totalPages": 1, "hasNextPage": False, "hasPreviousPage": False}
    assert answer.json() == envelope([everything] * 3) | {"pagination": where}
    assert {each["id"] for each in answer.json()["data"]} == ids
    second = (await client.get(f"/interviews?candidateId={candidate}&limit=2&page=2")).json()
    where |= {"page": 2, "limit": 2, "totalPages": 2, "hasPreviousPage": True}
    assert (len(second["data"]), second["pagination"]) == (1, where)
    assert (await client.get("/interviews?candidateId=cand_nobody")).json()["data"] == []
    assert (await client.get("/interviews")).json()["pagination"]["total"] >= 3


async def test_what_is_deleted_is_gone(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    data = await created(client, {"candidateId": candidate, "agentId": agent_id, "scheduleTime": THEN})
    answer = await client.delete(f"/interviews/{data['id']}")
    assert (answer.status_code, answer.json()) == (200, envelope(True))
    gone = refusal("RESOURCE_NOT_FOUND", f"There is no interview '{data['id']}'.")
    for again in (await client.get(f"/interviews/{data['id']}"), await client.delete(f"/interviews/{data['id']}")):
        assert (again.status_code, again.json()) == (404, gone)
    assert (await client.get(f"/interviews?candidateId={candidate}")).json()["data"] == []


# ---- what becomes of an interview -----------------------------------------------------------------------------------


async def test_an_analysis_says_how_far_it_is(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    candidate = await a_candidate(client)
    data = await created(client, {"candidateId": candidate, "agentId": agent_id})
    await hold(plane, client, data["id"])
    silent = await shown(client, data["id"])
    assert (silent["status"], silent["analysis"]) == ("COMPLETED", None)
    assert (await client.post(f"/v1/interviews/{data['id']}/evaluate")).status_code == 201
    general = (await shown(client, data["id"]))["analysis"]["general"]
    assert (general["status"], general["overallRating"]) == (4, None)  # nothing was said that could be rated
    asked = await plane.created(client, candidate_id=candidate)
    assert (await client.post(f"/v1/interviews/{asked}/start")).status_code == 202
    await hold(plane, client, asked, ANSWER)
    await client.post(f"/v1/interviews/{asked}/evaluate")
    general = (await shown(client, asked))["analysis"]["general"]
    assert (general["status"], general["overallRating"], len(general["evaluation"])) == (1, None, 1)


async def test_what_no_evidence_allows_has_no_rating(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    data = await created(client, {"candidateId": await a_candidate(client), "agentId": agent_id})
    await hold(plane, client, data["id"], "It was fine, I think. We moved on.")
    general = (await shown(client, data["id"]))["analysis"]["general"]
    assert (general["status"], general["overallRating"], general["strongPoints"]) == (3, None, [])
    assert general["evaluation"][-1] == "Recommendation: insufficient evidence"


async def test_another_call_is_tried_now_or_later(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    body = {"candidateId": await a_candidate(client), "agentId": agent_id, "scheduleTime": THEN}
    id_ = (await created(client, body))["id"]
    path = f"/interviews/{id_}/call-attempts"
    later = await client.post(path, json={"scheduledAt": "2024-01-21T10:00:00+02:00"})
    assert (later.status_code, later.json()) == (201, envelope({"success": True, "message": "The call is planned."}))
    assert (await shown(client, id_))["scheduledAt"] == "2024-01-21T08:00:00.000Z"
    now = await client.post(path, json={"scheduledAt": None})
    assert (now.status_code, now.json()) == (201, envelope({"success": True, "message": "The call is being made."}))
    for body in ({}, {"scheduledAt": "2024-01-22T10:00:00Z"}):
        busy = await client.post(path, json=body)
        assert busy.status_code == 409
        done = "changed" if body else "started"
        told = refusal("CONFLICT", f"An interview that is IN_PROGRESS can't be {done}.", currentStatus="IN_PROGRESS")
        assert busy.json() == told
    await hold(plane, client, id_, ANSWER)
    too_far = await client.post(path, json={"scheduledAt": "2024-03-21T10:00:00Z"})
    assert (too_far.status_code, too_far.json()["error"]["code"]) == (400, "SCHEDULE_TOO_FAR")
    assert (await shown(client, id_))["status"] == "COMPLETED"
    assert (await client.post(path)).status_code == 201
    calls = (await shown(client, id_))["callAttempts"]
    assert [call["status"] for call in calls] == ["COMPLETED", "IN_PROGRESS"]


async def test_interviews_made_elsewhere_are_shown_too(plane: Plane) -> None:
    client = plane.client()
    id_ = await plane.created(client, draft=True)
    data = await shown(client, id_)
    assert data == fresh({"id": id_, "candidateId": None}, agentId=None, scheduledAt=None)
    for strange in ("x", {"scheduleTime": 7}, {"scheduleTime": "x"}, {}):
        other = await plane.created(client, metadata={"instaview": strange})
        assert await shown(client, other) == fresh({"id": other, "candidateId": None}, agentId=None, scheduledAt=None)
    await client.post(f"/v1/interviews/{id_}/cancel")
    assert (await shown(client, id_))["status"] == "CANCELLED"


async def test_the_same_external_id_is_the_same_interview(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    body = {"candidateId": await a_candidate(client), "agentId": agent_id, "scheduleTime": THEN}
    body |= {"metadata": {"externalInterviewId": "INT-1"}}
    first = await created(client, body)
    assert (await created(client, body))["id"] == first["id"]
    other = await client.post("/interviews", json=body | {"scheduleTime": "2024-01-21T14:00:00Z"})
    assert (other.status_code, other.json()["error"]["details"]["existingId"]) == (409, first["id"])
    assert other.json()["error"]["code"] == "ALREADY_EXISTS"
    key = {"Idempotency-Key": "once"}
    answers = [await client.post("/interviews", json=body | {"metadata": {}}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"


# ---- jobs and limits ------------------------------------------------------------------------------------------------


async def test_a_job_is_named_once(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    job, candidate = await a_job(client), await a_candidate(client)
    compact = {"jobId": job} | JANE
    both = {"job": ENGINEER, "jobId": job}
    for body, names in (
        ({"candidateId": candidate} | both, ["job", "jobId"]),
        ({"candidate": compact, "jobId": job}, ["jobId", "candidate.jobId"]),
        ({"candidate": compact, "job": ENGINEER}, ["job", "candidate.jobId"]),
    ):
        answer = await client.post("/interviews", json={"agentId": agent_id} | body)
        named = f"the job is named by {' and '.join(names)}"
        wrong = [{"field": name, "message": named, "remedy": "keep one of them"} for name in names]
        told = "; ".join(f"{name}: {named}" for name in names)
        assert (answer.status_code, answer.json()) == (422, refusal("JOB_SOURCE_CONFLICT", told, errors=wrong))


async def test_of_several_jobs_one_is_named_and_it_is_one_of_them(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    first, second, third = [await a_job(client, f"Engineer {number}") for number in (1, 2, 3)]
    body = {"candidateId": await a_candidate(client, first, second), "agentId": agent_id, "scheduleTime": THEN}
    several = await client.post("/interviews", json=body)
    assert (several.status_code, several.json()["error"]["code"]) == (422, "JOB_REQUIRED")
    (wrong,) = several.json()["error"]["details"]["errors"]
    assert wrong["field"] == "jobId" and wrong["remedy"] == f"name one in jobId: {first}, {second}"
    foreign = await client.post("/interviews", json=body | {"jobId": third})
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert foreign.json()["error"]["details"]["errors"][0]["field"] == "jobId"
    only = {"candidateId": await a_candidate(client, first), "agentId": agent_id, "scheduleTime": THEN}
    data = await created(client, only)
    assert (await client.get(f"/v1/interviews/{data['id']}")).json()["job_id"] == first


SKILLS = [f"skill {number}" for number in range(11)]
WITHOUT_EXPIRY = {name: value for name, value in JANE.items() if name != "gdprExpiryDate"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"candidate": WITHOUT_EXPIRY}, "candidate.gdprExpiryDate"),
        ({"candidate": JANE | {"gdprExpiryDate": "16.11.2026"}}, "candidate.gdprExpiryDate"),
        ({"candidate": JANE | {"phoneNumber": "0123"}}, "candidate.phoneNumber"),
        ({"candidate": JANE | {"email": "jane at example.com"}}, "candidate.email"),
        ({"candidate": JANE | {"surname": "Doe"}}, "candidate.surname"),
        ({"candidate": JANE, "candidateId": "cand_1"}, "body"),
        ({}, "body"),
        ({"candidate": JANE, "job": {"jobTitle": "Chef"}}, "job.jobTitle"),
        ({"candidate": JANE, "job": {"jobTitle": "x" * 201}}, "job.jobTitle"),
        ({"candidate": JANE, "job": {"jobDescription": "We build."}}, "job.jobTitle"),
        ({"candidate": JANE, "job": ENGINEER | {"requiredSkills": SKILLS}}, "job.requiredSkills"),
        ({"candidate": JANE, "job": ENGINEER | {"requiredSkills": SKILLS[:9]}}, "job"),
        ({"candidate": JANE, "job": ENGINEER | {"requiredSkills": ["x" * 129]}}, "job.requiredSkills.0"),
        ({"candidate": JANE, "job": ENGINEER | {"niceToHaveSkills": [""]}}, "job.niceToHaveSkills.0"),
        ({"candidate": JANE, "job": ENGINEER | {"experience": "GURU"}}, "job.experience"),
        ({"candidate": JANE, "job": ENGINEER | {"education": ["KINDERGARTEN"]}}, "job.education.0"),
        ({"candidate": JANE, "job": ENGINEER | {"languages": ["klingon"]}}, "job.languages.0"),
        ({"candidate": JANE, "job": ENGINEER | {"salary": {"min": 2, "max": 1, "currency": "EUR"}}}, "job.salary"),
        ({"candidate": JANE, "scheduleTime": "2024-01-20T14:00:00"}, "scheduleTime"),
        ({"candidate": JANE, "scheduleTime": "tomorrow"}, "scheduleTime"),
        ({"candidate": JANE, "agentId": "agent_unknown"}, "agentId"),
        ({"candidateId": "cand_unknown"}, "candidateId"),
        ({"candidate": JANE, "metadata": {"externalInterviewId": 7}}, "metadata"),
        ({"candidate": JANE, "metadata": {"x": "y" * 17_000}}, "metadata"),
        ({"candidate": JANE, "titel": "x"}, "titel"),
    ],
)
async def test_what_can_not_be_used_is_told_by_its_field(
    plane: Plane, agent_id: str, body: dict[str, Any], field: str
) -> None:
    answer = await plane.client().post("/interviews", json={"agentId": agent_id, "scheduleTime": THEN} | body)
    assert answer.status_code == 422, answer.text
    found = answer.json()["error"]
    wrong = found["details"]["errors"]
    assert answer.json() == refusal("VALIDATION_ERROR", f"{field}: {wrong[0]['message']}", errors=wrong)
    assert [each["field"] for each in wrong] == [field]
    assert wrong[0]["remedy"]


async def test_the_limits_themselves_are_allowed(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    job = ENGINEER | {"jobTitle": "Chefs", "requiredSkills": ["x" * 128, *SKILLS[:7]], "education": "MASTER_LEVEL"}
    job |= {"experience": "FIVE_TO_10_YEARS", "location": {"workMode": "HYBRID", "city": "Brno", "countryCode": "CZ"}}
    job |= {"salary": {"min": 1, "max": 2, "currency": "EUR", "period": "MONTHLY"}}
    candidate = JANE | {"gdprExpiryDate": "2024-01-16T09:00:00+01:00"}
    body = {"candidate": candidate, "job": job, "agentId": agent_id, "scheduleTime": rfc3339(WRITTEN + timedelta(30))}
    data = await created(client, body)
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    kept = (await client.get(f"/v1/jobs/{known['job_id']}")).json()
    assert (kept["experience_band"], kept["seniority"]) == ("five_to_10_years", None)
    assert kept["education"] == ["master_level"]
    assert (kept["location"]["work_mode"], kept["salary"]["period"]) == ("hybrid", "monthly")
    expires = (await client.get(f"/v1/candidates/{data['candidateId']}")).json()["data_expires_on"]
    assert expires == "2024-01-16"


@pytest.mark.parametrize(
    ("asked", "at", "erased"),
    [
        ("2023-11-16", THEN, "2024-01-21"),  # before an interview that is to come
        ("2023-11-16", rfc3339(WRITTEN - timedelta(30)), "2024-01-16"),  # which starts at once
        ("2024-01-17", THEN, "2024-01-17"),  # which ends an interview that is still to come
    ],
)
async def test_data_that_should_be_gone_by_then_goes_after_the_interview(
    plane: Plane, agent_id: str, asked: str, at: str, erased: str
) -> None:
    client = plane.client()
    candidate = JANE | {"gdprExpiryDate": asked, "email": "[email protected]"}  # as the published page shows it
    data = await created(client, {"candidate": candidate, "agentId": agent_id, "scheduleTime": at})
    kept = (await client.get(f"/v1/candidates/{data['candidateId']}")).json()
    assert (kept["data_expires_on"], kept["email"]) == (erased, None)


async def test_more_than_thirty_days_ahead_is_a_bad_request(plane: Plane, agent_id: str) -> None:
    at = rfc3339(WRITTEN + timedelta(days=30, seconds=1))
    answer = await plane.client().post("/interviews", json={"candidate": JANE, "agentId": agent_id, "scheduleTime": at})
    what = "is more than 30 days ahead"
    wrong = [{"field": "scheduleTime", "message": what, "remedy": ANY}]
    assert answer.status_code == 400
    assert answer.json() == refusal("SCHEDULE_TOO_FAR", f"scheduleTime: {what}", errors=wrong)


# ---- who may, and what is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "scopes", "lacking"),
    [
        ("GET", "/interviews", (), "read:interviews"),
        ("GET", "/interviews", ("read:interviews",), "read:candidates"),
        ("GET", "/interviews", ("read:interviews", "read:candidates"), "read:agents"),
        ("GET", "/interviews/int_1", (), "read:interviews"),
        ("DELETE", "/interviews/int_1", ("read:interviews", "write:interviews"), "delete:interviews"),
        ("POST", "/interviews/int_1/call-attempts", ("read:interviews",), "write:interviews"),
        ("POST", "/interviews", ("read:candidates", "read:agents"), "write:interviews"),
        ("POST", "/interviews", ("write:interviews",), "read:candidates"),
        ("POST", "/interviews", ("write:interviews", "read:candidates"), "read:agents"),
        ("POST", "/interviews", ("write:interviews", "read:candidates", "read:agents"), "write:candidates"),
        (
            "POST",
            "/interviews",
            ("write:interviews", "read:candidates", "read:agents", "write:candidates"),
            "write:jobs",
        ),
    ],
)
async def test_a_lacking_scope_is_told_by_its_name(
    plane: Plane, method: str, path: str, scopes: tuple[str, ...], lacking: str
) -> None:
    body = {"candidate": JANE, "job": ENGINEER, "agentId": "agent_1"} if method == "POST" else None
    if path.endswith("call-attempts"):
        body = {}
    client = plane.client("acme", *(scopes or ("read:jobs",)))
    answer = await client.request(method, path, json=body)
    told = f"This API key does not have the required scope: {lacking}"
    assert answer.status_code == 403
    assert answer.json() == refusal("INSUFFICIENT_PERMISSIONS", told, requiredScope=lacking)


async def test_published_scopes_are_enough(plane: Plane, agent_id: str) -> None:
    candidate = await a_candidate(plane.client())
    client = plane.client("acme", "write:interviews", "read:interviews", "read:candidates", "read:agents")
    data = await created(client, {"candidateId": candidate, "agentId": agent_id, "scheduleTime": THEN})
    assert (await shown(client, data["id"]))["id"] == data["id"]
    assert (await client.get(f"/interviews?candidateId={candidate}")).status_code == 200
    assert (await plane.client("acme", "delete:interviews").delete(f"/interviews/{data['id']}")).status_code == 200


async def test_another_tenants_interview_is_unknown(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    data = await created(client, {"candidateId": await a_candidate(client), "agentId": agent_id, "scheduleTime": THEN})
    other = plane.client("globex")
    path = f"/interviews/{data['id']}"
    unknown = refusal("RESOURCE_NOT_FOUND", f"There is no interview '{data['id']}'.")
    for answer in (await other.get(path), await other.delete(path), await other.post(f"{path}/call-attempts")):
        assert (answer.status_code, answer.json()) == (404, unknown)
    assert (await other.get(f"/interviews?candidateId={data['candidateId']}")).json()["data"] == []


async def test_every_refusal_has_the_published_shape(plane: Plane, agent_id: str) -> None:
    client = plane.client()
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as stranger:
        nobody = await stranger.get("/interviews")
    assert nobody.status_code == 401 and nobody.headers["WWW-Authenticate"] == "Bearer"
    assert nobody.json() == refusal("INVALID_API_KEY", ANY)
    patched = await client.patch("/interviews/int_1", json={})
    assert (patched.status_code, patched.json()) == (405, refusal("METHOD_NOT_ALLOWED", "Method Not Allowed"))
    nowhere = await client.get("/interviews/int_1/nothing")
    assert (nowhere.status_code, nowhere.json()) == (404, refusal("RESOURCE_NOT_FOUND", "Not Found"))
    json_type = {"Content-Type": "application/json"}
    large = await client.post("/interviews", content=b" " * 10_000_000, headers=json_type)
    assert (large.status_code, large.json()) == (413, refusal("CONTENT_TOO_LARGE", ANY))
    twice = await client.post("/interviews", content=b'{"agentId": "a", "agentId": "b"}', headers=json_type)
    assert (twice.status_code, twice.json()) == (422, refusal("VALIDATION_ERROR", ANY, errors=ANY))
    calling = (await created(client, {"candidateId": await a_candidate(client), "agentId": agent_id}))["id"]
    kept = await client.delete(f"/interviews/{calling}")
    told = refusal("CONFLICT", "Its call is going on; cancel it first.", currentStatus="IN_PROGRESS")
    assert (kept.status_code, kept.json()) == (409, told)


async def test_too_many_calls_are_answered_as_published(tmp_path: Path) -> None:
    async with running(tmp_path, rate_per_minute=1) as plane:
        client = plane.client()
        await client.get("/interviews")
        answer = await client.get("/interviews")
        wait_s = int(answer.headers["Retry-After"])
        assert answer.status_code == 429 and wait_s > 0
        body = answer.json()
        assert body.pop("message").startswith("Rate limit exceeded")
        assert abs(body.pop("reset") - datetime.now(UTC).timestamp() - wait_s) < 5
        told = {"statusCode": 429, "error": "Too Many Requests", "retryAfter": wait_s, "limit": 1, "remaining": 0}
        assert body == told


async def test_it_can_be_moved_and_switched_off(tmp_path: Path) -> None:
    async with running(tmp_path / "moved", dialects=("instaview=/iv",)) as plane:
        client = plane.client()
        assert (await client.get("/iv/interviews")).json()["data"] == []
        assert (await client.get("/iv/interviews/int_1")).json()["error"]["code"] == "RESOURCE_NOT_FOUND"
        assert "success" not in (await client.get("/interviews")).json()
    async with running(tmp_path / "off", dialects=()) as plane:
        assert (await plane.client().get("/interviews")).json()["code"] == "not_found"


# ---- the interview itself -------------------------------------------------------------------------------------------


async def test_an_agent_is_asked_for_what_the_job_leaves_open(plane: Plane) -> None:
    client = plane.client()
    wanted = {"name": "Support talk", "focus": "generic", "instructions": "Ask about Python and SQL."}
    agent = await made(client, "/v1/agents", wanted)
    data = await created(client, {"candidate": JANE, "agentId": agent, "scheduleTime": THEN})
    known = (await client.get(f"/v1/interviews/{data['id']}")).json()
    asked = [each["id"] for section in known["plan"]["sections"] for each in section["questions"]]
    assert any(id_.startswith("python") for id_ in asked), asked
    german = await made(client, "/v1/agents", {"name": "Gespräch", "language": "de"})
    answer = await client.post("/interviews", json={"candidate": JANE, "agentId": german, "scheduleTime": THEN})
    (wrong,) = answer.json()["error"]["details"]["errors"]
    assert (answer.status_code, wrong["field"]) == (422, "agentId")


async def test_practice_ends_in_no_recommendation(plane: Plane) -> None:
    client = plane.client()
    agent = await made(client, "/v1/agents", {"name": "Coach", "product": "coaching"})
    data = await created(client, {"candidateId": await a_candidate(client), "agentId": agent})
    await hold(plane, client, data["id"], ANSWER)
    assert len((await shown(client, data["id"]))["analysis"]["general"]["evaluation"]) == 1

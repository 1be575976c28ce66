"""Lira's calls over real HTTP: each published example as its bytes stand there, and the whole answer to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tests.fakes.launcher import MemoryLauncher
from tests.fakes.pdfs import pdf
from tests.integration.plane import Plane, running, until, uplink
from tests.integration.test_evaluations import ANSWER, RATED

ORG = "org_xyz"
ROOT = f"/lira/v1/orgs/{ORG}/interviews"
JSON = {"Content-Type": "application/json"}
PUBLISHED_AT = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)

DRAFT = b'{ "prompt": "Senior React engineer, 5+ years, focus on performance optimization" }'
GENERATE = b"""{
"title": "Senior Frontend Engineer",
"job_description": "Build and maintain React applications...",
"required_skills": ["React", "TypeScript", "System Design"],
"experience_level": "senior",
"question_count": 8,
"categories": ["technical", "behavioral", "system-design"]
}"""
CREATE = b"""{
"role_title": "Senior Frontend Engineer",
"skills": ["React", "TypeScript", "System Design"],
"evaluation_criteria": ["Technical depth", "Communication", "Problem solving"],
"question_count": 8,
"meeting_url": "https://meet.google.com/abc-defg-hij",
"scheduled_at": "2026-03-30T14:00:00Z",
"candidate_email": "jane@email.com",
"mode": "solo"
}"""
START = b'{ "meeting_link": "https://meet.google.com/abc-defg-hij" }'
DECISION = b'{ "decision": "next_round", "notes": "Strong technical skills, schedule system design round" }'

CREATED: dict[str, Any] = {
    "role_title": "Senior Frontend Engineer",
    "mode": "solo",
    "candidate": {"name": "Jane", "email": "jane@email.com", "resume_parsed": False},
    "meeting_url": "https://meet.google.com/abc-defg-hij",
    "scheduled_at": "2026-03-30T14:00:00.000Z",
    "round": None,
    "cancellation_reason": None,
    "started_at": None,
    "ended_at": None,
    "skills": ["React", "TypeScript", "System Design"],
    "evaluation_criteria": ["Technical depth", "Communication", "Problem solving"],
    "question_count": 8,
    "evaluation": None,
    "decision": None,
}
IN_LISTS = {"role_title", "mode", "candidate", "meeting_url", "scheduled_at", "round", "cancellation_reason"}
IN_LISTS |= {"started_at", "ended_at"}
OUR_ROOM: dict[str, Any] = {"role_title": "Data analyst", "candidate_email": "ann.example@example.org"}


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


def shown(response: httpx.Response, status: int = 200) -> Any:
    """What an answer holds, in the published envelope."""
    assert response.status_code == status, response.text
    body = response.json()
    assert set(body) == {"success", "data"} and body["success"] is True
    return body["data"]


def refused(response: httpx.Response, status: int, code: str, **details: Any) -> str:
    """Check a whole refusal; return its message."""
    body = response.json()
    message: str = body["error"]["message"]
    assert response.headers["content-type"] == "application/json"
    assert body == {
        "success": False,
        "error": {
            "code": code,
            "message": message,
            "details": {"request_id": response.headers["x-request-id"], **details},
        },
    }
    assert response.status_code == status and message
    return message


async def created(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = shown(await client.post(ROOT, json=OUR_ROOM | more), 201)
    return found


async def planned(client: httpx.AsyncClient, interview_id: str) -> list[dict[str, Any]]:
    plan = (await client.get(f"/v1/interviews/{interview_id}")).json()["plan"]
    texts = [question["text"] for section in plan["sections"] for question in section["questions"]]
    return [{"text": text, "order": order} for order, text in enumerate(texts, 1)]


async def held(plane: Plane, client: httpx.AsyncClient, interview_id: str, *answers: str) -> None:
    """Start an interview and hold it: each answer is the candidate's next turn to the first question."""
    started = shown(await client.post(f"{ROOT}/{interview_id}/start"), 202)
    assert started["status"] == "bot_deployed"
    spec = plane.launcher.specs[-1]
    first = spec.plan.questions[0]
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "question.asked", question_id=first.id, follow_up=0, text=first.text)
        await bot.says(3, 1, first.text, role="bot", question_id=first.id)
        for number, said in enumerate(answers):
            await bot.says(4 + number, 2 + number, said, question_id=first.id)
        await bot.event(4 + len(answers), "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        await until(client, interview_id, "completed")


# ---- drafting -----------------------------------------------------------------------------------------------------


async def test_the_published_draft_can_be_created_as_it_is(plane: Plane) -> None:
    client = plane.client(ORG)
    draft = shown(await client.post(f"{ROOT}/draft", content=DRAFT, headers=JSON))
    questions = draft.pop("questions")
    assert draft == {
        "role_title": "Senior React engineer",
        "experience_level": "senior",
        "skills": ["Frontend web", "Performance", "Mobile apps"],
        "evaluation_criteria": draft["evaluation_criteria"],
        "question_count": len(questions),
        "mode": "solo",
        "time_limit_minutes": 30.0,
        "warnings": [],
    }
    assert len(questions) > 3 and len(draft["evaluation_criteria"]) == len(questions)
    for order, question in enumerate(questions, 1):
        assert set(question) == {"id", "text", "order", "category", "skill_target"}
        assert question["order"] == order
    assert {question["category"] for question in questions} == {"technical", "behavioral"}
    assert shown(await client.get(ROOT)) == []  # not saved
    fields = ("role_title", "skills", "evaluation_criteria", "question_count", "mode")
    made = await created(client, **{name: draft[name] for name in fields})
    assert {name: made[name] for name in fields} == {name: draft[name] for name in fields}


async def test_the_published_questions_are_generated(plane: Plane) -> None:
    client = plane.client(ORG)
    found = shown(await client.post(f"{ROOT}/generate-questions", content=GENERATE, headers=JSON))
    questions = found.pop("questions")
    assert found == {"unmatched_skills": [], "warnings": []}
    assert [question["order"] for question in questions] == list(range(1, 9))
    assert {question["category"] for question in questions} == {"technical", "behavioral"}
    assert {"System design", "Frontend web"} <= {question["skill_target"] for question in questions}
    again = shown(await client.post(f"{ROOT}/generate-questions", content=GENERATE, headers=JSON))
    assert again["questions"] == questions


# ---- creating, listing, changing ----------------------------------------------------------------------------------


async def test_the_published_interview_is_created(plane: Plane) -> None:
    client = plane.client(ORG)
    made = shown(await client.post(ROOT, content=CREATE, headers=JSON), 201)
    id_, at = made["interview_id"], made["created_at"]
    whole = CREATED | {"interview_id": id_, "created_at": at, "status": "draft"}  # its time has passed
    assert made == whole | {"questions": await planned(client, id_)}
    assert len(made["questions"]) == 8
    assert shown(await client.get(f"{ROOT}/{id_}")) == made
    listed = await client.get(ROOT)
    assert shown(listed) == [{name: made[name] for name in {"interview_id", "status", "created_at"} | IN_LISTS}]
    assert listed.headers["x-total-count"] == "1"
    ours = (await client.get(f"/v1/interviews/{id_}")).json()
    assert (ours["status"], ours["start"]) == ("ready", {"policy": "manual", "scheduled_at": None})
    job = (await client.get(f"/v1/jobs/{ours['job_id']}")).json()
    assert (job["title"], job["skills"]["required"]) == (made["role_title"], made["skills"])
    candidate = (await client.get(f"/v1/candidates/{ours['candidate_id']}")).json()
    assert (candidate["email"], candidate["job_ids"]) == ("jane@email.com", [job["id"]])


async def test_when_it_was_published_its_time_had_not_come(tmp_path: Path) -> None:
    async with running(tmp_path, clock=lambda: PUBLISHED_AT) as plane:
        client = plane.client(ORG)
        made = shown(await client.post(ROOT, content=CREATE, headers=JSON), 201)
        whole = CREATED | {"interview_id": made["interview_id"], "status": "scheduled"}
        whole |= {"created_at": "2026-03-20T09:00:00.000Z", "questions": made["questions"]}
        assert made == whole
        for word, count in {"scheduled": 1, "draft": 0}.items():
            assert len(shown(await client.get(ROOT, params={"status": word}))) == count
        path = f"{ROOT}/{made['interview_id']}"
        later = shown(await client.put(path, json={"scheduled_at": "2026-04-01T09:30:00+02:00"}))
        assert later == made | {"scheduled_at": "2026-04-01T07:30:00.000Z"}
        passed = shown(await client.put(path, json={"scheduled_at": "2026-03-01T00:00:00Z"}))
        assert passed == made | {"scheduled_at": "2026-03-01T00:00:00.000Z", "status": "draft"}
        again = shown(await client.put(path, json={"scheduled_at": "2026-04-01T07:30:00Z"}))
        assert again == later
        none = shown(await client.put(path, json={"scheduled_at": None, "meeting_url": None}))
        assert none == made | {"scheduled_at": None, "meeting_url": None, "status": "draft"}
        far = await client.put(path, json={"scheduled_at": "2026-04-20T00:00:00Z"})
        fault = {"field": "scheduled_at", "message": "is more than 30 days ahead", "todo": "name a time in the next 30"}
        refused(far, 400, "SCHEDULE_TOO_FAR", reason="schedule_too_far", fields=[fault])
        assert (await client.post(ROOT, json=OUR_ROOM | {"scheduled_at": "2026-04-20T00:00:00Z"})).status_code == 400


async def test_an_interview_is_changed_until_it_starts(plane: Plane) -> None:
    client = plane.client(ORG)
    made = await created(client, skills=["SQL"], evaluation_criteria=["Calm"])
    path = f"{ROOT}/{made['interview_id']}"
    same = shown(await client.put(path, json=OUR_ROOM | {"skills": ["SQL"]}))
    assert same == made
    fewer = shown(await client.put(path, json={"question_count": 2, "evaluation_criteria": ["Depth", "Calm"]}))
    assert len(fewer["questions"]) == 2
    assert fewer == made | {
        "question_count": 2,
        "evaluation_criteria": ["Depth", "Calm"],
        "questions": fewer["questions"],
    }
    before = (await client.get(f"/v1/interviews/{made['interview_id']}")).json()["job_id"]
    other = shown(await client.put(path, json={"role_title": "Sales lead", "candidate_name": "Ann Other"}))
    assert other == fewer | {
        "role_title": "Sales lead",
        "candidate": made["candidate"] | {"name": "Ann Other"},
        "questions": other["questions"],
    }
    after = (await client.get(f"/v1/interviews/{made['interview_id']}")).json()["job_id"]
    assert (await client.get(f"/v1/jobs/{after}")).json()["title"] == "Sales lead" and after != before
    email = await client.put(path, json={"candidate_email": "other@example.org"})
    fault = {"field": "candidate_email", "message": "is another address than the candidate's"}
    fault["todo"] = "leave it out, or create another interview"
    refused(email, 422, "INVALID", reason="invalid", fields=[fault])
    for mode in ("shadow", "copilot"):
        assert shown(await client.put(path, json={"mode": mode}))["mode"] == mode
    await client.post(f"{path}/start")
    late = await client.put(path, json={"question_count": 3})
    refused(late, 409, "INTERVIEW_WRONG_STATUS", reason="conflict", current_status="bot_deployed")


async def test_what_was_made_elsewhere_can_be_read_and_changed_too(plane: Plane) -> None:
    client = plane.client(ORG)
    id_ = await plane.created(client, metadata={"lira": {"scheduled_at": ["no time"]}})
    found = shown(await client.get(f"{ROOT}/{id_}"))
    texts = ["What did you build last?", "What broke?"]
    assert found == CREATED | {
        "interview_id": id_,
        "role_title": "Backend engineer",
        "status": "draft",
        "candidate": {"name": "Ann", "email": None, "resume_parsed": False},
        "meeting_url": None,
        "scheduled_at": None,
        "skills": None,
        "evaluation_criteria": [],
        "question_count": 2,
        "questions": [{"text": text, "order": order} for order, text in enumerate(texts, 1)],
        "created_at": found["created_at"],
    }
    changed = shown(await client.put(f"{ROOT}/{id_}", json={"question_count": 1}))
    assert (changed["role_title"], changed["question_count"], len(changed["questions"])) == ("Backend engineer", 1, 1)


async def test_an_interview_is_deleted(plane: Plane) -> None:
    client = plane.client(ORG)
    id_ = (await created(client))["interview_id"]
    assert shown(await client.delete(f"{ROOT}/{id_}")) == {"interview_id": id_, "deleted": True}
    gone = await client.get(f"{ROOT}/{id_}")
    refused(gone, 404, "INTERVIEW_NOT_FOUND", reason="not_found")
    live = (await created(client))["interview_id"]
    await client.post(f"{ROOT}/{live}/start")
    refused(
        await client.delete(f"{ROOT}/{live}"),
        409,
        "INTERVIEW_WRONG_STATUS",
        reason="conflict",
        current_status="bot_deployed",
    )


async def test_related_are_of_the_same_candidate_or_role(plane: Plane) -> None:
    client = plane.client(ORG)
    first = await created(client, skills=["SQL", "Python"])
    role = await created(client, skills=["python", "sql"], candidate_email="bob@example.org")
    person = await created(client, role_title="Sales lead")
    both = await created(client, skills=["SQL", "Python"])
    await created(client, role_title="Nurse", candidate_email="eve@example.org")
    found = await client.get(f"{ROOT}/{first['interview_id']}/related")
    common = {"interview_id", "status", "created_at"} | IN_LISTS
    expected = [(both, ["candidate", "role"]), (person, ["candidate"]), (role, ["role"])]
    assert shown(found) == [{name: one[name] for name in common} | {"related_by": by} for one, by in expected]
    assert found.headers["x-total-count"] == "3"
    jobs = (await client.get("/v1/jobs")).json()["data"]
    assert sorted(job["title"] for job in jobs) == ["Data analyst", "Nurse", "Sales lead"]
    people = (await client.get("/v1/candidates")).json()["data"]
    assert sorted(one["display_name"] for one in people) == ["Ann Example", "Bob", "Eve"]


async def test_a_role_is_the_same_job_whatever_became_of_that_and_no_job_where_it_fits_none(plane: Plane) -> None:
    client = plane.client(ORG)

    async def job_of(**fields: Any) -> Any:
        made = await created(client, **fields)
        return (await client.get(f"/v1/interviews/{made['interview_id']}")).json()["job_id"]

    job_id = await job_of()
    await client.patch(f"/v1/jobs/{job_id}", json={"description": "It has one now."})
    assert await job_of() == job_id
    assert await job_of(role_title="DBA") is None  # not that of the candidate, and a job's title has five characters
    assert await job_of(skills=[f"Skill {number}" for number in range(11)]) is None  # and it has ten skills


# ---- sessions -----------------------------------------------------------------------------------------------------


async def test_a_bot_is_sent_to_the_meeting_that_was_named(plane: Plane) -> None:
    client = plane.client(ORG)
    made = shown(await client.post(ROOT, content=CREATE, headers=JSON), 201)
    for id_ in (made["interview_id"], (await created(client))["interview_id"]):
        shown(await client.post(f"{ROOT}/{id_}/start", content=START, headers=JSON), 202)
        meeting = plane.spec_of(id_).meeting
        assert meeting is not None
        assert (meeting.platform, meeting.url) == ("meet", "https://meet.google.com/abc-defg-hij")


async def test_a_meeting_that_bots_can_not_join_is_refused_and_not_kept(plane: Plane) -> None:
    client = plane.client(ORG)
    id_ = (await created(client))["interview_id"]
    elsewhere = {"meeting_link": "https://meet.example.com/abc-defg-hij"}
    answer = await client.post(f"{ROOT}/{id_}/start", json=elsewhere)
    status = {"reason": "meeting_not_supported", "current_status": "draft"}
    assert "Google Meet" in refused(answer, 409, "MEETING_NOT_SUPPORTED", **status)
    assert shown(await client.get(f"{ROOT}/{id_}"))["meeting_url"] is None


async def test_a_session_is_started_rejoined_and_cancelled(plane: Plane) -> None:
    client = plane.client(ORG)
    made = await created(client)
    path = f"{ROOT}/{made['interview_id']}"
    early = await client.post(f"{path}/rejoin")
    refused(early, 409, "INTERVIEW_WRONG_STATUS", reason="cannot_rejoin", current_status="draft")
    started = shown(await client.post(f"{path}/start", json={"candidate_name": "Dr Ann"}), 202)
    deployed = {"status": "bot_deployed", "candidate": made["candidate"] | {"name": "Dr Ann"}}
    assert started == made | deployed
    assert plane.launcher.specs[-1].candidate_name == "Dr Ann"
    twice = await client.post(f"{path}/start")
    refused(twice, 409, "INTERVIEW_WRONG_STATUS", reason="conflict", current_status="bot_deployed")
    assert shown(await client.post(f"{path}/rejoin"), 202) == started
    assert [spec.epoch for spec in plane.launcher.specs] == [1, 2]
    assert shown(await client.post(f"{path}/cancel"), 202) == started  # its bot is told first
    waiting = await created(client)
    off = shown(await client.post(f"{ROOT}/{waiting['interview_id']}/cancel"), 202)
    over = {"status": "cancelled", "cancellation_reason": "cancelled", "ended_at": off["ended_at"]}
    assert off == waiting | over
    again = await client.post(f"{ROOT}/{waiting['interview_id']}/cancel")
    refused(again, 409, "INTERVIEW_WRONG_STATUS", reason="conflict", current_status="cancelled")


async def test_without_room_for_a_bot_the_interview_waits(tmp_path: Path) -> None:
    async with running(tmp_path, MemoryLauncher(total=0)) as plane:
        client = plane.client(ORG)
        path = f"{ROOT}/{(await created(client))['interview_id']}"
        full = await client.post(f"{path}/start")
        refused(full, 503, "NO_CAPACITY", reason="no_capacity", retry_after_s=10)
        assert full.headers["retry-after"] == "10"
        assert shown(await client.get(path))["status"] == "draft"


# ---- résumé, evaluation, decision ---------------------------------------------------------------------------------


async def test_a_resume_is_read_and_makes_the_questions_personal(plane: Plane) -> None:
    client = plane.client(ORG)
    made = await created(client, skills=["System design", "Testing"], question_count=1)
    path = f"{ROOT}/{made['interview_id']}"
    text = "Ann Example. I tested payment systems: testing, unit tests, CI."
    taken = await client.post(f"{path}/resume", files={"file": ("resume.pdf", pdf(text), "application/pdf")})
    read = shown(taken, 201)
    assert read == {
        "interview_id": made["interview_id"],
        "resume_parsed": True,
        "pages": 1,
        "characters": read["characters"],
        "personalized": True,
    }
    assert read["characters"] >= len(text)
    after = shown(await client.get(path))
    assert after["questions"] != made["questions"]
    assert after == made | {"questions": after["questions"], "candidate": made["candidate"] | {"resume_parsed": True}}
    assert shown(await client.get(ROOT))[0]["candidate"]["resume_parsed"] is True
    damaged = await client.post(f"{path}/resume", files={"file": ("resume.pdf", b"no PDF", "application/pdf")})
    fault = {"field": "file", "message": "The file is not a PDF.", "todo": "send a PDF"}
    refused(damaged, 422, "RESUME_PARSE_FAILED", reason="resume_not_pdf", fields=[fault])
    large = await client.post(f"{path}/resume", files={"file": ("resume.pdf", b"%PDF" + b" " * 5_000_001)})
    assert (large.status_code, large.json()["error"]["code"]) == (413, "CONTENT_TOO_LARGE")
    missing = await client.post(f"{path}/resume", files={"cv": ("resume.pdf", pdf(text), "application/pdf")})
    assert missing.json()["error"]["details"]["fields"][0]["field"] == "file"


async def test_a_held_interview_is_summarised_scored_and_decided(plane: Plane) -> None:
    client = plane.client(ORG)
    made = await created(client)
    id_ = made["interview_id"]
    path = f"{ROOT}/{id_}"
    early = await client.post(f"{path}/evaluate")
    status = {"reason": "session_not_ended", "current_status": "draft", "available_from_status": "evaluating"}
    refused(early, 409, "INTERVIEW_WRONG_STATUS", **status)
    first = await client.put(f"{path}/decision", content=DECISION, headers=JSON)
    refused(first, 409, "INTERVIEW_WRONG_STATUS", **status | {"available_from_status": "completed"})
    assert (await client.patch(f"/v1/interviews/{id_}", json={"plan": RATED})).status_code == 200
    await held(plane, client, id_, ANSWER)
    figure, storm = RATED["sections"][0]["questions"]
    texts = [question["text"] for question in (figure, storm)]
    whole = shown(await client.get(path))  # both phases have run by themselves
    assert whole == made | {
        "status": "completed",
        "skills": None,
        "evaluation_criteria": ["Checking figures", "Calm"],
        "question_count": 2,
        "questions": [{"text": text, "order": order} for order, text in enumerate(texts, 1)],
        "evaluation": {
            "overall_score": 7.5,
            "criteria": {"Checking figures": 7.5, "Calm": None},
            "recommendation": "hire",
            "strengths": ["Checking figures"],
            "concerns": [],
        },
        "started_at": whole["started_at"],
        "ended_at": whole["ended_at"],
    }
    facts = shown(await client.post(f"{path}/evaluate"), 201)
    points = facts["qa_summary"][0]["key_points"]
    assert points and all(point in ANSWER for point in points)
    answered = {"question": figure["text"], "outcome": "answered", "answer": ANSWER, "key_points": points}
    unasked = {"question": storm["text"], "outcome": "not_reached", "answer": "", "key_points": []}
    assert facts["summary"].startswith("1 of 2 questions were answered")
    assert facts == {
        "interview_id": id_,
        "summary": facts["summary"],
        "qa_summary": [answered | {"follow_ups": []}, unasked | {"follow_ups": []}],
        "questions_answered": 1,
        "questions_skipped": 0,
        "questions_total": 2,
    }
    assert shown(await client.post(f"{path}/generate-score"), 201) == whole["evaluation"]
    decision = shown(await client.put(f"{path}/decision", content=DECISION, headers=JSON))
    assert decision == {
        "decision": "next_round",
        "notes": "Strong technical skills, schedule system design round",
        "decided_by": decision["decided_by"],
        "decided_at": decision["decided_at"],
    }
    assert shown(await client.get(path)) == whole | {"decision": decision}
    assert [each["interview_id"] for each in shown(await client.get(ROOT, params={"status": "completed"}))] == [id_]
    assert shown(await client.get(ROOT, params={"status": "in_progress"})) == []
    for choice in ("hire", "no_hire", "undecided"):
        decided = shown(await client.put(f"{path}/decision", json={"decision": choice, "notes": " "}))
        assert (decided["decision"], decided["notes"]) == (choice, None)
    runs = [await client.post(f"{path}/evaluate") for _ in range(3)]
    assert [run.status_code for run in runs] == [201, 201, 429]
    refused(runs[-1], 429, "RE_EVALUATION_LIMIT", reason="re_evaluation_limit", current_status="completed")


async def test_what_was_made_elsewhere_is_scored_on_demand(plane: Plane) -> None:
    client = plane.client(ORG)
    id_ = await plane.created(client, plan=RATED)
    await held(plane, client, id_, ANSWER)
    path = f"{ROOT}/{id_}"
    assert shown(await client.get(path))["evaluation"] is None
    unscored = await client.post(f"{path}/generate-score")
    refused(unscored, 404, "NO_EVALUATION", reason="no_evaluation", current_status="completed")
    shown(await client.post(f"{path}/evaluate"), 201)
    assert shown(await client.get(path))["evaluation"] is None
    assert shown(await client.post(f"{path}/generate-score"), 201)["overall_score"] == 7.5


async def test_what_no_evidence_allows_a_score_for_is_null(plane: Plane) -> None:
    client = plane.client(ORG)
    made = await created(client, skills=["SQL"], evaluation_criteria=["Technical depth", "Calm"])
    path = f"{ROOT}/{made['interview_id']}"
    await held(plane, client, made["interview_id"], "It was fine, I think. We moved on.")
    evaluation = shown(await client.post(f"{path}/generate-score"), 201)
    assert evaluation == {
        "overall_score": None,
        "criteria": {"Technical depth": None, "Calm": None},
        "recommendation": None,
        "strengths": [],
        "concerns": [],
    }
    assert shown(await client.get(path))["evaluation"] == evaluation
    silent = (await created(client))["interview_id"]
    await held(plane, client, silent)
    await client.post(f"{ROOT}/{silent}/evaluate")
    nothing = await client.post(f"{ROOT}/{silent}/generate-score")
    fault = {"field": "interview_id", "message": "the candidate answered no question"}
    fault["todo"] = "there is nothing to rate in it"
    refused(nothing, 422, "NO_ANSWERS", reason="no_answers", fields=[fault])

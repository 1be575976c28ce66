"""The client against a real control plane, and against the OpenAPI document: nothing is missing from it."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.booking.schemas import BookInterview
from api.candidates.kind import CandidateRecordIn
from api.client import Client, Refused
from api.client.records import Records
from api.decisions.schemas import Choice, DecisionIn
from api.evaluation.schemas import ReviewIn, Verdict
from api.interviews.schemas import Brief, CreateLink
from api.interviews.states import Status
from api.jobs import JobIn
from api.settings import load_settings
from tests.fakes.pdfs import pdf
from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running, uplink

Call = Callable[[Client], Any]

ONE = "/v1/interviews/{interview_id}"
HOOK, POSTING = "/v1/webhooks/{id}", "/v1/postings/{id}"
SAME_AS_PATCH = "PUT does what PATCH does, for callers that know no PATCH"
LEFT_OUT = {
    f"PUT {path}": SAME_AS_PATCH
    for path in (
        ONE,
        HOOK,
        *(f"/v1/{kind}/{{id}}" for kind in ("jobs", "candidates", "agents", "templates", "postings")),
    )
}
CALLS: dict[str, Call] = {
    "POST /v1/interviews/draft": lambda c: c.draft({}),
    "POST /v1/questions/generate": lambda c: c.generate_questions({}),
    "POST /v1/plans/lint": lambda c: c.lint({}),
    "POST /v1/interviews": lambda c: c.interviews.create({}),
    "GET /v1/interviews": lambda c: c.interviews.each(),
    f"GET {ONE}": lambda c: c.interviews.get("x"),
    f"PATCH {ONE}": lambda c: c.interviews.change("x", {}),
    f"DELETE {ONE}": lambda c: c.interviews.delete("x"),
    f"GET {ONE}/related": lambda c: c.interviews.related("x"),
    f"POST {ONE}/resume": lambda c: c.interviews.put_resume("x", b""),
    f"GET {ONE}/plan": lambda c: c.interviews.plan("x"),
    f"POST {ONE}/plan/approve": lambda c: c.interviews.approve_plan("x"),
    f"POST {ONE}/plan/reject": lambda c: c.interviews.reject_plan("x"),
    f"POST {ONE}/plan/revise": lambda c: c.interviews.revise_plan("x", {}),
    f"POST {ONE}/start": lambda c: c.interviews.start("x"),
    f"POST {ONE}/cancel": lambda c: c.interviews.cancel("x"),
    f"GET {ONE}/attempts": lambda c: c.interviews.attempts("x"),
    f"POST {ONE}/attempts": lambda c: c.interviews.another_attempt("x"),
    f"POST {ONE}/floor": lambda c: c.interviews.floor("x", {"to": "bot", "questions": 2}),
    f"POST {ONE}/mode": lambda c: c.interviews.mode("x", {"to": "shadow"}),
    f"POST {ONE}/rejoin": lambda c: c.interviews.rejoin("x"),
    f"POST {ONE}/links": lambda c: c.interviews.link("x", {}),
    f"GET {ONE}/interviewers": lambda c: c.interviews.interviewers("x"),
    f"PUT {ONE}/interviewers/{{participant_id}}": lambda c: c.interviews.name_interviewer("x", "x", {}),
    f"DELETE {ONE}/interviewers/{{participant_id}}": lambda c: c.interviews.remove_interviewer("x", "x"),
    f"GET {ONE}/copilot/summary": lambda c: c.interviews.copilot_summary("x"),
    f"GET {ONE}/copilot/cards/{{suggestion_id}}/speech": lambda c: c.interviews.copilot_card_speech("x", "x"),
    "GET /v1/copilot/summary": lambda c: c.copilot_summary(),
    f"POST {ONE}/copilot/tickets": lambda c: c.interviews.copilot_ticket("x"),
    f"POST {ONE}/embed-links": lambda c: c.interviews.embed_link("x", {}),
    f"GET {ONE}/participants": lambda c: c.interviews.participants("x"),
    f"DELETE {ONE}/participants/{{participant_id}}": lambda c: c.interviews.remove_participant("x", "x"),
    f"GET {ONE}/events": lambda c: c.interviews.events("x"),
    f"POST {ONE}/transcript": lambda c: c.interviews.import_transcript("x", {}),
    f"GET {ONE}/transcript": lambda c: c.interviews.transcript("x"),
    f"GET {ONE}/recording": lambda c: c.interviews.save_recording("x", Path("nowhere")),
    f"GET {ONE}/consents": lambda c: c.interviews.consents("x"),
    f"POST {ONE}/consents/withdraw": lambda c: c.interviews.withdraw_consents("x"),
    f"POST {ONE}/consents/{{consent_id}}/withdraw": lambda c: c.interviews.withdraw_consent("x", "x"),
    f"GET {ONE}/tasks": lambda c: c.interviews.tasks("x"),
    f"POST {ONE}/tasks/{{task_id}}/done": lambda c: c.interviews.finish_task("x", "x"),
    f"POST {ONE}/evaluate": lambda c: c.interviews.evaluate("x"),
    f"POST {ONE}/generate-score": lambda c: c.interviews.generate_score("x"),
    f"GET {ONE}/evaluations": lambda c: c.interviews.evaluations("x"),
    f"GET {ONE}/assessment": lambda c: c.interviews.assessment("x"),
    f"POST {ONE}/review": lambda c: c.interviews.review("x", {}),
    f"POST {ONE}/evaluations/{{evaluation_id}}/overrides": lambda c: c.interviews.override("x", "x", {}),
    f"GET {ONE}/scorecards": lambda c: c.interviews.scorecards("x"),
    f"POST {ONE}/scorecards": lambda c: c.interviews.submit_scorecard("x", {}),
    f"POST {ONE}/evaluations/open": lambda c: c.interviews.open_evaluations("x", {}),
    f"GET {ONE}/coaching": lambda c: c.interviews.coaching("x"),
    f"GET {ONE}/receipts": lambda c: c.interviews.receipts("x"),
    f"GET {ONE}/report": lambda c: c.interviews.report("x"),
    f"GET {ONE}/report.pdf": lambda c: c.interviews.report_as_pdf("x"),
    f"PUT {ONE}/decision": lambda c: c.interviews.decide("x", {}),
    f"GET {ONE}/decision": lambda c: c.interviews.decision("x"),
    f"GET {ONE}/decisions": lambda c: c.interviews.decisions("x"),
    "GET /v1/question-bank": lambda c: c.question_bank(),
    "GET /v1/health": lambda c: c.health(),
    "GET /v1/runs/{run_id}/status": lambda c: c.run("x"),
    "POST /v1/tickets": lambda c: c.ticket("x"),
    "GET /v1/audit": lambda c: c.audit(),
    "GET /v1/capabilities": lambda c: c.capabilities(),
    "GET /v1/usage": lambda c: c.usage(),
    "GET /v1/fleet": lambda c: c.fleet(),
    "POST /v1/keys": lambda c: c.keys.create({}),
    "GET /v1/keys": lambda c: c.keys.each(),
    "GET /v1/keys/{id}": lambda c: c.keys.get("x"),
    "DELETE /v1/keys/{id}": lambda c: c.keys.revoke("x"),
    "POST /v1/webhooks": lambda c: c.webhooks.create({}),
    "GET /v1/webhooks": lambda c: c.webhooks.each(),
    f"GET {HOOK}": lambda c: c.webhooks.get("x"),
    f"PATCH {HOOK}": lambda c: c.webhooks.change("x", {}),
    f"DELETE {HOOK}": lambda c: c.webhooks.delete("x"),
    f"POST {HOOK}/rotate-secret": lambda c: c.webhooks.rotate_secret("x"),
    f"POST {HOOK}/reset": lambda c: c.webhooks.reset("x"),
    f"POST {HOOK}/ping": lambda c: c.webhooks.ping("x"),
    f"GET {HOOK}/deliveries": lambda c: c.webhooks.deliveries("x"),
    f"POST {HOOK}/deliveries/{{delivery_id}}/retry": lambda c: c.webhooks.retry("x", "x"),
    "POST /v1/candidates/{id}/resume": lambda c: c.candidates.put_resume("x", b""),
    "GET /v1/candidates/{id}/resume": lambda c: c.candidates.resume("x"),
    "DELETE /v1/candidates/{id}/resume": lambda c: c.candidates.delete_resume("x"),
    "POST /v1/privacy/erasures": lambda c: c.privacy.erase({}),
    "GET /v1/privacy/erasures": lambda c: c.privacy.receipts(),
    f"POST {POSTING}/embed-keys": lambda c: c.postings.create_embed_key("x", {}),
    f"GET {POSTING}/embed-keys": lambda c: c.postings.embed_keys("x"),
    f"POST {POSTING}/embed-keys/{{kid}}/rotate": lambda c: c.postings.rotate_embed_key("x", "x", {}),
    f"POST {POSTING}/embed-keys/{{kid}}/check": lambda c: c.postings.check_visit("x", "x", {}),
    f"DELETE {POSTING}/embed-keys/{{kid}}": lambda c: c.postings.revoke_embed_key("x", "x"),
}


def calls_of_records(kind: str) -> dict[str, Call]:
    def records(client: Client) -> Records[Any, Any]:
        found: Records[Any, Any] = getattr(client, kind)
        return found

    return {
        f"POST /v1/{kind}": lambda c: records(c).create({}),
        f"GET /v1/{kind}": lambda c: records(c).each(),
        f"GET /v1/{kind}/{{id}}": lambda c: records(c).get("x"),
        f"PATCH /v1/{kind}/{{id}}": lambda c: records(c).change("x", {}),
        f"DELETE /v1/{kind}/{{id}}": lambda c: records(c).delete("x"),
    }


for each in ("jobs", "candidates", "agents", "templates", "postings"):
    CALLS |= calls_of_records(each)


class NothingThere(httpx.AsyncBaseTransport):
    """Answers every request that there is no such thing, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        return httpx.Response(404, json={"title": "", "status": 404, "detail": "", "code": "none", "request_id": ""})


def test_every_operation_has_a_call_or_a_reason_why_not(tmp_path: Path) -> None:
    document = create_app(load_settings(data_dir=tmp_path)).openapi()
    operations = {
        f"{method.upper()} {path}"
        for path, entry in document["paths"].items()
        for method in entry.keys() & {"get", "post", "put", "patch", "delete"}
        if path.startswith("/v1/")
    }
    assert operations - CALLS.keys() - LEFT_OUT.keys() == set(), "the client lacks these"
    assert (CALLS.keys() | LEFT_OUT.keys()) - operations == set(), "these are no operations any more"


@pytest.mark.parametrize("operation", CALLS)
async def test_a_call_asks_for_its_operation(operation: str) -> None:
    server = NothingThere()
    async with Client("http://voice.example", "secret", transport=server) as client:
        with pytest.raises(Refused):
            made = CALLS[operation](client)
            await (anext(made) if inspect.isasyncgen(made) else made)
    method, path = operation.split(" ")
    filled = "/".join("x" if step.startswith("{") else step for step in path.split("/"))
    assert server.asked == [f"{method} {filled}"]


# ---- against a control plane ----------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def plane(tmp_path: Path) -> AsyncIterator[Plane]:
    async with running(tmp_path) as plane:
        yield plane


@pytest_asyncio.fixture
async def client(plane: Plane) -> AsyncIterator[Client]:
    async with Client(plane.url, plane.token()) as client:
        yield client


ANN = CandidateRecordIn(display_name="Ann Example", data_expires_on=date(2099, 1, 1))
JOB = JobIn(title="Backend engineer", description="You build the services behind our payments.")


async def test_an_interview_from_its_booking_to_the_decision(plane: Plane, client: Client) -> None:
    wanted = BookInterview(new_candidate=ANN, new_job=JOB, brief=Brief(question_count=3), review_plan=True)
    booked = await client.interviews.create(wanted)
    assert (booked.status, booked.candidate.name, len(booked.plan.questions)) == (Status.PLAN_REVIEW, "Ann Example", 3)
    assert booked.candidate_id is not None and booked.job_id is not None
    taken = await client.interviews.put_resume(booked.id, pdf("Ann Example wrote compilers in Python."))
    assert taken.resume.pages == 1
    assert "compilers" in (await client.candidates.resume(booked.candidate_id)).text[0].text
    approved = await client.interviews.approve_plan(booked.id, {"reason": "It covers the job."})
    assert (approved.state, (await client.interviews.plan(booked.id, 1)).version) == ("approved", 1)
    link = await client.interviews.link(booked.id, CreateLink(name="Ann"))
    assert link.url.startswith(plane.url)
    async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(everything(client, booked.id))
        assert (await client.interviews.start(booked.id)).status is Status.JOINING
        spec = plane.launcher.specs[-1]
        asked = spec.plan.questions[0].id
        async with uplink(spec) as bot:
            await bot.event(1, "state", state="in_call")
            await bot.event(2, "consent", given=True, method="voice", text="Yes.", notice="spoken-1-en", shown_ms=900)
            await bot.says(3, 1, "I built the search and in the end it was fast.", question_id=asked)
            await bot.event(4, "ended", reason="completed", report={"questions": []})
            await bot.acknowledged(4)
    events = following.result()
    numbers = [number for number in events if number is not None]
    assert numbers == list(range(1, len(numbers) + 1)), "nothing missed, nothing twice"
    assert (await client.interviews.get(booked.id)).status is Status.COMPLETED
    assert [turn.text for turn in (await client.interviews.transcript(booked.id)).data] == [
        "I built the search and in the end it was fast."
    ]
    assert (await client.interviews.transcript_as(booked.id, "vtt")).startswith("WEBVTT")
    assert [attempt.number for attempt in await client.interviews.attempts(booked.id)] == [1]
    assert (await client.interviews.evaluate(booked.id)).phase == 1
    scored = await client.interviews.generate_score(booked.id)
    assert (await client.interviews.assessment(booked.id)).id == scored.id
    assert [each.phase for each in await client.interviews.evaluations(booked.id)] == [2, 1]
    review = await client.interviews.review(booked.id, ReviewIn(verdict=Verdict.APPROVED))
    assert review.evaluation_id == scored.id
    decided = await client.interviews.decide(booked.id, DecisionIn(decision=Choice.NEXT_ROUND))
    assert await client.interviews.decision(booked.id) == decided
    given = next(each for each in await client.interviews.consents(booked.id) if each.kind == "ai_evaluation")
    assert (await client.interviews.withdraw_consent(booked.id, given.id)).state == "withdrawn"
    assert {each.state for each in await client.interviews.withdraw_consents(booked.id)} == {"withdrawn"}
    with pytest.raises(Refused) as refused:
        await client.interviews.evaluate(booked.id)
    assert (refused.value.status, refused.value.problem.code) == (409, "no_consent")
    assert [each.action async for each in client.audit(subject=given.id)] == ["consent.withdrawn"]
    run = await client.run((await client.interviews.get(booked.id)).run_id or "")
    assert (run.interview_id, run.over) == (booked.id, True)
    receipt = await client.privacy.erase({"candidate_id": booked.candidate_id, "reason": "asked"})
    assert [each.id async for each in client.privacy.receipts()] == [receipt.id]


async def everything(client: Client, interview_id: str) -> list[int | None]:
    return [event.seq async for event in client.interviews.events(interview_id, after=0)]


async def test_records_are_typed_paged_and_changed_by_version(client: Client) -> None:
    made = [await client.jobs.create(JobIn(title=f"Engineer {number:03}")) for number in range(103)]
    found = [job.id async for job in client.jobs.each()]
    assert found == [job.id for job in reversed(made)]
    page = await client.jobs.page(2, 100)
    assert ([job.title for job in page.data], page.meta.total) == (
        ["Engineer 002", "Engineer 001", "Engineer 000"],
        103,
    )
    first = await client.jobs.versioned(made[0].id)
    changed = await client.jobs.change(made[0].id, {"status": "closed"}, version=first.version)
    assert [job.id async for job in client.jobs.each(status="closed")] == [changed.id]
    with pytest.raises(Refused) as stale:
        await client.jobs.delete(made[0].id, version=first.version)
    assert (stale.value.status, stale.value.problem.code) == (412, "stale_version")
    await client.jobs.delete(made[0].id)
    with pytest.raises(Refused) as gone:
        await client.jobs.get(made[0].id)
    assert gone.value.problem.code == "not_found"


async def test_what_belongs_to_the_tenant(plane: Plane, client: Client) -> None:
    agent = await client.agents.create({"name": "Vera"})
    template = await client.templates.create({"name": "Screening", "agent_id": agent.id, "plan": PLAN})
    posting = await client.postings.create({"template_id": template.id})
    embed = await client.postings.create_embed_key(posting.id, {"allowed_origins": ["https://careers.example.org"]})
    assert embed.embed_signing_key
    assert [key.kid for key in await client.postings.embed_keys(posting.id)] == [embed.kid]
    drafted = await client.draft({"prompt": "A 20 minute screening for a senior Python engineer."})
    assert drafted.question_ids and set(drafted.question_ids) <= {each.id for each in await client.question_bank()}
    made = await client.keys.create({"name": "ATS", "scopes": ["job:read"]})
    async with Client(plane.url, made.key) as narrow:
        assert (await narrow.jobs.page()).data == []
        with pytest.raises(Refused) as refused:
            await narrow.jobs.create(JOB)
        assert (refused.value.status, refused.value.problem.required_permission) == (403, "job:create")
    await client.keys.revoke(made.id)
    assert [key.revoked_at is not None async for key in client.keys.each()] == [True]
    today = datetime.now(UTC).date()
    used = await client.usage(today - timedelta(days=6), today + timedelta(days=1))
    assert ((used.until - used.since).days, len(used.days), used.total.attempts) == (7, 8, 0)
    assert "en" in {language.tag for language in (await client.capabilities()).languages}
    assert (await client.health()).status == "ok"

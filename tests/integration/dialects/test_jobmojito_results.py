"""JobMojito's calls about candidates and their results over real HTTP, with a bot's uplink moved by the test."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.fakes.pdfs import WORDS, pdf
from tests.integration.dialects.test_jobmojito import CREATE, EXAMPLE, LEAST, F, call, made, shown, template
from tests.integration.plane import Plane, running, until, uplink
from tests.integration.test_evaluations import ANSWER, RATED

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENROL = "job-interview-create-for-candidate-with-token"
SCREEN = f"{F}/job-interview-pre-screening-api-resume-binary"
PERSON: dict[str, Any] = {
    "candidate_name": "John",
    "candidate_email": "peterson6@example.com",
    "candidate_country_code": "HR",
}
JOHN = PERSON | {"candidate_resume": "Curriculum Vitae ..."}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("results"), rate_per_minute=0, rate_per_hour=0) as plane:
        yield plane


async def enrolled(client: httpx.AsyncClient, position: str, **more: Any) -> dict[str, Any]:
    answer = await call(client, ENROL, JOHN | {"position_def_set_id": position} | more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def rated_position(client: httpx.AsyncClient, **more: Any) -> str:
    """A position whose questions are rated by anchors the answers of these tests cover."""
    id_ = str((await made(client, max_duration=30, **more))["id"])
    posting = (await client.get(f"/v1/postings/{id_}")).json()
    changed = await client.patch(f"/v1/templates/{posting['template_id']}", json={"plan": RATED})
    assert changed.status_code == 200, changed.text
    return id_


async def held(plane: Plane, client: httpx.AsyncClient, result: str, *answers: str) -> dict[str, Any]:
    assert (await client.post(f"/v1/interviews/{result}/start")).status_code == 202
    spec = plane.launcher.specs[-1]
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "question.asked", question_id="figure", follow_up=0, text="Which figure was wrong?")
        await bot.says(3, 1, "Which figure was wrong?", role="bot", question_id="figure")
        for number, answer in enumerate(answers):
            await bot.says(4 + number, 2 + number, answer, question_id="figure")
        n = 4 + len(answers)
        await bot.event(n, "question.closed", question_id="figure", outcome="answered", signals=[])
        await bot.event(n + 1, "ended", reason="completed", report={"questions": [], "duration_ms": 60_000})
        return await until(client, result, "completed")


async def details(client: httpx.AsyncClient, result: str) -> dict[str, Any]:
    answer = await client.get(f"{F}/job-interview-details", params={"interview_result_id": result})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


# ---- candidates ---------------------------------------------------------------------------------------------------


async def test_a_candidate_enters_a_position_once_and_by_a_link(plane: Plane) -> None:
    client = plane.client("enter")
    position = (await made(client, interview_attempts=3, max_duration=30))["id"]
    body = await enrolled(client, position, candidate_external_id="ats-7", form={"age": 30})
    assert body == {
        "status": "recruiter_accept",
        "position_def_set_id": position,
        "interview_def_set_id": position,
        "profile_interview_id": body["profile_interview_id"],
        "interview_result_id": body["interview_result_id"],
        "interview_url": body["interview_url"],
    }
    assert body["interview_url"].startswith(f"{plane.url}/room/{body['interview_result_id']}#")
    interview = (await client.get(f"/v1/interviews/{body['interview_result_id']}")).json()
    assert (interview["status"], interview["start"]["policy"], interview["max_attempts"]) == ("ready", "on_join", 3)
    assert (interview["candidate"]["name"], interview["limits"]["max_duration_s"]) == ("John", 1800)
    asked = {q["id"] for section in interview["plan"]["sections"] for q in section["questions"]}
    assert asked == {question["id"] for question in (await shown(client, position))["questions"]}
    candidate = (await client.get(f"/v1/candidates/{body['profile_interview_id']}")).json()
    assert (candidate["email"], candidate["external_ref"]) == ("peterson6@example.com", "ats-7")
    assert candidate["metadata"]["jobmojito"] == {"candidate_country_code": "HR", "form": {"age": 30}}
    assert candidate["job_ids"] == [interview["job_id"]] and candidate["data_expires_on"]
    resume = (await client.get(f"/v1/candidates/{body['profile_interview_id']}/resume")).json()
    assert resume["text"] == [{"page": 1, "text": "Curriculum Vitae ..."}]
    again = await enrolled(client, position)
    assert again == body | {
        "status": "already-applied",
        "interview_url": again["interview_url"],
        "reason": "This candidate has an interview of this position already.",
    }
    elsewhere = await enrolled(client, (await made(client, name="Another position"))["id"])
    assert elsewhere["profile_interview_id"] == body["profile_interview_id"]
    assert elsewhere["interview_result_id"] != body["interview_result_id"]


async def test_a_position_is_created_with_its_first_candidate_and_found_by_its_code(plane: Plane) -> None:
    client = plane.client("codes")
    wanted = JOHN | {
        "position_external_id": "JOB-123",
        "interview_template_id": await template(client),
        "position_name": "Entry level coffee boy",
        "position_location": "remote",
        "position_country_code": "SK",
        "mojito_language_code": "en",
        "interview_attempts": 3,
    }
    first = (await call(client, ENROL, wanted)).json()
    told = await shown(client, first["position_def_set_id"])
    assert (told["name"], told["code"], told["status"], told["visibility"]) == (
        "Entry level coffee boy",
        "JOB-123",
        "active",
        "merchant_invite",
    )
    assert told["creation_parameters"]["seniority_level"] == "entry-level"
    second = (await call(client, ENROL, JOHN | {"position_external_id": "JOB-123"})).json()
    assert (second["status"], second["position_def_set_id"]) == ("already-applied", first["position_def_set_id"])
    lost = await call(client, ENROL, JOHN)
    assert (lost.status_code, lost.json()) == (
        422,
        {
            "error": "Is missing, and position_def_set_id names no interview; send one of both. "
            "(and 3 more: position_location, mojito_language_code, interview_template_id)",
            "name": "position_name",
        },
    )


async def test_nobody_enters_a_draft_or_a_closed_position(plane: Plane) -> None:
    client = plane.client()
    position = (await made(client, status="draft"))["id"]
    for status, wanted in (("draft", None), ("closed", "archived")):
        if wanted:
            await call(client, "job-interview-set-state", {"position_id": position, "status": wanted})
        answer = await call(client, ENROL, JOHN | {"position_def_set_id": position})
        assert (answer.status_code, answer.json()) == (
            409,
            {"error": f"This posting is {status}; nobody can enter.", "name": "conflict"},
        )
    assert (await client.get("/v1/candidates?email=peterson6@example.com")).json()["data"] == []


async def test_a_token_is_a_link_for_a_known_candidate(plane: Plane) -> None:
    client = plane.client("tokens")
    position = (await made(client))["id"]
    body = await enrolled(client, position)
    wanted = {
        "type": "interview-for-profile",
        "interview_id": position,
        "interview_profile_id": body["profile_interview_id"],
        "hide_menu": "false",
    }
    answer = await call(client, "job-interview-token", wanted)
    assert answer.status_code == 200
    assert answer.json().startswith(f"{plane.url}/room/{body['interview_result_id']}#")
    for change, name in (
        ({"type": "results-for-profile"}, "type"),
        ({"interview_id": None}, "interview_id"),
        ({"interview_profile_id": None}, "interview_profile_id"),
        ({"type": "link"}, "type"),
    ):
        refused = await call(client, "job-interview-token", wanted | change)
        assert (refused.status_code, refused.json()["name"]) == (422, name)
    for unknown in ({"interview_id": "post_none"}, {"interview_profile_id": "cand_none"}):
        assert (await call(client, "job-interview-token", wanted | unknown)).status_code == 404


async def test_links_asked_for_at_once_lead_to_one_interview(plane: Plane) -> None:
    client = plane.client("race")
    position = (await made(client))["id"]
    person = {"display_name": "Ann", "data_expires_on": "2099-01-01"}
    candidate = (await client.post("/v1/candidates", json=person)).json()["id"]
    wanted = {"type": "interview-for-profile", "interview_id": position, "interview_profile_id": candidate}
    links = await asyncio.gather(*(call(client, "job-interview-token", wanted) for _ in range(5)))
    assert [link.status_code for link in links] == [200] * 5
    assert len({link.json().partition("#")[0] for link in links}) == 1
    assert (await client.get("/v1/interviews")).json()["meta"]["total"] == 1


async def test_resumes_are_kept_with_their_candidates_and_decide_nothing(plane: Plane) -> None:
    client = plane.client("resumes")
    position = (await made(client))["id"]
    form = PERSON | {"position_id": position, "form": '{"residency": "US"}'}
    answer = await client.post(SCREEN, data=form, files={"file": ("cv.pdf", pdf(WORDS), "application/pdf")})
    body = answer.json()
    assert (answer.status_code, body) == (
        200,
        {
            "success": True,
            "decision_status": "recruiter_action",
            "recommendation": None,
            "profile_interview_id": body["profile_interview_id"],
            "interview_result_pre_screening_id": None,
            "interview_file_id": None,
            "pre_screening_score": None,
            "resume_ai_analysis": None,
            "resume_ai_education": None,
            "resume_ai_technical_experience": None,
            "resume_ai_is_switching_profession": None,
            "processing_reason": None,
        },
    )
    path = f"/v1/candidates/{body['profile_interview_id']}"
    assert (await client.get(f"{path}/resume")).json()["text"][0]["text"] == WORDS
    assert (await client.get(path)).json()["metadata"]["jobmojito"]["form"] == {"residency": "US"}
    text = {"position_id": position, "candidate_resume": "Later words."} | PERSON
    answer = await call(client, "job-interview-pre-screening-api-resume-text", text)
    assert answer.json()["profile_interview_id"] == body["profile_interview_id"]
    assert (await client.get(f"{path}/resume")).json()["text"] == [{"page": 1, "text": "Later words."}]
    large = pdf(WORDS) + b" " * 2_000_000  # more than any other body may hold
    files = {"file": ("cv.pdf", large, "application/pdf")}
    assert (await client.post(SCREEN, data=form, files=files)).status_code == 200
    for change, file, name in (
        ({}, b"no pdf", "file"),
        ({"form": "{"}, pdf(WORDS), "form"),
        ({"form": "[1]"}, pdf(WORDS), "form"),
        ({"candidate_email": "nobody"}, pdf(WORDS), "candidate_email"),
    ):
        refused = await client.post(SCREEN, data=form | change, files={"file": ("cv.pdf", file, "application/pdf")})
        assert (refused.status_code, set(refused.json()), refused.json()["name"]) == (422, {"error", "name"}, name)
    assert (await client.post(SCREEN, data=form | {"position_id": "post_none"}, files=files)).status_code == 404


# ---- results ------------------------------------------------------------------------------------------------------


async def test_a_result_tells_transcript_and_scores_only_once_they_are_there(plane: Plane) -> None:
    client = plane.client("details")
    position = await rated_position(client)
    enrolment = await enrolled(client, position)
    result = enrolment["interview_result_id"]
    empty = await details(client, result)
    assert empty == {
        "id": result,
        "interview_def_set_id": position,
        "profile_interview_id": enrolment["profile_interview_id"],
        "score": None,
        "score_text": None,
        "score_answer": None,
        "score_sentiment": None,
        "score_words_per_minute": None,
        "score_pronunciation": None,
        "status": "draft",
        "start": None,
        "end": None,
        "duration": None,
        "ai_interview_coverage_percentage": None,
        "ai_completion_reason": None,
        "ai_analysis": None,
        "ai_analysis_recruiter": None,
        "ai_analysis_other": None,
        "recruiter_risks": None,
        "user_feedback_recruiter": None,
        "recording_local_path": None,
        "recording_is_video": False,
        "recording_url": None,
        "video_introduction_local_path": None,
        "video_introduction_url": None,
        "transcript": [],
    }
    interview = await held(plane, client, result, ANSWER)
    note = {"verdict": "approved", "note": "The quotes bear it out."}
    assert (await client.post(f"/v1/interviews/{result}/review", json=note)).status_code == 201
    after = await details(client, result)
    question, answer = after.pop("transcript")
    assert after == {name: value for name, value in empty.items() if name != "transcript"} | {
        "status": "completed",
        "start": interview["started_at"],
        "end": interview["ended_at"],
        "duration": after["duration"],
        "ai_interview_coverage_percentage": 50,
        "ai_completion_reason": "completed",
        "score": 75,
        "score_answer": 75,
        "score_text": "yes",
        "ai_analysis_other": {"hiring_reasons": {"reasons_to_hire": ["Checking figures"], "reasons_not_to_hire": []}},
        "user_feedback_recruiter": "The quotes bear it out.",
    }
    assert after["duration"] >= 0
    planned = RATED["sections"][0]["questions"][0]["text"]
    common = {
        "view": None,
        "question_original_id": "figure",
        "question_original": planned,
        "question_asked": "Which figure was wrong?",
        "ai_analysis": None,
        "duration": 8,
        "mojito_language_code": "en",
        "recording_local_path": None,
        "recording_is_video": False,
        "recording_url": None,
    }
    unscored = {"ai_analysis_recruiter": None, "score": None, "score_answer_ai": None}
    assert question == common | unscored | {"id": "t1", "is_answer": False, "answer": None}
    assert answer == common | {
        "id": "t2",
        "is_answer": True,
        "answer": ANSWER,
        "ai_analysis_recruiter": "Each part of the anchor of level 4 is covered by a quote.",
        "score": 4,
        "score_answer_ai": 4,
    }


async def test_coaching_is_scored_and_recommends_nothing(plane: Plane) -> None:
    client = plane.client("coach")
    coach = await template(client, {"product": "coaching"})
    position = await rated_position(client, type="coaching", interview_template_id=coach)
    result = (await enrolled(client, position))["interview_result_id"]
    await held(plane, client, result, ANSWER)
    told = await details(client, result)
    assert (told["score"], told["score_text"], told["ai_analysis_other"]) == (75, None, None)


async def test_custom_scoring_decides_whether_there_is_an_overall_score(plane: Plane) -> None:
    client = plane.client("scoring")
    figures, hashes = {}, set()
    for least in (0.7, 0.8):  # three quarters of the weight are scored
        position = await rated_position(client, custom_scoring={"min_scored_weight": least})
        result = (await enrolled(client, position))["interview_result_id"]
        await held(plane, client, result, ANSWER)
        scored = (await client.get(f"/v1/interviews/{result}/assessment")).json()
        assert scored["result"]["least_scored_weight"] == least
        figures[least] = (await details(client, result))["score"]
        hashes.add(scored["rubric_hash"])
    assert figures == {0.7: 75, 0.8: None}
    assert len(hashes) == 2


async def test_another_attempt_is_had_by_the_same_link_as_often_as_is_allowed(plane: Plane) -> None:
    client = plane.client("again")
    position = await rated_position(client, interview_attempts=2)
    result = (await enrolled(client, position))["interview_result_id"]
    wanted = {"interview_result_id": result}
    early = await call(client, "job-interview-result-request-another-attempt", wanted)
    assert (early.status_code, early.json()["name"]) == (409, "conflict")
    await held(plane, client, result, "It was fine.")
    again = await call(client, "job-interview-result-request-another-attempt", wanted)
    assert (again.status_code, again.json()) == (200, {"success": True})
    interview = (await client.get(f"/v1/interviews/{result}")).json()
    assert (interview["status"], interview["start"]["policy"]) == ("ready", "on_join")
    assert (await enrolled(client, position))["status"] == "already-applied"
    await held(plane, client, result, ANSWER)
    spent = await call(client, "job-interview-result-request-another-attempt", wanted)
    assert (spent.status_code, spent.json()["name"]) == (409, "attempts_exhausted")
    over = await call(client, ENROL, JOHN | {"position_def_set_id": position})
    assert (over.status_code, over.json()["name"]) == (409, "conflict")


async def test_results_are_their_tenants_and_need_their_scopes(plane: Plane) -> None:
    client, other = plane.client(), plane.client("globex")
    position = (await made(client, name="Ours alone"))["id"]
    person = JOHN | {"candidate_email": "ann@example.org"}
    enrolment = (await call(client, ENROL, person | {"position_def_set_id": position})).json()
    result = enrolment["interview_result_id"]
    token = {"type": "interview-for-profile", "interview_id": position}
    token["interview_profile_id"] = enrolment["profile_interview_id"]
    text = {"position_id": position, "candidate_resume": "x"} | PERSON
    for answer in (
        await other.get(f"{F}/job-interview-details", params={"interview_result_id": result}),
        await call(other, "job-interview-result-request-another-attempt", {"interview_result_id": result}),
        await call(other, ENROL, person | {"position_def_set_id": position}),
        await call(other, "job-interview-token", token),
        await call(other, "job-interview-pre-screening-api-resume-text", text),
    ):
        assert (answer.status_code, set(answer.json()), answer.json()["name"]) == (404, {"error", "name"}, "not_found")
    reader = plane.client("acme", "interview:read", "posting:read")
    for answer, missing in (
        (await reader.get(f"{F}/job-interview-details", params={"interview_result_id": result}), "transcript:read"),
        (await reader.get(f"{F}/job-interview-get", params={"position_id": position}), "template:read"),
        (await call(reader, ENROL, person), "candidate:create"),
        (await call(reader, "job-interview-token", token), "interview:create"),
        (
            await call(reader, "job-interview-result-request-another-attempt", {"interview_result_id": result}),
            "interview:conduct",
        ),
        (await call(reader, "job-interview-pre-screening-api-resume-text", text), "candidate:create"),
        (await call(reader, "job-interview-set-state", {"position_id": position}), "posting:update"),
    ):
        told = {"error": f"Insufficient permissions. Required: {missing}", "name": "forbidden"}
        assert (answer.status_code, answer.json()) == (403, told)


async def test_a_position_made_along_needs_the_scopes_of_making_one(plane: Plane) -> None:
    client = plane.client()
    body = {name: EXAMPLE[name] for name in LEAST} | {"interview_template_id": await template(client)}
    enrols = ("posting:read", "candidate:create", "candidate:read", "candidate:update")
    narrow = plane.client("acme", *enrols, "interview:create", "interview:read", "interview:conduct")
    wanted = JOHN | {"position_name": "Position", "position_location": "here", "mojito_language_code": "en"}
    refused = await call(narrow, ENROL, wanted | {"interview_template_id": body["interview_template_id"]})
    assert (refused.status_code, refused.json()["error"]) == (
        403,
        "Insufficient permissions. Required: posting:create",
    )
    assert (await narrow.post(CREATE, json=body)).status_code == 403

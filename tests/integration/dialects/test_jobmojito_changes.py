"""JobMojito's calls that change and list interviews over real HTTP: whole answers, and what becomes of the records."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from api.dialects.jobmojito.tables import NAMES
from tests.integration.dialects.test_jobmojito import (
    TEXTS,
    F,
    call,
    made,
    records,
    shown,
    template,
)
from tests.integration.plane import Plane, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("jobmojito"), rate_per_minute=0, rate_per_hour=0) as plane:
        yield plane


async def test_only_what_is_sent_is_changed(plane: Plane) -> None:
    client = plane.client()
    body = await made(client, **TEXTS, recording="audio_all", seniority_level="senior", code="change-me")
    before = await shown(client, body["id"])
    wanted = {
        "position_id": body["id"],
        "name": "Project lead",
        "location": "Bratislava",
        "visibility": "merchant_unlisted",
        "recording": None,
        "recording_full_session": "audio_all",
        "interview_type": "second-interview",
        "seniority_level": "managerial",
        "result_view": "none",
        "candidate_video_introduction": "hidden",
        "interview_tone": "Persuasive",
        "interview_attempts": 20,
        "max_duration": 45,
        "code": None,
        "cover_image_url": "https://example.com/other.png",
        "knowledge_base_store_id": None,
        "description": "Short.",
        "description_long": None,
        "candidate_expectations": "Calm.",
        "custom_scoring": {"min_scored_weight": 0.5},
        "interview_available_till": "2099-12-31",
        "type": "assessment",
    }
    answer = await call(client, "job-interview-update", wanted)
    fields = answer.json()["updated_fields"]
    assert (answer.status_code, answer.json()) == (
        200,
        {"position_id": body["id"], "is_multistage": False, "updated_fields": fields},
    )
    assert set(fields) == wanted.keys() - {"position_id"}
    after = await shown(client, body["id"])
    assert after.pop("updated_at") >= before["updated_at"]
    assert after == {name: value for name, value in before.items() if name != "updated_at"} | {
        "name": "Project lead",
        "interview_location": "Bratislava",
        "visibility": "merchant_unlisted",
        "recording": None,
        "recording_full_session": "audio_all",
        "result_view": "none",
        "candidate_video_introduction": "hidden",
        "max_duration": 45,
        "code": None,
        "cover_image_url": "https://example.com/other.png",
        "knowledge_base_store_id": None,
        "description": "Short.",
        "interview_description_long": None,
        "candidate_expectations": "Calm.",
        "result_scoring": {"max_score": 10, "min_scored_weight": 0.5, "max_retries": 20},
        "interview_available_till": "2099-12-31T23:59:59.000Z",
        "type": "assessment",
        "creation_parameters": before["creation_parameters"]
        | {
            "interview_type": "second-interview",
            "interview_tone": "persuasive",
            "seniority_level": "managerial",
            "knowledge_base_store_id": None,
        },
    }
    _, kept, agent, job = await records(client, body["id"])
    assert (kept["plan"]["minutes"], agent["persona"]["tone"], job["title"]) == (45, "persuasive", "Project lead")


async def test_questions_are_changed_as_a_whole_list(plane: Plane) -> None:
    client = plane.client()
    id_ = (await made(client, interview_length=2, include_closing_prompt=False))["id"]
    questions = (await shown(client, id_))["questions"]
    answer = await call(client, "job-interview-update", {"position_id": id_, "questions": questions})
    ids = [question["id"] for question in questions]
    unchanged = {"kept": ids, "added": [], "removed": [], "replaced": [], "question_ids": ids, "reactivated": False}
    assert answer.json()["questions_diff"] == unchanged
    assert (await shown(client, id_))["questions"] == questions
    edited = [{**questions[3], "question": "What went wrong last, and why?"}, questions[0], {"question": "Why us?"}]
    answer = await call(client, "job-interview-update", {"position_id": id_, "questions": edited})
    diff = answer.json()["questions_diff"]
    told = (await shown(client, id_))["questions"]
    new, kept, added = (question["id"] for question in told)
    assert diff == {
        "kept": [ids[0]],
        "added": [added],
        "removed": [ids[1], ids[2]],
        "replaced": [{"from": ids[3], "to": new}],
        "question_ids": [new, ids[0], added],
        "reactivated": True,
    }
    assert [question["question"] for question in told] == [
        "What went wrong last, and why?",
        questions[0]["question"],
        "Why us?",
    ]
    assert kept == ids[0] and told[1]["candidate_expectations_json"] == questions[0]["candidate_expectations_json"]
    assert told[0]["candidate_expectations_json"] == {"weak": [], "moderate": [], "strong": []}, "it is another one"


async def test_a_draft_goes_live_with_questions_in_its_language(plane: Plane) -> None:
    client = plane.client()
    id_ = (await made(client, mojito_language_code="fr", status="draft"))["id"]
    early = await call(client, "job-interview-set-state", {"position_id": id_, "status": "active"})
    assert (early.status_code, early.json()["name"]) == (422, "mojito_language_code")
    assert (await shown(client, id_))["status"] == "draft"
    french = [{"question": "Parlez-moi de votre dernier projet.", "duration": 180}]
    answer = await call(client, "job-interview-update", {"position_id": id_, "questions": french, "status": "active"})
    assert answer.status_code == 200, answer.text
    told = await shown(client, id_)
    assert (told["status"], told["questions"][0]["duration"], told["mojito_language_code"]) == ("active", 180, "fr")


async def test_states_lead_to_each_other_as_postings_do(plane: Plane) -> None:
    client = plane.client()
    id_ = (await made(client, status="draft"))["id"]

    async def moved(status: str) -> tuple[int, Any]:
        answer = await call(client, "job-interview-set-state", {"position_id": id_, "status": status})
        return answer.status_code, answer.json()

    assert await moved("active") == (200, {"success": True})
    assert await moved("active") == (200, {"success": True})
    refused = {"error": "A posting that is 'active' can't become 'draft'.", "name": "conflict"}
    assert await moved("draft") == (409, refused)
    assert (await moved("preparing"))[0] == 422
    for status in ("archived", "active", "completed"):
        assert (await moved(status))[0] == 200
    assert (await shown(client, id_))["status"] == "archived"
    assert await moved("deleted") == (200, {"success": True})
    gone = await client.get(f"{F}/job-interview-get", params={"position_id": id_})
    assert (gone.status_code, gone.json()) == (404, {"error": f"There is no posting '{id_}'.", "name": "not_found"})


async def test_embedding_is_switched_on_renewed_and_off(plane: Plane) -> None:
    client = plane.client()
    id_ = (await made(client))["id"]
    on = {"position_id": id_, "is_embedded": True}
    first, second = [(await call(client, "job-interview-set-state", on)).json() for _ in range(2)]
    assert set(first) == {"embed_id", "embed_signing_key"} == set(second)
    assert first["embed_id"] == second["embed_id"] and first["embed_signing_key"] != second["embed_signing_key"]
    keys = (await client.get(f"/v1/postings/{id_}/embed-keys")).json()["data"]
    assert sorted(key["state"] for key in keys) == ["active", "rotating"]
    off = await call(client, "job-interview-set-state", {"position_id": id_, "is_embedded": False})
    assert off.json() == {"success": True}
    keys = (await client.get(f"/v1/postings/{id_}/embed-keys")).json()["data"]
    assert {key["state"] for key in keys} == {"revoked"}


async def test_what_others_use_is_not_changed_along_with_it(plane: Plane) -> None:
    client = plane.client()
    shared = await template(client)
    ids = [(await client.post("/v1/postings", json={"template_id": shared})).json()["id"] for _ in range(2)]
    told = await shown(client, ids[0])
    assert (told["name"], told["questions"], told["interview_template_id"]) == ("First", [], shared)
    refused = await call(client, "job-interview-update", {"position_id": ids[0], "result_view": "full"})
    assert (refused.status_code, refused.json()["name"]) == (409, "conflict")
    changed = await call(client, "job-interview-update", {"position_id": ids[0], "interview_attempts": 3})
    assert changed.status_code == 200
    assert [(await client.get(f"/v1/postings/{id_}")).json()["max_attempts"] for id_ in ids] == [3, 1]


# ---- lists --------------------------------------------------------------------------------------------------------


async def test_lists_are_pages_from_any_offset(plane: Plane) -> None:
    client = plane.client("lists")
    source = await template(client)
    ids = [
        (await made(client, interview_template_id=source, name=f"Position {n}", status=status))["id"]
        for n, status in enumerate(("draft", "active", "draft", "draft", "active"))
    ]
    newest = ids[::-1]
    for limit, offset in ((2, 0), (2, 1), (3, 3), (50, 0), (2, 7)):
        page = (await client.get(f"{F}/merchant-interview-list", params={"limit": limit, "offset": offset})).json()
        assert [one["id"] for one in page["data"]] == newest[offset : offset + limit]
        more = offset + len(page["data"]) < 5
        assert page["pagination"] == {"total": 5, "limit": limit, "offset": offset, "has_more": more}
    page = (await client.get(f"{F}/merchant-interview-list", params={"status": "active"})).json()
    assert page["data"][0] == {
        "id": newest[0],
        "merchant_id": "lists",
        "name": "Position 4",
        "emoji": None,
        "type": "interview",
        "type_avatar": None,
        "status": "active",
        "visibility": "merchant_public",
        "mojito_language_code": "en",
        "speech_language_code": None,
        "environment": None,
        "is_ats": None,
        "is_multi_stage": False,
        "recording": None,
        "recording_full_session": None,
        "billing_single_position": None,
        "billing_single_position_end_at": None,
        "cover_image_url": None,
        "interview_count": None,
        "interview_last": None,
        "calc_duration": page["data"][0]["calc_duration"],
        "created_at": page["data"][0]["created_at"],
        "updated_at": page["data"][0]["updated_at"],
    }
    assert [one["status"] for one in page["data"]] == ["active", "active"]


async def test_the_languages_are_the_published_34(plane: Plane) -> None:
    answer = (await plane.client("acme", "interview:read").get(f"{F}/platform-languages-list")).json()
    assert [one["mojito_language_code"] for one in answer["data"]] == list(NAMES)
    assert answer["pagination"] == {"total": 34, "limit": 34, "offset": 0, "has_more": False}
    english = next(one for one in answer["data"] if one["mojito_language_code"] == "en")
    assert (english["name"], english["tag"], english["brain"]) == ("English", "en", "validated")
    brazil = next(one for one in answer["data"] if one["mojito_language_code"] == "br")
    assert (brazil["name"], brazil["tag"], brazil["brain"]) == ("Portuguese (Brazil)", "pt-BR", "none")

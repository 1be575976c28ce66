"""Drafts and suggested questions over real HTTP."""

from typing import Any

import pytest

from tests.integration.plane import Plane

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOB: dict[str, Any] = {
    "title": "Backend engineer",
    "job_description": "You build the services behind our payments, in Python, and look after them.",
    "required_skills": ["Python", "PostgreSQL", "Haskell"],
    "experience_level": "senior",
}


async def test_a_draft_becomes_an_interview_as_it_is(plane: Plane) -> None:
    client = plane.client()
    prompt = "A 45 minute interview with a senior Python backend engineer who knows PostgreSQL"
    response = await client.post("/v1/interviews/draft", json={"prompt": prompt})
    assert response.status_code == 200, response.text
    draft = response.json()
    assert draft["engine"] == "structured"
    assert draft["title"] == "Senior Python backend engineer"
    assert (draft["seniority"], draft["minutes"]) == ({"level": "senior", "words": "senior"}, 45)
    assert {"python-backend", "data-sql"} <= {skill["id"] for skill in draft["skills"] if skill["words"]}
    assert sum(section["minutes"] for section in draft["sections"]) <= draft["minutes"]
    assert sum(one["weight"] for one in draft["criteria"]) == pytest.approx(1, abs=0.01)
    assert [id_ for section in draft["sections"] for id_ in section["question_ids"]] == draft["question_ids"]
    assert (await client.get("/v1/interviews")).json()["data"] == []  # not saved
    body = {name: draft[name] for name in ("title", "question_ids", "minutes", "language")}
    created = await client.post("/v1/interviews", json=body | {"candidate": {"name": "Ann"}})
    assert created.status_code == 201, created.text
    planned = [question["id"] for section in created.json()["plan"]["sections"] for question in section["questions"]]
    assert planned == draft["question_ids"]
    again = await client.post("/v1/interviews/draft", json={"prompt": prompt})
    assert again.json() == draft


async def test_a_drafts_plan_is_created_and_started_without_a_hand_on_it(plane: Plane) -> None:
    client = plane.client()
    draft = (await client.post("/v1/interviews/draft", json={"prompt": "A product manager, 30 minutes"})).json()
    created = await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan": draft["plan"]})
    assert created.status_code == 201, created.text
    assert created.json()["plan"] == draft["plan"]
    started = await client.post(f"/v1/interviews/{created.json()['id']}/start")
    assert started.status_code == 202, started.text


async def test_draft_is_no_interviews_id(plane: Plane) -> None:
    client = plane.client()
    assert (await client.get("/v1/interviews/draft")).json()["code"] == "not_found"


async def test_questions_are_the_banks_and_spread_over_what_is_asked_for(plane: Plane) -> None:
    client = plane.client()
    response = await client.post("/v1/questions/generate", json=JOB | {"question_count": 6})
    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["engine"], body["questions_generated"], body["capped_by"]) == ("structured", 6, None)
    assert len({question["category"] for question in body["questions"]}) > 1
    assert {"python-backend", "data-sql"} <= {question["skill"] for question in body["questions"]}
    bank = {one["id"]: one for one in (await client.get("/v1/question-bank")).json()["data"]}
    assert all(bank[question["id"]]["text"] == question["text"] for question in body["questions"])
    assert body["unmatched_skills"] == ["Haskell"] and "Haskell" in body["warnings"][0]
    assert body["seniority"]["level"] == "senior"


async def test_fewer_questions_than_asked_for_say_why(plane: Plane) -> None:
    client = plane.client()
    short = (await client.post("/v1/questions/generate", json=JOB | {"question_count": 20, "minutes": 15})).json()
    assert (short["questions_generated"], short["capped_by"]) == (5, "minutes")
    narrow = JOB | {"question_count": 40, "categories": ["data-sql"]}
    few = (await client.post("/v1/questions/generate", json=narrow)).json()
    assert few["capped_by"] == "bank" and few["questions_generated"] == len(few["questions"]) < 40
    assert {question["skill"] for question in few["questions"]} == {"data-sql"}


async def test_categories_go_by_the_names_people_use(plane: Plane) -> None:
    client = plane.client()
    body = JOB | {"categories": ["behavioral", "system-design"], "question_count": 8}
    questions = (await client.post("/v1/questions/generate", json=body)).json()["questions"]
    assert {q["category"] for q in questions if q["skill"] != "system-design"} == {"behavioural"}
    assert "system-design" in {question["skill"] for question in questions}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"question_count": 41}, "question_count"),
        ({"question_count": 0}, "question_count"),
        ({"categories": ["astrology"]}, "categories"),
        ({"language": "de"}, "language"),
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"experience_level": None}, "experience_level"),
        ({"surprise": 1}, "surprise"),
        ({"minutes": "ten"}, "minutes"),
        ({"job_description": "x" * 20_001}, "job_description"),
    ],
)
async def test_what_cannot_be_used_is_named(plane: Plane, change: dict[str, Any], place: str) -> None:
    refusal = await plane.client().post("/v1/questions/generate", json=JOB | change)
    assert refusal.status_code == 422
    error = refusal.json()["errors"][0]
    assert place in error["loc"] and error["what"] and error["todo"]


async def test_only_who_may_create_interviews_drafts_them(plane: Plane) -> None:
    reader = plane.client("acme", "interview:read")
    for path, body in (("/v1/interviews/draft", {"prompt": "A nurse"}), ("/v1/questions/generate", JOB)):
        refusal = await reader.post(path, json=body)
        assert (refusal.status_code, refusal.json()["required_permission"]) == (403, "interview:create")

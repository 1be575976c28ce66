"""JobMojito's call that makes interviews over real HTTP: whole answers, and what it makes."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.dialects.jobmojito.tables import NAMES
from api.moments import utc_now
from api.postings.signing import Visit, sign
from tests.integration.plane import Plane, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

F = "/functions/v1"
CREATE = f"{F}/job-interview-create"
MERCHANT = "28106cba-1c27-4e53-b149-32113e5e8e31"
EXAMPLE: dict[str, Any] = {  # every field of the published call that has an example, with that example
    "name": "Project manager",
    "location": "remote",
    "mojito_language_code": "en",
    "status": "active",
    "type": "interview",
    "visibility": "merchant_public",
    "recording": "video_all",
    "recording_full_session": "video_all",
    "interview_type": "pre-screening-with-test-questions",
    "seniority_level": "senior",
    "result_view": "full",
    "candidate_video_introduction": "optional",
    "interview_tone": "professional",
    "interview_length": 8,
    "interview_attempts": 1,
    "max_duration": 30,
    "code": "my code",
    "cover_image_url": "https://example.com/cover.png",
    "merchant_id": MERCHANT,
    "is_embedded": False,
    "include_rapport_question": True,
    "include_closing_prompt": True,
    "instructional_video": True,
}
LEAST = ("name", "location", "mojito_language_code", "status", "type", "visibility")
TEXTS: dict[str, Any] = {
    "knowledge_base_store_id": "kb-1",
    "description": "You lead small projects.",
    "description_long": "You lead small projects with customers, and you report about them.",
    "candidate_expectations": "Handles conflict between colleagues calmly.",
    "welcome_message": "Good to have you here.",
    "thank_you_message": "Thank you.",
    "additional_context": {"team": ["two designers"], "budget": None, "size": 7},
    "instructional_video_custom_text": "Find a quiet place.",
    "use_enhanced_expectations": True,
    "custom_scoring": {"min_scored_weight": 0.4, "max_score": 10},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("jobmojito"), rate_per_minute=0, rate_per_hour=0) as plane:
        yield plane


async def template(client: httpx.AsyncClient, agent: dict[str, Any] | None = None, **more: Any) -> str:
    lead = await client.post("/v1/agents", json={"name": "Vera"} | (agent or {}))
    answer = await client.post("/v1/templates", json={"name": "First", "agent_id": lead.json()["id"]} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def asked(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    """Ask for an interview of the required fields and what is given."""
    body = {name: EXAMPLE[name] for name in LEAST} | more
    if "interview_template_id" not in body:
        body["interview_template_id"] = await template(client)
    return await client.post(CREATE, json=body)


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await asked(client, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def shown(client: httpx.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await client.get(f"{F}/job-interview-get", params={"position_id": id_})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def records(client: httpx.AsyncClient, id_: str) -> tuple[dict[str, Any], ...]:
    """The posting, its template, its agent and its job, as `/v1` has them."""
    posting = (await client.get(f"/v1/postings/{id_}")).json()
    kept = (await client.get(f"/v1/templates/{posting['template_id']}")).json()
    agent = (await client.get(f"/v1/agents/{kept['agent_id']}")).json()
    job = (await client.get(f"/v1/jobs/{posting['job_id']}")).json()
    return posting, kept, agent, job


async def counts(client: httpx.AsyncClient) -> list[int]:
    kinds = ("postings", "templates", "agents", "jobs")
    return [(await client.get(f"/v1/{kind}")).json()["meta"]["total"] for kind in kinds]


def own(record: dict[str, Any]) -> Any:
    return record["metadata"]["jobmojito"]


async def call(client: httpx.AsyncClient, name: str, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"{F}/{name}", json=body)


async def test_the_published_example_makes_posting_template_agent_and_job(plane: Plane) -> None:
    client = plane.client("example")
    source = await template(client, result_view="minimal", criteria=[{"id": "calm", "name": "Calm"}])
    answer = await client.post(CREATE, json=EXAMPLE | {"interview_template_id": source})
    body = answer.json()
    assert (answer.status_code, body) == (
        200,
        {
            "id": body["id"],
            "interview_def_set_id": body["id"],
            "questions_generated": 8,
            "max_duration": 30,
            "warnings": ["merchant_id was ignored: the token says whose interview this is."],
        },
    )
    posting, kept, agent, job = await records(client, body["id"])
    assert (posting["name"], posting["status"], posting["visibility"]) == ("Project manager", "active", "public")
    assert (posting["max_attempts"], posting["external_ref"]) == (1, "my code")
    assert posting["cover_image_url"] == "https://example.com/cover.png"
    assert own(posting) == {
        "interview_template_id": source,
        "candidate_video_introduction": "optional",
        "instructional_video": True,
        "interview_length": 8,
        "max_duration": 30,
    }
    assert kept["id"] != source and [one["name"] for one in kept["criteria"]] == ["Calm"]
    assert kept["style"] == "pre-screening-with-test-questions"
    assert (kept["result_view"], kept["session_recording"], kept["tone"]) == ("full", "video", "professional")
    assert kept["integrity_capture"] == {"media": "video", "scope": "all", "n": None}
    assert kept["toggles"] == {"rapport": True, "closing": True}
    questions = [q for section in kept["plan"]["sections"] for q in section["questions"]]
    assert len([q for q in questions if q["criteria"]]) == 8
    around = ["rapport", "style.availability", "closing-word"]  # what was asked for, and what the style begins with
    assert [q["id"] for q in questions if not q["criteria"]] == around
    assert kept["plan"]["minutes"] == 30
    assert (agent["product"], agent["language"], agent["persona"]["tone"]) == ("interview", "en", "professional")
    assert (job["title"], job["seniority"], job["location"]["work_mode"]) == ("Project manager", "senior", "remote")
    assert "seniority_inferred" not in job["metadata"]
    unchanged = (await client.get(f"/v1/templates/{source}")).json()
    assert (unchanged["result_view"], unchanged["plan"], unchanged["name"]) == ("minimal", None, "First")


async def test_the_definition_tells_everything_that_was_asked_for(plane: Plane) -> None:
    client = plane.client()
    source = await template(client)
    wanted = EXAMPLE | TEXTS | {"interview_template_id": source, "code": "whole", "merchant_id": None}
    answer = await client.post(CREATE, json=wanted)
    assert answer.json()["warnings"] == [
        "use_enhanced_expectations is reserved and was ignored.",
        "knowledge_base_store_id is kept, but no document of it is read; send texts as additional_context.",
        "custom_scoring: max_score is kept, but changes no score here.",
    ]
    id_ = answer.json()["id"]
    told = await shown(client, id_)
    questions, rubric = told.pop("questions"), told.pop("candidate_expectations_json")
    assert told == {
        "id": id_,
        "name": "Project manager",
        "created_at": told["created_at"],
        "updated_at": told["updated_at"],
        "is_multistage": False,
        "status": "active",
        "visibility": "merchant_public",
        "stage": None,
        "type": "interview",
        "code": "whole",
        "interview_location": "remote",
        "cover_image_url": "https://example.com/cover.png",
        "merchant_id": "acme",
        "interview_template_id": source,
        "interview_template_type": None,
        "is_voice_only": True,
        "knowledge_base_store_id": "kb-1",
        "mojito_language_code": "en",
        "speech_language_code": None,
        "speech_language_name": None,
        "recording": "video_all",
        "recording_full_session": "video_all",
        "type_credit": None,
        "result_view": "full",
        "candidate_video_introduction": "optional",
        "description": "You lead small projects.",
        "interview_description_long": "You lead small projects with customers, and you report about them.",
        "candidate_expectations": "Handles conflict between colleagues calmly.",
        "result_scoring": {"min_scored_weight": 0.4, "max_score": 10, "max_retries": 1},
        "creation_parameters": {
            "interview_length": 8,
            "additional_context": {"team": ["two designers"], "budget": None, "size": 7},
            "knowledge_base_store_id": "kb-1",
            "instructional_video": True,
            "instructional_video_custom_text": "Find a quiet place.",
            "interview_type": "pre-screening-with-test-questions",
            "interview_tone": "professional",
            "include_rapport_question": True,
            "include_closing_prompt": True,
            "seniority_level": "senior",
            "seniority_inferred": False,
            "welcome_message": "Good to have you here.",
            "thank_you_message": "Thank you.",
        },
        "interview_department": None,
        "interview_salary": None,
        "interview_available_till": None,
        "recruiter_profile_id": None,
        "slug": None,
        "tags": None,
        "coach_plan": None,
        "interview_conversation_speed": None,
        "max_followups": None,
        "max_duration": 30,
        "questions_random_subset": None,
        "required_pronunciation": False,
        "result_enable_edit_transcript": False,
        "pdf_export_auto_config": None,
    }
    judged = [q for q in questions if q["candidate_expectations_json"]["strong"]]
    assert (len(judged), len(questions)) == (8, 11)
    assert all(q["mojito_language_code"] == "en" and q["duration"] > 0 and q["question"] for q in questions)
    assert any(q["id"].startswith("conflict.") for q in questions), "what is expected is asked about"
    assert (
        {len(rubric[strength]) for strength in ("weak", "moderate", "strong")}
        == {len(rubric["weak"])}
        <= {2, 3, 4, 5, 6, 7}
    )


async def test_what_is_left_out_has_the_published_defaults_and_is_made(plane: Plane) -> None:
    client = plane.client()
    source = await template(
        client,
        scoring={"min_scored_weight": 0.8},
        session_recording="audio",
        metadata={"jobmojito": {"scoring": {"max_score": 5, "early_stop": True}}},
    )
    body = await made(client, interview_template_id=source, custom_scoring={"max_score": 7}, name="QA")
    assert body["warnings"] == ["custom_scoring: max_score is kept, but changes no score here."]
    told = await shown(client, body["id"])
    assert (told["recording"], told["recording_full_session"], told["candidate_video_introduction"]) == (None,) * 3
    assert told["creation_parameters"]["interview_type"] == "pre-screening"
    assert told["creation_parameters"]["include_rapport_question"] is False
    assert told["creation_parameters"]["include_closing_prompt"] is True
    assert told["creation_parameters"]["seniority_level"] is None
    # template defaults, then the template's own, then the request's
    assert told["result_scoring"] == {"min_scored_weight": 0.8, "early_stop": True, "max_score": 7, "max_retries": 1}
    assert told["description"].startswith("QA, remote. The interview is about ")
    assert told["interview_description_long"] is None
    assert told["candidate_expectations"].startswith("A good candidate shows: ")
    posting, kept, _, job = await records(client, body["id"])
    assert (told["name"], posting["name"], job["title"]) == ("QA", "QA", "Position: QA")
    assert kept["scoring"] == {"min_scored_weight": 0.8}
    assert body["max_duration"] == told["max_duration"] == round(kept["plan"]["minutes"])


async def test_how_senior_is_read_from_the_texts_and_marked(plane: Plane) -> None:
    client = plane.client()
    body = await made(client, description="We look for an experienced buyer.")
    job = (await records(client, body["id"]))[3]
    assert (job["seniority"], job["metadata"]["seniority_inferred"]) == ("senior", True)
    parameters = (await shown(client, body["id"]))["creation_parameters"]
    assert (parameters["seniority_level"], parameters["seniority_inferred"]) == ("senior", True)


async def test_styles_shape_the_questions(plane: Plane) -> None:
    client = plane.client()
    text = "You write services in Python and PostgreSQL."
    first = {}
    for style in ("pre-screening", "potential-based-interview", "remote-freelancer-verification"):
        body = await made(client, interview_type=style, description=text, interview_length=6)
        assert (body["questions_generated"], body["warnings"]) == (6, [])
        told = await shown(client, body["id"])
        first[style] = [q["id"] for q in told["questions"] if q["candidate_expectations_json"]["strong"]]
        assert "style.availability" not in told["description"] and "how we begin" not in told["description"]
    assert first["pre-screening"][0].startswith("python-backend.")
    assert first["potential-based-interview"][0].startswith("learning.")
    assert "style.unknown-field" in first["potential-based-interview"]
    assert {"style.remote-progress", "style.remote-failure"} & set(first["remote-freelancer-verification"])


async def test_documents_are_asked_about_where_the_style_says_so(plane: Plane) -> None:
    client, context = plane.client(), {"returns": "Goods must be checked within two days.", "team": ["two designers"]}
    style = "process-verification-from-knowledge-base"
    body = await made(client, interview_type=style, additional_context=context)
    asked_about = [q["question"] for q in (await shown(client, body["id"]))["questions"]]
    assert any("goods must be checked within two days" in text for text in asked_about) and body["warnings"] == []
    body = await made(client, interview_type=style)
    assert body["warnings"] == [
        "There is no document to ask about; send some as knowledge. These are questions of the bank."
    ]
    body = await made(client, additional_context=context)
    assert "goods must be checked" not in str((await shown(client, body["id"]))["questions"])


async def test_wishes_change_how_questions_begin_end_and_are_put(plane: Plane) -> None:
    client = plane.client()
    told = {}
    for tone in ("simple", "professional"):
        wishes = {"interview_tone": tone, "include_rapport_question": True, "interview_length": 4}
        body = await made(client, **wishes, description="You lead projects.")
        told[tone] = [q["question"] for q in (await shown(client, body["id"]))["questions"]]
    assert told["simple"][0] == "How are you today?" and told["simple"][-1] == "Do you want to add anything?"
    assert told["professional"][0].endswith("What made you interested in this role?")
    assert set(told["simple"][3:-1]) != set(told["professional"][3:-1]), "the shorter wordings"
    body = await made(client, include_closing_prompt=False)
    assert (await shown(client, body["id"]))["questions"][-1]["candidate_expectations_json"]["strong"]
    asked_of = {}
    for level in ("entry-level", "executive"):
        body = await made(client, name="Buyer", seniority_level=level)
        asked_of[level] = {q["id"].partition(".")[0] for q in (await shown(client, body["id"]))["questions"]}
    assert "learning" in asked_of["entry-level"] and "change-management" in asked_of["executive"]


async def test_scoring_of_criteria_is_that_of_the_plan(plane: Plane) -> None:
    client = plane.client()
    calm = {"weight": 0.5, "required": True, "anchors": {"5": "Stays calm, and others with them."}}
    wanted = {"description": "Handles conflict.", "custom_scoring": {"criteria": {"conflict": calm}}}
    body = await made(client, **wanted)
    assert body["warnings"] == []
    kept = (await records(client, body["id"]))[1]
    rule = next(one for one in kept["plan"]["criteria"] if one["id"] == "conflict")
    assert (rule["weight"], rule["required"], rule["anchors"]["5"]) == (0.5, True, "Stays calm, and others with them.")
    for criteria, what in (({"flair": calm}, "'flair' is none of the criteria"), ({"conflict": {"weight": 7}}, "less")):
        refused = await asked(client, **wanted | {"custom_scoring": {"criteria": criteria}})
        assert (refused.status_code, refused.json()["name"].partition(".")[0]) == (422, "custom_scoring")
        assert what in refused.json()["error"]


async def test_tones_are_known_in_any_case_and_unknown_ones_are_told(plane: Plane) -> None:
    client = plane.client()
    body = await made(client, interview_tone="Simple")
    _, kept, agent, _ = await records(client, body["id"])
    assert (kept["tone"], agent["persona"]["tone"], agent["cefr"], body["warnings"]) == ("simple", "simple", "A2", [])
    body = await made(client, interview_tone="Jolly")
    assert body["warnings"] == [
        "tone 'jolly' is not known, 'relaxed' is used instead; known: relaxed, simple, professional, persuasive"
    ]
    assert (await shown(client, body["id"]))["creation_parameters"]["interview_tone"] == "relaxed"
    body = await made(client, interview_tone=" ")
    assert body["warnings"] == []
    assert (await shown(client, body["id"]))["creation_parameters"]["interview_tone"] == "relaxed"


async def test_there_are_no_more_questions_than_time_or_bank_allow(plane: Plane) -> None:
    client = plane.client()
    body = await made(client, interview_length="40", max_duration=15)
    assert body["questions_generated"] == 5 and body["max_duration"] == 15
    assert body["warnings"] == ["Questions made: 5 of 40; the time it may take sets the limit."]
    body = await made(client, interview_length=40, include_rapport_question=True, name="Python developer")
    assert len((await shown(client, body["id"]))["questions"]) <= 40
    body = await made(client, interview_length=40)
    assert 8 < body["questions_generated"] < 40
    assert "the question bank has about this position sets the limit" in body["warnings"][0]


async def test_every_language_makes_a_draft_and_only_those_with_questions_go_live(plane: Plane) -> None:
    client = plane.client("tongues")
    source = await template(client)
    generated = {}
    for code in NAMES:
        body = await made(client, interview_template_id=source, mojito_language_code=code, status="draft")
        generated[code] = body["questions_generated"]
        assert (await shown(client, body["id"]))["mojito_language_code"] == code
        assert bool(body["warnings"]) is (code != "en")
    assert {code for code, count in generated.items() if count} == {"en"} and len(generated) == 34
    refused = await asked(client, interview_template_id=source, mojito_language_code="br")
    assert (refused.status_code, refused.json()["name"]) == (422, "mojito_language_code")
    assert refused.json()["error"].startswith(
        "The bot can't lead an interview in 'pt-BR' yet; it can in de, en, es, fr"
    )
    refused = await asked(client, interview_template_id=source, mojito_language_code="de")
    assert refused.json() == {
        "error": "There are no questions in 'de'; choose another language, or keep it a draft.",
        "name": "mojito_language_code",
    }
    german = {"title": "Kundendienst", "language": "de", "minutes": 10}
    german["sections"] = [{"id": "a", "name": "A", "questions": [{"id": "q", "text": "Was war schwer?"}]}]  # type: ignore[assignment]
    source = await template(client, {"language": "de"}, plan=german)
    body = await made(client, interview_template_id=source, mojito_language_code="de")
    told = await shown(client, body["id"])
    assert [question["question"] for question in told["questions"]] == ["Was war schwer?"]
    assert body["warnings"] == ["The question bank is not worded in 'de'; these are the template's questions."]


async def test_coaching_is_for_the_templates_of_coaches(plane: Plane) -> None:
    client = plane.client()
    refused = await asked(client, type="coaching")
    assert (refused.status_code, refused.json()) == (
        422,
        {"error": "Its template is not one for coaching; name a template of a coaching agent.", "name": "type"},
    )
    body = await made(client, type="coaching", interview_template_id=await template(client, {"product": "coaching"}))
    assert (await shown(client, body["id"]))["type"] == "coaching"
    assert (await records(client, (await made(client, type="assessment"))["id"]))[2]["product"] == "assessment"


async def test_an_embedded_interview_shows_its_key_once(plane: Plane) -> None:
    client = plane.client()
    wanted = {name: EXAMPLE[name] for name in LEAST} | {"interview_template_id": await template(client)}
    keyed = {"Idempotency-Key": "embed-1"}
    answer = await client.post(CREATE, json=wanted | {"is_embedded": True, "code": "emb"}, headers=keyed)
    body = answer.json()
    assert set(body) == {
        *("id", "interview_def_set_id", "questions_generated", "max_duration", "warnings"),
        *("embed_id", "embed_signing_key"),
    }
    again = await client.post(CREATE, json=wanted | {"is_embedded": True, "code": "emb"}, headers=keyed)
    assert (again.status_code, again.json()["name"]) == (409, "secret_shown_once")
    same = await client.post(CREATE, json=wanted | {"is_embedded": True, "code": "emb"})
    assert (same.json()["id"], same.json()["embed_id"]) == (body["id"], body["embed_id"])
    assert "embed_signing_key" not in same.json()
    (key,) = (await client.get(f"/v1/postings/{body['id']}/embed-keys")).json()["data"]
    now = int(utc_now().timestamp())
    visit = Visit(
        body["embed_id"], "ann", "Ann", "ann@example.org", now, now + 60, "n" * 20, "https://jobs.example.org"
    )
    signed = {name: getattr(visit, name) for name in Visit.__slots__}
    signed |= {"signature": sign(visit, body["embed_signing_key"]), "page_origin": "https://jobs.example.org"}
    path = f"/v1/postings/{body['id']}/embed-keys/{key['kid']}/check"
    elsewhere = await client.post(path, json=signed | {"page_origin": "https://evil.example.org"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "embed_refused")
    assert (await client.post(path, json=signed)).status_code == 200
    plain = {"Idempotency-Key": "plain-1"}
    first = await client.post(CREATE, json=wanted, headers=plain)
    replayed = await client.post(CREATE, json=wanted, headers=plain)
    assert (replayed.json(), replayed.headers["Idempotent-Replayed"]) == (first.json(), "true")


async def test_a_code_that_is_known_is_the_interview_there_is_or_refused(plane: Plane) -> None:
    client = plane.client("codes")
    source = await template(client)
    first = await made(client, interview_template_id=source, code="c1")
    before = await counts(client)
    assert (await made(client, interview_template_id=source, code="c1"))["id"] == first["id"]
    other = await asked(client, interview_template_id=source, code="c1", name="Another one")
    assert (other.status_code, other.json()) == (
        409,
        {
            "error": f"external_ref 'c1' is the posting '{first['id']}', whose request differed.",
            "name": "already_exists",
        },
    )
    late = await asked(client, interview_template_id=source, mojito_language_code="vi", code="c2")
    assert late.status_code == 422
    assert await counts(client) == before, "nothing is left of what was refused"

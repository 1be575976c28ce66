"""What the server says it can do, held against what it does, over real HTTP."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.guards import HANG_S
from tests.integration.plane import PLAN, Plane, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOBMOJITO = (
    "ar, bg, zh, hr, cs, da, nl, en, fil, fi, fr, de, el, hi, hu, id, it, ja, ko, ms, no, pl, pt, br, ro, ru, sk, es, "
    "sv, ta, th, tr, uk, vi"
)


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.get("/v1/capabilities")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def grades(capabilities: dict[str, Any], tag: str) -> tuple[str, ...]:
    one = next(language for language in capabilities["languages"] if language["tag"] == tag)
    return tuple(one[part] for part in ("stt", "tts", "brain", "scoring"))


async def test_each_language_says_how_far_it_goes(plane: Plane) -> None:
    capabilities = await told(plane.client())
    assert grades(capabilities, "en") == ("validated", "validated", "validated", "available")
    assert grades(capabilities, "de") == ("available", "available", "available", "none")
    assert grades(capabilities, "nb-NO") == ("available", "available", "none", "none")  # Whisper calls it no
    assert grades(capabilities, "zh-Hans")[:2] == ("available", "available")  # espeak-ng calls it cmn
    assert grades(capabilities, "fil")[0] == "available"  # Whisper calls it tl
    assert grades(capabilities, "rw")[0] == "none"


async def test_every_published_code_leads_to_a_language_that_is_listed(plane: Plane) -> None:
    client = plane.client()
    capabilities = await told(client)
    tags = [language["tag"] for language in capabilities["languages"]]
    assert len(set(tags)) == len(tags)
    assert {capabilities["aliases"].get(code, code) for code in JOBMOJITO.split(", ")} <= set(tags)
    for code in ("br", "pt", "no", "zh", "EN"):
        agent = await client.post("/v1/agents", json={"name": "Vera", "language": code})
        assert agent.json()["language"] == capabilities["aliases"].get(code, "en")


async def test_a_language_the_bot_leads_in_is_one_an_interview_can_be_made_in(plane: Plane) -> None:
    client = plane.client()
    for language in (await told(client))["languages"]:
        code = language["tag"].split("-")[0]
        if len(code) == 2:
            plan = PLAN | {"language": code}
            made = await client.post("/v1/interviews", json={"candidate": {"name": "Ann"}, "plan": plan})
            assert (made.status_code == 201) == (language["brain"] != "none"), language


async def test_of_a_speech_server_of_ones_own_nothing_is_claimed(tmp_path: Path) -> None:
    elsewhere = {"stt_url": "http://127.0.0.1:9/v1", "stt_model": "theirs", "tts_url": "http://127.0.0.1:9/v1"}
    async with running(tmp_path, **elsewhere) as plane:
        capabilities = await told(plane.client())
    assert grades(capabilities, "en") == ("unknown", "unknown", "validated", "available")
    assert capabilities["voices"] == []


async def test_another_whisper_is_not_said_to_be_measured(tmp_path: Path) -> None:
    async with running(tmp_path, stt_model="tiny.en") as plane:
        capabilities = await told(plane.client())
    assert (grades(capabilities, "en")[0], grades(capabilities, "de")[0]) == ("available", "none")


async def test_voices_styles_and_tones_are_those_that_can_be_asked_for(plane: Plane) -> None:
    client = plane.client()
    capabilities = await told(client)
    voices = {voice["name"]: voice["sounds_like"] for voice in capabilities["voices"]}
    assert voices["heart"] == "heart" and voices["onyx"] == "oak"
    agent = (await client.post("/v1/agents", json={"name": "Vera", "voice": "onyx"})).json()["id"]
    assert len(capabilities["styles"]) == 7
    for style in capabilities["styles"]:
        made = await client.post("/v1/templates", json={"name": "T", "agent_id": agent, "style": style})
        assert made.status_code == 201, style
    for tone in capabilities["tones"]:
        made = await client.post("/v1/templates", json={"name": "T", "agent_id": agent, "tone": tone})
        assert (made.json()["tone"], made.json()["warnings"]) == (tone, [])


async def test_the_limits_are_those_that_are_enforced(plane: Plane) -> None:
    client = plane.client()
    limits = (await told(client))["limits"]
    agent = (await client.post("/v1/agents", json={"name": "Vera"})).json()["id"]
    template = (await client.post("/v1/templates", json={"name": "T", "agent_id": agent})).json()["id"]

    def criteria(count: int) -> dict[str, Any]:
        named = [{"id": f"c{number}", "name": "C"} for number in range(count)]
        return {"name": "T", "agent_id": agent, "criteria": named}

    def skills(count: int) -> dict[str, Any]:
        return {"title": "Engineer", "skills": {"required": [f"s{number}" for number in range(count)]}}

    def plan(count: int) -> dict[str, Any]:
        questions = [{"id": f"q{number}", "text": "Why?", "minutes": 0.1} for number in range(count)]
        sections = [{"id": "a", "name": "A", "questions": questions}]
        return {"candidate": {"name": "Ann"}, "plan": {"title": "T", "sections": sections}}

    def minutes(count: float) -> dict[str, Any]:
        return {"candidate": {"name": "Ann"}, "plan": PLAN | {"minutes": count}}

    def follow_ups(count: int) -> dict[str, Any]:
        return {"name": "V", "followup_policy": {"max_per_question": count}}

    def attempts(count: int) -> dict[str, Any]:
        return {"template_id": template, "max_attempts": count}

    for name, path, body in (
        ("criteria", "/v1/templates", criteria),
        ("job_skills", "/v1/jobs", skills),
        ("section_questions", "/v1/interviews", plan),
        ("plan_minutes", "/v1/interviews", minutes),
        ("followups_per_question", "/v1/agents", follow_ups),
        ("attempts", "/v1/postings", attempts),
    ):
        most = int(limits[name])
        assert (await client.post(path, json=body(most))).status_code == 201, name
        assert (await client.post(path, json=body(most + 1))).status_code == 422, name
    too_much = await client.post("/v1/jobs", content=b" " * (limits["body_bytes"] + 1))
    assert too_much.status_code == 413


async def test_only_callers_are_told(plane: Plane) -> None:
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as stranger:
        assert (await stranger.get("/v1/capabilities")).status_code == 401
    assert (await plane.client("acme", "interview:read").get("/v1/capabilities")).status_code == 200

"""What JobMojito's calls refuse, and how it is told; where the dialect is answered."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.guards import HANG_S
from tests.integration.dialects.test_jobmojito import (
    CREATE,
    EXAMPLE,
    LEAST,
    F,
    asked,
    call,
    made,
    template,
)
from tests.integration.plane import Plane, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plane(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    async with running(tmp_path_factory.mktemp("jobmojito"), rate_per_minute=0, rate_per_hour=0) as plane:
        yield plane


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("location", ""),
        ("interview_template_id", ""),
        ("interview_template_id", "baa3bf7c-6926-46fd-9005-16738a31f72d"),
        ("mojito_language_code", "xx"),
        ("mojito_language_code", "EN"),
        ("status", "archived"),
        ("type", "persona"),
        ("visibility", "public"),
        ("recording", "audio"),
        ("recording_full_session", "video_first_5_answers"),
        ("interview_type", "final"),
        ("seniority_level", "junior"),
        ("result_view", "all"),
        ("candidate_video_introduction", "hidden"),
        ("interview_tone", "x" * 65),
        ("interview_length", 0),
        ("interview_length", 41),
        ("interview_length", "many"),
        ("interview_attempts", 0),
        ("interview_attempts", 21),
        ("interview_attempts", 1.5),
        ("max_duration", 0),
        ("max_duration", 241),
        ("code", "x" * 201),
        ("cover_image_url", "http://example.com/cover.png"),
        ("description", "x" * 2001),
        ("description_long", "x" * 20_001),
        ("candidate_expectations", 5),
        ("welcome_message", "x" * 2001),
        ("additional_context", []),
        ("additional_context", {"a": "x" * 5000}),
        ("additional_context", {"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}),
        ("is_embedded", "true"),
        ("include_closing_prompt", 1),
        ("custom_scoring", {"min_scored_weight": 2}),
        ("colour", "red"),
    ],
)
async def test_what_can_not_be_had_is_named(plane: Plane, field: str, value: Any) -> None:
    client = plane.client("limits")
    answer = await asked(client, **{field: value})
    assert answer.status_code == 422, answer.text
    assert set(answer.json()) == {"error", "name"}
    assert answer.json()["name"].split(".")[0] == field and answer.json()["error"]


@pytest.mark.parametrize("field", [*LEAST, "interview_template_id"])
async def test_what_is_required_is_named(plane: Plane, field: str) -> None:
    body = {name: EXAMPLE[name] for name in LEAST} | {"interview_template_id": "tpl_1"}
    del body[field]
    answer = await plane.client("limits").post(CREATE, json=body)
    assert (answer.status_code, answer.json()) == (
        422,
        {"error": "Field required; send this field.", "name": field},
    )


async def test_every_refusal_has_the_published_shape(plane: Plane) -> None:
    client = plane.client()
    bare = httpx.AsyncClient(base_url=plane.url, timeout=HANG_S)
    async with bare:
        answers = {
            (401, "token_missing"): await bare.post(CREATE, json={}),
            (403, "forbidden"): await plane.client("acme", "posting:read").post(CREATE, json={}),
            (404, "not_found"): await client.get(f"{F}/job-interview-pdf"),
            (405, "method_not_allowed"): await client.get(CREATE),
            (413, "content_too_large"): await client.post(CREATE, content=b" " * 3_000_000),
            (422, "body"): await client.post(CREATE, content=b"{", headers={"Content-Type": "application/json"}),
            (422, "position_id"): await client.get(f"{F}/job-interview-get"),
            (422, "status"): await call(client, "job-interview-update", {"position_id": "x", "status": "new"}),
            (422, "body "): await call(client, "job-interview-set-state", {"position_id": "x"}),
        }
    for (status, name), answer in answers.items():
        assert (answer.status_code, set(answer.json())) == (status, {"error", "name"}), answer.text
        assert answer.json()["name"] == name.strip()
        assert answer.headers["content-type"] == "application/json"
    words = await asked(client, status="archived")
    told = "Input should be 'draft' or 'active'; use one of the values listed."
    assert words.json() == {"error": told, "name": "status"}
    refused = answers[403, "forbidden"].json()
    assert refused["error"] == "Insufficient permissions. Required: posting:create"


async def test_too_many_requests_are_told_in_the_same_shape(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with running(tmp_path_factory.mktemp("fast"), rate_per_minute=1) as plane:
        client = plane.client()
        assert (await client.get(f"{F}/merchant-interview-list")).status_code == 200
        answer = await client.get(f"{F}/merchant-interview-list")
        assert (answer.status_code, answer.json()["name"]) == (429, "rate_limited")
        assert int(answer.headers["Retry-After"]) > 0


async def test_another_tenants_things_are_unknown(plane: Plane) -> None:
    client, other = plane.client(), plane.client("globex")
    source = await template(client)
    id_ = (await made(client, interview_template_id=source))["id"]
    refused = await asked(other, interview_template_id=source)
    assert (refused.status_code, refused.json()["name"]) == (422, "interview_template_id")
    unknown = {"error": f"There is no posting '{id_}'.", "name": "not_found"}
    for answer in (
        await other.get(f"{F}/job-interview-get", params={"position_id": id_}),
        await call(other, "job-interview-update", {"position_id": id_, "name": "Mine"}),
        await call(other, "job-interview-set-state", {"position_id": id_, "status": "archived"}),
        await call(other, "job-interview-set-state", {"position_id": id_, "status": "deleted"}),
        await call(other, "job-interview-set-state", {"position_id": id_, "is_embedded": True}),
    ):
        assert (answer.status_code, answer.json()) == (404, unknown)
    assert (await other.get(f"{F}/merchant-interview-list")).json()["pagination"]["total"] == 0


async def test_the_dialect_can_be_moved_and_switched_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with running(tmp_path_factory.mktemp("moved"), dialects=("jobmojito=/jobs",)) as plane:
        client = plane.client()
        assert (await client.get(f"/jobs{F}/merchant-interview-list")).status_code == 200
        unknown = await client.get(f"/jobs{F}/nothing")
        assert (unknown.status_code, unknown.json()) == (404, {"error": "Not Found", "name": "not_found"})
        assert (await client.get(f"{F}/merchant-interview-list")).status_code == 404
    async with running(tmp_path_factory.mktemp("off"), dialects=("maya",)) as plane:
        assert (await plane.client().get(f"{F}/merchant-interview-list")).status_code == 404

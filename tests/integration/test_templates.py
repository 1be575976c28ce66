"""Templates over real HTTP."""

from typing import Any

import httpx
import pytest

from tests.integration.plane import PLAN, Plane

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def an_agent(client: httpx.AsyncClient) -> str:
    return str((await client.post("/v1/agents", json={"name": "Vera"})).json()["id"])


async def template(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = {"name": "First round"} | more
    body.setdefault("agent_id", await an_agent(client))
    response = await client.post("/v1/templates", json=body)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


def criteria(*weights: float | None) -> list[dict[str, Any]]:
    named: list[dict[str, Any]] = [{"id": f"c{number}", "name": f"C {number}"} for number in range(len(weights))]
    return [one if weight is None else one | {"weight": weight} for one, weight in zip(named, weights, strict=True)]


WRONG: list[tuple[dict[str, Any], list[Any]]] = [
    ({"criteria": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}, ["body", "criteria"]),
    ({"criteria": criteria(*[None] * 21)}, ["body", "criteria"]),
    ({"criteria": [{"id": "A b", "name": "A"}]}, ["body", "criteria", 0, "id"]),
    ({"criteria": [{"id": "a", "name": "A", "min_level": 6}]}, ["body", "criteria", 0, "min_level"]),
    ({"criteria": [{"id": "a", "name": "A", "anchors": {"6": "x"}}]}, ["body", "criteria", 0, "anchors", "6"]),
    ({"style": "chat"}, ["body", "style"]),
    ({"result_view": "everything"}, ["body", "result_view"]),
    ({"integrity_capture": {"media": "audio", "scope": "first_n"}}, ["body", "integrity_capture"]),
    ({"integrity_capture": {"media": "audio", "n": 5}}, ["body", "integrity_capture"]),
    ({"session_recording": "hologram"}, ["body", "session_recording"]),
    ({"messages": {"welcome": "a\u0007b"}}, ["body", "messages", "welcome"]),
    ({"scoring": {"min_scored_weight": 0}}, ["body", "scoring", "min_scored_weight"]),
    ({"plan": {"title": "x", "sections": []}}, ["body", "plan", "sections"]),
    ({"tone": "x" * 65}, ["body", "tone"]),
    ({"surprise": 1}, ["body", "surprise"]),
]


async def test_a_template_needs_a_name_and_an_agent(plane: Plane) -> None:
    made = await template(plane.client())
    assert made["id"].startswith("tpl_")
    assert (made["style"], made["mode"], made["result_view"], made["tone"]) == (
        "pre-screening",
        "solo",
        "none",
        "relaxed",
    )
    assert (made["session_recording"], made["integrity_capture"], made["plan"]) == ("none", None, None)
    assert made["toggles"] == {"rapport": False, "closing": True}
    assert (made["criteria"], made["warnings"]) == ([], [])


async def test_everything_a_template_can_say_comes_back(plane: Plane) -> None:
    said = {
        "style": "strength-based-interview",
        "mode": "copilot",
        "criteria": [
            {
                "id": "depth",
                "name": "Depth",
                "description": "How far it goes.",
                "weight": 1.0,
                "required": True,
                "min_level": 3,
                "anchors": {"1": "Says what.", "5": "Says why."},
            }
        ],
        "result_view": "full_expand_scores",
        "integrity_capture": {"media": "audio", "scope": "first_n", "n": 5},
        "session_recording": "video",
        "messages": {"welcome": "Hello!", "thank_you": "Bye."},
        "toggles": {"rapport": True, "closing": False},
        "tone": "persuasive",
        "scoring": {"min_scored_weight": 0.5},
        "external_ref": "ats-1",
        "metadata": {"team": "core"},
    }
    client = plane.client()
    made = await template(client, plan=PLAN, **said)
    assert {name: made[name] for name in said} == said
    assert [question["id"] for question in made["plan"]["sections"][0]["questions"]] == ["q1", "q2"]
    assert (await client.get(f"/v1/templates/{made['id']}")).json() == made


async def test_an_agent_must_be_there_and_ones_own(plane: Plane) -> None:
    client = plane.client("acme")
    foreign = await an_agent(plane.client("globex"))
    gone = await an_agent(client)
    await client.delete(f"/v1/agents/{gone}")
    made = await template(client)
    for agent_id in ("agent_nobody", foreign, gone):
        for response in (
            await client.post("/v1/templates", json={"name": "First", "agent_id": agent_id}),
            await client.patch(f"/v1/templates/{made['id']}", json={"agent_id": agent_id}),
        ):
            assert response.status_code == 422
            assert response.json()["errors"][0]["loc"] == ["body", "agent_id"]
            assert agent_id in response.json()["errors"][0]["what"]
    assert (await client.get(f"/v1/templates/{made['id']}")).json() == made


async def test_criteria_without_weights_weigh_the_same(plane: Plane) -> None:
    client = plane.client()
    made = await template(client, criteria=criteria(None, None, None))
    assert [one["weight"] for one in made["criteria"]] == pytest.approx([1 / 3] * 3)
    changed = await client.patch(f"/v1/templates/{made['id']}", json={"criteria": criteria(None, None)})
    assert [one["weight"] for one in changed.json()["criteria"]] == [0.5, 0.5]
    assert (await template(client, criteria=criteria(0.33, 0.33, 0.33)))["criteria"][0]["weight"] == 0.33


async def test_weights_that_do_not_add_up_are_refused(plane: Plane) -> None:
    client = plane.client()
    body = {"name": "First", "agent_id": await an_agent(client)}
    unfit: list[tuple[Any, ...]] = [(0.5, 0.48), (0.5, 0.52), (0.5, None), (0.0, 1.0), (1.5, -0.5), ("1",), (True,)]
    for weights in unfit:
        response = await client.post("/v1/templates", json=body | {"criteria": criteria(*weights)})
        assert response.status_code == 422, weights
        assert response.json()["errors"][0]["loc"][:2] == ["body", "criteria"]


async def test_what_cannot_be_a_template_is_told_where(plane: Plane) -> None:
    client = plane.client()
    made = await template(client)
    for wrong, loc in WRONG:
        created = await client.post("/v1/templates", json={"name": "First", "agent_id": made["agent_id"]} | wrong)
        patched = await client.patch(f"/v1/templates/{made['id']}", json=wrong)
        for response in (created, patched):
            assert response.status_code == 422, wrong
            assert response.json()["errors"][0]["loc"][: len(loc)] == loc


async def test_a_plan_of_more_than_forty_questions_is_refused(plane: Plane) -> None:
    client = plane.client()
    questions = [{"id": f"q{n}", "text": "Why?", "minutes": 1} for n in range(41)]
    sections = [
        {"id": "a", "name": "A", "questions": questions[:40]},
        {"id": "b", "name": "B", "questions": questions[40:]},
    ]
    body = {"name": "First", "agent_id": await an_agent(client), "plan": {"title": "Long", "sections": sections}}
    response = await client.post("/v1/templates", json=body)
    assert response.status_code == 422
    assert "at most 40" in response.json()["errors"][0]["what"]


async def test_a_tone_is_read_in_any_case(plane: Plane) -> None:
    made = await template(plane.client(), tone=" Professional ")
    assert (made["tone"], made["warnings"]) == ("professional", [])


async def test_an_unknown_tone_falls_back_and_says_so_wherever_it_is_shown(plane: Plane) -> None:
    client = plane.client()
    made = await template(client, tone="Pirate")
    assert made["tone"] == "relaxed"
    assert "'pirate'" in made["warnings"][0] and "professional" in made["warnings"][0]
    assert (await client.get(f"/v1/templates/{made['id']}")).json() == made
    assert (await client.get("/v1/templates")).json()["data"] == [made]
    mended = (await client.patch(f"/v1/templates/{made['id']}", json={"tone": "simple"})).json()
    assert (mended["tone"], mended["warnings"]) == ("simple", [])


async def test_templates_are_filtered_by_agent_and_style(plane: Plane) -> None:
    client = plane.client()
    made = await template(client, style="second-interview")
    await template(client)
    for where in ({"agent_id": made["agent_id"]}, {"style": "second-interview"}):
        assert (await client.get("/v1/templates", params=where)).json()["data"] == [made]


async def test_a_template_in_use_stays_and_says_by_what(plane: Plane) -> None:
    client = plane.client()
    made = await template(client)
    posting = (await client.post("/v1/postings", json={"template_id": made["id"]})).json()
    refused = await client.delete(f"/v1/templates/{made['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert posting["id"] in refused.json()["detail"]
    assert (await client.delete(f"/v1/postings/{posting['id']}")).status_code == 204
    assert (await client.delete(f"/v1/templates/{made['id']}")).status_code == 204

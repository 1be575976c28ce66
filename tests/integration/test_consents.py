"""What people in a call agreed to, kept from the room's page and from the bot, over real HTTP and sockets."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from api.consents.tables import ConsentRow
from tests.guards import HANG_S, connect
from tests.integration.plane import Bot, Plane, until, uplink

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTICE = {"version": "page-1-en", "shown_ms": 60_000, "given_ms": 20_000}


async def comes(plane: Plane, interview_id: str, role: str = "candidate", **hello: Any) -> None:
    """Come into the room by a link, and go."""
    link = {"role": role, "name": "Ada", "participant_id": f"{role}-1"}
    made = await plane.client().post(f"/v1/interviews/{interview_id}/links", json=link)
    key = str(made.json()["url"]).partition("#")[2]
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps({"type": "hello", "token": key} | hello))
        answer = json.loads(await line.recv())
        assert answer["type"] == "welcome", answer


async def consents(client: httpx.AsyncClient, interview_id: str) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/interviews/{interview_id}/consents")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def consent(client: httpx.AsyncClient, interview_id: str, kind: str = "ai_evaluation") -> dict[str, Any]:
    """The newest answer to one kind."""
    return next(each for each in await consents(client, interview_id) if each["kind"] == kind)


async def ended(bot: Bot, n: int, reason: str = "completed") -> None:
    await bot.says(n, 1, "I built the search and in the end it was fast.")
    await bot.event(n + 1, "ended", reason=reason, report={"questions": []})
    await bot.acknowledged(n + 1)


async def withdraw(client: httpx.AsyncClient, interview_id: str, consent_id: str) -> httpx.Response:
    return await client.post(f"/v1/interviews/{interview_id}/consents/{consent_id}/withdraw")


async def test_a_candidate_takes_their_consents_back_in_the_call(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    link = await client.post(f"/v1/interviews/{interview_id}/links", json={"role": "candidate", "name": "Ada"})
    hello = {"type": "hello", "token": str(link.json()["url"]).partition("#")[2], "consented": True, "notice": NOTICE}
    async with connect(plane.sockets(f"/room/{interview_id}/signal")) as line, asyncio.timeout(HANG_S):
        await line.send(json.dumps(hello))
        await line.recv()
        await line.send(json.dumps({"type": "control", "control": "withdraw"}))
        while {each["state"] for each in await consents(client, interview_id)} != {"withdrawn"}:
            await asyncio.sleep(0.01)
    audit = (await client.get("/v1/audit")).json()["data"]
    assert [event["action"] for event in audit].count("consent.withdrawn") == 2
    await comes(plane, interview_id, consented=True)  # a page that says hello again renews nothing
    assert {each["state"] for each in await consents(client, interview_id)} == {"withdrawn"}


async def test_what_is_ticked_on_the_page_is_kept_with_its_notice_once(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    await comes(plane, interview_id)
    assert await consents(client, interview_id) == []
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    await comes(plane, interview_id, consented=True, notice=NOTICE)  # the same page, connected again
    first, second = await consents(client, interview_id)
    assert [first["kind"], second["kind"]] == ["ai_evaluation", "record"]
    assert first == second | {"id": first["id"], "kind": "ai_evaluation"}
    shown, given = (datetime.fromisoformat(first[name]) for name in ("shown_at", "given_at"))
    assert given - shown == timedelta(seconds=40)
    assert first == {
        "id": first["id"],
        "interview_id": interview_id,
        "subject": "candidate",
        "role": "candidate",
        "kind": "ai_evaluation",
        "state": "given",
        "method": "page",
        "notice_version": "page-1-en",
        "shown_at": first["shown_at"],
        "given_at": first["given_at"],
        "refused_at": None,
        "withdrawn_at": None,
    }
    await comes(plane, interview_id, consented=True, notice=NOTICE | {"version": "page-2-en"})
    assert [each["notice_version"] for each in await consents(client, interview_id)].count("page-2-en") == 2


async def test_interviewers_are_recorded_and_observers_are_asked_nothing(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    await comes(plane, interview_id, "interviewer", consented=True, notice=NOTICE)
    await comes(plane, interview_id, "observer", consented=True, notice=NOTICE)
    (only,) = await consents(client, interview_id)
    assert (only["subject"], only["role"], only["kind"]) == ("interviewer-1", "interviewer", "record")


async def test_what_the_candidate_says_to_the_bot_is_kept(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        told = {"method": "voice", "text": "Yes, fine.", "notice": "spoken-1-en", "shown_ms": 2500}
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "consent", given=True, method="page", text="")  # the room has told of that
        await bot.event(3, "consent", given="perhaps", method="voice")  # stored as it came, and nothing else
        await bot.acknowledged(3)
        assert await consents(client, interview_id) == []
        await bot.event(4, "consent", given=True, **told)
        await bot.acknowledged(4)
    kept = await consents(client, interview_id)
    assert [(each["kind"], each["state"], each["method"]) for each in kept] == [
        ("ai_evaluation", "given", "voice"),
        ("record", "given", "voice"),
    ]
    assert (kept[0]["notice_version"], kept[0]["given_at"]) == ("spoken-1-en", "2026-11-22T05:00:00.000Z")
    assert kept[0]["shown_at"] == "2026-11-22T04:59:57.500Z"


async def test_what_was_withdrawn_is_evaluated_no_more_until_it_is_given_again(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, max_attempts=2)
    path = f"/v1/interviews/{interview_id}"
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await ended(bot, 2)
        await until(client, interview_id, "completed")
    assert (await client.post(f"{path}/evaluate")).status_code == 201
    record = await consent(client, interview_id, "record")
    assert (await withdraw(client, interview_id, record["id"])).json()["state"] == "withdrawn"
    assert (await client.post(f"{path}/generate-score")).status_code == 201, "that was about the recording"
    given = await consent(client, interview_id)
    taken_back = await withdraw(client, interview_id, given["id"])
    assert taken_back.status_code == 200
    assert taken_back.json() == given | {"state": "withdrawn", "withdrawn_at": taken_back.json()["withdrawn_at"]}
    assert (await withdraw(client, interview_id, given["id"])).json() == taken_back.json()
    for call in ("evaluate", "generate-score"):
        refused = await client.post(f"{path}/{call}")
        assert (refused.status_code, refused.json()["code"]) == (409, "no_consent")
        assert given["id"] in refused.json()["detail"] and refused.json()["current_status"] == "completed"
    assert (await client.post(f"{path}/attempts")).status_code == 201
    await comes(plane, interview_id, consented=True, notice=NOTICE)  # the old tab, whose tick is older
    await comes(plane, interview_id, consented=True)  # a program that was shown nothing
    assert (await consent(client, interview_id))["state"] == "withdrawn"
    await comes(plane, interview_id, consented=True, notice=NOTICE | {"given_ms": 0})
    assert (await consent(client, interview_id))["state"] == "given"
    assert (await client.post(f"{path}/start")).status_code == 202
    async with uplink(plane.launcher.specs[-1]) as bot:
        await bot.event(1, "state", state="in_call")
        await ended(bot, 2)
        await until(client, interview_id, "completed")
    assert (await client.post(f"{path}/evaluate")).status_code == 201
    audit = (await client.get("/v1/audit", params={"action": "consent.withdrawn"})).json()["data"]
    assert [each["subject"] for each in audit] == [given["id"], record["id"]]


async def test_who_refused_is_not_evaluated_and_has_nothing_to_withdraw(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client)
    async with uplink(spec) as bot:
        await bot.event(1, "state", state="in_call")
        await bot.event(2, "consent", given=False, method="voice", text="No.", notice="spoken-1-en", shown_ms=100)
        await ended(bot, 3, "consent_declined")
        await until(client, interview_id, "cancelled")
    refused = await consent(client, interview_id)
    assert (refused["state"], refused["given_at"], refused["refused_at"]) == (
        "refused",
        None,
        "2026-11-22T05:00:00.000Z",
    )
    evaluated = await client.post(f"/v1/interviews/{interview_id}/evaluate")
    assert (evaluated.status_code, evaluated.json()["code"]) == (409, "no_consent")
    withdrawn = await withdraw(client, interview_id, refused["id"])
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (409, "conflict")


async def test_scopes_and_tenants_are_kept_apart(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client)
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    given = await consent(client, interview_id)
    reader, other = plane.client("acme", "interview:read"), plane.client("globex")
    assert await consents(reader, interview_id) == await consents(client, interview_id)
    refused = await withdraw(reader, interview_id, given["id"])
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "interview:update")
    another = await plane.created(client)
    for answer in (
        await other.get(f"/v1/interviews/{interview_id}/consents"),
        await withdraw(other, interview_id, given["id"]),
        await withdraw(client, another, given["id"]),
        await withdraw(client, interview_id, "cns_none"),
    ):
        assert answer.status_code == 404
    assert (await consent(client, interview_id))["state"] == "given"


async def test_consents_go_with_the_candidate_and_the_receipt_names_nobody(plane: Plane) -> None:
    client = plane.client()
    who = {"display_name": "Ada Example", "data_expires_on": "2099-01-01"}
    candidate = (await client.post("/v1/candidates", json=who)).json()["id"]
    interview_id = await plane.created(client, candidate_id=candidate)
    await comes(plane, interview_id, consented=True, notice=NOTICE)
    given = await consent(client, interview_id)
    await withdraw(client, interview_id, given["id"])
    erased = await client.post("/v1/privacy/erasures", json={"candidate_id": candidate, "reason": "asked"})
    assert erased.status_code == 201, erased.text
    assert "Ada" not in erased.text and given["id"] not in erased.text
    assert (await client.get(f"/v1/interviews/{interview_id}/consents")).status_code == 404
    async with plane.services.database.read() as tx:
        assert await tx.session.scalar(select(func.count()).where(ConsentRow.interview_id == interview_id)) == 0

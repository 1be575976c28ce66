"""The interviewer's private line: who may open it, and that nobody else gets a word of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import numpy as np
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from api.auth import ALGORITHM, LEEWAY_S, signing_secret
from api.copilot.figures import MUTED_FROM
from api.moments import utc_now
from api.settings import load_settings
from api.tickets import Tickets
from audio import VOICE_RATE
from audio.wav import pcm_of
from bot.resume import CopilotSoFar
from tests.guards import HANG_S, connect
from tests.integration.plane import PLAN, Bot, Plane, close_code, running, shared, uplink
from tests.running_foreign_speech import TONE, foreign_speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARD = {"id": "s1", "kind": "result", "text": "What came of the whispered plan?", "quotes": []}
USES = ("interview:read", "transcript:read", "copilot:use")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    """A control plane whose cards are read aloud by a voice that knows one tone."""
    with foreign_speech() as voice:
        async with shared(tmp_path_factory.mktemp("standing"), tts_url=voice.url) as plane:
            yield plane


async def link(client: httpx.AsyncClient, interview_id: str, role: str = "interviewer", **more: Any) -> str:
    """The token of a new join link."""
    body = {"role": role, "name": "Grace", **more}
    answer = await client.post(f"/v1/interviews/{interview_id}/links", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"]).partition("#")[2]


async def ask_in(plane: Plane, interview_id: str, token: str) -> httpx.Response:
    """Ask for a ticket to the panel."""
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as client:
        path = f"/v1/interviews/{interview_id}/copilot/tickets"
        return await client.post(path, headers={"Authorization": f"Bearer {token}"})


async def ticket(plane: Plane, interview_id: str, token: str) -> str:
    answer = await ask_in(plane, interview_id, token)
    assert answer.status_code == 201, answer.text
    return json.dumps({"ticket": answer.json()["ticket"]})


@asynccontextmanager
async def opened(plane: Plane, interview_id: str, token: str, after: int = 0) -> AsyncIterator[ClientConnection]:
    """The panel of whoever has the token, past its snapshot."""
    path = plane.sockets(f"/v1/interviews/{interview_id}/copilot?after={after}")
    async with connect(path) as panel:
        await panel.send(await ticket(plane, interview_id, token))
        await until(panel, "snapshot")
        yield panel


async def until(socket: ClientConnection, type_: str) -> list[dict[str, Any]]:
    """Everything up to the next frame of a type."""
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(HANG_S):
        while not seen or seen[-1]["type"] != type_:
            seen.append(json.loads(await socket.recv()))
    return seen


async def turned_away(plane: Plane, interview_id: str, frame: str) -> tuple[int | None, str]:
    """With which code and for what reason a socket with this first frame is closed."""
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as socket:
        await socket.send(frame)
        detail = (await until(socket, "error"))[-1]["data"]["detail"]
        return await close_code(socket), detail


async def test_every_named_interviewer_gets_what_the_bot_tells_and_nobody_else_does(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    assert spec.mode == "copilot"
    assert (await client.get(f"/v1/interviews/{interview_id}")).json()["mode"] == "copilot"
    grace, olga = await link(client, interview_id), await link(client, interview_id, name="Olga")
    stream_path = plane.sockets(f"/v1/interviews/{interview_id}/stream")
    async with (
        uplink(spec) as bot,
        opened(plane, interview_id, grace) as panel,
        opened(plane, interview_id, olga) as second,
        connect(stream_path) as stream,
    ):
        await stream.send(json.dumps({"token": plane.token()}))
        await bot.event(None, "coverage.updated", criterion_id="design", state="thin", evidence_turns=[2])
        await bot.event(None, "suggestion.created", **CARD)
        await bot.event(1, "suggestion.created", **CARD)  # a bot that goes wrong
        shown = await until(panel, "suggestion.created")
        assert [(one["seq"], one["type"]) for one in shown] == [(1, "coverage.updated"), (2, "suggestion.created")]
        assert shown[-1]["data"] == CARD
        assert await until(second, "suggestion.created") == shown
        edit = {"type": "feedback", "id": "s1", "verdict": "edited", "text": "What came of it?"}
        await panel.send(json.dumps(edit))
        noted = (await until(panel, "suggestion.feedback"))[-1]["data"]
        assert (noted["id"], noted["kind"], noted["verdict"], noted["text"]) == (
            "s1",
            "result",
            "edited",
            "What came of it?",
        )
        assert (await until(second, "suggestion.feedback"))[-1]["data"] == noted
        for wrong in ({"type": "feedback", "id": "s9", "verdict": "used"}, {"type": "feedback", "id": "s1"}, {}):
            await panel.send(json.dumps(wrong))
            assert (await until(panel, "error"))[-1]["data"]["detail"]
        await bot.says(2, 1, "I built a queue.")
        read = json.dumps(await until(stream, "turn.final"))
    events = await plane.services.interviews.events_after(spec_tenant(plane), interview_id, 0)
    everything = read + json.dumps([event.as_json() for event in events])
    for path in ("", "/transcript", "/summary"):
        everything += (await client.get(f"/v1/interviews/{interview_id}{path}")).text
    assert "whispered" not in everything
    assert "suggestion.feedback" not in everything
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot?after=1")) as again:
        await again.send(await ticket(plane, interview_id, grace))
        types = [one["type"] for one in await until(again, "suggestion.feedback")]
        assert types == ["snapshot", "suggestion.created", "suggestion.feedback"]


def spec_tenant(plane: Plane) -> str:
    return "acme" + plane.suffix


async def test_a_ticket_opens_the_panel_once_and_says_so(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, mode="copilot")
    other = await plane.created(client)
    good = await ticket(plane, interview_id, await link(client, interview_id, participant_id="grace"))
    elsewhere = await ticket(plane, other, await link(client, other))
    holder = await plane.services.interviewers.holder(interview_id, "grace")
    minute_ago = Tickets(plane.services.database, lambda: utc_now() - timedelta(seconds=61))
    old = json.dumps({"ticket": (await minute_ago.issue(holder, interview_id)).ticket})
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as socket:
        await socket.send(good)
        await until(socket, "snapshot")
    assert await turned_away(plane, interview_id, good) == (
        4401,
        "This ticket is used; it opens one socket, once. Get a new one.",
    )
    assert (await turned_away(plane, interview_id, elsewhere))[0] == 4401
    code, detail = await turned_away(plane, interview_id, old)
    assert (code, "expired" in detail) == (4401, True)
    assert (await turned_away(plane, interview_id, json.dumps({"token": plane.token()})))[0] == 4400


async def test_only_links_of_who_holds_the_interview_get_a_ticket(plane: Plane) -> None:
    client = plane.client()
    interview_id, other = await plane.created(client, mode="copilot"), await plane.created(client)
    foreign = await plane.created(plane.client("globex"))
    for token, status, code in (
        (await link(client, interview_id, "candidate"), 403, "not_a_named_interviewer"),
        (await link(client, interview_id, "observer"), 403, "not_a_named_interviewer"),
        (await link(client, other), 403, "forbidden"),
        (await link(plane.client("globex"), foreign), 403, "forbidden"),
        (plane.token("globex"), 404, "not_found"),
        ("nonsense", 401, "token_forged"),
    ):
        refused = await ask_in(plane, interview_id, token)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    grace = await link(client, interview_id)
    async with httpx.AsyncClient(
        base_url=plane.url, headers={"Authorization": f"Bearer {grace}"}, timeout=HANG_S
    ) as guest:
        assert (await guest.get(f"/v1/interviews/{interview_id}")).status_code == 401
        keyed = {"Idempotency-Key": "panel-1"}
        path = f"/v1/interviews/{interview_id}/copilot/tickets"
        assert (await guest.post(path, headers=keyed)).status_code == 201
        assert (await guest.post(path, headers=keyed)).json()["code"] == "secret_shown_once"


async def test_who_is_removed_loses_link_and_open_panel_and_gets_both_back_when_named_again(plane: Plane) -> None:
    client = plane.client()
    interview_id = await plane.created(client, mode="copilot")
    people = f"/v1/interviews/{interview_id}/interviewers"
    grace = await link(client, interview_id, participant_id="grace")
    olga = await link(client, interview_id, participant_id="olga", name="Olga")
    async with opened(plane, interview_id, grace) as panel, opened(plane, interview_id, olga) as other:
        assert (await client.delete(f"{people}/grace")).status_code == 204
        assert await close_code(panel) == 4403
        assert (await until(other, "interviewer.removed"))[-1]["data"]["participant_id"] == "grace"
        await other.send(json.dumps({"type": "feedback", "id": "none", "verdict": "used"}))
        await until(other, "error")  # hers stays open
    refused = await ask_in(plane, interview_id, grace)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_named_interviewer")
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as guest:
        card = await guest.get(f"/room/{interview_id}/card", headers={"Authorization": f"Bearer {grace}"})
        assert (card.status_code, card.json()["code"]) == (403, "not_named")
    assert [one["participant_id"] for one in (await client.get(people)).json()["data"]] == ["olga"]
    assert (await client.delete(f"{people}/grace")).status_code == 404
    assert (await client.put(f"{people}/grace", json={"name": "Grace"})).status_code == 200
    assert (await ask_in(plane, interview_id, grace)).status_code == 201
    assert (await client.put(f"{people}/grace", json={"name": "Grace", "copilot": False})).status_code == 200
    assert (await ask_in(plane, interview_id, grace)).json()["required_permission"] == "copilot:use"
    done = [one["action"] for one in (await client.get("/v1/audit")).json()["data"]]
    assert done.count("interviewer.named") == 3
    assert done.count("interviewer.removed") == 1


async def test_whose_right_is_revoked_with_the_panel_open_sees_it_closed_and_nothing_more(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id, participant_id="grace")
    olga = await link(client, interview_id, participant_id="olga", name="Olga")
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        async with opened(plane, interview_id, olga) as other:
            path = f"/v1/interviews/{interview_id}/interviewers/grace"
            assert (await client.put(path, json={"name": "Grace", "copilot": False})).status_code == 200
            await bot.event(None, "suggestion.created", **CARD)
            shown = [one["type"] for one in await until(other, "suggestion.created")]
            assert shown == ["interviewer.changed", "suggestion.created"], "hers goes on"
        seen = []
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(HANG_S):
                while True:
                    seen.append(json.loads(await panel.recv())["type"])
        assert (panel.close_code, panel.close_reason) == (4403, "not_a_named_interviewer")
        assert seen == ["interviewer.changed"]
    refused = await ask_in(plane, interview_id, grace)
    assert (refused.status_code, refused.json()["required_permission"]) == (403, "copilot:use")
    async with httpx.AsyncClient(base_url=plane.url) as guest:
        card = await guest.get(f"/room/{interview_id}/card", headers={"Authorization": f"Bearer {grace}"})
        assert card.status_code == 200, "the interview is still theirs to hold"


async def test_what_opened_the_panel_keeps_it_open_no_longer_than_it_is_good(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    keys = [(await client.post("/v1/keys", json={"name": "Panel", "scopes": list(USES)})).json() for _ in range(3)]
    for key in keys:
        path = f"/v1/interviews/{interview_id}/interviewers/{key['id']}"
        await client.put(path, json={"name": "Grace", "subject": key["id"]})
    unused = await ticket(plane, interview_id, keys[2]["key"])
    floor = {"type": "floor", "to": "bot", "questions": 1}
    async with (
        uplink(spec) as bot,
        opened(plane, interview_id, keys[0]["key"], len(keys)) as acting,
        opened(plane, interview_id, keys[1]["key"], len(keys)) as reading,
        opened(plane, interview_id, await link(client, interview_id)) as other,
    ):
        for key in keys:
            assert (await client.delete(f"/v1/keys/{key['id']}")).status_code == 204
        await acting.send(json.dumps(floor))
        assert (await until(acting, "error"))[-1]["data"]["code"] == "key_revoked"
        assert await close_code(acting) == 4401
        await bot.event(None, "suggestion.created", **CARD)
        await until(other, "suggestion.created")
        assert [one["type"] for one in await until(reading, "error")] == ["error"], "not a word more"
        assert await close_code(reading) == 4401
    code, detail = await turned_away(plane, interview_id, unused)
    assert (code, "revoked" in detail) == (4401, True)
    told = [event.data for event in await plane.services.interviews.events_after(spec_tenant(plane), interview_id, 0)]
    assert "floor" not in json.dumps(told)


async def test_a_panel_closes_by_itself_when_its_link_or_token_expires(tmp_path: Path) -> None:
    async with running(tmp_path, stream_ping_s=0.1) as plane:
        client = plane.client()
        interview_id = await plane.created(client, mode="copilot")
        claims = jwt.decode(await link(client, interview_id), options={"verify_signature": False})
        claims["exp"] = int(utc_now().timestamp()) - LEEWAY_S + 2
        soon = jwt.encode(claims, signing_secret(load_settings(data_dir=tmp_path).secret_file), ALGORITHM)
        token = plane.services.tokens.issue("acme", expires_in=timedelta(seconds=2 - LEEWAY_S))
        async with opened(plane, interview_id, soon) as by_link, opened(plane, interview_id, token) as by_token:
            for panel in (by_link, by_token):
                assert (await until(panel, "error"))[-1]["data"]["code"] == "token_expired"
                assert await close_code(panel) == 4401
        for late in (soon, token):
            assert (await ask_in(plane, interview_id, late)).json()["code"] == "token_expired"


async def test_a_callers_token_opens_it_for_the_named_and_for_admins(plane: Plane) -> None:
    client, user = plane.client(), plane.client("acme", *USES)
    interview_id = await plane.created(client, mode="copilot")

    async def with_ticket(by: httpx.AsyncClient) -> str:
        answer = await by.post("/v1/tickets", json={"interview_id": interview_id})
        return json.dumps({"ticket": answer.json()["ticket"]})

    code, detail = await turned_away(plane, interview_id, await with_ticket(user))
    assert (code, "PUT …/interviewers/{participant_id} names them" in detail) == (4403, True)
    reader = plane.client("acme", "interview:read", "transcript:read")
    assert (await turned_away(plane, interview_id, await with_ticket(reader)))[0] == 4403
    for named in (False, True):
        async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as socket:
            await socket.send(await with_ticket(client))
            await until(socket, "snapshot")
        if not named:
            path = f"/v1/interviews/{interview_id}/interviewers/grace"
            await client.put(path, json={"name": "Grace", "subject": "admin"})
    async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as socket:
        await socket.send(await with_ticket(user))
        await until(socket, "snapshot")
    done = [one["action"] for one in (await client.get("/v1/audit")).json()["data"]]
    assert done.count("copilot.opened_unnamed") == 1, "an admin's look at a panel that is not theirs is on the record"


async def test_after_the_bots_line_was_down_the_panel_shows_how_things_stand_now(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id)
    thin = {"criterion_id": "design", "state": "thin", "evidence_turns": [2]}
    async with opened(plane, interview_id, grace) as panel:
        async with uplink(spec) as bot:
            await bot.event(None, "coverage.updated", **thin)
            await bot.event(None, "suggestion.created", **CARD)
            await until(panel, "suggestion.created")
        whole = thin | {"state": "sufficient", "evidence_turns": [2, 3]}
        stands = [
            {"type": "coverage.updated", "data": whole},
            {"type": "suggestion.expired", "data": {"id": "s1", "reason": "late"}},
            {"type": "suggestion.created", "data": CARD | {"id": "s2", "expires_in_s": 12.0}},
            {"type": "time.updated", "data": {"left_s": 300}},
        ]
        async with uplink(spec) as bot:
            await bot.event(None, "panel.stands", told=[*stands, {"type": "ask.answer", "data": {}}])  # goes wrong
            await bot.event(None, "panel.stands", told=stands)
            await bot.event(None, "panel.stands", told=stands)
            await bot.event(None, "guard.warning", who="interviewer", turn=9)
            shown = [(one["type"], one["data"]) for one in await until(panel, "guard.warning")]
            assert shown[:-1] == [(one["type"], one["data"]) for one in stands]
            await bot.event(1, "panel.stands", told=stands)
            await bot.acknowledged(1)
    summary = (await client.get(f"/v1/interviews/{interview_id}/copilot/summary")).json()["kinds"]
    assert [(one["created"], one["expired"]) for one in summary] == [(2, 1)]
    events = await plane.services.interviews.events_after(spec_tenant(plane), interview_id, 0)
    assert "sufficient" not in json.dumps([event.as_json() for event in events])


async def test_a_question_is_answered_from_what_was_said_to_every_interviewer(plane: Plane) -> None:
    client = plane.client()
    judged = PLAN | {"criteria": [{"id": "design", "name": "Design"}]}
    interview_id, spec = await plane.started(client, mode="copilot", plan=judged)
    grace, olga = await link(client, interview_id), await link(client, interview_id, name="Olga")
    ask = {"type": "ask", "id": "a1", "question": "What did the candidate say about the queue?"}
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        await bot.event(None, "coverage.updated", criterion_id="design", state="thin", evidence_turns=[2])
        await bot.says(1, 1, "I built a queue for invoices. Then I went home.")
        await bot.acknowledged(1)
        async with opened(plane, interview_id, olga) as second:
            await panel.send(json.dumps(ask))
            for one in (panel, second):
                asked, answer = (await until(one, "ask.answer"))[-2:]
                assert (asked["type"], asked["data"]["id"], asked["data"]["question"]) == (
                    "ask.request",
                    "a1",
                    ask["question"],
                )
                quote = {
                    "source": "transcript",
                    "turn": 1,
                    "speaker": "Candidate",
                    "text": "I built a queue for invoices.",
                    "start_ms": 1000,
                }
                said = answer["data"]
                assert (said["id"], said["known"], said["by_engine"], said["quotes"]) == ("a1", True, "rules", [quote])
        await panel.send(json.dumps({**ask, "id": "open", "question": "What is still open?"}))
        still_open = (await until(panel, "ask.answer"))[-1]["data"]["text"]
        assert "Design (thin)" in still_open and "What broke?" in still_open
        await panel.send(json.dumps(ask))  # a page that lost the answer: it is on the line already
        await panel.send(json.dumps({**ask, "id": "a2", "question": "What was the budget?"}))
        more = await until(panel, "ask.answer")
        assert [one["data"]["id"] for one in more] == ["a2", "a2"]
        assert not more[-1]["data"]["known"]
        for number in range(3, 11):
            await panel.send(json.dumps({**ask, "id": f"a{number}"}))
        refused = (await until(panel, "error"))[-1]["data"]
        assert (refused["code"], refused["id"]) == ("rate_limited", "a10")
        assert "10 questions in a minute" in refused["detail"]
    events = await plane.services.interviews.events_after(spec_tenant(plane), interview_id, 0)
    assert not [event for event in events if event.type.startswith("ask.")]


async def test_the_quiet_key_is_told_to_the_bot_once_and_survives_a_reload(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id)
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        for on in (True, True, False, True):
            await panel.send(json.dumps({"type": "quiet", "on": on}))
        changed = [(await until(panel, "quiet.changed"))[-1]["data"]["on"] for _ in range(3)]
        assert changed == [True, False, True]
        told = await bot.told()
        while not told["data"]["on"] or bot.commands:  # of several that were not done yet the newest alone is told
            await bot.done(told)
            told = await bot.told()
        assert told["command"] == "quiet"
        async with connect(plane.sockets(f"/v1/interviews/{interview_id}/copilot")) as reloaded:
            await reloaded.send(await ticket(plane, interview_id, grace))
            assert (await until(reloaded, "snapshot"))[-1]["data"]["interview"]["quiet"] is True


@pytest.mark.parametrize(("language", "unwatched"), [("en", []), ("de", ["leading"])])
async def test_the_panel_is_told_what_nothing_watches_for_in_the_interviews_language(
    plane: Plane, language: str, unwatched: list[str]
) -> None:
    client = plane.client()
    plan = {**PLAN, "language": language}
    interview_id = await plane.created(client, mode="copilot", language=language, plan=plan)
    path = plane.sockets(f"/v1/interviews/{interview_id}/copilot")
    async with connect(path) as panel:
        await panel.send(await ticket(plane, interview_id, await link(client, interview_id)))
        assert (await until(panel, "snapshot"))[-1]["data"]["interview"]["unwatched"] == unwatched


async def card(bot: Bot, id_: str, kind: str, *, over: bool = False) -> None:
    await bot.event(None, "suggestion.created", id=id_, kind=kind, text=f"Ask {id_}.", quotes=[])
    if over:
        await bot.event(None, "suggestion.expired", id=id_, reason="late")


async def test_the_bot_hears_once_that_a_card_needs_no_attention_any_more(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id)
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        await card(bot, "s1", "result", over=True)
        await card(bot, "s2", "probe")
        await until(panel, "suggestion.expired")
        await until(panel, "suggestion.created")
        decisions = (("s1", "used"), ("s2", "accepted"), ("s2", "accepted"), ("s2", "used"), ("s9", "dismissed"))
        for id_, verdict in decisions:  # one that is over, one that is shown, twice and again, one there is not
            await panel.send(json.dumps({"type": "feedback", "id": id_, "verdict": verdict}))
        await until(panel, "error")
        await panel.send(json.dumps({"type": "quiet", "on": True}))
        told = [await bot.told(), await bot.told()]
        assert [(one["command"], one["data"].get("id")) for one in told] == [("card", "s2"), ("quiet", None)]
        for one in told:
            await bot.done(one)
    assert (await client.post(f"/v1/interviews/{interview_id}/rejoin")).status_code == 202
    assert plane.spec_of(interview_id).copilot.shown is None, "whoever takes over is not held back by it either"


async def test_what_became_of_cards_is_told_by_kind_and_a_kind_that_helps_nobody_is_muted(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id)
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        for number in range(MUTED_FROM):
            await card(bot, f"p{number}", "probe", over=True)
        for id_, verdict in (("r1", "accepted"), ("r2", "edited"), ("r3", "dismissed"), ("r4", "used")):
            await card(bot, id_, "result", over=id_ == "r3")
            while (await until(panel, "suggestion.created"))[-1]["data"]["id"] != id_:
                pass
            await panel.send(json.dumps({"type": "feedback", "id": id_, "verdict": verdict}))
            await until(panel, "suggestion.feedback")
        for id_ in ("r1", "r2"):  # and then they were asked
            await panel.send(json.dumps({"type": "feedback", "id": id_, "verdict": "used"}))
            await until(panel, "suggestion.feedback")
    headers = {"Authorization": f"Bearer {grace}"}
    async with httpx.AsyncClient(base_url=plane.url, headers=headers, timeout=HANG_S) as guest:
        of_one = await guest.get(f"/v1/interviews/{interview_id}/copilot/summary")
        assert of_one.status_code == 200
        assert (await guest.get("/v1/copilot/summary")).status_code == 401
    probe, result = of_one.json()["kinds"]
    assert (probe["kind"], probe["created"], probe["ignored"], probe["expired"]) == ("probe", 20, 20, 20)
    assert (probe["precision"], probe["shares"]["ignored"], probe["muted"]) == (0.0, 1.0, True)
    counts = {key: result[key] for key in ("created", "accepted", "edited", "dismissed", "used", "ignored", "expired")}
    assert counts == {
        "created": 4, "accepted": 2, "edited": 1, "dismissed": 1, "used": 3, "ignored": 0, "expired": 1
    }  # fmt: skip
    assert (result["precision"], result["shares"]["used"], result["muted"]) == (0.75, 0.75, False)
    assert (await client.get("/v1/copilot/summary")).json()["kinds"] == [probe, result]
    long_ago = {"from": "2026-01-01", "to": "2026-01-31"}
    assert (await client.get("/v1/copilot/summary", params=long_ago)).json()["kinds"] == []
    assert (await plane.client("globex").get("/v1/copilot/summary")).json()["kinds"] == []
    backwards = {"from": "2026-02-01", "to": "2026-01-31"}
    assert (await client.get("/v1/copilot/summary", params=backwards)).status_code == 422
    assert (await plane.client("acme", "interview:read").get("/v1/copilot/summary")).status_code == 403


async def test_a_card_is_read_aloud_to_who_asks_and_the_line_says_so(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    grace = await link(client, interview_id, participant_id="grace")
    path = f"/v1/interviews/{interview_id}/copilot/cards"
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        await card(bot, "s1", "probe")
        await until(panel, "suggestion.created")
        async with httpx.AsyncClient(
            base_url=plane.url, headers={"Authorization": f"Bearer {grace}"}, timeout=HANG_S
        ) as guest:
            heard = await guest.get(f"{path}/s1/speech")
            assert (heard.status_code, heard.headers["content-type"]) == (200, "audio/wav")
            assert np.array_equal(pcm_of(heard.content, VOICE_RATE), TONE)
            assert (await guest.get(f"{path}/s9/speech")).status_code == 404
        for type_ in ("whisper.requested", "whisper.played"):
            assert (await until(panel, type_))[-1]["data"] == {"id": "s1", "by": "grace"}
    candidate = await link(client, interview_id, "candidate")
    async with httpx.AsyncClient(
        base_url=plane.url, headers={"Authorization": f"Bearer {candidate}"}, timeout=HANG_S
    ) as other:
        assert (await other.get(f"{path}/s1/speech")).status_code == 403
    assert (await plane.client("globex").get(f"{path}/s1/speech")).status_code == 404
    assert (await client.get(f"{path}/s1/speech")).status_code == 200


async def test_a_bot_that_takes_over_knows_key_cards_and_muted_kinds(plane: Plane) -> None:
    client = plane.client()
    interview_id, spec = await plane.started(client, mode="copilot")
    assert spec.copilot == CopilotSoFar()
    grace = await link(client, interview_id)
    async with uplink(spec) as bot, opened(plane, interview_id, grace) as panel:
        for number in range(MUTED_FROM):
            await card(bot, f"s{number}", "probe", over=True)
        await card(bot, "s99", "result")
        while (await until(panel, "suggestion.created"))[-1]["data"]["id"] != "s99":
            pass
        await panel.send(json.dumps({"type": "quiet", "on": True}))
        await until(panel, "quiet.changed")
    assert (await client.post(f"/v1/interviews/{interview_id}/rejoin")).status_code == 202
    heir = plane.spec_of(interview_id)
    told = heir.copilot
    assert (heir.epoch, told.quiet, told.muted, told.numbered, told.spent, told.shown) == (
        2,
        True,
        ("probe",),
        99,
        MUTED_FROM + 1,
        "s99",
    )
    assert "Ask s99." in told.offered
    other, other_spec = await plane.started(client, mode="copilot")
    assert (other_spec.copilot.muted, other_spec.copilot.quiet, other_spec.copilot.numbered) == (("probe",), False, 0)
    assert other != interview_id

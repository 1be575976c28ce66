"""The interviewer's private line: who may open it, and that nobody else gets a word of it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.guards import HANG_S
from tests.integration.plane import Plane, close_code, running, uplink

CARD = {"id": "s1", "kind": "result", "text": "What came of the whispered plan?", "quotes": []}
USES = ("interview:read", "transcript:read", "copilot:use")


async def ticket(plane: Plane, interview_id: str, tenant: str = "acme", *scopes: str) -> str:
    answer = await plane.client(tenant, *scopes).post("/v1/tickets", json={"interview_id": interview_id})
    assert answer.status_code == 201, answer.text
    return json.dumps({"ticket": answer.json()["ticket"]})


async def until(socket: ClientConnection, type_: str) -> list[dict[str, Any]]:
    """Everything up to the next frame of a type."""
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(HANG_S):
        while not seen or seen[-1]["type"] != type_:
            seen.append(json.loads(await socket.recv()))
    return seen


async def test_the_panel_gets_what_the_bot_tells_it_and_nobody_else_does(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        client = plane.client()
        interview_id, spec = await plane.started(client, mode="copilot")
        assert spec.mode == "copilot"
        assert (await client.get(f"/v1/interviews/{interview_id}")).json()["mode"] == "copilot"
        private = plane.sockets(f"/v1/interviews/{interview_id}/copilot")
        public = plane.sockets(f"/v1/interviews/{interview_id}/stream")
        async with uplink(spec) as bot, connect(private) as panel, connect(public) as stream:
            await panel.send(await ticket(plane, interview_id, "acme", *USES))
            await stream.send(json.dumps({"token": plane.token()}))
            await until(panel, "snapshot")
            await bot.event(None, "coverage.updated", criterion_id="design", state="thin", evidence_turns=[2])
            await bot.event(None, "suggestion.created", **CARD)
            await bot.event(1, "suggestion.created", **CARD)  # a bot that goes wrong
            shown = await until(panel, "suggestion.created")
            assert [(one["seq"], one["type"]) for one in shown] == [(1, "coverage.updated"), (2, "suggestion.created")]
            assert shown[-1]["data"] == CARD
            await panel.send(json.dumps({"type": "feedback", "id": "s1", "verdict": "dismissed"}))
            noted = (await until(panel, "suggestion.feedback"))[-1]["data"]
            assert (noted["id"], noted["kind"], noted["verdict"]) == ("s1", "result", "dismissed")
            for wrong in ({"type": "feedback", "id": "s9", "verdict": "used"}, {"type": "feedback", "id": "s1"}):
                await panel.send(json.dumps(wrong))
                assert (await until(panel, "error"))[-1]["data"]["detail"]
            await bot.says(2, 1, "I built a queue.")
            read = json.dumps(await until(stream, "turn.final"))
        events = await plane.services.interviews.events_after("acme", interview_id, 0)
        everything = read + json.dumps([event.as_json() for event in events])
        for path in ("", "/transcript", "/summary"):
            everything += (await client.get(f"/v1/interviews/{interview_id}{path}")).text
        assert "whispered" not in everything
        assert "suggestion.feedback" not in everything
        async with connect(f"{private}?after=1") as again:
            await again.send(await ticket(plane, interview_id, "acme", *USES))
            types = [one["type"] for one in await until(again, "suggestion.feedback")]
            assert types == ["snapshot", "suggestion.created", "suggestion.feedback"]


async def test_the_panel_opens_once_for_those_who_may_use_it(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        interview_id = await plane.created(plane.client(), mode="copilot")
        path = plane.sockets(f"/v1/interviews/{interview_id}/copilot")
        other = await plane.created(plane.client("globex"))
        good = await ticket(plane, interview_id, "acme", *USES)
        reader = await ticket(plane, interview_id, "acme", "interview:read", "transcript:read")
        foreign = await ticket(plane, other, "globex", *USES)
        async with connect(path) as socket:
            await socket.send(good)
            await until(socket, "snapshot")
        for frame, code in (
            (good, 4401),
            (reader, 4403),
            (foreign, 4401),
            (json.dumps({"token": plane.token()}), 4400),
        ):
            async with connect(path) as socket:
                await socket.send(frame)
                assert await close_code(socket) == code

"""A copilot interview for pages to be in: what its panel is told, who holds it, and the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Page, WebSocket

from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from bot.spec import BotSpec
from tests.browser.conftest import Reporter, Server, reporting

CRITERIA = [{"id": "design", "name": "Design of systems"}, {"id": "care", "name": "Care in operation"}]
PLAN = {
    "title": "Backend engineer",
    "minutes": 30,
    "criteria": CRITERIA,
    "sections": [
        {
            "id": "work",
            "name": "Work",
            "questions": [
                {"id": "system", "text": "Tell me about a system you built.", "criteria": ["design"]},
                {"id": "incident", "text": "What broke last, and what did you do?", "criteria": ["care"]},
                {"id": "tools", "text": "Which tools do you like?", "priority": "optional"},
            ],
        }
    ],
}
WIDE = {"width": 1360, "height": 900}
CARD: dict[str, Any] = {
    "id": "s1",
    "kind": "result",
    "text": "What came of the new timetable service in the end?",
    "question_id": "system",
    "criterion_ids": ["design"],
    "quotes": [{"turn": 2, "text": "We moved the timetable service from nightly files to a stream of events."}],
    "strong": "Names what changed for users, with a number.",
    "weak": "Stops at what was built.",
    "expires_in_s": 60,
}
WARNING = {
    "who": "interviewer",
    "turn": 3,
    "category": "family",
    "words": "do you have children",
    "reason": "Family plans have no bearing on the work.",
    "rephrase": "Can you work the shifts that this job has?",
}
TIME: dict[str, Any] = {
    "left_s": 1260,
    "core_needed_s": 360,
    "core_question_ids": ["incident"],
    "drop_question_ids": [],
    "shorten": False,
    "question_id": "system",
    "asked_question_ids": ["system"],
}
COVERED = {
    "criterion_id": "design",
    "name": "Design of systems",
    "state": "thin",
    "evidence_turns": [2],
    "evidence": [{"turn": 2, "text": "We moved the timetable service."}],
}


@dataclass
class Seen:
    """All that a page was sent over its sockets, and what it asked for."""

    frames: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        def opened(socket: WebSocket) -> None:
            self.urls.append(socket.url)
            socket.on("framereceived", lambda payload: self.frames.append(str(payload)))

        page.on("websocket", opened)
        page.on("request", lambda request: self.urls.append(request.url))

    def told(self, words: str) -> bool:
        return any(words in one for one in (*self.frames, *self.urls))


@dataclass
class Call:
    """One interview that was started, with what its people hold. path: of the interview in the API."""

    path: str
    spec: BotSpec
    api: httpx.AsyncClient
    links: dict[str, str]


async def started(server: Server, **more: Any) -> Call:
    """A copilot interview that Grace holds with Ada. more: of the interview."""
    api = server.api()
    body = {"plan": PLAN, "mode": "copilot", "candidate": {"name": "Ada"}, "organisation": "Marchland Rail"}
    id_ = (await _sent(api, "/v1/interviews", body | more))["id"]
    interview = f"/v1/interviews/{id_}"
    links = {
        role: (await _sent(api, f"{interview}/links", {"role": role, "name": name}))["url"]
        for role, name in (("candidate", "Ada"), ("interviewer", "Grace"))
    }
    await _sent(api, f"{interview}/start", {})
    return Call(interview, server.plane.spec_of(id_), api, links)


async def _sent(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


@asynccontextmanager
async def bot_of(spec: BotSpec) -> AsyncIterator[tuple[RoomConnection, Reporter]]:
    """The bot as room and control plane see it; it does what the test says."""

    def deaf(participant: Participant, pcm: object) -> None:
        pass

    token = spec.room.token.get_secret_value()
    async with join_room(spec.room.url, token, ear=deaf) as bot, reporting(spec) as reporter:
        yield bot, reporter

"""A copilot interview in one Chromium: the interviewer's page with its panel, the candidate's, and the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, WebSocket, expect

from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from bot.spec import BotSpec
from tests.browser.accessibility import looked_at
from tests.browser.conftest import PHONE, Chromium, Look, Reporter, Server, picture, reporting, tone, turn

pytestmark = pytest.mark.browser

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
PRIVATE = ("timetable service in the end", "Names what changed", "do you have children", "suggestion.", "/panel.js")
COVERED = {
    "criterion_id": "design",
    "name": "Design of systems",
    "state": "thin",
    "evidence_turns": [2],
    "evidence": [{"turn": 2, "text": "We moved the timetable service."}],
}


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    return tone(tmp_path / "voice.wav")


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


@asynccontextmanager
async def started(server: Server) -> AsyncIterator[Call]:
    """A copilot interview that Grace holds with Ada."""
    headers = {"Authorization": f"Bearer {server.token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=30, trust_env=False) as api:
        body = {"plan": PLAN, "mode": "copilot", "candidate": {"name": "Ada"}, "organisation": "Marchland Rail"}
        interview = f"/v1/interviews/{(await _sent(api, '/v1/interviews', body))['id']}"
        links = {
            role: (await _sent(api, f"{interview}/links", {"role": role, "name": name}))["url"]
            for role, name in (("candidate", "Ada"), ("interviewer", "Grace"))
        }
        await _sent(api, f"{interview}/start", {})
        yield Call(interview, server.launcher.specs[-1], api, links)


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


async def walk_in(page: Page, link: str, join: str) -> None:
    await page.goto(link)
    await page.get_by_role("button", name="Turn on my microphone").click()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=join).click()
    await expect(page.get_by_role("group", name="Your call")).to_be_visible()


async def test_the_panel_is_the_interviewers_alone(chromium: Chromium, server: Server, voice: Path) -> None:
    looks = Look("light", WIDE), Look("dark", PHONE)
    async with started(server) as call, chromium.pages(*looks, microphone=voice) as (grace, ada):
        hers, adas = Seen(), Seen()
        hers.watch(grace)
        adas.watch(ada)
        await walk_in(ada, call.links["candidate"], "Join the interview")
        await expect(ada.locator("#floor")).to_have_text("Waiting for your interviewer")
        await picture(ada, "copilot-1-candidate-first-phone-dark")
        await grace.goto(call.links["interviewer"])
        await expect(grace.get_by_text("This is the link of Grace, who interviews Ada")).to_be_visible()
        await walk_in(grace, call.links["interviewer"], "Join the call")
        async with bot_of(call.spec) as (_, bot):
            await expect(ada.locator("#floor")).to_have_text("Grace leads")
            await expect(ada.locator("#news")).to_have_text("Grace (interviewer) has joined.")
            await expect(ada.get_by_text("Viva listens, takes notes and helps")).to_be_visible()
            await _suggest(grace, bot)
            await _look(grace, ada)
            await _act(grace)
            await _lose_and_find(grace, bot)
            await _drop(ada)
            await _hand_over(grace, ada, bot)
            await _change_mode(grace, ada, bot)
            assert all(hers.told(words) for words in PRIVATE), "the panel was told all of it"
            assert [words for words in PRIVATE if adas.told(words) or words in await ada.content()] == []
            await _remove(grace, call)
            await grace.get_by_role("button", name="Leave").click()
            await grace.get_by_role("dialog").get_by_role("button", name="Leave").click()
            await expect(ada.locator("#news")).to_have_text("Grace (interviewer) has left the call.")
            await expect(ada.locator("#floor")).to_have_text("Waiting for your interviewer")


async def _suggest(grace: Page, bot: Reporter) -> None:
    panel = grace.get_by_role("complementary")
    await expect(panel.get_by_text("Live")).to_be_visible()
    await expect(panel.get_by_text("Not touched")).to_have_count(2)
    await bot.tell("turn.final", **turn(2, "candidate", "We moved the timetable service."))
    await bot.whisper("coverage.updated", **COVERED)
    await bot.whisper("time.updated", **TIME)
    await bot.whisper("suggestion.created", **CARD)
    await bot.whisper("guard.warning", **WARNING)
    await expect(panel.get_by_role("alert")).to_contain_text("Ask instead: Can you work the shifts")
    await expect(panel.get_by_text(CARD["text"], exact=True)).to_be_visible()
    await expect(panel.get_by_text("21 min left")).to_be_visible()
    await expect(panel.get_by_text("1 of 3 asked")).to_be_visible()
    await panel.get_by_text("Design of systems").click()
    await expect(panel.get_by_role("listitem").get_by_text("“We moved the timetable service.”")).to_be_visible()


async def _look(grace: Page, ada: Page) -> None:
    """What there is to see, in both themes and on both widths."""
    for size, width in ((PHONE, "phone"), (WIDE, "desk")):
        await grace.set_viewport_size(size)  # type: ignore[arg-type]
        await expect(grace.get_by_role("complementary").get_by_role("alert")).to_be_in_viewport()
        await looked_at(grace, f"copilot-2-panel-{width}", whole=True)
    await looked_at(ada, "copilot-2-candidate-phone")


async def _act(grace: Page) -> None:
    """By keyboard alone: the warning is understood, the card reworded and asked, the panel hidden and shown."""
    panel = grace.get_by_role("complementary")
    await panel.get_by_role("button", name="Understood").press("Enter")
    await expect(panel.get_by_role("alert")).to_have_text("")
    await expect(panel.get_by_role("heading", name="Copilot", exact=True)).to_be_focused()
    await grace.keyboard.press("e")
    words = panel.get_by_label("Your words for it")
    await expect(words).to_be_focused()
    await words.fill("And what did users notice?")
    await grace.keyboard.press("q")  # a letter, in a field
    await expect(words).to_have_value("And what did users notice?q")
    await panel.get_by_role("button", name="Use these words").click()
    await expect(panel.get_by_text("Ask it when it fits:")).to_be_visible()
    quiet = panel.get_by_role("button", name="Quiet")
    for pressed in ("true", "false"):
        await grace.keyboard.press("q")
        await expect(quiet).to_have_attribute("aria-pressed", pressed)
    await panel.get_by_label("About what was said").fill("What was said about the timetable service?")
    await grace.keyboard.press("Enter")
    await expect(panel.get_by_role("log")).to_contain_text("“We moved the timetable service.”Said")
    await panel.get_by_role("button", name="Hide").focus()
    await grace.keyboard.press("b")
    await expect(panel.get_by_text("Hidden, so that you can share your screen.")).to_be_visible()
    await expect(panel.get_by_text("And what did users notice?q")).to_be_hidden()
    await grace.keyboard.press("b")
    await expect(panel.get_by_text("And what did users notice?q")).to_be_visible()


async def _lose_and_find(grace: Page, bot: Reporter) -> None:
    """A reload and a network that drops: the panel stands as it stood, and what came meanwhile is there."""
    panel = grace.get_by_role("complementary")
    await grace.reload()
    await grace.get_by_role("button", name="Rejoin the call").click()
    await expect(panel.get_by_text("And what did users notice?q")).to_be_visible()
    await expect(panel.get_by_text("21 min left")).to_be_visible()
    await panel.get_by_text("Settings").click()
    await panel.get_by_label("Read new cards to my ear").check()
    await grace.context.set_offline(True)
    await expect(panel.get_by_text("Reconnecting")).to_be_visible()
    await bot.whisper("suggestion.created", **{**CARD, "id": "s2", "text": "Who paid for the new service?"})
    await grace.context.set_offline(False)
    await expect(panel.get_by_text("Who paid for the new service?", exact=True)).to_be_visible()
    await bot.whisper("suggestion.created", **{**CARD, "id": "s3", "text": "Who paid for it?"})
    async with grace.expect_request("**/copilot/cards/s3/speech") as asked:
        await expect(panel.get_by_text("Who paid for it?", exact=True)).to_be_visible()
    assert (await (await asked.value).header_value("authorization") or "").startswith("Bearer ")
    await expect(panel.get_by_text("It can't be read aloud now.")).to_be_visible()  # nothing speaks here
    await grace.keyboard.press("d")
    await expect(panel.get_by_text("Who paid for it?", exact=True)).to_be_hidden()


async def _hand_over(grace: Page, ada: Page, bot: Reporter) -> None:
    """The bot is lent the floor and gives it back; both pages say who leads, a reloaded one too."""
    panel = grace.get_by_role("complementary")
    await panel.get_by_role("button", name="Let Viva ask the next 2 questions").press("Enter")
    asked = await bot.told("floor")
    assert (asked["to"], asked["questions"]) == ("bot", 2)
    change = {"from": "interviewer", "to": "bot", "by": asked["by"]}
    await bot.tell("floor.changed", **change, questions=2)
    await bot.tell(
        "floor",
        numbered=False,
        floor="listening",
        expecting="answer",
        question_id="incident",
        number=2,
        of=3,
        mode="copilot",
        leads="bot",
    )
    await expect(panel.get_by_text("Viva leads: 2 more questions.")).to_be_visible()
    await expect(panel.get_by_role("button", name="I'll take it back")).to_be_focused()
    await expect(ada.locator("#news")).to_have_text("Viva asks the next 2 questions.")
    await expect(ada.get_by_role("button", name="Repeat")).to_be_visible()
    await picture(ada, "copilot-3-bot-leads-phone")
    await ada.reload()
    await ada.get_by_role("button", name="Rejoin the call").click()
    await expect(ada.locator("#floor")).to_have_text("Viva is listening")
    await panel.get_by_role("button", name="I'll take it back").click()
    assert (await bot.told("floor"))["to"] == "interviewer"
    await bot.tell("floor.changed", **{"from": "bot", "to": "interviewer", "by": asked["by"], "reason": "taken_back"})
    await expect(panel.get_by_text("You lead.")).to_be_visible()
    await expect(panel.get_by_text("You took it back.")).to_be_visible()
    await expect(ada.locator("#news")).to_have_text("The interviewers lead again.")


async def _change_mode(grace: Page, ada: Page, bot: Reporter) -> None:
    """Another mode is asked for, confirmed, and told to the candidate once the bot has changed."""
    panel = grace.get_by_role("complementary")
    for mode, answer in (("solo", "Stay"), ("shadow", "Change")):
        await panel.get_by_label("Mode").select_option(mode)
        await grace.get_by_role("dialog").get_by_role("button", name=answer).click()
        await expect(panel.get_by_label("Mode")).to_have_value("copilot")  # until the bot has changed
    assert (await bot.told("mode"))["to"] == "shadow"
    changed: dict[str, Any] = {"from": "copilot", "to": "shadow", "by": "grace", "announced": True}
    await bot.tell("mode.changed", **changed)
    await expect(panel.get_by_text("In shadow nothing is suggested.")).to_be_visible()
    await expect(ada.locator("#news")).to_contain_text("Viva only listens.")
    await expect(ada.get_by_text("Viva listens and takes notes. It does not speak.")).to_be_visible()


async def _drop(ada: Page) -> None:
    """The candidate's network is gone for a moment; what they were heard through is not."""
    await ada.context.set_offline(True)
    await expect(ada.get_by_text("You can go on speaking.")).to_be_visible()
    await ada.context.set_offline(False)
    await expect(ada.locator("#line")).to_have_text("Connected")
    await expect(ada.locator("#floor")).to_have_text("Grace leads")


async def _remove(grace: Page, call: Call) -> None:
    """Who holds the interview no longer has no panel, and is told so."""
    (named,) = (await call.api.get(f"{call.path}/interviewers")).json()["data"]
    answer = await call.api.delete(f"{call.path}/interviewers/{named['participant_id']}")
    assert answer.is_success, answer.text
    await expect(grace.get_by_text("The panel is not yours to see.")).to_be_visible()
    await expect(grace.get_by_role("complementary").get_by_text("Coverage")).to_be_hidden()

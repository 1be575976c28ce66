"""An interview that people hold, in one Chromium, with the real bot on real audio: copilot, a lent floor, shadow, solo.

Each page's microphone says what the test has it say, in a voice of its own.
"""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE, Chromium, Look, picture
from tests.browser.copilot import WIDE, Seen
from tests.browser.serving import Serve, body_of, spoken_wav
from tests.browser.visiting import walk_in

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.asyncio(loop_scope="session")]

MICROPHONE = (Path(__file__).parents[1] / "fakes" / "voice.js").read_text(encoding="utf-8")
HEARD_MS = 30_000  # real speech, text and decisions, on a busy machine
PLAN: dict[str, Any] = {
    "title": "Backend engineer",
    "minutes": 20,
    "criteria": [{"id": "design", "name": "Design of systems"}, {"id": "care", "name": "Care in operation"}],
    "sections": [
        {
            "id": "work",
            "name": "Work",
            "questions": [
                {
                    "id": "system",
                    "text": "Tell me about a system that you designed.",
                    "criteria": ["design"],
                    "expects": ["situation", "action", "result"],
                    "max_followups": 0,
                },
                {
                    "id": "slow",
                    "text": "How do you find out why something is slow?",
                    "criteria": ["care"],
                    "expects": ["action"],
                    "max_followups": 0,
                },
            ],
        }
    ],
}
ASKS = "Tell me about a system that you designed."
ANSWERS = "We built a service that takes orders from three shops and puts them into one long line."
PRIVATE_GROUND = "And do you have children?"
LENDS = "Viva, please take the next question."
MEASURES = "I measure first, and then I change the slowest part of it."
NOTHING_TO_ASK = "No, thank you. I have no questions."
SPEAK = "Viva, are you still there? Please say something to us."
# Never for the candidate's page: frames, requests and what is in it.
PRIVATE = ("suggestion.", "coverage.", "guard.warning", "Ask instead", "/panel.js", "Strong answers")


@dataclass(frozen=True)
class Person:
    """Somebody at a page, who speaks in a voice."""

    page: Page
    serve: Serve
    voice: str

    async def says(self, text: str) -> None:
        sound = base64.b64encode(await spoken_wav(self.serve, text, self.voice)).decode()
        await self.page.evaluate("(sound) => say(sound)", sound)

    async def reads(self, text: str) -> None:
        """Find words in the captions."""
        await expect(self.page.get_by_role("log", name="What was said")).to_contain_text(text, timeout=HEARD_MS)


async def test_people_hold_an_interview_and_the_bot_helps_leads_for_a_while_and_is_silent(
    chromium: Chromium, serve: Serve
) -> None:
    async with serve.api() as api, chromium.pages(Look(size=WIDE), Look(size=PHONE), microphone=None) as pages:
        for page in pages:
            await page.add_init_script(MICROPHONE)
        grace, ada = Person(pages[0], serve, "default"), Person(pages[1], serve, "oak")
        adas, hers = Seen(), Seen()
        adas.watch(ada.page)
        hers.watch(grace.page)
        wanted = {"plan": PLAN, "mode": "copilot", "candidate": {"name": "Ada"}}
        interview = f"/v1/interviews/{(await body_of(api.post('/v1/interviews', json=wanted)))['id']}"
        links = [
            (await body_of(api.post(f"{interview}/links", json={"role": role, "name": name})))["url"]
            for role, name in (("candidate", "Ada"), ("interviewer", "Grace"))
        ]
        await body_of(api.post(f"{interview}/start"))
        await walk_in(ada.page, links[0], "Join the interview")
        await walk_in(grace.page, links[1], "Join the call")
        await ada.reads("just say so")  # the bot's line is at its end

        await _helped(grace, ada)
        await _reloaded(ada)
        await _led(grace, ada)
        change = partial(_change, api, interview)
        await _silent(grace, ada, change)
        assert [words for words in PRIVATE if adas.told(words) or words in await ada.page.content()] == []
        assert all(hers.told(words) for words in PRIVATE[:3])
        body = await body_of(api.get(interview))
        assert (body["mode"], body["status"]) == ("shadow", "in_progress")
        turns = (await body_of(api.get(f"{interview}/transcript")))["data"]
        answered = {turn["question_id"] for turn in turns if turn["role"] == "candidate"}
        assert {"system", "slow"} <= answered
        await _alone(ada, change)


async def _helped(grace: Person, ada: Person) -> None:
    """Cards, ledger and warnings come to the interviewer from what was really said."""
    panel = grace.page.get_by_role("complementary")
    await grace.says(ASKS)
    await expect(panel.get_by_text("Asked", exact=True)).to_be_visible(timeout=HEARD_MS)
    await ada.says(ANSWERS)
    await expect(panel.locator(".card-text")).to_be_visible(timeout=HEARD_MS)
    await expect(panel.get_by_text("Thin", exact=True)).to_be_visible(timeout=HEARD_MS)
    await picture(grace.page, "people-1-card")
    await grace.says(PRIVATE_GROUND)
    await expect(panel.get_by_role("alert")).to_contain_text("Ask instead", timeout=HEARD_MS)
    await ada.says("I would rather not say.")
    await ada.reads("rather not say")


async def _reloaded(ada: Person) -> None:
    await ada.page.reload()
    await ada.page.get_by_role("button", name="Rejoin the call").click()
    await expect(ada.page.locator("#floor")).to_have_text("Grace leads", timeout=HEARD_MS)


async def _led(grace: Person, ada: Person) -> None:
    """The floor is lent by voice, used and given back, while the interviewer's network drops."""
    await grace.says(LENDS)
    await expect(ada.page.locator("#news")).to_contain_text("Viva asks the next question", timeout=HEARD_MS)
    await ada.reads("why something is slow")
    await expect(ada.page.locator("#floor")).to_have_text("Viva is listening", timeout=HEARD_MS)
    await grace.page.context.set_offline(True)
    await expect(grace.page.get_by_role("complementary").get_by_text("Reconnecting")).to_be_visible()
    await grace.page.context.set_offline(False)
    await ada.says(MEASURES)
    await expect(ada.page.locator("#floor")).to_have_text("Grace leads", timeout=HEARD_MS)
    await expect(grace.page.get_by_text("You lead.")).to_be_visible(timeout=HEARD_MS)
    await picture(ada.page, "people-2-handed-back")


async def _change(api: httpx.AsyncClient, interview: str, to: str) -> None:
    await body_of(api.post(f"{interview}/mode", json={"to": to}))


async def _silent(grace: Person, ada: Person, change: Callable[[str], Awaitable[None]]) -> None:
    """In shadow nothing more comes from the bot, whatever is said to it."""
    await change("shadow")
    await expect(ada.page.get_by_text("It does not speak.")).to_be_visible(timeout=HEARD_MS)
    await ada.reads("and say nothing more")  # its last line is at its end
    before = await _packets_of_the_bot(ada.page)
    while before != (before := await _packets_of_the_bot(ada.page)):
        pass  # the end of that line is still on its way
    assert before > 0
    await grace.says(SPEAK)
    await ada.says(SPEAK)
    await ada.reads("say something to us")
    for _ in range(5):
        assert await _packets_of_the_bot(ada.page) == before
    await ada.page.reload()
    await ada.page.get_by_role("button", name="Rejoin the call").click()
    await expect(ada.page.locator("#line")).to_have_text("Connected", timeout=HEARD_MS)
    line = grace.page.get_by_role("complementary")
    await grace.page.context.set_offline(True)
    await expect(line.get_by_text("Reconnecting")).to_be_visible()
    await grace.page.context.set_offline(False)
    await expect(line.get_by_text("Live", exact=True)).to_be_visible(timeout=HEARD_MS)
    await grace.says(SPEAK)
    await expect(ada.page.get_by_role("log", name="What was said")).to_contain_text("still there", timeout=HEARD_MS)
    for _ in range(3):
        assert await _packets_of_the_bot(ada.page) == 0


async def _alone(ada: Person, change: Callable[[str], Awaitable[None]]) -> None:
    """The bot leads to the end, through a reload and a network drop of the candidate's."""
    await change("solo")
    await ada.reads("I lead this interview")
    await ada.page.reload()
    await ada.page.get_by_role("button", name="Rejoin the call").click()
    await expect(ada.page.locator("#floor")).to_have_text("Your turn to ask", timeout=HEARD_MS)
    await ada.page.context.set_offline(True)
    await expect(ada.page.get_by_text("You can go on speaking.")).to_be_visible()
    await ada.page.context.set_offline(False)
    await ada.says(NOTHING_TO_ASK)
    await expect(ada.page.get_by_role("heading", name="Thank you, Ada!")).to_be_visible(timeout=2 * HEARD_MS)


async def _packets_of_the_bot(page: Page) -> int:
    """How much has come over the connection with the bot, a second from now."""
    found: int = await page.evaluate(
        """async () => {
          await new Promise((next) => setTimeout(next, 1000));
          const all = Object.entries(await vivavoce.mesh.stats());
          const [, entries] = all.find(([id]) => id.startsWith("bot_"));
          return entries.find((entry) => entry.type === "inbound-rtp")?.packetsReceived ?? 0;
        }"""
    )
    return found

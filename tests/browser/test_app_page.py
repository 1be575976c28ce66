"""The interviews page in a real Chromium, on the real control plane; the bot reports what a test tells it."""

import re

import pytest
from playwright.async_api import Page, expect

from bot.spec import BotSpec
from tests.browser.conftest import DESK, PHONE, Chromium, Reporter, Server, Theme, picture, reporting, turn

pytestmark = pytest.mark.browser

LOOKS: list[tuple[Theme, dict[str, int], str]] = [("light", DESK, "desk-light"), ("dark", PHONE, "phone-dark")]


@pytest.mark.parametrize(("theme", "size", "look"), LOOKS)
async def test_an_interview_from_the_form_to_its_recording(
    chromium: Chromium, server: Server, theme: Theme, size: dict[str, int], look: str
) -> None:
    async with chromium.page(microphone=None, theme=theme, size=size) as page:
        await page.goto(server.sign_in)
        await expect(page.get_by_role("heading", name="Interviews")).to_be_focused()
        assert server.token not in page.url
        await expect(page.get_by_text("There are no interviews yet.")).to_be_visible()
        await page.get_by_role("link", name="New interview").click()
        await page.get_by_label("Candidate's name").fill("Ada Byron")
        await page.get_by_label("Organisation").fill("Marchland Rail")
        await page.get_by_role("radio", name="Backend engineer").check()
        await picture(page, f"app-1-new-{look}")
        await page.get_by_role("button", name="Create interview").click()

        await expect(page.get_by_role("heading", name="Ada Byron")).to_be_visible()
        await expect(page.get_by_text("Ready", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Start").click()
        await expect(page.get_by_text("Waiting in the room")).to_be_visible()
        [spec] = server.launcher.specs
        async with reporting(spec) as bot:
            await _hold(page, bot, spec, look)
            recorded = server.settings.recordings_dir / f"{spec.attempt_id}.ogg"
            recorded.write_bytes(b"OggS" * 300)
            await bot.tell("recording", file=str(recorded), duration_ms=61_000, bytes=1200, sha256="0" * 64)
            report = {"questions": [], "consent": True, "duration_ms": 61_000}
            await bot.tell("ended", reason="completed", report=report)
            await bot.tell("state", state="leaving")
            await bot.tell("state", state="done")
            await expect(page.get_by_text("Completed", exact=True)).to_be_visible(timeout=15_000)
        await page.get_by_role("button", name="Load the recording").click()
        await expect(page.get_by_role("link", name="Save the file")).to_have_attribute("href", re.compile(r"^blob:"))
        await picture(page, f"app-4-completed-{look}")
        await page.get_by_role("link", name="Interviews").click()
        await expect(page.get_by_role("list", name="Interviews").get_by_text("Ada Byron")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await picture(page, f"app-5-list-{look}")


async def _hold(page: Page, bot: Reporter, spec: BotSpec, look: str) -> None:
    log = page.get_by_role("log")
    await bot.tell("state", state="joining")
    await bot.tell("state", state="waiting")
    await bot.tell("state", state="in_call")
    await expect(page.get_by_text("In progress")).to_be_visible()
    question = spec.plan.questions[0]
    await bot.tell("question.asked", question_id=question.id, follow_up=0, text=question.text)
    await bot.tell("turn.final", **turn(1, "bot", question.text))
    await expect(log.get_by_text(question.text)).to_be_visible()
    speaking = {"turn_id": "t2", "speaker_id": "ada", "speaker": "Ada Byron", "role": "candidate"}
    await bot.tell(
        "floor", numbered=False, floor="listening", expecting="answer", question_id=question.id, number=1, of=4
    )
    await expect(page.get_by_text("Viva listens")).to_be_visible()
    words = {"text": "The timetable service read nightly", "stable": "The timetable service", "start_ms": 8000}
    await bot.tell("turn.interim", numbered=False, **speaking, **words)
    await expect(page.locator(".interim")).to_contain_text("read nightly")
    await picture(page, f"app-2-live-{look}")
    await bot.tell("turn.final", **turn(2, "candidate", "The timetable service read nightly files."))
    await expect(log.get_by_text("The timetable service read nightly files.")).to_be_visible()
    await expect(page.locator(".interim")).to_be_empty()
    closed = {"outcome": "answered", "reason": None, "signals": ["situation", "result"]}
    await bot.tell("question.closed", question_id=question.id, **closed)
    await expect(page.get_by_text("answered · situation · result")).to_be_visible()
    await page.reload()
    await expect(log.get_by_text("The timetable service read nightly files.")).to_be_visible()
    await expect(log.get_by_role("listitem")).to_have_count(2)
    await picture(page, f"app-3-live-{look}")


async def test_questions_of_ones_own(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None) as page:
        await page.goto(server.sign_in)
        await page.get_by_role("link", name="New interview").click()
        await page.get_by_label("Candidate's name").fill("Ada Byron")
        await page.get_by_role("radio", name="My own questions").check()
        await page.get_by_role("button", name="Create interview").click()
        await expect(page.get_by_role("alert")).to_contain_text("question_ids")
        bank = page.get_by_role("group", name="Questions")
        await bank.locator("summary").first.click()
        first = bank.get_by_role("checkbox").first
        await first.check()
        chosen = await bank.locator("label").first.inner_text()
        await expect(page.get_by_text("1 chosen, about")).to_be_visible()
        await picture(page, "app-1-bank-desk-light")
        await page.get_by_role("button", name="Create interview").click()
        await expect(page.get_by_role("heading", name="Ada Byron")).to_be_visible()
        await expect(page.get_by_text(chosen.strip())).to_be_visible()


async def test_the_copied_link_opens_the_candidates_room(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None) as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto(server.sign_in)
        await page.get_by_role("link", name="New interview").click()
        await page.get_by_label("Candidate's name").fill("Ada Byron")
        await page.get_by_role("button", name="Create interview").click()
        await page.get_by_role("button", name="Copy candidate's link").click()
        await expect(page.get_by_text("The link is copied.")).to_be_visible()
        link = await page.evaluate("navigator.clipboard.readText()")
        await page.goto(link)
        await expect(page.get_by_role("heading", name="Check your sound")).to_be_visible()


async def test_calling_an_interview_off_asks_first(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None) as page:
        await page.goto(server.sign_in)
        await page.get_by_role("link", name="New interview").click()
        await page.get_by_label("Candidate's name").fill("Ada Byron")
        await page.get_by_role("button", name="Create interview").click()
        await page.get_by_role("button", name="Cancel", exact=True).click()
        await page.get_by_role("button", name="Keep it").click()
        await expect(page.get_by_text("Ready", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Cancel", exact=True).click()
        await page.get_by_role("button", name="Cancel the interview").click()
        await expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()


async def test_a_token_that_is_no_good_comes_back_to_the_sign_in(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None, theme="dark") as page:
        await page.goto(f"{server.url}/app")
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await picture(page, "app-0-sign-in-desk-dark")
        await page.get_by_label("Token").fill("nonsense")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.get_by_label("Token").fill(server.token)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Interviews")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await page.reload()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_server_that_is_away_is_told_and_the_page_goes_on(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None) as page:
        await page.goto(server.sign_in)
        await expect(page.get_by_role("heading", name="Interviews")).to_be_visible()
        await page.context.set_offline(True)
        await expect(page.get_by_text("The server can't be reached.")).to_be_visible(timeout=10_000)
        await page.context.set_offline(False)
        await page.get_by_role("link", name="New interview").click()
        await expect(page.get_by_role("heading", name="New interview")).to_be_visible()

"""The interviews pages in a real Chromium, on the real control plane; the bot reports what a test tells it."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from bot.spec import BotSpec
from tests.browser.accessibility import everywhere
from tests.browser.conftest import DESK, Chromium, Look, Reporter, Server, picture, reporting, turn
from tests.browser.test_report_page import recorded

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WISH = "A 20 minute screening for a senior backend engineer: Python, SQL, incidents."
PLAN: dict[str, Any] = {
    "title": "Backend engineer",
    "minutes": 20,
    "criteria": [{"id": "care", "name": "Care", "anchors": {"1": "Guesses.", "5": "Measures first."}}],
    "sections": [
        {
            "id": "work",
            "name": "Your work",
            "questions": [
                {"id": "last", "text": "What did you build last?", "criteria": ["care"], "minutes": 5},
                {"id": "broke", "text": "Tell me about a time when something broke.", "criteria": ["care"]},
            ],
        }
    ],
}


@asynccontextmanager
async def desk(chromium: Chromium, server: Server, size: dict[str, int] | None = None) -> AsyncIterator[Page]:
    """A recruiter's page, signed in."""
    async with chromium.page(microphone=None, size=size or DESK, reduced_motion=True) as page:
        await page.goto(server.sign_in)
        await expect(page.get_by_role("heading", name="Interviews")).to_be_focused()
        assert server.token not in page.url
        yield page


async def created(client: httpx.AsyncClient, **more: Any) -> str:
    answer = await client.post("/v1/interviews", json={"candidate": {"name": "Ada Byron"}, "plan": PLAN} | more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_signing_in_and_out(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None, reduced_motion=True) as page:
        await page.goto(f"{server.url}/app/interviews/int_1/report")
        await expect(page.get_by_role("heading", name="Sign in first")).to_be_focused()
        await everywhere(page, "report-signed-out")
        await page.get_by_role("link", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        token = page.get_by_label("Token")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_have_text("Paste a token first.")
        await token.fill("nonsense")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("no token of this server")
        await expect(token).to_be_focused()
        await everywhere(page, "app-sign-in")
        await token.fill(f"  {server.token} ")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Interviews")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await page.reload()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.goto(f"{server.url}/app#token=old")
        await expect(page.get_by_role("alert")).to_contain_text("no token of this server")


async def test_the_list_is_filtered_paged_and_kept_in_the_address(chromium: Chromium, server: Server) -> None:
    client = server.api()
    async with desk(chromium, server) as page:
        await expect(page.get_by_text("There are no interviews yet.")).to_be_visible()
        await everywhere(page, "app-list-empty")
        for number in range(22):
            await created(client, candidate={"name": f"Ann Example {number}"}, title="Baker at night")
        called_off = await created(client, candidate={"name": "Grace Hopper"}, mode="copilot")
        await client.post(f"/v1/interviews/{called_off}/cancel")
        await created(client, start={"policy": "on_join"}, organisation="Marchland Rail", mode="shadow")

        rows = page.get_by_role("list", name="Interviews").get_by_role("listitem")
        await page.evaluate("dispatchEvent(new Event('online'))")  # it looks again by itself, too, every five seconds
        await expect(rows).to_have_count(20)
        await expect(page.get_by_text("24 interviews")).to_be_visible()
        await everywhere(page, "app-list")
        await page.get_by_role("button", name="Older").click()
        await expect(rows).to_have_count(4)
        await page.get_by_label("Search").fill("hopper")
        await expect(rows).to_have_count(1)
        await page.reload()
        await expect(page.get_by_label("Search")).to_have_value("hopper")
        await expect(rows).to_have_count(1)
        await page.get_by_role("link", name="Clear filters").first.click()
        await expect(rows).to_have_count(20)
        await page.get_by_label("Mode").select_option("Shadow")
        await page.get_by_role("link", name="Ada Byron").click()
        await expect(page.get_by_role("heading", name="Ada Byron")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_label("Mode")).to_have_value("shadow")
        await expect(rows).to_have_count(1)
        await page.get_by_label("Status").select_option("Failed")
        await expect(page.get_by_text("No interview is like that.")).to_be_visible()

        await page.context.set_offline(True)
        await expect(page.get_by_role("alert")).to_contain_text("The server can't be reached.")
        await everywhere(page, "app-list-offline")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await page.context.set_offline(False)
        await expect(page.get_by_role("alert")).to_be_hidden()
        await page.get_by_role("link", name="Clear filters").first.click()
        await expect(rows).to_have_count(20)


async def test_a_sentence_becomes_a_plan_that_is_edited_by_keyboard(chromium: Chromium, server: Server) -> None:
    async with desk(chromium, server) as page:
        await page.get_by_role("link", name="New interview").click()
        await page.get_by_label("What should the interview be like?").fill(WISH)
        await page.get_by_role("button", name="Draft the plan").click()
        await expect(page.get_by_text("Drafted")).to_be_visible()
        questions = page.get_by_label(re.compile(r"^Question \d+$"))
        count = await questions.count()
        assert count >= 3
        first, second = [await questions.nth(place).input_value() for place in (0, 1)]

        await questions.nth(0).focus()
        await page.keyboard.press("Alt+ArrowDown")
        await expect(questions.nth(1)).to_have_value(first)
        await expect(questions.nth(1)).to_be_focused()
        await page.get_by_role("button", name="Move Question 2 up").press("Enter")
        await expect(questions.nth(0)).to_have_value(first)
        await questions.nth(1).fill("How old are you?")
        serious = page.locator(".question").nth(1).get_by_text("Serious")
        await expect(serious).to_be_visible()
        await everywhere(page, "app-compose", whole=True)
        await page.get_by_role("button", name="Ask instead").click()
        await expect(questions.nth(1)).not_to_have_value("How old are you?")
        await expect(serious).to_be_hidden()
        await page.get_by_role("button", name="Undo").click()
        await expect(questions.nth(1)).to_have_value("How old are you?")
        await page.get_by_role("button", name="Ask instead").click()
        await expect(questions.nth(1)).to_be_focused()
        await questions.nth(1).fill(second)
        await expect(page.get_by_role("button", name="Undo")).to_be_hidden()

        await page.get_by_role("button", name="From the question bank").first.click()
        bank = page.get_by_role("dialog", name="Question bank")
        await bank.get_by_label("Search the questions").fill("mistake")
        box = bank.get_by_role("checkbox").and_(page.locator(":enabled")).first
        await box.check()
        await everywhere(page, "app-bank")
        await bank.get_by_role("button", name="Add them").click()
        await expect(questions).to_have_count(count + 1)
        await page.get_by_text("Follow-ups and details").nth(0).click()
        await page.get_by_label("Minutes", exact=True).first.fill("40")
        await expect(page.get_by_text("That is more than there is time for.")).to_be_visible()
        await page.get_by_label("Minutes", exact=True).first.fill("4")
        await picture(page, "app-question-unfolded")

        await page.get_by_role("radio", name="At a time").check()
        await page.get_by_role("button", name="Create interview").click()
        await expect(page.get_by_label("Date and time")).to_be_focused()
        await page.get_by_label("Date and time").fill("2020-01-01T10:00")
        await page.get_by_role("button", name="Create interview").click()
        await expect(page.get_by_role("alert").filter(has_text="in the past")).to_be_visible()
        await page.get_by_role("radio", name="When the candidate comes").check()
        await page.get_by_label("The AI's name").fill("")
        await page.get_by_role("button", name="Create interview").click()
        for label in ("Candidate's name", "The AI's name"):
            await expect(page.get_by_label(label)).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Candidate's name")).to_be_focused()
        await expect(page.get_by_text("This must not be empty.").first).to_be_visible()
        await everywhere(page, "app-compose-refused")
        await page.get_by_label("Candidate's name").fill("Ada Byron")
        await page.get_by_label("The AI's name").fill("Vera")
        await page.get_by_role("radio", name="Copilot").check()
        await page.get_by_role("button", name="Create interview").click()
        await expect(page.get_by_role("heading", name="Ada Byron")).to_be_visible()
        await expect(page.get_by_text("How old are you?")).to_be_hidden()
        await everywhere(page, "app-ready", whole=True)


async def expired(route: Route) -> None:
    await route.fulfill(status=401, json={"code": "token_expired", "detail": "The token has expired."})


async def test_people_are_invited_and_the_interview_is_changed(chromium: Chromium, server: Server) -> None:
    client = server.api()
    async with desk(chromium, server) as page:
        interview_id = await created(client, organisation="Marchland Rail")
        await page.goto(f"{server.url}/app#/interview/{interview_id}")
        people = page.get_by_role("region", name="People and links")
        await people.get_by_text("Add somebody").click()
        await people.get_by_role("button", name="Add").click()
        await expect(people.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
        await people.get_by_label("Name").fill("Ines Marsh")
        await people.get_by_role("button", name="Add").click()
        await expect(people.get_by_role("listitem").filter(has_text="Ines Marsh")).to_contain_text("Link good until")

        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await people.get_by_role("button", name="Copy the link for Ada Byron").click()
        await expect(page.get_by_text("The link is copied.")).to_be_visible()
        link = await page.evaluate("navigator.clipboard.readText()")
        await page.evaluate(REFUSED)
        await people.get_by_role("button", name="Copy the link for Ines Marsh").click()
        by_hand = people.get_by_role("textbox", name="Link for Ines Marsh")
        await expect(by_hand).to_be_focused()
        await expect(by_hand).to_have_value(re.compile(r"/room/.+#.+"))
        await everywhere(page, "app-people")
        await people.get_by_role("button", name="Remove Ines Marsh").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(people.get_by_role("listitem")).to_have_count(1)

        await page.get_by_role("link", name="Change").click()
        await page.get_by_label("Question 2", exact=True).fill("What broke last, and what did you do?")
        await page.get_by_role("link", name="Interviews").click()
        await page.get_by_role("button", name="Stay here").click()
        await expect(page.get_by_label("Question 2", exact=True)).to_have_value("What broke last, and what did you do?")
        await page.get_by_role("button", name="Remove Question 1").click()
        await page.get_by_role("button", name="Undo").click()
        await page.route("**/v1/interviews/*", expired, times=1)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("This token has expired.")
        await page.get_by_label("Token").fill(server.token)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("button", name="Go on with it").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("region", name="Plan").get_by_text("What broke last")).to_be_visible()
        now = (await client.get(f"/v1/interviews/{interview_id}")).json()["plan"]
        assert [one["id"] for one in now["sections"][0]["questions"]] == ["last", "broke"]
        assert now["criteria"][0]["anchors"] == {"1": "Guesses.", "5": "Measures first."}

        await page.get_by_role("button", name="Cancel", exact=True).click()
        await page.get_by_role("button", name="Keep it").click()
        await expect(page.get_by_text("Ready", exact=True)).to_be_visible()
        await page.goto(link)
        await expect(page.get_by_role("heading", name="Check your sound")).to_be_visible()


async def test_times_are_those_of_the_readers_own_zone(chromium: Chromium, server: Server) -> None:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(minute=30)
    interview_id = await created(server.api(), start={"policy": "at", "scheduled_at": at.isoformat()})
    zones = "Asia/Tokyo", "America/New_York"
    async with chromium.pages(*(Look(zone=zone) for zone in zones), microphone=None) as pages:
        for page, zone in zip(pages, zones, strict=True):
            there = at.astimezone(ZoneInfo(zone))
            await page.goto(server.sign_in)
            shown = f"{there:%b} {there.day}, {there.year}, {there.hour % 12 or 12}{there::%M %p}"
            await expect(page.get_by_role("link", name="Ada Byron")).to_contain_text(shown)
            await page.goto(f"{server.url}/app#/interview/{interview_id}/edit")
            await expect(page.get_by_label("Date and time")).to_have_value(f"{there:%Y-%m-%dT%H:%M}")


async def test_days_are_those_of_the_readers_own_zone_and_what_is_no_day_asks_for_nothing(
    chromium: Chromium, server: Server
) -> None:
    client = server.api()
    interview_id = await created(client)
    at = datetime.fromisoformat((await client.get(f"/v1/interviews/{interview_id}")).json()["created_at"])
    zones = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # there it is never the same day
    async with chromium.pages(*(Look(zone=zone) for zone in zones), microphone=None) as pages:
        for page, zone in zip(pages, zones, strict=True):
            there = at.astimezone(ZoneInfo(zone)).date()
            before, after = there - timedelta(days=1), there + timedelta(days=1)
            await page.goto(server.sign_in)
            row = page.get_by_role("link", name="Ada Byron")
            await expect(row).to_be_visible()
            for days, there_is in ((there, there), 1), ((after, after), 0), ((before, before), 0), ((before, after), 1):
                for label, day in zip(("Created from", "Until"), days, strict=True):
                    await page.get_by_label(label).fill(day.isoformat())
                await expect(row).to_have_count(there_is)
            await page.goto(f"{server.url}/app#/?from=2026&to=soon")
            await expect(row).to_be_visible()


async def test_the_documentation_as_people_look_at_it(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None) as page:
        await page.goto(f"{server.url}/docs")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.get_by_role("heading", level=2).first).to_be_visible()
        await everywhere(page, "docs")


async def test_a_call_from_its_start_to_its_recording(chromium: Chromium, server: Server) -> None:
    client = server.api()
    async with desk(chromium, server) as page:
        interview_id = await created(client, mode="copilot")
        await page.goto(f"{server.url}/app#/interview/{interview_id}")
        await page.get_by_role("button", name="Start").click()
        await page.get_by_role("dialog").get_by_role("button", name="Start").click()
        await expect(page.get_by_text("Waiting in the room")).to_be_visible()
        spec = server.plane.spec_of(interview_id)
        async with reporting(spec) as bot:
            await _hold(page, bot, spec)
            recording = recorded(server.recordings / f"{spec.attempt_id}.ogg")
            await bot.tell("recording", file=str(recording), duration_ms=20_000, bytes=1200, sha256="0" * 64)
            report = {"questions": [], "consent": True, "duration_ms": 61_000}
            await bot.tell("ended", reason="completed", report=report)
            await bot.tell("state", state="leaving")
            await bot.tell("state", state="done")
            await expect(page.get_by_text("Completed", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Load the recording").click()
        await expect(page.get_by_role("link", name="Save the file")).to_have_attribute("href", re.compile(r"^blob:"))
        await _follows(page)
        await expect(page.get_by_text("Nobody has decided yet.")).to_be_visible()
        await everywhere(page, "app-completed", whole=True)
        await page.get_by_role("link", name="Read the report").click()
        await expect(page.get_by_text("Interview report", exact=True)).to_be_visible()


async def _follows(page: Page) -> None:
    """The recording plays from a turn that is pressed, and the transcript goes along with it."""
    said = page.get_by_role("log").get_by_role("listitem")
    await page.get_by_role("button", name="Play from 0:04").press("Enter")
    await expect(said.nth(0)).to_have_attribute("aria-current", "true")
    await page.locator("audio").evaluate("(sound) => (sound.currentTime = 7.6)")
    await expect(said.nth(1)).to_have_attribute("aria-current", "true")  # what is heard from 8 s on
    await expect(said.nth(0)).not_to_have_attribute("aria-current", "true")
    await page.locator("audio").evaluate("(sound) => sound.pause()")


async def _hold(page: Page, bot: Reporter, spec: BotSpec) -> None:
    log = page.get_by_role("log")
    for state in ("joining", "waiting", "in_call"):
        await bot.tell("state", state=state)
    await expect(page.get_by_text("In progress")).to_be_visible()
    question = spec.plan.questions[0]
    await bot.tell("question.asked", question_id=question.id, follow_up=0, text=question.text)
    await bot.tell("turn.final", **turn(1, "bot", question.text))
    await expect(log.get_by_text(question.text)).to_be_visible()
    speaking = {"turn_id": "t2", "speaker_id": "ada", "speaker": "Ada Byron", "role": "candidate"}
    await bot.tell("floor", numbered=False, floor="listening", expecting="answer", question_id=question.id)
    await expect(page.get_by_text("Viva listens")).to_be_visible()
    words = {"text": "The timetable service read nightly", "stable": "The timetable service", "start_ms": 8000}
    await bot.tell("turn.interim", numbered=False, **speaking, **words)
    await expect(page.locator(".interim")).to_contain_text("read nightly")
    for ms in (480, 610, 2100, 530):
        await bot.tell("latency", turn_id="t2", total_ms=ms)
    await expect(page.get_by_role("img", name="4 answers: half of them within 530 ms")).to_be_visible()
    lead = page.get_by_role("region", name="Who leads")
    await expect(lead.get_by_text("The interviewer leads")).to_be_visible()
    await lead.get_by_role("button", name="Let Viva ask").click()
    await expect(page.get_by_text("Viva has been asked to take over.")).to_be_visible()
    await bot.tell("floor.changed", **{"from": "interviewer"}, to="bot", by="ines", questions=2)
    await expect(lead.get_by_text("Viva leads")).to_be_visible()
    await expect(lead.get_by_role("button", name="Take the floor back")).to_be_visible()
    await everywhere(page, "app-live", whole=True)
    await bot.tell("turn.final", **turn(2, "candidate", "The timetable service read nightly files."))
    await expect(log.get_by_text("The timetable service read nightly files.")).to_be_visible()
    await expect(page.locator(".interim")).to_have_count(0)
    closed = {"outcome": "answered", "reason": None, "signals": ["situation", "result"]}
    await bot.tell("question.closed", question_id=question.id, **closed)
    await expect(page.get_by_text("1 of 2 answered")).to_be_visible()
    await page.get_by_text("Each question").click()
    await expect(page.get_by_text("answered · situation · result")).to_be_visible()
    await page.get_by_role("button", name="Stop").click()
    await picture(page, "app-stop")
    await page.get_by_role("button", name="Go on").click()
    await page.reload()
    await expect(log.get_by_role("listitem")).to_have_count(2)
    await expect(lead.get_by_text("Viva leads")).to_be_visible()


REFUSED = "() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')); }"
LAID_OUT = """() => [...document.querySelectorAll(".turns > li")]
  .filter((one) => one.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length"""


async def test_three_hundred_turns_are_all_there_and_only_those_in_view_are_laid_out(
    chromium: Chromium, server: Server
) -> None:
    client = server.api()
    async with desk(chromium, server) as page:
        interview_id = await created(client)
        await client.post(f"/v1/interviews/{interview_id}/start")
        spec = server.plane.spec_of(interview_id)
        async with reporting(spec) as bot:
            await bot.tell("state", state="in_call")
            for number in range(1, 301):
                role = "bot" if number % 2 else "candidate"
                await bot.tell("turn.final", **turn(number, role, f"Turn {number}. " + "And what came of it? " * 6))
            await page.goto(f"{server.url}/app#/interview/{interview_id}")
            log = page.get_by_role("log")
            await expect(log.get_by_role("listitem")).to_have_count(300)
            await expect(log.get_by_text("Turn 300.")).to_be_in_viewport()
            shown: Sequence[Any] = [await page.evaluate(LAID_OUT)]
            assert 0 < shown[0] < 60
            await picture(page, "app-long")

"""An interview from the list to the decision, by keyboard alone."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Chromium, Server, reporting, turn
from tests.browser.visiting import press, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WISH = "A 20 minute screening for a senior backend engineer: Python, SQL, incidents."


async def test_an_interview_is_made_held_and_decided_on(chromium: Chromium, server: Server) -> None:
    async with chromium.page(microphone=None, reduced_motion=True) as page:
        keys = page.keyboard
        await page.goto(server.sign_in)
        await expect(page.get_by_text("There are no interviews yet.")).to_be_visible()
        await tab_to(page, page.get_by_role("link", name="New interview"))
        await keys.press("Enter")
        await tab_to(page, page.get_by_label("Candidate's name"))
        await keys.type("Ada Byron")
        await tab_to(page, page.get_by_label("What should the interview be like?"))
        await keys.type(WISH)
        await press(page, "Draft the plan")
        first, second = page.get_by_label("Question 1", exact=True), page.get_by_label("Question 2", exact=True)
        await expect(first).to_be_visible()
        asked = await first.input_value()
        await tab_to(page, first)
        await keys.press("Alt+ArrowDown")
        await expect(second).to_have_value(asked)
        await expect(second).to_be_focused()
        await keys.press("Alt+ArrowUp")
        await expect(first).to_be_focused()
        await tab_to(page, page.get_by_role("radio", name="Solo"))
        await keys.press("ArrowDown")
        await expect(page.get_by_role("radio", name="Copilot")).to_be_checked()
        await press(page, "Create interview")

        await expect(page.get_by_role("heading", name="Ada Byron")).to_be_focused()
        people = page.get_by_role("region", name="People and links")
        await tab_to(page, people.get_by_text("Add somebody"))
        await keys.press("Enter")
        await tab_to(page, people.get_by_label("Name"))
        await keys.type("Ines Marsh")
        await press(page, "Add")
        await expect(people.get_by_role("button", name="Copy the link for Ines Marsh")).to_be_focused()
        await tab_to(page, page.get_by_role("button", name="Start"), "Shift+Tab")
        await keys.press("Enter")
        await press(page, "Start")
        await expect(page.get_by_text("Waiting in the room")).to_be_visible()

        spec = server.plane.spec_of(page.url.rpartition("/")[2])
        async with reporting(spec) as bot:
            for state in ("joining", "waiting", "in_call"):
                await bot.tell("state", state=state)
            await expect(page.get_by_text("In progress")).to_be_visible()
            question = spec.plan.questions[0]
            await bot.tell("question.asked", question_id=question.id, follow_up=0, text=question.text)
            for number in range(1, 31):
                said = turn(number, "candidate", f"{number}. I measure before I change.")
                await bot.tell("turn.final", **said | {"question_id": question.id})
            log = page.get_by_role("log")
            await expect(log.get_by_text("30. I measure")).to_be_in_viewport()
            await tab_to(page, log)
            await keys.press("Home")
            await expect(log.get_by_text("1. I measure", exact=False).first).to_be_in_viewport()
            await press(page, "Let Viva ask")
            assert (await bot.told("floor"))["to"] == "bot"
            await bot.tell("ended", reason="completed", report={"questions": [], "duration_ms": 61_000})
            await bot.tell("state", state="done")
            await expect(page.get_by_text("Completed", exact=True)).to_be_visible()
        await tab_to(page, page.get_by_role("link", name="Read the report"))
        await keys.press("Enter")

        await press(page, "Evaluate this interview")
        await tab_to(page, page.get_by_text("Open them without a scorecard"))
        await keys.press("Enter")
        await tab_to(page, page.get_by_label("Why (10 characters or more; it is audited)"))
        await keys.type("Nobody of those who held it is here.")
        await press(page, "Open the AI's levels")
        await tab_to(page, page.get_by_label("Decision"))
        await keys.press("ArrowDown")
        await press(page, "Record this decision")
        await expect(page.get_by_text("Hire by admin")).to_be_visible()

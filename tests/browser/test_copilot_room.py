"""A copilot interview in one Chromium: the interviewer's page with its panel, the candidate's, and the bot."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.accessibility import looked_at
from tests.browser.conftest import PHONE, Chromium, Look, Reporter, Server, picture, turn
from tests.browser.copilot import CARD, COVERED, TIME, WARNING, WIDE, Call, Seen, bot_of, started
from tests.browser.visiting import walk_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PRIVATE = ("timetable service in the end", "Names what changed", "do you have children", "suggestion.", "/panel.js")


async def test_the_panel_is_the_interviewers_alone(chromium: Chromium, server: Server, voice: Path) -> None:
    looks = Look("light", WIDE), Look("dark", PHONE)
    call = await started(server)
    async with chromium.pages(*looks, microphone=voice) as (grace, ada):
        hers, adas = Seen(), Seen()
        hers.watch(grace)
        adas.watch(ada)
        await walk_in(ada, call.links["candidate"])
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
            await expect(ada.locator("#news")).to_have_text("Grace (interviewer) has left the call.")
            await expect(ada.locator("#floor")).to_have_text("Waiting for your interviewer")
            await expect(ada.get_by_text("They are not in the call any more and may come back.")).to_be_visible()
            await looked_at(ada, "copilot-9-candidate-left-alone-phone")


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
    """A warning is in sight on both widths; nothing of all this is on the candidate's page."""
    for size in (PHONE, WIDE):
        await grace.set_viewport_size(size)  # type: ignore[arg-type]
        await expect(grace.get_by_role("complementary").get_by_role("alert")).to_be_in_viewport()
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
    await grace.route("**/speech", voiceless)
    await bot.whisper("suggestion.created", **{**CARD, "id": "s3", "text": "Who paid for it?"})
    async with grace.expect_request("**/copilot/cards/s3/speech") as asked:
        await expect(panel.get_by_text("Who paid for it?", exact=True)).to_be_visible()
    assert (await (await asked.value).header_value("authorization") or "").startswith("Bearer ")
    await expect(panel.get_by_text("It can't be read aloud now.")).to_be_visible()
    await grace.keyboard.press("d")
    await expect(panel.get_by_text("Who paid for it?", exact=True)).to_be_hidden()


async def voiceless(route: Route) -> None:
    await route.fulfill(status=503, json={"detail": "Nothing speaks here."})


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
    await expect(panel.get_by_text("In shadow nothing is suggested")).to_be_visible()
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
    """Who holds the interview no longer has neither panel nor call, and is told so."""
    (named,) = (await call.api.get(f"{call.path}/interviewers")).json()["data"]
    answer = await call.api.delete(f"{call.path}/interviewers/{named['participant_id']}")
    assert answer.is_success, answer.text
    await expect(grace.get_by_role("heading", name="This link was taken back")).to_be_focused()
    await expect(grace.get_by_role("complementary")).to_be_hidden()

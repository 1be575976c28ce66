"""The interviewer's panel: what is being typed stays, cards are read to one ear, and each of its states."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Locator, Page, expect

from audio import VOICE_RATE
from tests.browser.accessibility import everywhere
from tests.browser.conftest import PHONE, Chromium, Look, Reporter, Server, tone, turn
from tests.browser.copilot import CARD, COVERED, CRITERIA, PLAN, TIME, WARNING, WIDE, Call, bot_of, started
from tests.browser.visiting import until_holds, walk_in
from tests.guards import HANG_S

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TONE_HZ = VOICE_RATE / (2 * np.pi * 9)  # what the voice of tests says (tests/running_foreign_speech.py)
OUTPUT = "Fake Audio Output 1"
# Keeps what the page plays by itself, beside the call: loudest frequency and output of each sound.
EAR = (Path(__file__).parents[1] / "fakes" / "ear.js").read_text(encoding="utf-8")
ENERGY = """async () => {
  const entries = Object.values(await vivavoce.mesh.stats()).flat();
  return entries.reduce((sum, { type, totalAudioEnergy }) => sum + (type === "inbound-rtp" ? totalAudioEnergy : 0), 0);
}"""


@pytest.fixture(scope="session")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A microphone in a quiet room."""
    return tone(tmp_path_factory.mktemp("silence") / "silence.wav", hz=0)


@asynccontextmanager
async def panel_of(
    chromium: Chromium, server: Server, microphone: Path, *, script: str = "", size: dict[str, int] = WIDE, **more: Any
) -> AsyncIterator[tuple[Page, Page, Reporter, Call]]:
    """The interviewer's page, the candidate's, and the bot that both wait for. more: of the interview."""
    call = await started(server, **more)
    looks = Look(size=size, reduced_motion=True), Look(size=PHONE, reduced_motion=True)
    async with chromium.pages(*looks, microphone=microphone) as (grace, ada), bot_of(call.spec) as (_, bot):
        await grace.add_init_script(script)
        await walk_in(ada, call.links["candidate"])
        await walk_in(grace, call.links["interviewer"], "Join the call")
        await expect(grace.get_by_role("complementary").get_by_text("Live")).to_be_visible()
        yield grace, ada, bot, call


async def test_a_card_is_read_to_the_interviewers_own_output_and_nobody_else_hears_it(
    chromium: Chromium, server: Server, silence: Path
) -> None:
    async with panel_of(chromium, server, silence, script=EAR) as (grace, ada, bot, _):
        panel = grace.get_by_role("complementary")
        await panel.get_by_text("Settings").click()
        await panel.get_by_label("Read new cards to my ear").check()
        output = panel.get_by_label("Play it on")
        await output.select_option(OUTPUT)
        quiet = [await page.evaluate(ENERGY) for page in (grace, ada)]
        await bot.whisper("suggestion.created", **CARD)
        await until_holds(grace, "window.played[0]?.ended")
        [one] = await grace.evaluate("window.played")
        assert one["hz"] == pytest.approx(TONE_HZ, abs=30)
        assert one["level"] > 128
        assert one["sink"] == await output.input_value() != ""
        assert [await page.evaluate(ENERGY) for page in (grace, ada)] == pytest.approx(quiet, abs=1e-6)
        await panel.get_by_role("button", name="Hear it").click()
        await until_holds(grace, "window.played[1]?.ended")
        assert await ada.evaluate(ENERGY) == pytest.approx(quiet[1], abs=1e-6)


async def test_what_is_set_outlives_a_reload(chromium: Chromium, server: Server, silence: Path) -> None:
    async with panel_of(chromium, server, silence) as (grace, _, _, call):
        panel = grace.get_by_role("complementary")
        await panel.get_by_text("Settings").click()
        await panel.get_by_label("Single keys").uncheck()
        await panel.get_by_label("Read new cards to my ear").check()
        await grace.goto("about:blank")
        await walk_in(grace, call.links["interviewer"], "Join the call")
        await panel.get_by_text("Settings").click()
        await expect(panel.get_by_label("Single keys")).not_to_be_checked()
        await expect(panel.get_by_label("Read new cards to my ear")).to_be_checked()
        await expect(panel.get_by_label("Play it on")).to_be_visible()


async def test_an_interviewer_is_told_once_what_nothing_watches_for_in_this_language(
    chromium: Chromium, server: Server, silence: Path
) -> None:
    plan = {**PLAN, "language": "de"}
    async with panel_of(chromium, server, silence, language="de", plan=plan) as (grace, _, _, _):
        told = grace.get_by_role("complementary").get_by_role("status").filter(has_text="Leading questions are not")
        await expect(told).to_have_count(1)
        await expect(told).to_be_visible()
        await expect(grace.get_by_text("no rules for off-limits")).to_have_count(0)  # German has those
        await everywhere(grace, "panel-unwatched", desk=WIDE)


async def test_what_is_being_typed_outlives_all_that_comes_in(chromium: Chromium, server: Server, voice: Path) -> None:
    async with panel_of(chromium, server, voice) as (grace, _, bot, _):
        panel = grace.get_by_role("complementary")
        await bot.whisper("suggestion.created", **CARD)
        await panel.get_by_role("button", name="Edit").click()
        words = panel.get_by_label("Your words for it")
        await _type(words, "And what did users notice?", caret=8)
        await _all_of_it(bot)
        await expect(panel.get_by_text("Sufficient")).to_be_visible()
        await _untouched(words, "And what did users notice?", caret=8)
        await bot.whisper("suggestion.expired", id="s1", reason="late")
        await grace.context.set_offline(True)
        await expect(panel.get_by_text("Reconnecting")).to_be_visible()
        await grace.context.set_offline(False)
        await expect(panel.get_by_text("Live")).to_be_visible()
        await _untouched(words, "And what did users notice?", caret=8)
        await panel.get_by_role("button", name="Back").click()
        await expect(panel.get_by_text("Who paid for it?", exact=True)).to_be_visible()  # it came meanwhile

        question = panel.get_by_label("About what was said")
        await _type(question, "What was said about money?", caret=4)
        await _all_of_it(bot, number=9)
        await bot.tell("mode.changed", **{"from": "copilot", "to": "shadow"}, by="grace", announced=True)
        await expect(panel.get_by_label("Mode")).to_have_value("shadow")
        await _untouched(question, "What was said about money?", caret=4)
        await bot.tell("mode.changed", **{"from": "shadow", "to": "copilot"}, by="grace", announced=True)
        await expect(panel.get_by_label("Mode")).to_have_value("copilot")

        await panel.locator("summary", has_text="Design of systems").focus()
        await grace.keyboard.press("Enter")
        quote = panel.get_by_text("We moved the timetable service.").first
        await expect(quote).to_be_visible()
        await bot.whisper("coverage.updated", **COVERED | {"state": "asked"})
        await expect(panel.get_by_text("Asked", exact=True).first).to_be_visible()
        await expect(quote).to_be_visible()  # still unfolded, and the focus where it was
        assert "Design of systems" in await grace.evaluate("document.activeElement.textContent")


async def _type(field: Locator, text: str, caret: int) -> None:
    await field.fill(text)
    await field.evaluate("(field, caret) => field.setSelectionRange(caret, caret)", caret)


async def _untouched(field: Locator, text: str, caret: int) -> None:
    await expect(field).to_have_value(text)
    await expect(field).to_be_focused()
    assert await field.evaluate("(field) => field.selectionStart") == caret


async def _all_of_it(bot: Reporter, number: int = 2) -> None:
    """Everything that a panel is told."""
    await bot.tell("turn.final", **turn(number, "candidate", "We moved the timetable service."))
    await bot.whisper("time.updated", **TIME)
    await bot.whisper("guard.warning", **WARNING)
    await bot.whisper("suggestion.created", **{**CARD, "id": f"s{number}", "text": "Who paid for it?"})
    await bot.tell("floor.changed", **{"from": "interviewer"}, to="bot", by="grace", questions=1)
    await bot.tell("floor.changed", **{"from": "bot"}, to="interviewer", by="grace", reason="done")
    await bot.whisper("coverage.updated", **COVERED | {"state": "sufficient"})


BURST = 40
COUNTING = """() => {
  window.drawn = 0;
  new MutationObserver(() => (window.drawn += 1)).observe(document.querySelector(".ledger"), { childList: true });
}"""


async def test_a_burst_is_drawn_once_a_frame(chromium: Chromium, server: Server, voice: Path) -> None:
    """All that came while the line was down comes at once when it is back."""
    async with panel_of(chromium, server, voice) as (grace, _, bot, call):
        panel = grace.get_by_role("complementary")
        await grace.context.set_offline(True)
        await expect(panel.get_by_text("Reconnecting")).to_be_visible()
        await grace.evaluate(COUNTING)
        for number in range(BURST):
            await bot.whisper("coverage.updated", **COVERED | {"state": ("asked", "thin")[number % 2]})
        await bot.whisper("coverage.updated", **COVERED | {"state": "sufficient"})
        await bot.tell("turn.final", **turn(2, "candidate", "We moved the timetable service."))
        async with asyncio.timeout(HANG_S):
            while not (await call.api.get(f"{call.path}/transcript")).json()["data"]:  # all of it is stored
                await asyncio.sleep(0.05)
        await grace.context.set_offline(False)
        await expect(panel.get_by_text("Sufficient")).to_be_visible()
        assert 0 < await grace.evaluate("window.drawn") < BURST / 2


async def test_each_state_of_the_panel(chromium: Chromium, server: Server, voice: Path) -> None:
    async with panel_of(chromium, server, voice) as (grace, _, bot, call):
        panel = grace.get_by_role("complementary")

        async def look(name: str) -> None:
            await everywhere(grace, f"panel-{name}", desk=WIDE, whole=True)

        await look("fresh")
        await bot.whisper("suggestion.created", **_contradiction())
        await expect(panel.get_by_text("Both were said")).to_be_visible()
        await bot.whisper("time.updated", **TIME | {"left_s": 240, "shorten": True, "drop_question_ids": ["tools"]})
        await bot.whisper("coverage.updated", **COVERED | {"state": "sufficient"})
        await panel.get_by_text("Plan", exact=False).first.click()
        await look("contradiction")
        await panel.get_by_role("button", name="Edit").click()
        await look("editing")
        await panel.get_by_role("button", name="Use these words").click()
        await expect(panel.get_by_text("Ask it when it fits:")).to_be_visible()
        await panel.get_by_role("button", name="Put away").click()
        await panel.get_by_role("button", name="Quiet").click()
        await expect(panel.get_by_text("Quiet. No suggestions come.")).to_be_visible()
        await bot.whisper("guard.warning", **WARNING)
        await bot.whisper("guard.warning", **WARNING | {"who": "candidate", "rephrase": None})
        await expect(panel.get_by_text("The candidate told something private")).to_be_visible()
        await look("quiet-and-warned")
        await panel.get_by_text("Settings").click()
        await panel.get_by_label("Read new cards to my ear").check()
        await panel.get_by_label("About what was said").fill("What was said about money?")
        await grace.keyboard.press("Enter")
        await expect(panel.get_by_role("log")).to_contain_text("I don't know")
        for number in range(2, 12):  # the eleventh within a minute
            await panel.get_by_label("About what was said").fill(f"And question {number}?")
            await grace.keyboard.press("Enter")
        await expect(panel.get_by_role("log")).to_contain_text("That was not done: At most 10 questions")
        await expect(panel.get_by_role("log")).not_to_contain_text("Looking…")
        for mode, told in (("shadow", "In shadow nothing is suggested"), ("solo", "While Viva leads nothing is")):
            await bot.tell("mode.changed", **{"from": "copilot"}, to=mode, by="grace", announced=True)
            await expect(panel.get_by_text(told)).to_be_visible()
            await expect(panel.get_by_text("Coverage")).to_be_hidden()
            await look(f"in-{mode}")
        await bot.tell("mode.changed", **{"from": "solo"}, to="copilot", by="grace", announced=True)
        await expect(panel.get_by_text("Coverage")).to_be_visible()
        await bot.tell("floor.changed", **{"from": "interviewer"}, to="bot", by="grace", questions=2)
        await expect(panel.get_by_text("Viva leads: 2 more questions.")).to_be_visible()
        await look("lent-and-settings")
        await panel.get_by_role("button", name="Hide").click()
        await look("hidden")
        await panel.get_by_role("button", name="Show the panel").click()
        await grace.context.set_offline(True)
        await expect(panel.get_by_text("Reconnecting")).to_be_visible()
        await look("reconnecting")
        await grace.context.set_offline(False)
        await expect(panel.get_by_text("Live")).to_be_visible()
        for one in (await call.api.get(f"{call.path}/interviewers")).json()["data"]:
            without = {"name": one["name"], "copilot": False}
            await call.api.put(f"{call.path}/interviewers/{one['participant_id']}", json=without)
        await expect(grace.get_by_text("The panel is not yours to see.")).to_be_visible()
        await look("removed")


def _contradiction() -> dict[str, Any]:
    quotes = [
        {"turn": 2, "text": "There were three of us in the team, and I led it for two years."},
        {"turn": 8, "text": "I was the only developer there, so all of it was mine."},
    ]
    told = "How many people were in the team when you built it, and what was each of them responsible for?"
    return CARD | {
        "id": "s7",
        "kind": "contradiction",
        "text": told,
        "quotes": quotes,
        "criterion_ids": [CRITERIA[0]["id"]],
    }

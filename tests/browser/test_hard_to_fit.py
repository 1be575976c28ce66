"""Pages with names that are long or from right to left, text twice as large, other colours, and calls that go on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.accessibility import no_sideways_scroll
from tests.browser.conftest import CARD, PHONE, Chromium, Seat, Server, Stage, picture, reporting, turn
from tests.browser.copilot import CARD as SUGGESTION
from tests.browser.copilot import COVERED, TIME, WARNING, WIDE, bot_of, started
from tests.browser.visiting import to_consent, walk_in

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LONG = "Wolfeschlegelsteinhausenbergerdorffvoralternwaren-Featherstonehaugh van der Uyttenhoven"
RIGHT_TO_LEFT = "نور بنت عبد الرحمن (الثانية)"
NARROW = {"width": 320, "height": 640}  # WCAG 1.4.10: 1280 px wide at 400 %
ZOOMED = {"width": 590, "height": 410}  # 1180 by 820 at 200 %
BIG_TEXT = "document.documentElement.style.fontSize = '200%'"  # WCAG 1.4.4
NORMAL_TEXT = "document.documentElement.style.fontSize = ''"
# Words that are cut off: by what they are in, where no ellipsis says so, or by the edge of the window.
CUT = """() => [...document.querySelectorAll("body *")].filter((one) => {
  if (!one.checkVisibility() || one.closest("select, svg, .only-heard") || !one.textContent.trim()) return false;
  const { overflowX, textOverflow, clipPath } = getComputedStyle(one);
  if (clipPath !== "none") return false;
  const hides = ["hidden", "clip"].includes(overflowX) && textOverflow !== "ellipsis";
  const clipped = hides && one.scrollWidth > one.clientWidth + 1;
  const box = one.getBoundingClientRect();
  const scrolls = one.closest(".scrolls");
  return clipped || (!scrolls && (box.right > innerWidth + 1 || box.left < -1));
}).map((one) => one.outerHTML.slice(0, 160))"""


async def fits(page: Page, name: str, *, whole: bool = True) -> None:
    """Nothing is cut off, on a narrow window, zoomed in, and with text twice as large."""
    before = page.viewport_size
    assert before is not None
    for way, size, text in (
        ("narrow", NARROW, NORMAL_TEXT),
        ("zoomed", ZOOMED, NORMAL_TEXT),
        ("big-text", PHONE, BIG_TEXT),
    ):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        await page.evaluate(text)
        await picture(page, f"fit-{name}-{way}", whole=whole)
        cut = await page.evaluate(CUT)
        assert not cut, f"{name}, {way}:\n" + "\n".join(cut)
        await no_sideways_scroll(page, f"{name}, {way},")
    await page.evaluate(NORMAL_TEXT)
    await page.set_viewport_size(before)


async def test_long_names_fit_into_the_room_and_names_from_right_to_left_keep_together(
    chromium: Chromium, stage: Stage, voice: Path
) -> None:
    stage.card = replace(
        CARD, candidate=LONG, bot=LONG, title=f"{LONG} {LONG}", organisation=LONG, interviewers=(LONG,)
    )
    async with chromium.page(microphone=voice, size=PHONE, reduced_motion=True) as page, stage.bot():
        await page.goto(stage.link())
        await to_consent(page)
        await fits(page, "consent")
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Join the interview").click()
        await expect(page.get_by_role("group", name="Your call")).to_be_visible()
        stage.floor("listening", "answer")
        stage.caption(f"{LONG} {'x' * 200}", role="candidate")
        await expect(page.get_by_role("log").get_by_text("xxx")).to_be_visible()
        await fits(page, "call", whole=False)
        await page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
        for name in ("Repeat", "Mute", "Leave", "Stop recording me"):
            button = page.get_by_role("button", name=name)
            await button.scroll_into_view_if_needed()
            await expect(button).to_be_in_viewport(ratio=1)
        async with chromium.page(microphone=voice) as other:
            stage.seats["interviewer.guest"] = Seat("interviewer-1", "interviewer", RIGHT_TO_LEFT)
            await walk_in(other, stage.link("interviewer", "guest"), "Join the call")
            await expect(page.locator("#news")).to_have_text(f"\u2068{RIGHT_TO_LEFT}\u2069 (interviewer) has joined.")
            await fits(page, "call-right-to-left", whole=False)


async def test_other_colours_and_no_motion(chromium: Chromium, stage: Stage, server: Server, voice: Path) -> None:
    call = await started(server, candidate={"name": RIGHT_TO_LEFT}, organisation=LONG)
    async with (
        chromium.page(microphone=voice, size=WIDE, reduced_motion=True) as page,
        bot_of(call.spec) as (_, bot),
    ):
        await walk_in(page, call.links["interviewer"], "Join the call")
        await bot.whisper("coverage.updated", **COVERED | {"name": f"{LONG} {RIGHT_TO_LEFT}"})
        await bot.whisper("time.updated", **TIME)
        await bot.whisper("guard.warning", **WARNING)
        await bot.whisper("suggestion.created", **SUGGESTION | {"text": f"{LONG} {'y' * 150}?"})
        await expect(page.locator(".card-text")).to_be_visible()
        assert await page.evaluate("document.getAnimations().length") == 0
        colours: tuple[dict[str, Any], ...] = ({"forced_colors": "active"}, {"contrast": "more"})
        for colour in colours:
            await page.emulate_media(**colour)
            await picture(page, f"colours-panel-{next(iter(colour))}", whole=True)
            await page.emulate_media(forced_colors="none", contrast="no-preference")
        await page.get_by_role("button", name="Understood").click()
        await fits(page, "panel")


async def test_long_names_fit_into_the_interviews_pages(chromium: Chromium, server: Server) -> None:
    client = server.api()
    questions = [{"id": "q", "text": f"{LONG} {'z' * 150}?", "criteria": ["c"]}]
    plan = {
        "title": f"{LONG} {LONG}",
        "criteria": [{"id": "c", "name": LONG}],
        "sections": [{"id": "s", "name": LONG, "questions": questions}],
    }
    made = []
    for name in (LONG, RIGHT_TO_LEFT, "w" * 120):
        body = {"candidate": {"name": name}, "organisation": LONG, "plan": plan, "bot_name": "Wolfeschlegelstein"}
        made.append((await client.post("/v1/interviews", json=body)).json()["id"])
    for name in (LONG, RIGHT_TO_LEFT):
        await client.post(f"/v1/interviews/{made[0]}/links", json={"role": "interviewer", "name": name})
    async with chromium.page(microphone=None, reduced_motion=True) as page:
        await page.goto(server.sign_in)
        await expect(page.locator(".interviews li")).to_have_count(3)
        await fits(page, "list")
        await page.goto(f"{server.url}/app#/interview/{made[0]}")
        await expect(page.get_by_role("region", name="Plan")).to_be_visible()
        await fits(page, "one")
        await page.goto(f"{server.url}/app#/interview/{made[0]}/edit")
        await expect(page.get_by_role("heading", name="Change the interview")).to_be_focused()
        await page.locator(".question summary").click()
        await fits(page, "edit")
        await client.post(f"/v1/interviews/{made[0]}/start")
        async with reporting(server.plane.spec_of(made[0])) as bot:
            await bot.tell("state", state="in_call")
            await bot.tell("turn.final", **turn(1, "candidate", f"{LONG} {'v' * 150}") | {"speaker": LONG})
            await bot.tell("latency", turn_id="t1", total_ms=480)
            await page.goto(f"{server.url}/app#/interview/{made[0]}")
            await expect(page.locator(".turns li")).to_have_count(1)
            await fits(page, "live")
            await bot.tell("ended", reason="completed", report={"questions": [], "duration_ms": 20_000})
            await expect(page.get_by_text("Completed", exact=True)).to_be_visible()
        for step in ("evaluate", "generate-score"):
            await client.post(f"/v1/interviews/{made[0]}/{step}")
        await page.goto(f"{server.url}/app/interviews/{made[0]}/report")
        await expect(page.locator("article h1")).to_be_focused()
        await fits(page, "report")
        for colour in ({"forced_colors": "active"}, {"contrast": "more"}):
            await page.emulate_media(**colour)  # type: ignore[arg-type]
            await picture(page, f"colours-report-{next(iter(colour))}", whole=True)
            await page.emulate_media(forced_colors="none", contrast="no-preference")


KEPT = 400  # lines of captions
INTERIMS = 2  # of each turn


async def test_a_call_of_many_hours_takes_no_more_memory(chromium: Chromium, stage: Stage, voice: Path) -> None:
    async with chromium.page(microphone=voice, reduced_motion=True) as page, stage.bot():
        await walk_in(page, stage.link())
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")

        async def talked(first: int) -> dict[str, float]:
            """What the page takes after as many more turns as it keeps."""
            for number in range(first, first + KEPT):
                text = (
                    f"Turn {number}. " + "We moved the timetable service from nightly files to a stream of events. " * 3
                )
                for part in range(1, INTERIMS + 1):
                    end = len(text) * part // INTERIMS
                    stage.caption(text[:end], role="candidate", final=False, turn=f"t{number}", stable=text[: end // 2])
                stage.floor("listening", "answer", number)
                stage.caption(text, role="candidate", turn=f"t{number}")
                if number % 10 == 9:
                    await expect(page.locator("#captions > li").last).to_contain_text(f"Turn {number}.")
            await session.send("HeapProfiler.collectGarbage")
            told = (await session.send("Performance.getMetrics"))["metrics"]
            return {one["name"]: one["value"] for one in told}

        before = await talked(0)
        after = await talked(KEPT)
        assert await page.locator("#captions > li").count() == KEPT
        assert after["Nodes"] <= before["Nodes"] * 1.05
        assert after["JSEventListeners"] <= before["JSEventListeners"] * 1.05
        assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 1_000_000

"""The report of an interview in a real Chromium: read, hear, judge, decide."""

from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, Route, expect

from audio.recorder import Recorder
from tests.browser.accessibility import everywhere, looked_at
from tests.browser.conftest import SCREENSHOTS, Chromium, Server, reporting, turn
from tests.browser.visiting import tab_to, until_holds
from tests.integration.plane import until
from tests.integration.test_evaluations import ANSWER, ATTACK, RATED

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LEADING = "You would agree that figures are always wrong, right?"


async def held(server: Server) -> None:
    """Hold an interview with twenty seconds of recording; the answer is from 8 to 11 s."""
    client = server.api()
    body = {"candidate": {"name": "Ada Byron"}, "organisation": "Marchland Rail", "plan": RATED}
    interview_id = str((await client.post("/v1/interviews", json=body)).json()["id"])
    await client.post(f"/v1/interviews/{interview_id}/start")
    spec = server.plane.spec_of(interview_id)
    question = spec.plan.questions[0]
    said = (("bot", question.text), ("candidate", ANSWER), ("candidate", ATTACK))
    async with reporting(spec) as bot:
        for state in ("joining", "waiting", "in_call"):
            await bot.tell("state", state=state)
        await bot.tell("question.asked", question_id=question.id, follow_up=0, text=question.text)
        for number, (role, text) in enumerate(said, 1):
            await bot.tell("turn.final", **turn(number, role, text) | {"question_id": question.id})
        recording = recorded(server.recordings / f"{spec.attempt_id}.ogg")
        await bot.tell("recording", file=str(recording), duration_ms=20_000, bytes=1, sha256="0" * 64)
        await bot.tell("ended", reason="completed", report={"questions": [], "duration_ms": 20_000})
        await until(client, interview_id, "completed")


async def held_by_people(server: Server) -> tuple[str, str]:
    """Have an interviewer hold an interview, and an AI rate it; return its report's path and the interviewer's link."""
    client = server.api()
    body = {"candidate": {"name": "Ada Byron"}, "plan": RATED, "mode": "copilot"}
    interview_id = str((await client.post("/v1/interviews", json=body)).json()["id"])
    who = {"role": "interviewer", "name": "Ines", "participant_id": "interviewer"}
    link = (await client.post(f"/v1/interviews/{interview_id}/links", json=who)).json()["url"]
    await client.post(f"/v1/interviews/{interview_id}/start")
    spec = server.plane.spec_of(interview_id)
    question = spec.plan.questions[0]
    said = (("interviewer", LEADING), ("interviewer", question.text), ("candidate", ANSWER))
    async with reporting(spec) as bot:
        await bot.tell("state", state="in_call")
        for number, (role, text) in enumerate(said, 1):
            await bot.tell("turn.final", **turn(number, role, text) | {"question_id": question.id})
        asked = {"question_id": question.id, "follow_up": 0, "text": question.text}
        await bot.tell("question.asked", **asked, by="interviewer", turn=2)
        card = {"id": "s1", "kind": "result", "text": "What came of it?", "quotes": []}
        await bot.tell("suggestion.created", numbered=False, **card)
        await bot.tell("suggestion.expired", numbered=False, id="s1", reason="late")
        await bot.tell("ended", reason="completed", report={"questions": [], "duration_ms": 20_000})
        await until(client, interview_id, "completed")
    for call in ("evaluate", "generate-score"):
        assert (await client.post(f"/v1/interviews/{interview_id}/{call}")).status_code == 201
    path = f"{server.url}/app/interviews/{interview_id}/report"
    return path, f"{path}#{link.partition('#')[2]}"


def recorded(path: Path) -> Path:
    recorder = Recorder(path)
    recorder.keep()
    tone = 6000 * np.sin(np.arange(20 * 16_000) * 2 * np.pi * 220 / 16_000)
    recorder.push("humans", tone.astype(np.int16), 16_000, 0)
    assert recorder.close() is not None
    return path


async def pictures(page: Page, name: str) -> None:
    """The whole page, for people and axe-core to look at: at a desk, on a phone, and on paper."""
    desk = page.viewport_size
    assert desk is not None
    await everywhere(page, name, whole=True)
    await page.emulate_media(color_scheme="dark", media="print")
    await page.set_viewport_size({"width": 794, "height": 1123})
    await expect(page.get_by_role("button", name="Print this report")).to_be_hidden()
    await page.screenshot(path=SCREENSHOTS / f"{name}-paper.png", full_page=True)
    await page.emulate_media(color_scheme="light", media="screen")
    await page.set_viewport_size(desk)


async def test_a_report_is_read_heard_judged_and_decided_on(chromium: Chromium, server: Server) -> None:
    await held(server)
    async with chromium.page(microphone=None, reduced_motion=True) as page:
        await page.goto(server.sign_in)
        await page.get_by_role("link", name="Report on Ada Byron").click(timeout=30_000)
        await expect(page.get_by_text("This interview has not been evaluated yet.")).to_be_visible()
        await page.get_by_role("button", name="Evaluate this interview").click()
        checking = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Checking figures"))
        await expect(checking.get_by_text("Level 4 of 5")).to_be_visible()
        await expect(checking.get_by_text("Level 4 means: Compared it with a second source")).to_be_visible()
        await expect(page.get_by_text("Calm (not asked): No question about it was asked.")).to_be_visible()
        attention = page.locator("section").filter(has=page.get_by_role("heading", name="For your attention"))
        await expect(attention.get_by_role("button", name=ATTACK)).to_be_visible()

        await checking.get_by_role("button", name="Play at 0:08: “I noticed").press("Enter")
        await until_holds(page, "!sound.paused && sound.currentTime > 8 && sound.currentTime < 12")
        await until_holds(page, "sound.paused && sound.currentTime > 9 && sound.currentTime < 11")  # the answer goes on

        await checking.get_by_text("Put in a level of your own").click()
        await checking.get_by_label("Your level").select_option("2")
        await checking.get_by_label("Why").fill("The ledger was another team's work.")
        await page.get_by_label("Notes").fill("Not sure yet.")
        await page.route("**/overrides", refused, times=1)
        await checking.get_by_role("button", name="Put it in its place").click()
        await expect(page.get_by_text("Nobody may do that now.")).to_be_visible()
        await expect(checking.get_by_label("Why")).to_have_value("The ledger was another team's work.")
        await checking.get_by_role("button", name="Put it in its place").press("Enter")
        await expect(checking.get_by_text("admin put in the engine's place: level 2")).to_be_visible()
        await expect(checking.get_by_text("Level 2 of 5")).to_be_visible()
        await expect(page.locator(".figure").filter(has_text="By the engine")).to_contain_text("75 of 100")
        await expect(page.locator(".figure").filter(has_text="With people's levels")).to_contain_text("25 of 100")
        assessed = page.locator("section").filter(has=page.get_by_role("heading", name="Assessment"))
        await expect(assessed.get_by_role("heading", name="Concerns")).to_be_visible()
        await expect(assessed.get_by_role("heading", name="Strengths")).to_have_count(0)

        await expect(checking.get_by_text("Put in a level of your own")).to_be_focused()
        await expect(page.get_by_label("Notes")).to_have_value("Not sure yet.")

        await page.get_by_label("Verdict").select_option("needs_changes")
        await page.get_by_label("Note (needed").fill("See the level I put in.")
        await page.get_by_role("button", name="Keep this review").click()
        await expect(page.get_by_text("Needs changes by admin")).to_be_visible()
        await page.get_by_label("Decision").select_option("next_round")
        await page.get_by_role("button", name="Record this decision").click()
        await expect(page.get_by_text("Next round by admin")).to_be_visible()
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Save this report as PDF").click()
        assert (await (await saved.value).path()).read_bytes().startswith(b"%PDF")
        await pictures(page, "report")
        await page.route("**/v1/interviews/*/report", as_a_model_rates)
        await page.reload()
        await expect(checking.get_by_text("weight 3 · ratings differ by 2 · ratings 2, 4, none")).to_be_visible()
        await expect(checking.get_by_text("A person must look at this")).to_be_visible()
        await expect(checking.get_by_text("1 quote was left out, as nobody said it.")).to_be_visible()
        await checking.get_by_text("What each rating said").click()
        await expect(checking.get_by_text("Level 2: Vague.")).to_be_visible()
        await expect(attention.get_by_text("Two things that may not go together: the team")).to_be_visible()
        await page.get_by_text("Provenance").click()
        await expect(page.get_by_text("tiny, 3 ratings of each criterion")).to_be_visible()
        await page.unroute("**/v1/interviews/*/report")
        await page.goto(f"{server.url}/app/interviews/int_unknown/report")
        await expect(page.get_by_role("heading", name="There is nothing to show")).to_be_focused()
        await everywhere(page, "report-unknown")
        await people_judge_first(page, *await held_by_people(server))


async def people_judge_first(page: Page, report: str, link: str) -> None:
    """The AI's levels are hidden until the interviewer has filled in their scorecard, by link and by keyboard."""
    await page.goto(report)
    await expect(page.get_by_text("Its levels wait for a scorecard")).to_be_visible()
    await expect(page.get_by_text("Level 4 of 5")).to_have_count(0)
    await expect(page.get_by_text("Fill in my scorecard")).to_have_count(0)  # who did not hold it does not rate it
    await page.get_by_text("Open them without a scorecard").click()
    await looked_at(page, "report-sealed", whole=True)
    await page.goto(link)
    await expect(page.get_by_role("heading", name="Ada Byron")).to_be_focused()
    assert page.url == report, "the token is still in the address bar"
    checking = page.get_by_role("group", name="Checking figures")
    await checking.get_by_role("radio", name="2").press("Space")
    await checking.get_by_label("Note on Checking figures").fill("All told by the team.")
    await pictures(page, "scorecard")
    await page.reload()
    await expect(checking.get_by_role("radio", name="2")).to_be_checked()  # what was filled in is still there
    await page.get_by_role("group", name="Calm").get_by_role("radio", name="Not asked").press("Space")
    await page.get_by_label("Overall").select_option("mixed")
    await page.route("**/scorecards", refused, times=1)
    await page.get_by_role("button", name="Submit my scorecard").press("Enter")
    await expect(page.get_by_text("Nobody may do that now.")).to_be_visible()
    await expect(page.get_by_role("button", name="Submit my scorecard")).to_be_focused()
    await page.reload()
    await expect(page.get_by_label("Overall")).to_have_value("mixed")  # what was refused is still there, too
    await page.get_by_role("button", name="Submit my scorecard").press("Enter")
    row = page.get_by_role("row", name="Checking figures")
    await expect(row).to_contain_text("They disagree")
    assert [await cell.inner_text() for cell in await row.get_by_role("cell").all()][:2] == ["4", "2"]
    coached = page.locator("#coaching")
    await expect(
        coached.get_by_role("img", name="You spoke for 67 % of the time, the candidate for 33 %")
    ).to_be_visible()
    await coached.get_by_text("Leading questions").click()
    await expect(coached.get_by_text(f"“{LEADING}”")).to_be_visible()
    await expect(coached.get_by_text("Not asked")).to_be_visible()
    cards = page.get_by_role("table", name="What became of them, by kind")
    assert [await cell.inner_text() for cell in await cards.get_by_role("cell").all()] == [
        "1",
        "0",
        "0",
        "0",
        "0",
        "1",
        "0 %",
    ]
    await expect(cards.get_by_role("rowheader")).to_have_count(1)
    await page.get_by_text("Amend my scorecard").click()
    await expect(page.get_by_label("Note on Checking figures")).to_have_value("All told by the team.")
    await pictures(page, "side-by-side")
    await page.goto("about:blank")
    await page.goto(f"{report}#scorecards")  # no token, and the one that they signed in with counts again
    await expect(page.get_by_text("Level 4 of 5")).to_be_visible()
    await expect(page.get_by_role("row", name="Checking figures")).to_contain_text("They disagree")


async def refused(route: Route) -> None:
    await route.fulfill(status=409, json={"title": "Conflict", "detail": "Nobody may do that now."})


async def as_a_model_rates(route: Route) -> None:
    """Answer with a report of what an engine says that rates several times."""
    answer = await route.fetch()
    told = await answer.json()
    result = told["assessment"]["result"]
    ratings = [{"level": level, "reason": "Vague.", "evidence": []} for level in (2, 4, None)]
    result["criteria"][0] |= {"ratings": ratings, "spread": 2, "needs_human": True, "quotes_dropped": 1}
    quote = result["injection_flags"][0]
    result |= {
        "contradictions": [{"about": "the team", "earlier": quote, "later": quote}],
        "engine": {"model": "tiny", "raters": 3, "prompts": {"rate": "1"}},
    }
    await route.fulfill(response=answer, json=told)


async def test_what_became_of_all_cards_is_below_the_list_for_those_who_may_see_it(
    chromium: Chromium, server: Server
) -> None:
    await held_by_people(server)
    async with chromium.page(microphone=None, reduced_motion=True) as page:
        async with page.expect_response("**/v1/copilot/summary") as answered:
            await page.goto(f"{server.url}/app#token={server.plane.token('acme', 'interview:read')}")
        assert (await answered.value).status == 403
        folded = page.get_by_text("The copilot's cards", exact=True)
        await expect(page.get_by_role("link", name="Report on Ada Byron")).to_be_visible()
        await expect(folded).to_have_count(0)
        await page.goto(server.sign_in)
        await page.reload()
        await tab_to(page, folded)
        await page.keyboard.press("Enter")
        cards = page.get_by_role("table", name="What became of them in the last 90 days, by kind")
        cells = [await cell.inner_text() for cell in await cards.get_by_role("cell").all()]
        assert cells == ["1", "0", "0", "0", "0", "1", "0 %"]
        await everywhere(page, "app-list-cards", whole=True)

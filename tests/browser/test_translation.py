"""Every sentence of the pages comes from a module of words, which a translation replaces: one that marks each is tried.

What is left unmarked is data: what people and plans are called, what was said, and what the server writes in the one
language it has, each of which says so by `lang`.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import CARD, Chromium, Server, Stage, reporting, turn
from tests.browser.copilot import CARD as SUGGESTION
from tests.browser.copilot import COVERED, TIME, WARNING, bot_of, started
from tests.browser.test_report_page import held, held_by_people

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Marks each sentence of a module of words; what a consent is filed under is no sentence.
MARK = """
const marked = (text) => (/^$|^en$|^page-/.test(text) ? text : `⟦${{text}}⟧`);
fill({name}, marked);"""
# What people read or hear on the page that is neither marked nor data.
UNMARKED = """(data) => {
  const found = new Set();
  const bare = (text) => {
    let depth = 0;
    let left = "";
    for (const letter of text) {
      if (letter === "⟦") depth += 1;
      else if (letter === "⟧") depth -= 1;
      else if (depth === 0) left += letter;
    }
    for (const known of data) left = left.replaceAll(known, " ");
    return left;
  };
  const look = (text, where) => {
    const left = bare(text ?? "");
    if (/\\p{L}{2}/u.test(left)) found.add(`${where}: ${text.trim().slice(0, 160)}`);
  };
  const skipped = (element) => element.closest("[lang]:not(html), time, code, kbd, script, style, noscript, [hidden]");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const { parentElement: parent, textContent: text } = walk.currentNode;
    if (!skipped(parent)) look(text, parent.tagName.toLowerCase());
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    if (skipped(element)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) look(element.getAttribute(name), `@${name}`);
  }
  look(document.title, "title");
  return [...found];
}"""
DATA = sorted(
    (
        "Viva Voce",  # a name
        "Ada Byron",
        "Ada",
        "Grace",
        "Ines",
        "Vera",
        "Viva",
        "admin",
        "Marchland Rail",
        CARD.title,
        "Data analyst",
        "Your work",
        "Work",
    ),
    key=len,
    reverse=True,
)


@asynccontextmanager
async def translated(chromium: Chromium, microphone: Path | None) -> AsyncIterator[Page]:
    """A page whose words are marked."""

    async def marked(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.text()
        name = re.search(r"^export const (words|said) = ", body, re.MULTILINE)
        assert name is not None, route.request.url
        has_it = "function fill(" in body
        begin = "" if has_it else 'import { fill } from "./words.js";\n'
        await route.fulfill(response=answer, body=begin + body + MARK.format(name=name[1]))

    async with chromium.page(microphone=microphone, reduced_motion=True) as page:
        await page.route(re.compile(r"/pages/(?:[\w-]+-)?words\.js$"), marked)
        yield page


async def all_marked(page: Page, *data: str) -> None:
    """Nothing on the page is unmarked that is no data."""
    known = sorted((*DATA, *data), key=len, reverse=True)
    assert await page.evaluate(UNMARKED, known) == []
    assert "⟦" in await page.locator("body").inner_text()


async def test_the_interviews_pages(chromium: Chromium, server: Server) -> None:
    async with translated(chromium, None) as page:
        await page.goto(f"{server.url}/app")
        await expect(page.locator("#token")).to_be_visible()
        await page.locator("main button").click()
        await all_marked(page)
        await page.goto(server.sign_in)
        await expect(page.locator(".empty")).to_be_visible()
        await all_marked(page)

        await page.goto(f"{server.url}/app#/new")
        await page.locator("#sentence").fill("A 20 minute screening for a backend engineer: Python, SQL.")
        await page.locator(".sentence + p button").click()
        await expect(page.locator(".question")).not_to_have_count(0)
        await page.locator(".question summary").first.click()
        await page.locator(".criterion-edited summary").first.click()
        await page.locator(".wording").first.fill("How old are you, and isn't that great?")
        await expect(page.locator(".remarks li").first).to_be_visible()
        await page.locator(".finish .primary").click()
        await expect(page.locator("[role=alert]").first).to_be_visible()
        languages = await page.locator("#plan-language option").all_inner_texts()
        criteria = await page.locator(".criterion-head input[maxlength]").evaluate_all(
            "all => all.map((one) => one.value)"
        )
        plans = await page.locator(".plan-section input[id^=section]").evaluate_all(
            "all => all.map((one) => one.value)"
        )
        zone = await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        await all_marked(page, *languages, *criteria, *plans, zone)
        await page.locator("button:has-text('⟦From the question bank⟧')").first.click()
        await page.locator(".bank summary").first.click()
        await all_marked(page, *languages, *criteria, *plans, zone)


async def test_an_interview_from_its_start_to_its_report(chromium: Chromium, server: Server) -> None:
    await held(server)
    async with translated(chromium, None) as page:
        await page.goto(server.sign_in)
        await expect(page.locator(".interviews li")).to_have_count(1)
        await all_marked(page)
        client = server.api()
        body = {"candidate": {"name": "Ada Byron"}, "plan_name": "demo", "mode": "copilot"}
        made = (await client.post("/v1/interviews", json=body)).json()
        path = f"/v1/interviews/{made['id']}"
        own = (made["title"], *(section["name"] for section in made["plan"]["sections"]))
        await client.post(f"{path}/links", json={"role": "interviewer", "name": "Ines"})
        await page.goto(f"{server.url}/app#/interview/{made['id']}")
        await expect(page.locator(".people li")).to_have_count(2)
        await page.locator(".adding summary").click()
        await all_marked(page, *own)
        await client.post(f"{path}/start")
        async with reporting(server.plane.spec_of(made["id"])) as bot:
            await bot.tell("state", state="in_call")
            asked = made["plan"]["sections"][0]["questions"][0]
            await bot.tell("question.asked", question_id=asked["id"], follow_up=0, text=asked["text"])
            await bot.tell("turn.final", **turn(1, "bot", asked["text"]))
            await bot.tell("latency", turn_id="t1", total_ms=480)
            await bot.tell("floor", numbered=False, floor="listening", expecting="answer", question_id=asked["id"])
            await expect(page.locator(".turns li")).to_have_count(1)
            await page.locator("details:has(.coverage) summary").click()
            await page.locator("details:has(table) summary").click()
            await expect(page.locator(".latency")).to_be_visible()
            await all_marked(page, *own)

        report, link = await held_by_people(server)
        await page.goto(report)
        await expect(page.locator("#scorecards")).to_be_visible()
        await _unfold(page)
        await all_marked(page, "Checking figures", "Calm")
        await page.goto(link)
        await expect(page.locator("#coaching")).to_be_visible()
        await _unfold(page)
        await all_marked(page, "Checking figures", "Calm", "RATED")


async def _unfold(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


async def test_the_room_and_its_panel(chromium: Chromium, stage: Stage, server: Server, voice: Path) -> None:
    async with translated(chromium, voice) as page:
        await page.goto(stage.link())
        await expect(page.locator("#check")).to_be_visible()
        await page.locator("#mic-start").click()
        await expect(page.locator("#meter-said")).not_to_be_empty()
        devices = await page.locator("#mic-choice option").all_inner_texts()
        await all_marked(page, *devices)
        await page.locator("#check-done").click()
        await all_marked(page)
        await page.locator("#consent-tick").check()
        await page.locator("#join").click()
        async with stage.bot():
            stage.floor("listening", "answer")
            await expect(page.locator("#floor")).to_have_text("⟦Vera is listening⟧")
            await page.locator("#repeat").click()
            await all_marked(page)
            await page.locator("#leave").click()
            await all_marked(page)
            await page.keyboard.press("Escape")
            stage.hub.end("i1", "completed", "completed")
            await expect(page.locator("#over-title")).to_be_focused()
            await all_marked(page)

        call = await started(server)
        await page.goto(call.links["interviewer"])
        await page.locator("#mic-start").click()
        await page.locator("#check-done").click()
        await page.locator("#consent-tick").check()
        await page.locator("#join").click()
        async with bot_of(call.spec) as (_, bot):
            await bot.whisper("coverage.updated", **COVERED)
            await bot.whisper("time.updated", **TIME)
            await bot.whisper("suggestion.created", **SUGGESTION)
            await bot.whisper("guard.warning", **WARNING)
            await expect(page.locator(".warning")).to_be_visible()
            await expect(page.locator(".card-text")).to_be_visible()
            await _unfold(page)
            await all_marked(page, *devices)


ELSEWHERE = """export const words = {
  language: "de",
  answered: (status) => `Antwort ${status}.`,
  problems: { not_found: ({ code }) => `Das gibt es nicht (${code}).` },
  remarks: { leading: ({ where }) => ["Legt die Antwort nahe.", `Das verzerrt sie, bei ${where}.`] },
};"""


async def test_what_the_server_says_is_translated_by_its_code_where_there_are_words_for_it(
    chromium: Chromium, server: Server
) -> None:
    async def translated(route: Route) -> None:
        await route.fulfill(body=ELSEWHERE, content_type="text/javascript")

    def english(page: Page, text: str) -> Locator:
        return page.locator(":lang(en) > [lang=en]").filter(has_text=text)

    async with chromium.page(microphone=None, reduced_motion=True) as page:
        await page.route("**/pages/served-words.js", translated)
        await page.goto(server.sign_in)
        await expect(page.locator(".empty")).to_be_visible()
        await page.goto(f"{server.url}/app#/interview/int_none")
        await expect(page.locator("#toast")).to_have_text("Das gibt es nicht (not_found).")
        await expect(english(page, "Das gibt es nicht")).to_have_count(0)
        await page.goto(f"{server.url}/app#/new")
        await page.locator("#sentence").fill("A 20 minute screening for a backend engineer: Python, SQL.")
        await page.locator(".sentence + p button").click()
        await page.locator(".question summary").first.click()
        await page.locator(".wording").first.fill(
            "How old are you? You would agree that figures are always wrong, right?"
        )
        remarks = page.locator(".remarks li")
        leading = remarks.filter(has_text="Legt die Antwort nahe.")
        await expect(leading).to_contain_text("Das verzerrt sie, bei sections[0]")
        await expect(english(page, "Legt die Antwort nahe")).to_have_count(0)
        await expect(english(page, "asks about age")).to_have_count(1)  # without words of its own

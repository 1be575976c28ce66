"""The page of an interview with many turns: how soon it is there, and how it scrolls."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Browser

from api.bench import Row, percentile
from api.bench.pages.script import PLAN
from api.client import Client
from api.demo.server import Server
from api.interviews.states import TERMINAL

TURNS = 300
LAST = "This is the last of it."
SENTENCE = "I looked at what the queue did during the night, wrote it down, and changed one thing at a time."
# Notes when the last turn is there, in ms since the navigation began.
OPENED = f"""
new MutationObserver(() => {{
  if (window.opened === undefined && document.body?.textContent.includes({LAST!r})) window.opened = performance.now();
}}).observe(document, {{ childList: true, subtree: true, characterData: true }});
"""
# Scrolls the transcript from its end to its beginning and back, a step each frame; returns the ms between frames.
SCROLL = """async () => {
  const box = document.querySelector(".scroller");
  const gaps = [];
  const steps = 120;
  let before = await new Promise(requestAnimationFrame);
  for (let step = 0; step <= steps; step++) {
    const share = Math.abs(1 - (2 * step) / steps);
    box.scrollTop = share * (box.scrollHeight - box.clientHeight);
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}"""


async def long_rows(server: Server, browser: Browser) -> Sequence[Row]:
    """Open the page of an interview of 300 turns, a few times, and scroll through it."""
    async with server.client() as client:
        interview_id = await _imported(client)
        context = await browser.new_context(viewport={"width": 1180, "height": 820})
        await context.add_init_script(OPENED)
        page = await context.new_page()
        await page.goto(f"{server.url}/app#token={server.token()}")
        await page.get_by_role("heading", name="Interviews").wait_for()
        opened = []
        for _ in range(5):
            await page.goto("about:blank")
            await page.goto(f"{server.url}/app#/interview/{interview_id}")
            await page.get_by_text(LAST).first.wait_for()
            opened.append(float(await page.evaluate("window.opened")))
        gaps: list[float] = await page.evaluate(SCROLL)
        await context.close()
    scrolled = f"top to end and back, {len(gaps)} frames"
    return (
        Row.at_most(f"page of {TURNS} turns opens, worst", max(opened), 1000, "ms", "navigation → last turn, of 5"),
        Row.at_most("the same, scrolled: between frames p95", percentile(gaps, 95), 34, "ms", scrolled),
        Row.at_most("the same, the longest", max(gaps), 100, "ms", scrolled),
    )


async def _imported(client: Client) -> str:
    interview_id = (await client.interviews.create({"plan": PLAN, "candidate": {"name": "Alex Kim"}})).id
    turns: list[dict[str, Any]] = [
        {
            "speaker": "Alex Kim" if number % 2 else "Robin",
            "text": LAST if number == TURNS - 1 else f"{number}. {SENTENCE}",
            "start_ms": 8000 * number,
            "end_ms": 8000 * number + 6000,
        }
        for number in range(TURNS)
    ]
    held = datetime.now(UTC) - timedelta(hours=2)
    agreed = {"given": True, "method": "written", "at": (held - timedelta(days=1)).isoformat()}
    told = {"turns": turns, "recorded_at": held.isoformat(), "candidate": "Alex Kim", "consent": agreed}
    await client.interviews.import_transcript(interview_id, told)
    async for _ in client.interviews.events(interview_id, after=0):
        if (await client.interviews.get(interview_id)).status in TERMINAL:
            break
    return interview_id

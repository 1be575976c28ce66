"""A Chromium for one meeting: a fresh profile, no window, and nothing of it left when the block ends.

Playwright's driver and Chromium hang on pipes of this process: when it is killed, both end by themselves.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path

from playwright.async_api import Browser, Error, Page, async_playwright

from bot.errors import MeetingRefused
from bot.platforms.browser import find_chromium
from bot.state import EndReason

FLAGS = (
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",  # nobody is there to press "allow"
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
VIEWPORT = {"width": 1024, "height": 640}
CLOSE_WITHIN_S = 5.0


def _chromium(named: Path | None) -> Path:
    if (found := find_chromium(named)) is None:
        what = "no Chromium on the PATH" if named is None else f"{named} can't be run"
        raise MeetingRefused(
            EndReason.BROWSER_MISSING.value, f"{what}: apt install chromium, or set CHROMIUM to where one is"
        )
    return found


@asynccontextmanager
async def chromium(named: Path | None) -> AsyncIterator[Browser]:
    """Run a browser. Raises `MeetingRefused` where it is missing or does not start."""
    path = _chromium(named)
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium refuses to be root otherwise
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=path, args=[*FLAGS, *sandbox], headless=True)
        except Error as error:
            detail = f"{path} did not start: {error.message.splitlines()[0]}"
            raise MeetingRefused(EndReason.BROWSER_CRASHED.value, detail) from error
        try:
            yield browser
        finally:
            with contextlib.suppress(Error, TimeoutError):  # crashed or hanging; it ends with the driver then
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await browser.close()


async def new_page(browser: Browser, locale: str) -> Page:
    """Return an empty page with the bridge in it, in a profile of its own."""
    context = await browser.new_context(
        locale=locale,
        viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
        permissions=["microphone"],
        accept_downloads=False,
    )
    script = resources.files("bot.platforms.browser").joinpath("bridge.js").read_text(encoding="utf-8")
    await context.add_init_script(script)
    return await context.new_page()

"""What befalls a browser: the sound system that dies under it, a machine that sleeps."""

import asyncio

import psutil
from playwright.async_api import Page

SOUND = "audio.mojom.AudioService"
PAGES = "--type=renderer"
STOPPED_S = 2.0
# The clock of a machine that slept has gone on, by `slept` ms more than the page was stopped for.
CLOCK = "const now = Date.now; Date.now = () => now() + (window.slept ?? 0);"


async def _processes(page: Page, kind: str) -> list[psutil.Process]:
    browser = page.context.browser
    assert browser is not None
    session = await browser.new_browser_cdp_session()
    told = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    [main] = [one["id"] for one in told["processInfo"] if one["type"] == "browser"]
    return [one for one in psutil.Process(main).children(recursive=True) if kind in " ".join(one.cmdline())]


async def unplug(page: Page) -> None:
    """Have the browser lose its microphones, as it does when one is unplugged: their tracks end."""
    for process in await _processes(page, SOUND):
        process.kill()


async def sleep(page: Page, seconds: float = 60) -> None:
    """Have nothing of the page run for a while, and its clock say that it were `seconds`; it has `CLOCK`."""
    stopped = await _processes(page, PAGES)
    for process in stopped:
        process.suspend()
    await asyncio.sleep(STOPPED_S)
    for process in stopped:
        process.resume()
    await page.evaluate("(ms) => (window.slept = ms)", 1000 * seconds)

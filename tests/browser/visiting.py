"""What people do on the pages, by mouse and by keyboard."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, expect

from tests.guards import HANG_S

MOST_TABS = 120


async def walk_in(page: Page, link: str, join: str = "Join the interview") -> None:
    """From a link to the call, as people do."""
    await page.goto(link)
    await to_consent(page)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name=join).click()
    await expect(page.get_by_role("group", name="Your call")).to_be_visible()


async def to_consent(page: Page) -> None:
    """From the device check to what will happen."""
    await page.get_by_role("button", name="Turn on my microphone").click()
    await page.get_by_role("button", name="Continue").click()


async def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press the Tab key until the focus is there."""
    await expect(wanted).to_be_enabled()
    for _ in range(MOST_TABS):
        if await wanted.evaluate("(element) => element === document.activeElement"):
            return
        await page.keyboard.press(key)
    pytest.fail(f"{wanted} is not reached by the Tab key")


async def press(page: Page, name: str, key: str = "Enter") -> None:
    """Press a button of the page, or of the dialog that is open, by keyboard alone."""
    dialog = page.get_by_role("dialog")
    within = dialog if await dialog.count() else page
    await tab_to(page, within.get_by_role("button", name=name, exact=True))
    await page.keyboard.press(key)


async def until_holds(page: Page, holds: str) -> None:
    """Wait until an expression holds on a page. (Playwright's own way needs `eval`, which our policy forbids.)"""
    async with asyncio.timeout(HANG_S):
        while not await page.evaluate(holds):
            await asyncio.sleep(0.05)

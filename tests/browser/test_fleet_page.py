"""The page of bots at work, in a real Chromium on a real control plane."""

import re

import pytest
from playwright.async_api import expect

from orchestrator import Exited, LaunchHandle
from tests.browser.accessibility import looked_at
from tests.browser.conftest import Chromium, Server, reporting
from tests.browser.test_app_page import created, desk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_bots_are_shown_where_they_run_until_they_are_gone(chromium: Chromium, server: Server) -> None:
    async with desk(chromium, server) as page, server.api() as client:
        await page.get_by_role("link", name="Bots at work").press("Enter")
        await expect(page.get_by_role("heading", name="Bots at work")).to_be_focused()
        room = page.get_by_role("status").first
        await expect(room).to_have_text(re.compile(r"No bot is at work\. \d+ of \d+ places free"))
        interview_id = await created(client)
        assert (await client.post(f"/v1/interviews/{interview_id}/start")).status_code in {200, 202}
        spec = server.plane.spec_of(interview_id)
        async with reporting(spec):
            row = page.get_by_role("row").filter(has=page.get_by_role("link", name=interview_id))
            await expect(row).to_contain_text("Running")
            await expect(row.get_by_role("rowheader")).to_contain_text(f"{spec.attempt_id} · first incarnation")
            await expect(room).to_contain_text("1 bot at work")
            await page.get_by_role("link", name=interview_id).focus()
            await looked_at(page, "fleet")
            await expect(page.get_by_role("link", name=interview_id)).to_be_focused()
            server.plane.launcher.end(LaunchHandle.of(spec), Exited(137, "killed"))
            await expect(row.get_by_role("rowheader")).to_contain_text("incarnation 2")
            server.plane.launcher.draining = True
            await expect(room).to_contain_text("It is being shut down: no more start here")
            server.plane.launcher.draining = False
        await page.get_by_role("link", name="Interviews").press("Enter")
        await expect(page.get_by_role("heading", name="Interviews")).to_be_focused()

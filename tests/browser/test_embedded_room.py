"""The room in a frame of a page of another origin, in a real Chromium."""

import socket
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Page, expect

from tests.browser.accessibility import looked_at
from tests.browser.conftest import Chromium, Server, serving
from tests.integration.plane import running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AROUND = """<!doctype html><html lang="en"><title>Careers</title><h1>Your interview</h1>
<iframe src="{src}" allow="microphone; autoplay" title="Interview" width="600" height="640"></iframe>
<script>
  const told = [];
  addEventListener("message", ({{ data, origin }}) => told.push({{ ...data, origin }}));
</script>"""


class Careers:
    """A page of somebody else's, with a frame in it."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self.stranger = f"http://127.0.0.1:{port}"
        self.frame = ""


@pytest_asyncio.fixture(loop_scope="session")
async def careers() -> AsyncIterator[Careers]:
    app = FastAPI()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        page = Careers(listening.getsockname()[1])

        @app.get("/")
        def around() -> HTMLResponse:
            return HTMLResponse(AROUND.format(src=escape(page.frame)))

        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2)
        async with serving(uvicorn.Server(config), listening):
            yield page


async def linked(server: Server, origin: str) -> tuple[str, httpx.Response]:
    """The path of a new interview, and the answer to asking for a link to it that pages of an origin may frame."""
    api = server.api()
    made = (await api.post("/v1/interviews", json={"plan_name": "demo", "candidate": {"name": "Ada"}})).json()
    path = f"/v1/interviews/{made['id']}"
    return path, await api.post(f"{path}/embed-links", json={"role": "candidate", "name": "Ada", "origin": origin})


async def _told(page: Page) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = await page.evaluate("told")
    return told


async def test_only_the_page_it_was_made_for_shows_the_room_and_learns_how_it_goes(
    chromium: Chromium, careers: Careers, voice: Path, tmp_path: Path
) -> None:
    async with running(tmp_path, embed_origins=careers.origin) as plane:
        server = Server.of(plane)
        _, refused = await linked(server, "https://evil.example")
        assert refused.status_code == 422 and "EMBED_ORIGINS" in refused.text
        path, made = await linked(server, careers.origin)
        async with chromium.page(microphone=voice) as page:
            careers.frame = made.json()["url"]
            await page.goto(careers.origin)
            room = page.frame_locator("iframe")
            await room.get_by_role("button", name="Turn on my microphone").click()
            await room.get_by_role("button", name="Continue").click()
            await room.get_by_role("checkbox").check()
            await room.get_by_role("button", name="Join the interview").click()
            await expect(room.locator("#floor")).to_have_text("Waiting for the interviewer")
            await looked_at(page, "room-embedded-desk")
            await server.api().post(f"{path}/cancel")
            await expect(room.get_by_role("heading", name="This interview was cancelled")).to_be_visible()
            told = await _told(page)
            assert {one["origin"] for one in told} == {server.url}
            assert [one["type"] for one in told if one["type"] != "height"] == ["ready", "joined", "ended"]
            assert next(one["reason"] for one in told if one["type"] == "ended") == "cancelled"
            heights = [one["height"] for one in told if one["type"] == "height"]
            assert heights and all(100 < height < 2000 for height in heights)

            await page.goto(careers.stranger)
            await expect(page.get_by_role("heading", name="Your interview")).to_be_visible()
            assert all(not frame.url.startswith(server.url) for frame in page.frames), "the browser shows no room there"
            assert await _told(page) == []
            await page.goto(careers.frame)
            await expect(page.get_by_role("heading", name="This link belongs inside another page")).to_be_focused()

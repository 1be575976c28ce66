"""Meetings on other people's pages, joined as a guest in a browser.

The bridge in the page (`bridge.js`) carries sound both ways; what is known of a site's pages is data (`sites/`). The
bot says what it is in its name, asks to be let in like anybody, and hides nothing from the site.
"""

import importlib
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import MeetingRefused
from bot.platforms import Ear, MeetingConnection
from bot.spec import BotSpec
from bot.state import EndReason

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def find_chromium(named: Path | None) -> Path | None:
    """Return the executable of the browser that is `named`, or else on the PATH; None when there is none."""
    names = CHROMIUM if named is None else (str(named),)
    return next((Path(found) for name in names if (found := shutil.which(name))), None)


@asynccontextmanager
async def join(spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AsyncIterator[MeetingConnection]:
    """Join a bot's meeting; see `MeetingPlatform`. Raises `MeetingRefused`."""
    try:
        meeting = importlib.import_module("bot.platforms.browser.meeting")
    except ModuleNotFoundError as missing:
        if missing.name != "playwright":
            raise
        told = "Playwright is not installed: pip install 'vivavoce[meetings]'"
        raise MeetingRefused(EndReason.BROWSER_MISSING.value, told) from None
    async with meeting.join_meeting(spec, ear=ear, in_lobby=in_lobby) as connection:
        yield connection

"""Meetings on other people's pages, joined as a guest in a browser.

The bridge in the page (`bridge.js`) carries sound both ways; what is known of a site's pages is data (`sites/`). The
bot says what it is in its name, asks to be let in like anybody, and hides nothing from the site.
"""

import importlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult

from bot.errors import MeetingRefused
from bot.platforms import Ear, MeetingConnection
from bot.platforms.browser.sites import load_site
from bot.spec import BotSpec
from bot.state import EndReason

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def find_chromium(named: Path | None) -> Path | None:
    """Return the executable of the browser that is `named`, or else on the PATH; None when there is none."""
    names = CHROMIUM if named is None else (str(named),)
    return next((Path(found) for name in names if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class BrowserPlatform:
    """A site whose meetings a browser joins; a `MeetingPlatform`. site: the name of its file in `sites`."""

    site: str

    @property
    def title(self) -> str:
        return load_site(self.site).name

    @property
    def example(self) -> str:
        return load_site(self.site).example

    def takes(self, address: SplitResult, places: Collection[str]) -> bool:
        """Whether it is a meeting on the site's own hosts, over HTTPS at its usual port, or at one of the places."""
        site = load_site(self.site)
        plain = address.scheme == "https" and address.port in (None, 443) and address.username is None
        here = (plain and address.hostname in site.hosts) or f"{address.scheme}://{address.netloc}" in places
        return here and re.fullmatch(site.path, address.path) is not None

    @asynccontextmanager
    async def join(self, spec: BotSpec, *, ear: Ear, in_lobby: Callable[[], None]) -> AsyncIterator[MeetingConnection]:
        """Join a bot's meeting; see `MeetingPlatform`. Raises `MeetingRefused`."""
        try:
            meeting = importlib.import_module("bot.platforms.browser.meeting")
        except ModuleNotFoundError as missing:
            if missing.name != "playwright":
                raise
            told = "Playwright is not installed: pip install 'vivavoce[meetings]'"
            raise MeetingRefused(EndReason.BROWSER_MISSING.value, told) from None
        async with meeting.join_meeting(spec, self.site, ear=ear, in_lobby=in_lobby) as connection:
            yield connection


MEET = BrowserPlatform("meet")

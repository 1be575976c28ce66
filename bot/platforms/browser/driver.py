"""Leads a page through a site's way into a meeting, and says where the bot stands in it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import structlog
from playwright.async_api import Error, Page

from bot.errors import MeetingRefused
from bot.platforms.browser.sites import Site, Switch
from bot.state import EndReason

log = structlog.get_logger(__name__)

OPEN_WITHIN_S = 30.0
KNOWN_WITHIN_S = 60.0
LOOK_S = 0.5
ANSWER_WITHIN_S = 10.0
PRESS_WITHIN_MS = 3000.0
MOST_TEXT = 20_000  # characters of a page's words that are kept


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the page. standing: `waiting_room`, `in_call`, the value of an `EndReason`, or None: can't be told.

    people: names of the others in the call by their ids, "" where the page does not tell.
    """

    standing: str | None
    people: dict[str, str]


class Driver:
    """One page on its way into one meeting and in it.

    evidence: what is kept of failed steps, without the ending. known_s: a page on the way in that is none we know is
    given up after so long. answer_s: a page that takes longer for a look hangs.
    """

    def __init__(
        self,
        page: Page,
        site: Site,
        *,
        evidence: Path,
        known_s: float = KNOWN_WITHIN_S,
        answer_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self._page, self._site, self._evidence = page, site, evidence
        self._known_s, self._answer_s = known_s, answer_s
        self._look = resources.files("bot.platforms.browser").joinpath("look.js").read_text(encoding="utf-8")
        self._entered = False
        self._crashed = False
        page.on("crash", lambda _: self._note_crash())
        page.on("close", lambda _: self._note_crash())

    async def enter(self, url: str, name: str, *, lobby_s: float, in_lobby: Callable[[], None]) -> None:
        """Go in as `name`. lobby_s: how long to wait to be let in. Raises `MeetingRefused`."""
        try:
            await self._open(url)
            await self._wait(name, lobby_s, in_lobby)
        except (Error, TimeoutError) as error:
            reason = EndReason.BROWSER_CRASHED if self._is_dead(error) else EndReason.MEETING_UNREACHABLE
            await self._refuse(reason.value, _first_line(error))

    async def look(self) -> Look:
        """Look at the page; one that is just going elsewhere shows nothing.

        Raises `TimeoutError` where it hangs, Playwright's `Error` where it is gone.
        """
        known = {"site": self._site.model_dump(mode="json", by_alias=True), "entered": self._entered}
        try:
            async with asyncio.timeout(self._answer_s):
                seen: dict[str, Any] = await self._page.evaluate(self._look, known)
        except Error as error:
            if self._is_dead(error):
                raise
            return Look(None, {})
        return Look(seen["standing"], dict(seen["people"]))

    async def leave(self) -> None:
        """Press the site's own button; who closes the page afterwards leaves in any case."""
        with contextlib.suppress(Error, TimeoutError):
            await self._page.locator(self._site.leave).first.click(timeout=PRESS_WITHIN_MS)

    async def keep_evidence(self, code: str) -> Path | None:
        """Keep a picture and the words of the page as it is now; return the picture's file, None if there is none."""
        picture = self._evidence.with_name(f"{self._evidence.name}-{code}.png")
        try:
            async with asyncio.timeout(self._answer_s):
                words = await self._page.evaluate("document.body ? document.body.innerText : ''")
                await self._page.screenshot(path=picture)
            picture.with_suffix(".txt").write_text(f"{self._page.url}\n\n{words[:MOST_TEXT]}", encoding="utf-8")
        except (Error, TimeoutError, OSError) as error:
            log.warning("evidence_lost", error=_first_line(error))
            return None
        return picture

    # ---- the way in -------------------------------------------------------------------------------------------------

    async def _open(self, url: str) -> None:
        parts = urlsplit(url)
        asked = parts._replace(query=urlencode(self._site.query), fragment="").geturl()
        await self._page.goto(asked, timeout=OPEN_WITHIN_S * 1000, wait_until="domcontentloaded")

    async def _wait(self, name: str, lobby_s: float, in_lobby: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        asked, waits = False, False
        until = loop.time() + self._known_s
        while loop.time() < until:
            standing = (await self.look()).standing
            match standing:
                case "in_call":
                    self._entered = True
                    return
                case "waiting_room":
                    if not waits:
                        waits, until = True, loop.time() + lobby_s
                        in_lobby()
                case None:
                    asked = await self._try_to_ask(name) or asked
                case reason:
                    await self._refuse(reason, f"{self._site.name} says so on its page")
            await asyncio.sleep(LOOK_S)
        if waits:
            await self._refuse(EndReason.LOBBY_TIMEOUT.value, f"nobody let the bot in within {lobby_s:g} s")
        what = "asking to join led nowhere" if asked else "there was nothing to join with on the page"
        await self._refuse(EndReason.MEETING_UNREACHABLE.value, f"{what} within {self._known_s:g} s")

    async def _try_to_ask(self, name: str) -> bool:
        try:
            async with asyncio.timeout(3 * self._answer_s):
                return await self._ask(name)
        except Error as error:
            if self._is_dead(error):
                raise
            log.info("asking_failed", error=_first_line(error))  # a page still building itself; tried again
            return False

    async def _ask(self, name: str) -> bool:
        """Give a name, set the devices and press the button, where all that is there by now."""
        button = await self._first_visible([f'button:has-text("{text}")' for text in self._site.join])
        if button is None:
            await self._dismiss()
            return False
        if (field := await self._first_visible(self._site.name_field)) is not None:
            await self._page.locator(field).first.fill(name, timeout=PRESS_WITHIN_MS)
        await self._set(self._site.camera)
        await self._set(self._site.microphone)
        await self._page.locator(button).first.click(timeout=PRESS_WITHIN_MS)
        return True

    async def _set(self, switch: Switch) -> None:
        """Press a device's button where it stands the other way, and make sure that it has moved."""
        button = self._page.locator(switch.press)
        if await button.count() == 0:
            return
        await button.first.click(timeout=PRESS_WITHIN_MS)
        await self._page.locator(switch.seen).first.wait_for(timeout=PRESS_WITHIN_MS)

    async def _dismiss(self) -> None:
        selector = await self._first_visible([f'button:has-text("{text}")' for text in self._site.dismiss])
        if selector is not None:
            await self._page.locator(selector).first.click(timeout=PRESS_WITHIN_MS)

    async def _first_visible(self, selectors: tuple[str, ...] | list[str]) -> str | None:
        for selector in selectors:
            if await self._page.locator(selector).first.is_visible():
                return selector
        return None

    # ---- what goes wrong --------------------------------------------------------------------------------------------

    def _note_crash(self) -> None:
        self._crashed = True

    def _is_dead(self, error: Exception) -> bool:
        hangs = isinstance(error, TimeoutError)  # ours; Playwright's own are `Error`s
        return hangs or self._crashed or self._page.is_closed()

    async def _refuse(self, reason: str, detail: str) -> NoReturn:
        picture = None if self._crashed else await self.keep_evidence(reason)
        kept = f"; what its page showed is in {picture}" if picture else ""
        raise MeetingRefused(reason, f"{detail}{kept}")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]

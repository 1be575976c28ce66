"""One seat in a meeting on somebody else's page: a `MeetingConnection` over a page bridge.

Everything the others say comes as one voice. A site hands out a few audio tracks and changes whose they are as people
speak, so a track does not tell who it is; a name is given only where one other person alone is in the call.
"""

import asyncio
import base64
import binascii
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import structlog
from playwright.async_api import Browser, Error, Page

from audio import Pcm
from bot.errors import MeetingRefused
from bot.interview import Role
from bot.platforms import NAMED, SOMEBODY, Ear, MeetingEvent, Participant, ParticipantJoined, ParticipantLeft, Removed
from bot.platforms.browser.chromium import chromium, new_page
from bot.platforms.browser.driver import Driver
from bot.platforms.browser.sites import Site, load_site
from bot.pulse import Progress
from bot.spec import BotSpec
from bot.state import EndReason

log = structlog.get_logger(__name__)

WATCH_S = 1.0
LOOKS = 3  # a page that changes its face shows nothing for a moment: so many looks in a row decide
LOUD = 300  # of 32768: sound that no silence makes, where the page does not show its people
REFUSED_S = 0.1  # a page that refuses sound, on its way elsewhere or for good, is asked again after so long
MOST_WAITING = 25  # frames, half a second: a page that takes no sound loses the oldest
LONGEST_PIECE = 64_000  # characters of base64 that a page may hand over at once; a second is less


class BrowserConnection:
    """One seat; made by `join_meeting`."""

    def __init__(self, page: Page, driver: Driver, *, ear: Ear) -> None:
        self._page, self._driver, self._ear = page, driver, ear
        self._events: asyncio.Queue[MeetingEvent | None] = asyncio.Queue()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._ready = asyncio.Event()
        self._other: Participant | None = None
        self._seen = self._left_before = self._entered = self._over = False
        self._looking = False
        self._handing = False
        self._looks = self._handed = self._pieces = 0  # how often it was looked at, took sound, and gave some

    # ---- MeetingConnection ----------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        self._waiting.append(pcm.tobytes())
        self._ready.set()

    def progress(self) -> list[Progress]:
        return [
            Progress("the meeting's page", self._looks, self._looking),
            Progress("the page's microphone", self._handed, self._handing or bool(self._waiting)),
            # Once there is somebody to be heard the page hands out sound without end, be it silence.
            Progress("the page's ear", self._pieces, self._looking and self._pieces > 0),
        ]

    def round_trip_ms(self) -> float | None:
        return None  # the page's connection is the site's own

    async def leave(self) -> None:
        if not self._over:
            self._end(None)
            await self._driver.leave()

    # ---- sound ----------------------------------------------------------------------------------------------------

    def hear(self, text: str) -> None:
        """Take 20 ms of what the page plays: base64 of int16 at 16 kHz. A page may say anything, this included."""
        if not self._entered or self._over or not isinstance(text, str) or len(text) > LONGEST_PIECE:
            return
        try:
            pcm = np.frombuffer(base64.b64decode(text, validate=True), np.int16)
        except (binascii.Error, ValueError):  # not base64, not whole samples
            return
        self._pieces += 1
        if self._other is None and not self._seen and len(pcm) and int(np.abs(pcm.astype(np.int32)).max()) > LOUD:
            self._arrived("")
        if self._other is not None:
            self._ear(self._other, pcm)

    async def speak(self) -> None:
        """Hand the page what is played, until cancelled or the page is gone."""
        while not self._over:
            await self._ready.wait()
            self._ready.clear()
            sound = b"".join(self._waiting)
            self._waiting.clear()
            self._handing = bool(sound)
            while self._handing and not self._over:
                self._handing = not await self._taken(base64.b64encode(sound).decode())

    async def _taken(self, sound: str) -> bool:
        try:
            await self._page.evaluate("sound => globalThis.vivavoceBridge.play(sound)", sound)
        except Error as error:
            log.warning("sound_refused", error=error.message)
            await asyncio.sleep(REFUSED_S)
            return False
        self._handed += 1
        return True

    # ---- who is there ---------------------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Look at the page again and again until the call is over for the bot."""
        self._entered = self._looking = True
        gone = 0
        while not self._over:
            try:
                look = await self._driver.look()
            except (Error, TimeoutError) as error:
                log.error("page_lost", error=str(error))
                self._end(EndReason.BROWSER_CRASHED.value)
                return
            self._looks += 1
            if look.standing == "in_call":
                gone = 0
                self._roster(list(look.people.values()))
            else:
                gone += 1
                if gone >= LOOKS or look.standing is not None:
                    verdict = look.standing or EndReason.CONNECTION_LOST.value
                    self._looking = False
                    await self._driver.keep_evidence(verdict)
                    self._end(verdict)
                    return
            await asyncio.sleep(WATCH_S)

    def _roster(self, names: list[str]) -> None:
        if names:
            self._seen = True
            if self._other is None:
                self._arrived(names[0] if len(names) == 1 else "")
        elif self._seen and self._other is not None:
            self._events.put_nowait(ParticipantLeft(self._other, dropped=False))
            self._other, self._left_before = None, True

    def _arrived(self, name: str) -> None:
        # One id for all: whoever speaks in the meeting is the other side of this interview.
        self._other = Participant("others", name or SOMEBODY, Role.CANDIDATE)
        self._events.put_nowait(ParticipantJoined(self._other, again=self._left_before))

    def _end(self, code: str | None) -> None:
        self._over, self._looking = True, False
        self._ready.set()
        if code is not None:
            self._events.put_nowait(Removed(code))
        self._events.put_nowait(None)


@asynccontextmanager
async def join_meeting(
    spec: BotSpec, site: str, *, ear: Ear, in_lobby: Callable[[], None]
) -> AsyncIterator[BrowserConnection]:
    """Take a seat in the bot's meeting for as long as the block runs; leave on the way out. Raises `MeetingRefused`."""
    assert spec.meeting is not None
    async with chromium(spec.meeting.chromium) as browser:
        connection, driver = await _seat(spec, load_site(site), browser, ear)
        await driver.enter(
            spec.meeting.url, NAMED.format(name=spec.name), lobby_s=spec.limits.no_show_s, in_lobby=in_lobby
        )
        async with asyncio.TaskGroup() as tasks:
            watching = [
                tasks.create_task(connection.watch(), name="page"),
                tasks.create_task(connection.speak(), name="voice"),
            ]
            try:
                yield connection
            finally:
                await connection.leave()
                for task in watching:
                    task.cancel()


async def _seat(spec: BotSpec, site: Site, browser: Browser, ear: Ear) -> tuple[BrowserConnection, Driver]:
    assert spec.meeting is not None
    try:
        page = await new_page(browser, site.locale)
        driver = Driver(page, site, evidence=spec.meeting.evidence)
        connection = BrowserConnection(page, driver, ear=ear)
        await page.expose_binding("vivavoceHeard", lambda _, text: connection.hear(text))
    except Error as error:
        raise MeetingRefused(EndReason.BROWSER_CRASHED.value, error.message.splitlines()[0]) from error
    return connection, driver

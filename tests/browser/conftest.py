"""Chromium, and a room for it to visit: the real pages and the real signalling, and a bot that does as it is told.

Chromium and the servers stand for as long as the tests run. A module takes part by
`pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]`.
"""

import asyncio
import json
import shutil
import socket
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
import numpy as np
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from websockets.asyncio.client import ClientConnection

from api.moments import rfc3339, utc_now
from api.pages import pages_router
from api.room import Card, Hub, Refused, RoomSeat, room_router
from api.room.frames import NoticeShown
from audio import Pcm
from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from bot.spec import BotSpec
from tests.browser.serving import Serve
from tests.browser.serving import serving as real_server
from tests.guards import HANG_S, connect
from tests.integration.plane import Plane, shared
from tests.running_foreign_speech import foreign_speech

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
FLAGS = (
    "--no-sandbox",  # tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
expect.set_options(timeout=1000 * HANG_S)  # busy machines are slow, not wrong
OnFrame: TypeAlias = Callable[[dict[str, Any]], None]
Theme: TypeAlias = Literal["light", "dark"]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1180, "height": 820}


def tone(path: Path, seconds: float = 20.0, hz: float = 220.0) -> Path:
    """Write a steady tone, loud as a voice: 16 kHz mono."""
    at = np.arange(int(seconds * 16000)) / 16000
    pcm = (0.3 * 32767 * np.sin(2 * np.pi * hz * at)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(pcm.tobytes())
    return path


@dataclass(frozen=True)
class Look:
    """How somebody's browser is set."""

    theme: Theme = "light"
    size: dict[str, int] = field(default_factory=lambda: DESK)
    reduced_motion: bool = False
    zone: str | None = None  # of the clock on the wall; None: this machine's


class Chromium:
    """Opens Debian's Chromium with a sound file as its microphone, or with none; one for each way to start it."""

    def __init__(self, start: Callable[[tuple[str, ...]], Awaitable[Browser]]) -> None:
        self._start = start
        self._started: dict[tuple[str, ...], Browser] = {}

    @asynccontextmanager
    async def page(
        self,
        *,
        microphone: Path | str | None,
        allowed: bool = True,
        theme: Theme = "light",
        size: dict[str, int] | None = None,
        reduced_motion: bool = False,
    ) -> AsyncIterator[Page]:
        """A page whose script errors fail the test. microphone: `%noloop` behind the path plays the file once."""
        look = Look(theme, size or DESK, reduced_motion)
        async with self.pages(look, microphone=microphone, allowed=allowed) as (page,):
            yield page

    @asynccontextmanager
    async def pages(
        self, *looks: "Look", microphone: Path | str | None, allowed: bool = True
    ) -> AsyncIterator[tuple[Page, ...]]:
        """Pages of people who share nothing but one browser, each as `page` has it."""
        flags = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
        flags += ["--use-fake-ui-for-media-stream" if allowed else "--deny-permission-prompts"]
        browser = await self._browser((*FLAGS, *flags))
        async with AsyncExitStack() as stack:
            opened = []
            for look in looks:
                context = await browser.new_context(
                    color_scheme=look.theme,
                    viewport=look.size,  # type: ignore[arg-type]
                    reduced_motion="reduce" if look.reduced_motion else "no-preference",
                    timezone_id=look.zone,
                )
                if allowed:
                    await context.grant_permissions(["microphone"])
                opened.append(await stack.enter_async_context(_watched(context)))
            yield tuple(opened)

    async def _browser(self, flags: tuple[str, ...]) -> Browser:
        browser = self._started.get(flags)
        if browser is None or not browser.is_connected():
            browser = self._started[flags] = await self._start(flags)
        return browser


@asynccontextmanager
async def _watched(context: BrowserContext) -> AsyncIterator[Page]:
    page = await context.new_page()
    page.set_default_timeout(1000 * HANG_S)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if _broke_our_policy(said.text) else None)
    try:
        yield page
    finally:
        await context.close()
    assert not errors, f"the page's own script failed: {errors}"


def _broke_our_policy(said: str) -> bool:
    """Whether a page of ours loaded what it may not; a frame that others may not draw is their affair."""
    return "Content Security Policy" in said and "frame-ancestors" not in said


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium: apt install chromium"
    async with async_playwright() as playwright, AsyncExitStack() as stack:

        async def start(args: tuple[str, ...]) -> Browser:
            browser = await playwright.chromium.launch(executable_path=path, args=args, headless=True)
            stack.push_async_callback(browser.close)
            return browser

        yield Chromium(start)


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a microphone hears: a steady tone."""
    return tone(tmp_path_factory.mktemp("voice") / "voice.wav")


@dataclass(frozen=True)
class Seat:
    participant_id: str
    role: str
    name: str


CARD = Card(
    title="Backend engineer",
    language="en",
    mode="solo",
    status="in_progress",
    questions=4,
    minutes=20,
    candidate="Ada",
    organisation="Marchland Rail",
    bot="Vera",
)


@dataclass
class Stage:
    """A room with its pages. Tokens are the names of the seats; `refuse` turns everybody away instead."""

    url: str
    hub: Hub
    seats: dict[str, Seat] = field(default_factory=dict)
    card: Card = CARD
    refuse: Refused | None = None
    heard: list[Pcm] = field(default_factory=list)
    notices: list[tuple[str, NoticeShown | None]] = field(default_factory=list)
    withdrawals: list[str] = field(default_factory=list)

    async def admit(self, interview_id: str, token: str) -> tuple[RoomSeat, Card]:
        if self.refuse is not None:
            raise self.refuse
        role, _, name = token.partition(".")
        return self.seats.setdefault(token, Seat(f"{role}-1", role, name)), self.card

    async def agreed(self, interview_id: str, seat: RoomSeat, notice: NoticeShown | None) -> None:
        self.notices.append((seat.participant_id, notice))

    async def withdrew(self, interview_id: str, seat: RoomSeat) -> None:
        self.withdrawals.append(seat.participant_id)

    def link(self, role: str = "candidate", name: str = "Ada") -> str:
        return f"{self.url}/room/i1#{role}.{name}"

    @asynccontextmanager
    async def bot(
        self, on_frame: Callable[[dict[str, Any]], None] = lambda frame: None
    ) -> AsyncIterator[RoomConnection]:
        """A bot in the room, as the runtime joins it; what it hears is kept in `heard`."""

        def ear(participant: Participant, pcm: Pcm) -> None:
            self.heard.append(pcm)

        url = self.url.replace("http", "ws") + "/room/i1/signal"
        async with join_room(url, "bot.Vera", ear=ear, on_frame=on_frame) as bot:
            yield bot

    def floor(self, floor: str, expecting: str = "nothing", number: int = 1) -> None:
        question = {"expecting": expecting, "question_id": f"q{number}", "number": number, "of": 4}
        self.hub.announce("i1", "floor", {"floor": floor, **question})

    def caption(self, text: str, *, role: str = "bot", final: bool = True, turn: str = "t1", stable: str = "") -> None:
        speaker = {"speaker_id": f"{role}-1", "speaker": "Vera" if role == "bot" else "Ada", "role": role}
        data = {"turn_id": turn, **speaker, "text": text, "stable": stable}
        self.hub.announce("i1", "turn.final" if final else "turn.interim", data)


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    hub = Hub()
    app = FastAPI()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stage = Stage(f"http://127.0.0.1:{listening.getsockname()[1]}", hub)
        app.include_router(room_router(hub, stage))
        app.include_router(pages_router())
        config = uvicorn.Config(app, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=2)
        async with serving(uvicorn.Server(config), listening):
            yield stage
            hub.close()


@asynccontextmanager
async def serving(server: uvicorn.Server, listening: socket.socket) -> AsyncIterator[None]:
    """Serve on a socket while the block runs."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([listening]))
        yield
        server.should_exit = True


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """Write a screenshot for people to look at. whole: of all of the page, not what fits the window alone."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)


# ---- the control plane, and what a bot tells it ---------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A control plane whose bots run nothing, and a recruiter's token for it."""

    plane: Plane
    token: str

    @classmethod
    def of(cls, plane: Plane) -> "Server":
        return cls(plane, plane.token())

    @property
    def url(self) -> str:
        return self.plane.url

    @property
    def sign_in(self) -> str:
        return f"{self.url}/app#token={self.token}"

    @property
    def recordings(self) -> Path:
        return self.plane.services.settings.recordings_dir

    def api(self) -> httpx.AsyncClient:
        """As the recruiter; closed when the test is over."""
        return self.plane.client()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plane]:
    """A control plane for all tests, each with a tenant of its own; its cards are read aloud by a voice of one tone."""
    with foreign_speech() as voice:
        async with shared(tmp_path_factory.mktemp("standing"), tts_url=voice.url) as plane:
            yield plane


@pytest_asyncio.fixture(loop_scope="session")
async def server(standing: Plane) -> AsyncIterator[Server]:
    async with standing.for_one() as plane:
        yield Server.of(plane)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def serve(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serve]:
    async with real_server(tmp_path_factory.mktemp("serve")) as one:
        yield one


class Reporter:
    """What a bot tells the control plane, by hand."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._n = 0

    async def told(self, command: str) -> dict[str, Any]:
        """Wait until the control plane tells the bot to do something; return the details."""
        async with asyncio.timeout(HANG_S):
            while (frame := json.loads(await self._line.recv())).get("command") != command:
                pass
        data: dict[str, Any] = frame["data"]
        return data

    async def whisper(self, event: str, **data: Any) -> None:
        """Tell the interviewer's panel alone."""
        await self.tell(event, numbered=False, **data)

    async def tell(self, event: str, numbered: bool = True, **data: Any) -> None:
        self._n += numbered
        at = {"at": rfc3339(utc_now()), "at_ms": 1000 * self._n}
        frame = {"type": "event", "n": self._n if numbered else None, **at, "event": event, "data": data}
        await self._line.send(json.dumps(frame))


@asynccontextmanager
async def reporting(spec: BotSpec) -> AsyncIterator[Reporter]:
    headers = {"Authorization": f"Bearer {spec.uplink.token.get_secret_value()}"}
    async with connect(spec.uplink.url, additional_headers=headers) as line:
        await line.send(json.dumps({"type": "hello", "attempt_id": spec.attempt_id, "epoch": spec.epoch, "last_n": 0}))
        assert json.loads(await line.recv())["type"] == "welcome"
        yield Reporter(line)


def turn(number: int, role: str, text: str) -> dict[str, Any]:
    return {
        "seq": number,
        "turn_id": f"t{number}",
        "speaker_id": role,
        "speaker": "Viva" if role == "bot" else "Ada Byron",
        "role": role,
        "text": text,
        "start_ms": number * 4000,
        "end_ms": number * 4000 + 3000,
        "confidence": None if role == "bot" else 0.93,
        "question_id": None,
        "interrupted": False,
    }

"""Chromium, and a room for it to visit: the real pages and the real signalling, and a bot that does as it is told."""

import asyncio
import json
import shutil
import socket
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from websockets.asyncio.client import ClientConnection

from api.__main__ import server as server_of
from api.app import create_app
from api.auth import Tokens, signing_secret
from api.moments import rfc3339, utc_now
from api.pages import pages_router
from api.room import Card, Hub, Refused, RoomSeat, room_router
from api.room.frames import NoticeShown
from api.settings import Settings, load_settings
from audio import Pcm
from bot.platforms import Participant
from bot.platforms.room import RoomConnection, join_room
from bot.spec import BotSpec
from tests.browser.serving import Serve
from tests.browser.serving import serving as real_server
from tests.fakes.launcher import MemoryLauncher
from tests.guards import HANG_S, connect

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
expect.set_options(timeout=15_000)  # busy machines are slow, not wrong
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


class Chromium:
    """Opens Debian's Chromium with a sound file as its microphone, or with none."""

    def __init__(self, start: Callable[..., AbstractAsyncContextManager[Browser]]) -> None:
        self._start = start

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
        async with self._start(args=[*FLAGS, *flags]) as browser, AsyncExitStack() as stack:
            opened = []
            for look in looks:
                context = await browser.new_context(
                    color_scheme=look.theme,
                    viewport=look.size,  # type: ignore[arg-type]
                    reduced_motion="reduce" if look.reduced_motion else "no-preference",
                )
                if allowed:
                    await context.grant_permissions(["microphone"])
                opened.append(await stack.enter_async_context(_watched(context)))
            yield tuple(opened)


@asynccontextmanager
async def _watched(context: BrowserContext) -> AsyncIterator[Page]:
    page = await context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if _broke_our_policy(said.text) else None)
    yield page
    await context.close()
    assert not errors, f"the page's own script failed: {errors}"


def _broke_our_policy(said: str) -> bool:
    """Whether a page of ours loaded what it may not; a frame that others may not draw is their affair."""
    return "Content Security Policy" in said and "frame-ancestors" not in said


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium: apt install chromium"
    async with async_playwright() as playwright:

        @asynccontextmanager
        async def start(args: list[str]) -> AsyncIterator[Browser]:
            browser = await playwright.chromium.launch(executable_path=path, args=args, headless=True)
            try:
                yield browser
            finally:
                await browser.close()

        yield Chromium(start)


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


@pytest.fixture
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


@dataclass
class Server:
    """The control plane with a launcher that runs nothing."""

    url: str
    token: str
    settings: Settings
    launcher: MemoryLauncher

    @property
    def sign_in(self) -> str:
        return f"{self.url}/app#token={self.token}"


@asynccontextmanager
async def control_plane(data_dir: Path, **settings: Any) -> AsyncIterator[Server]:
    """Serve a control plane whose bots run nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        known = load_settings(data_dir=data_dir, listen_port=listening.getsockname()[1], **settings)
        launcher = MemoryLauncher()
        app = create_app(known, launcher=launcher)
        token = Tokens(signing_secret(known.secret_file)).issue(
            "acme", ["*"], subject="admin", expires_in=timedelta(hours=1)
        )
        async with serving(server_of(app, known), listening):
            yield Server(known.public, token, known, launcher)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with control_plane(tmp_path) as server:
        yield server


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Serve]:
    async with real_server(tmp_path) as running:
        yield running


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

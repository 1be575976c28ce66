"""A meeting site of our own in the manner of Google Meet: its pages, and the other side of the call."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse

from audio import Pcm
from bot.platforms.opus import OpusEncoder
from bot.platforms.peer import Peer, next_stamp

HERE = Path(__file__).parent
# As strict as a site's may be: nothing inline, nothing from elsewhere, no connection anywhere else.
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"


@dataclass
class SimulatedMeet:
    """One meeting. standing: what its page shows; then: what it shows once the guest has asked to join.

    names: who else is in the call. heard: what the guest said, 16 kHz.
    """

    port: int
    standing: str = "prejoin"
    then: str = "lobby"
    names: list[str] = field(default_factory=lambda: ["Ada Byron"])
    asked: list[dict[str, str]] = field(default_factory=list)
    heard: list[Pcm] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    on_sound: Callable[[Pcm], None] = lambda pcm: None
    _peer: Peer | None = None
    _encoder: OpusEncoder = field(default_factory=OpusEncoder)
    _stamp: int | None = None

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.site}/abc-defg-hij"

    @property
    def connected(self) -> bool:
        return self._peer is not None and self._peer.connected

    def say(self, pcm: Pcm) -> None:
        """Send 20 ms at 24 kHz to the guest."""
        if self._peer is None or not self._peer.connected:
            return
        self._stamp = next_stamp(asyncio.get_running_loop().time(), self._stamp)
        for payload in self._encoder.encode(pcm):
            self._peer.track.push(payload, self._stamp)

    def _hear(self, pcm: Pcm) -> None:
        self.heard.append(pcm)
        self.on_sound(pcm)

    async def _answer(self, offer: dict[str, str]) -> dict[str, str]:
        self._peer = Peer([], hear=self._hear, changed=lambda state: None, broken=_raise)
        return await self._peer.answer(offer)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/standing")
        async def standing() -> dict[str, Any]:
            return {"standing": self.standing, "names": self.names}

        @app.post("/ask", status_code=204)
        async def ask(request: Request) -> None:
            self.asked.append(await request.json())
            self.standing = self.then

        @app.post("/leave", status_code=204)
        async def leave() -> None:
            self.left.set()

        @app.post("/offer")
        async def offer(request: Request) -> dict[str, str]:
            return await self._answer(await request.json())

        @app.get("/simulated_meet.js")
        async def script() -> Response:
            return FileResponse(HERE / "simulated_meet.js")

        @app.get("/{code}")
        async def page(code: str) -> Response:
            return FileResponse(HERE / "simulated_meet.html", headers={"Content-Security-Policy": POLICY})

        return app

    async def aclose(self) -> None:
        if self._peer is not None:
            await self._peer.close()


@asynccontextmanager
async def simulated_meet() -> AsyncIterator[SimulatedMeet]:
    """Serve a meeting for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        meet = SimulatedMeet(listening.getsockname()[1])
        config = uvicorn.Config(meet.app(), log_level="error", lifespan="off", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listening]))
            try:
                yield meet
            finally:
                server.should_exit = True
                await meet.aclose()


def _raise(error: Exception) -> None:
    raise error

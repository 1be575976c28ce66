"""A whole control plane over real HTTP: uvicorn on a free port, SQLite in a directory, bots that run nothing."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import websockets
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection

from api.__main__ import server
from api.app import create_app
from api.database import Database
from api.interviews.keeper import MOST_TAKEOVERS
from api.moments import Clock, utc_now
from api.services import Services
from api.settings import load_settings
from bot.spec import BotSpec
from orchestrator import BotLauncher, Exited, LaunchHandle
from tests.fakes.launcher import MemoryLauncher
from tests.guards import HANG_S, connect

_NUMBERS = count(1)
_tables: list[bytes] = []  # an empty SQLite file with every table, made once a process
PLAN = {
    "title": "Backend engineer",
    "sections": [
        {
            "id": "main",
            "name": "Main",
            "questions": [{"id": "q1", "text": "What did you build last?"}, {"id": "q2", "text": "What broke?"}],
        }
    ],
}


@dataclass
class Plane:
    """A running control plane and how to talk to it. suffix: of every tenant's name, where many tests share it."""

    app: FastAPI
    url: str
    launcher: MemoryLauncher
    suffix: str = ""
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def token(self, tenant: str = "acme", *scopes: str) -> str:
        return self.services.tokens.issue(tenant + self.suffix, scopes or ("*",), expires_in=timedelta(hours=1))

    def client(self, tenant: str = "acme", *scopes: str) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token(tenant, *scopes)}"}
        client = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=HANG_S)
        self._clients.append(client)
        return client

    async def created(self, client: httpx.AsyncClient, **more: Any) -> str:
        body = {"candidate": {"name": "Ann"}, "plan": PLAN} | more
        response = await client.post("/v1/interviews", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    async def started(self, client: httpx.AsyncClient, **more: Any) -> tuple[str, BotSpec]:
        interview_id = await self.created(client, **more)
        response = await client.post(f"/v1/interviews/{interview_id}/start")
        assert response.status_code == 202, response.text
        return interview_id, self.launcher.specs[-1]

    @asynccontextmanager
    async def for_one(self) -> AsyncIterator["Plane"]:
        """Lend it to one test, whose tenants are nobody else's."""
        self.launcher.specs.clear()
        plane = replace(self, suffix=f"-{next(_NUMBERS)}", _clients=[])
        try:
            yield plane
        finally:
            for client in plane._clients:
                await client.aclose()

    def spec_of(self, interview_id: str) -> BotSpec:
        """Return what an interview's newest bot was told; others' may have been started since."""
        return next(spec for spec in reversed(self.launcher.specs) if spec.interview_id == interview_id)

    async def crashes(self, interview_id: str) -> None:
        """Kill an interview's bot, and each that is sent in its place."""
        for epoch in range(1, 2 + MOST_TAKEOVERS):
            async with asyncio.timeout(HANG_S):
                while self.spec_of(interview_id).epoch < epoch:
                    await asyncio.sleep(0.01)
            self.launcher.end(LaunchHandle.of(self.spec_of(interview_id)), Exited(137, "killed"))

    def sockets(self, path: str) -> str:
        return "ws" + self.url.removeprefix("http") + path


@asynccontextmanager
async def running(
    data_dir: Path, launcher: BotLauncher | None = None, *, clock: Clock = utc_now, **settings: Any
) -> AsyncIterator[Plane]:
    """Serve a control plane on `data_dir` until the block ends; what is in the directory outlives it."""
    bots = launcher or MemoryLauncher()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)  # so that a deaf reader is felt soon
        async with _serving(data_dir, bots, listener, settings, clock) as plane:
            yield plane


@asynccontextmanager
async def shared(data_dir: Path, **settings: Any) -> AsyncIterator[Plane]:
    """Serve a control plane for many tests, each with tenants of its own: there is room, and nobody asks too often."""
    async with running(data_dir, rate_per_minute=0, rate_per_hour=0, **settings) as plane:
        plane.launcher.total = 1000
        yield plane


@asynccontextmanager
async def _serving(
    data_dir: Path, bots: BotLauncher, listener: socket.socket, settings: dict[str, Any], clock: Clock
) -> AsyncIterator[Plane]:
    port = listener.getsockname()[1]
    loaded = load_settings(**{"data_dir": data_dir, "listen_port": port, "watch_every_s": 0.2, **settings})
    app = create_app(loaded, launcher=bots, clock=clock)  # which makes the data directory
    await _upgraded(loaded.database)
    serving = server(app, loaded)
    plane = Plane(app, f"http://127.0.0.1:{port}", bots)  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(serving.serve([listener]))
        while not serving.started:
            assert not task.done(), "the control plane did not start"
            await asyncio.sleep(0.005)
        try:
            yield plane
        finally:
            for client in plane._clients:
                await client.aclose()
            serving.should_exit = True


async def _upgraded(url: str) -> None:
    """Bring a database up to date; a new SQLite file is copied from one that was."""
    path = Path(url.partition("///")[2])
    if url.startswith("sqlite") and not path.exists():
        if not _tables:
            _tables.append(await _empty_tables())
        path.write_bytes(_tables[0])
        return
    database = Database(url)
    await database.upgrade()
    await database.aclose()


async def _empty_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database(f"sqlite+aiosqlite:///{path}")
        await database.upgrade()
        await database.aclose()
        return path.read_bytes()


class Bot:
    """A bot's end of the uplink, moved by the test."""

    def __init__(self, socket: ClientConnection, acked: int) -> None:
        self.socket = socket
        self.acked = acked
        self.commands: list[dict[str, Any]] = []

    async def event(self, n: int | None, type_: str, **data: Any) -> None:
        frame = {"type": "event", "n": n, "at": "2026-11-22T05:00:00.000Z", "at_ms": 5, "event": type_, "data": data}
        await self.socket.send(json.dumps(frame))

    async def acknowledged(self, n: int) -> None:
        """Wait until everything up to `n` is stored."""
        while self.acked < n:
            await self._next()

    async def told(self) -> dict[str, Any]:
        """Wait for a command."""
        while not self.commands:
            await self._next()
        return self.commands.pop(0)

    async def done(self, command: dict[str, Any]) -> None:
        await self.socket.send(json.dumps({"type": "command.done", "id": command["id"]}))

    async def may_stay(self, at: float) -> None:
        """Ask whether it may stay in its call; `told` is the answer, if there is one."""
        await self.socket.send(json.dumps({"type": "renew", "at": at}))

    async def says(self, n: int, seq: int, text: str, role: str = "candidate", question_id: str | None = "q1") -> None:
        await self.event(
            n,
            "turn.final",
            seq=seq,
            turn_id=f"t{seq}",
            speaker_id=role,
            speaker=role.title(),
            role=role,
            text=text,
            start_ms=seq * 1000,
            end_ms=seq * 1000 + 800,
            confidence=None if role == "bot" else 0.9,
            question_id=question_id,
            interrupted=False,
        )

    async def _next(self) -> None:
        async with asyncio.timeout(HANG_S):
            frame = json.loads(await self.socket.recv())
        if frame["type"] == "ack":
            self.acked = frame["n"]
        else:
            self.commands.append(frame)


@asynccontextmanager
async def uplink(spec: BotSpec, *, epoch: int | None = None, token: str | None = None) -> AsyncIterator[Bot]:
    """Open a bot's line the way its spec says."""
    key = token or spec.uplink.token.get_secret_value()
    async with connect(spec.uplink.url, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
        hello = {"type": "hello", "attempt_id": spec.attempt_id, "epoch": epoch or spec.epoch, "last_n": 0}
        await socket.send(json.dumps(hello))
        welcome = json.loads(await socket.recv())
        assert welcome["type"] == "welcome"
        yield Bot(socket, welcome["acked"])


async def close_code(socket: ClientConnection) -> int | None:
    """Wait until the server closes; return its code."""
    try:
        async with asyncio.timeout(HANG_S):
            while True:
                await socket.recv()
    except websockets.ConnectionClosed:
        return socket.close_code


async def until(client: httpx.AsyncClient, interview_id: str, *statuses: str) -> dict[str, Any]:
    """Wait until an interview stands in one of `statuses`; return it."""
    async with asyncio.timeout(HANG_S):
        while True:
            body: dict[str, Any] = (await client.get(f"/v1/interviews/{interview_id}")).json()
            if body["status"] in statuses:
                return body
            await asyncio.sleep(0.01)

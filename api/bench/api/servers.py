"""The servers that are measured: children of this process, each on a port of its own, with none of the environment's
settings."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.auth import Tokens, signing_secret
from api.client import Client
from api.database import Database
from api.errors import ControlPlaneError
from api.serving import listening
from api.settings import Settings
from orchestrator.forks import ONE_THREAD
from orchestrator.leash import leashed
from orchestrator.probes import answers, on_port

READY_S = 60.0
STOP_S = 10.0
LOOK_S = 0.05
HOST = "127.0.0.1"


class ServerFailed(ControlPlaneError):
    """A server that is to be measured ended or did not answer; the message holds its last words."""

    code = "server_failed"


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is running. settings: where it keeps what."""

    port: int
    settings: Settings

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{HOST}:{self.port}"

    @property
    def sockets(self) -> str:
        """Its address for WebSockets."""
        return f"ws://{HOST}:{self.port}"

    @property
    def tokens(self) -> Tokens:
        """What makes the tokens it takes."""
        return Tokens(signing_secret(self.settings.secret_file))

    def token(self, tenant: str) -> str:
        """Return a bearer token with all rights of one tenant."""
        return self.tokens.issue(tenant, expires_in=timedelta(hours=2), subject="bench")

    def client(self, tenant: str) -> Client:
        """Return a client with all rights of one tenant."""
        return Client(self.url, self.token(tenant))

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Lend its database to this process."""
        database = Database(self.settings.database)
        try:
            yield database
        finally:
            await database.aclose()


@asynccontextmanager
async def control_plane(folder: Path, database: str | None = None, bus: str | None = None) -> AsyncIterator[Served]:
    """Run `python -m api` as `vivavoce serve` does, without limits of rate and without a place where bots run.

    folder: its data directory. Raises `ServerFailed`.
    """
    settings = {"RATE_PER_MINUTE": "0", "RATE_PER_HOUR": "0"} | ({"EVENT_BUS_URL": bus} if bus else {})
    places = Settings.model_construct(data_dir=folder, database_url=database)  # nothing of this process's environment
    async with _child(("-m", "api"), places, settings, "/v1/health") as served:
        yield served


@asynccontextmanager
async def plain(beside: Served) -> AsyncIterator[Served]:
    """Run what a control plane is compared with on the same database; raises `ServerFailed`."""
    program = ("-m", "api.bench.api.plain", "--database", beside.settings.database)
    async with _child(program, beside.settings, {}, "/health") as served:
        yield served


@asynccontextmanager
async def _child(
    program: tuple[str, ...], places: Settings, settings: Mapping[str, str], path: str
) -> AsyncIterator[Served]:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listening(HOST, 0))
        port = int(listener.getsockname()[1])
        here = {"DATA_DIR": str(places.data_dir), "DATABASE_URL": places.database}
        address = {"LISTEN_HOST": HOST, "LISTEN_PORT": str(port)}
        environment = {**_foreign(), **ONE_THREAD, **here, **address, **settings}
        log = places.data_dir / f"{port}.log"
        errors = stack.enter_context(log.open("ab"))
        process = await asyncio.create_subprocess_exec(
            *leashed((sys.executable, *program, "--fd", str(listener.fileno()))),
            env=environment,
            pass_fds=(listener.fileno(),),
            stderr=errors,
        )
        stack.push_async_callback(_stop, process)
        await _ready(process, port, path, log)
        yield Served(port, places)


def _foreign() -> dict[str, str]:
    """The environment without settings of ours: they are somebody's real database and keys."""
    ours = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name.upper() not in ours}


async def _ready(process: asyncio.subprocess.Process, port: int, path: str, log: Path) -> None:
    try:
        async with asyncio.timeout(READY_S):
            while not await answers(on_port(HOST, port), path):
                if process.returncode is not None:
                    break
                await asyncio.sleep(LOOK_S)
            else:
                return
    except TimeoutError:
        pass
    raise ServerFailed(f"a server to be measured did not start:\n{_last_words(log)}")


def _last_words(log: Path, lines: int = 10) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

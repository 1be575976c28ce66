"""A PostgreSQL of the tests' own, on a free port, with databases made as they are asked for."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from api.database import Database

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    port: int
    _up_to_date: list[str] = field(default_factory=list, compare=False)  # at most one: what `with_tables` copies

    async def with_tables(self) -> str:
        """Make a database with every table and nothing in them, and return its URL."""
        if not self._up_to_date:
            url = await self.new_database()
            database = Database(url)
            await database.upgrade()
            await database.aclose()
            self._up_to_date.append(url)
        return await self.new_database(like=self._up_to_date[0])

    async def new_database(self, like: str | None = None) -> str:
        """Make a database and return its URL: an empty one, or a copy of the one at another URL."""
        name = f"t_{secrets.token_hex(6)}"
        connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user=ACCOUNT, database="postgres")
        try:
            template = f" TEMPLATE {like.rpartition('/')[2]}" if like else ""
            await connection.execute(f"CREATE DATABASE {name}{template}")
        finally:
            await connection.close()
        return f"postgresql+asyncpg://{ACCOUNT}@127.0.0.1:{self.port}/{name}"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start PostgreSQL on an empty cluster without durability, yield it, and stop it."""
    with initialised() as (folder, port):
        fast = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        command = postgres_command(folder, port, *fast)
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, **_quietly(folder)) as server:
            try:
                asyncio.run(answers(port, server))
                yield Postgres(port)
            finally:
                server.send_signal(signal.SIGINT)  # fast shutdown


@contextmanager
def initialised() -> Iterator[tuple[Path, int]]:
    """Make an empty cluster; yield where it is and a port for it, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="vivavoce-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        data = str(folder / "data")
        initdb = [_program("initdb"), "-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, **_quietly(folder))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        yield folder, port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def postgres_command(folder: Path, port: int, *more: str) -> list[str]:
    """Return what serves an initialised cluster."""
    options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    return [_program("postgres"), "-D", str(folder / "data"), *options, *more]


def _quietly(folder: Path) -> dict[str, Any]:
    who = {"user": ACCOUNT, "group": ACCOUNT} if os.geteuid() == 0 else {}
    return {"stdout": subprocess.DEVNULL, "cwd": folder, **who}


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        assert newest, f"{name} is needed: apt install postgresql"
        found = str(newest[-1])
    return found


async def answers(port: int, server: "subprocess.Popen[bytes] | None" = None) -> None:
    """Return when a PostgreSQL answers."""
    while True:
        assert server is None or server.poll() is None, "postgres did not start"
        try:
            await (await asyncpg.connect(host="127.0.0.1", port=port, user=ACCOUNT, database="postgres")).close()
            return
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.05)

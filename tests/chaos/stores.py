"""PostgreSQL and Redis that can be killed and come back with what they had."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from api.database import Database
from tests.running_postgres import ACCOUNT, answers, initialised, postgres_command
from tests.running_redis import free_port, redis_command


class Store:
    """A server that is started, killed and started again on the same files. url: for the product."""

    def __init__(self, command: list[str], url: str, cwd: Path, account: str | None) -> None:
        self.url = url
        self._command, self._cwd, self._account = command, cwd, account
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may take a moment until it answers."""
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            self._command,
            stdout=quiet,
            stderr=quiet,
            cwd=self._cwd,
            user=self._account,
            group=self._account,
            start_new_session=True,
        )

    def kill(self) -> None:
        """Kill it and everything it has started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@asynccontextmanager
async def stores() -> AsyncIterator[tuple[Store, Store]]:
    """Run both until the block ends: PostgreSQL, which keeps what it has committed, and Redis."""
    account = ACCOUNT if os.geteuid() == 0 else None
    with initialised() as (folder, port):
        redis_folder = Path(tempfile.mkdtemp(prefix="vivavoce-redis-"))
        redis_port = free_port()
        url = f"postgresql+asyncpg://{ACCOUNT}@127.0.0.1:{port}/postgres"
        # Without fsync: what a killed process had handed to the kernel stays, and no power is cut here.
        postgres = Store(postgres_command(folder, port, "-c", "fsync=off"), url, folder, account)
        redis = Store(redis_command(redis_folder, redis_port), f"redis://127.0.0.1:{redis_port}/0", redis_folder, None)
        both = (postgres, redis)
        try:
            for store in both:
                store.start()
            await answers(port)
            database = Database(url)
            await database.upgrade()
            await database.aclose()
            yield both
        finally:
            for store in both:
                store.kill()
            shutil.rmtree(redis_folder, ignore_errors=True)


async def whole(url: str) -> bool:
    """Tell whether every page of every table of a PostgreSQL can be read."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for table in tables:
            await connection.fetch(f'SELECT * FROM "{table["tablename"]}"')
        return bool(tables)
    finally:
        await connection.close()

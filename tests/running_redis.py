"""A Redis of the test's own, on a free port."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Start Redis in `folder`, yield its URL, and stop it."""
    port = free_port()
    with subprocess.Popen(redis_command(folder, port), stdout=subprocess.DEVNULL) as server:
        with Redis(port=port) as client:
            while True:
                assert server.poll() is None, "redis-server did not start"
                try:
                    client.ping()
                    break
                except RedisConnectionError:
                    continue
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def redis_command(folder: Path, port: int) -> list[str]:
    """Return what serves a Redis that keeps nothing on disk."""
    program = shutil.which("redis-server")
    assert program, "redis-server is needed: apt install redis-server"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    return [program, *options]

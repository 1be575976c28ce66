"""A Redis of the test's own, on a free port."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

LOOPBACK = "127.0.0.1"


@contextmanager
def running_redis(folder: Path, host: str = LOOPBACK) -> Iterator[str]:
    """Start Redis in `folder` at an address of this machine, yield its URL, and stop it."""
    port = free_port()
    with subprocess.Popen(redis_command(folder, port, host), stdout=subprocess.DEVNULL) as server:
        with Redis(host=host, port=port) as client:
            while True:
                assert server.poll() is None, "redis-server did not start"
                try:
                    client.ping()
                    break
                except RedisConnectionError:
                    continue
        try:
            yield f"redis://{host}:{port}/0"
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((LOOPBACK, 0)) as free:
        return int(free.getsockname()[1])


def redis_command(folder: Path, port: int, host: str = LOOPBACK) -> list[str]:
    """Return what serves a Redis that keeps nothing on disk."""
    program = shutil.which("redis-server")
    assert program, "redis-server is needed: apt install redis-server"
    options = ["--port", str(port), "--bind", host, "--dir", str(folder), "--save", "", "--appendonly", "no"]
    return [program, *options, *(() if host == LOOPBACK else ("--protected-mode", "no"))]

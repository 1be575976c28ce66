"""An S3 of the test's own (moto's server), on a free port."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

_buckets = count(1)


@contextmanager
def running_s3(host: str = "127.0.0.1") -> Iterator[dict[str, str]]:
    """Start the server at an address of this machine, yield the environment of its clients, and stop it."""
    with socket.create_server((host, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            env = {
                "AWS_ENDPOINT": f"http://{host}:{port}",
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "key",
                "AWS_SECRET_ACCESS_KEY": "secret",
            }
            while not _answers(env["AWS_ENDPOINT"]):
                assert server.poll() is None, "moto did not start"
            yield env
        finally:
            server.terminate()


def new_bucket(env: dict[str, str]) -> str:
    """Make a bucket and return its URL."""
    name = f"bucket-{next(_buckets)}"
    urllib.request.urlopen(urllib.request.Request(f"{env['AWS_ENDPOINT']}/{name}", method="PUT")).close()
    return f"s3://{name}/vivavoce"


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True

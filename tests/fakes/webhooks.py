"""A webhook's server: real HTTP on a free port. It keeps what it is sent and answers as it was told to."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.guards import HANG_S


@dataclass(frozen=True)
class Request:
    """One request, its header names in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def proves(self, secret: str) -> bool:
        """Whether it is signed with `secret`, worked out from the text of the Standard Webhooks specification."""
        key = base64.b64decode(secret[len("whsec_") :])
        signed = b".".join([self.headers["webhook-id"].encode(), self.headers["webhook-timestamp"].encode(), self.body])
        expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return expected in self.headers["webhook-signature"].split(" ")


@dataclass(frozen=True)
class Answer:
    """What to answer. hangs: accept the request and say nothing; endless: never stop answering."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hangs: bool = False
    endless: bool = False


HANG, ENDLESS = Answer(hangs=True), Answer(endless=True, body=b"x" * 1000)


@dataclass
class WebhookServer:
    """answers: for the next requests; afterwards each is answered with `otherwise`."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    otherwise: Answer = Answer()
    slow_s: float = 0.0
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=interviews"

    @property
    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]

    def fails(self, times: int, status: int = 500) -> None:
        """Answer the next requests with an error."""
        self.answers.extend([Answer(status)] * times)

    async def received(self, count: int) -> list[Request]:
        """Wait until so many requests were received."""
        async with asyncio.timeout(HANG_S):
            while len(self.requests) < count:
                await asyncio.sleep(0.01)
        return self.requests

    async def told(self, type_: str) -> Request:
        """Wait for a message of a type."""
        async with asyncio.timeout(HANG_S):
            while not (found := [request for request in self.requests if request.json["type"] == type_]):
                await asyncio.sleep(0.01)
        return found[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._serve(reader, writer)
        finally:
            self.at_once -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        answer = self.answers.popleft() if self.answers else self.otherwise
        self.requests.append(Request(head[0], headers, body))
        await asyncio.sleep(self.slow_s)
        if answer.hangs:
            await reader.read()  # until the other side gives up
            return
        own = {"Connection": "close"} if answer.endless else {"Content-Length": str(len(answer.body))}
        lines = [
            f"HTTP/1.1 {answer.status} Told so",
            *(f"{name}: {value}" for name, value in (own | answer.headers).items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
        await writer.drain()
        while answer.endless:
            writer.write(answer.body)
            await writer.drain()


@asynccontextmanager
async def webhook_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[WebhookServer]:
    """Serve on a free port until the block ends."""
    receiver = WebhookServer()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def certified(host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of `host` serves with, and what trusts it and nobody else."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:  # the ssl module reads keys from files alone
        file.write(secret + pem)
        file.flush()
        serving.load_cert_chain(file.name)
    return serving, ssl.create_default_context(cadata=pem.decode())

"""An issuer of tokens with keys of its own, and a server of its key set that counts how often it is asked."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
NAME, AUDIENCE = "https://login.example.org", "vivavoce-of-acme"


def claims(**more: Any) -> dict[str, Any]:
    """Return good claims, changed by `more`; None leaves one out."""
    good = {
        "iss": NAME,
        "aud": AUDIENCE,
        "sub": "ann",
        "exp": int(time.time()) + 300,
        "tenant": "acme",
        "scopes": ["interview:read"],
    }
    return {name: value for name, value in (good | more).items() if value is not None}


def signed(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = RSA, kid: str | None = "rsa", **more: Any) -> str:
    """Return a token of this issuer."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    return jwt.encode(claims(**more), key, algorithm, headers={"kid": kid} if kid else {})


def key_set(*kids: str) -> dict[str, Any]:
    """Return the public keys of this issuer by their names: rsa, ec, next (another RSA key)."""
    known: dict[str, dict[str, Any]] = {
        "rsa": RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True),
        "ec": ECAlgorithm.to_jwk(P256.public_key(), as_dict=True),
        "next": RSAAlgorithm.to_jwk(OTHER_RSA.public_key(), as_dict=True),
    }
    return {"keys": [known[kid] | {"kid": kid, "use": "sig"} for kid in kids]}


class KeyServer:
    """Answers every request with the key set. status: what it answers with; asked: how often it was."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, Any] = key_set("rsa", "ec")
        self.status = "200 OK"
        self.asked = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.dumps(self.keys).encode()
        head = f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving_keys() -> AsyncIterator[KeyServer]:
    """Serve a key set until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = KeyServer(f"http://127.0.0.1:{listener.getsockname()[1]}/keys.json")
        async with await asyncio.start_server(served.answer, sock=listener):
            yield served

"""Tokens of another issuer over real HTTP: taken when they are good, refused by name when they are not."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.issuer import (
    AUDIENCE,
    NAME,
    OTHER_RSA,
    P256,
    RSA,
    KeyServer,
    claims,
    key_set,
    serving_keys,
    signed,
)
from tests.guards import HANG_S
from tests.integration.plane import Plane, running

SECRET = "a-secret-that-two-servers-have-agreed-on"
ASKED = "/v1/question-bank"


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[KeyServer]:
    async with serving_keys() as served:
        yield served


@pytest_asyncio.fixture
async def plane(tmp_path: Path, issuer: KeyServer) -> AsyncIterator[Plane]:
    async with running(tmp_path, jwt_jwks_url=issuer.url, jwt_issuer=NAME, jwt_audience=AUDIENCE) as plane:
        yield plane


async def ask(plane: Plane, token: str, path: str = ASKED) -> tuple[int, str]:
    async with httpx.AsyncClient(base_url=plane.url, timeout=HANG_S) as holder:
        answer = await holder.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json().get("code", "")


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


async def test_an_issuers_tokens_are_taken_beside_our_own(plane: Plane, issuer: KeyServer) -> None:
    assert await ask(plane, signed()) == (200, "")
    assert await ask(plane, signed(P256, "ec")) == (200, "")
    assert await ask(plane, signed(scopes=None, scope="openid interview:read job:read"), "/v1/jobs") == (200, "")
    assert await ask(plane, signed(scopes="role:viewer")) == (200, "")
    assert await ask(plane, signed(scopes=None)) == (403, "forbidden")
    assert await ask(plane, plane.token()) == (200, "")
    assert issuer.asked == 1
    interview_id = await plane.created(plane.client("acme"))
    assert (await ask(plane, signed(), f"/v1/interviews/{interview_id}"))[0] == 200
    assert (await ask(plane, signed(tenant="globex"), f"/v1/interviews/{interview_id}"))[0] == 404


async def test_what_an_issuer_did_not_sign_for_us_is_refused(plane: Plane) -> None:
    _header, payload, signature = signed().split(".")
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = f"{encoded(json.dumps({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa'}).encode())}.{payload}"
    confused += "." + encoded(hmac.new(public, confused.encode(), hashlib.sha256).digest())
    unsigned = encoded(json.dumps({"alg": "none", "kid": "rsa"}).encode())
    deep = encoded(b'{"kid":' + b"[" * 20_000)
    cases = {
        f"{unsigned}.{payload}.": "token_forged",
        f"{unsigned}.{payload}.{signature}": "token_forged",
        confused: "token_forged",
        f"{deep}.{payload}.{signature}": "token_forged",
        signed(OTHER_RSA, "rsa"): "token_forged",
        signed(P256, "rsa"): "token_forged",
        signed(RSA, None): "token_forged",
        signed(iss="https://evil.example.org"): "token_forged",
        signed(iss="vivavoce", aud="api"): "token_forged",
        signed(aud="another-application"): "token_forged",
        signed(aud=None): "token_forged",
        signed(exp=None): "token_forged",
        signed(nbf=int(time.time()) + 60): "token_forged",
        signed(exp=int(time.time()) - 6): "token_expired",
        signed(tenant=None): "token_claims",
        signed(tenant="a\u0000"): "token_claims",
        signed(tenant=["acme"]): "token_claims",
        signed(scopes={"interview:read": True}): "token_claims",
    }
    for token, code in cases.items():
        assert await ask(plane, token) == (401, code), jwt.get_unverified_header(token) if deep not in token else "deep"
    assert await ask(plane, signed(exp=int(time.time()) - 3)) == (200, "")


async def test_a_new_key_is_fetched_when_a_token_names_it_and_not_for_every_guess(
    plane: Plane, issuer: KeyServer
) -> None:
    keys: Any = plane.services.authenticator._issuer.keys  # type: ignore[union-attr]
    assert await ask(plane, signed()) == (200, "")
    issuer.keys = key_set("ec", "next")
    assert await ask(plane, signed(OTHER_RSA, "next")) == (401, "token_forged")
    keys._clock = lambda: time.monotonic() + 31
    answers = await asyncio.gather(*(ask(plane, signed(OTHER_RSA, "next")) for _ in range(5)))
    assert set(answers) == {(200, "")}
    assert await ask(plane, signed(RSA, "rsa")) == (401, "token_forged")
    for n in range(5):
        assert await ask(plane, signed(OTHER_RSA, f"guess-{n}")) == (401, "token_forged")
    assert issuer.asked == 2


async def test_an_issuer_that_is_away_is_no_fault_of_the_token(plane: Plane, issuer: KeyServer) -> None:
    keys: Any = plane.services.authenticator._issuer.keys  # type: ignore[union-attr]
    issuer.status = "500 Internal Server Error"
    assert await ask(plane, signed()) == (503, "issuer_unavailable")
    assert await ask(plane, plane.token()) == (200, "")
    issuer.status = "200 OK"
    keys._clock = lambda: time.monotonic() + 31
    assert await ask(plane, signed()) == (200, "")
    issuer.status = "302 Found"
    keys._clock = lambda: time.monotonic() + 700
    assert await ask(plane, signed()) == (200, "")


async def test_a_key_set_in_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(key_set("rsa")))
    settings = {"jwt_jwks_file": file, "jwt_issuer": NAME, "jwt_audience": AUDIENCE}
    async with running(tmp_path / "data", **settings) as plane:
        assert await ask(plane, signed(RSA, None)) == (200, "")
        file.write_text(json.dumps(key_set("next")))
        keys: Any = plane.services.authenticator._issuer.keys  # type: ignore[union-attr]
        keys._clock = lambda: time.monotonic() + 31
        assert await ask(plane, signed(OTHER_RSA, "next")) == (200, "")


async def test_an_agreed_secret_with_claims_of_other_names(tmp_path: Path) -> None:
    names = {"jwt_tenant_claim": "https://example.org/org", "jwt_scopes_claim": "permissions"}
    async with running(tmp_path, jwt_secret=SECRET, **names) as plane:
        good = {
            "sub": "ann",
            "exp": time.time() + 60,
            "https://example.org/org": "acme",
            "permissions": ["role:viewer"],
        }
        assert await ask(plane, jwt.encode(good, SECRET, "HS256")) == (200, "")
        assert await ask(plane, jwt.encode(good, SECRET[::-1], "HS256")) == (401, "token_forged")
        assert await ask(plane, jwt.encode(good, SECRET * 2, "HS512")) == (401, "token_forged")
        assert await ask(plane, jwt.encode(good | {"aud": "elsewhere"}, SECRET, "HS256")) == (401, "token_forged")
        ours = jwt.encode(claims(iss="vivavoce", aud="api"), SECRET, "HS256")
        assert await ask(plane, ours) == (401, "token_forged")
        assert await ask(plane, plane.token()) == (200, "")


async def test_without_an_issuer_only_our_own_tokens_are_taken(tmp_path: Path) -> None:
    async with running(tmp_path) as plane:
        assert await ask(plane, plane.token()) == (200, "")
        assert await ask(plane, signed()) == (401, "token_forged")

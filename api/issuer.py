"""Tokens that somebody else issues: JWTs signed with an agreed secret (HS256) or an issuer's own keys (RS256, ES256).

The algorithm is the configured key's, never the token's: `alg: none` and a public key used as an HMAC secret (RFC 8725,
2.1) can't come up.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Protocol

import httpx
import jwt
import structlog
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api.auth import LEEWAY_S, Caller, Name, expiry
from api.errors import IssuerUnavailable, Unauthorised
from api.records.fields import plain
from api.scopes import granted
from api.settings import Settings

log = structlog.get_logger(__name__)

FETCH_S = 3.0
LARGEST_SET = 256 * 1024  # bytes
STALE_S = 600.0  # a key the issuer has withdrawn is forgotten within this time
PAUSE_S = 30.0  # between two fetches, whatever tokens ask for
SMALLEST_RSA = 2048

Fetch = Callable[[], Awaitable[bytes]]
FORGED = "This token is not of an issuer this server trusts."


class Keys(Protocol):
    """Where the key to check a token with comes from."""

    async def find(self, kid: str | None) -> jwt.PyJWK | None:
        """Return the key a token names, None when there is none; raise `IssuerUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class AgreedSecret:
    """One secret that the issuer and this server share, whatever key a token names."""

    key: jwt.PyJWK

    async def find(self, kid: str | None) -> jwt.PyJWK | None:
        """Return the secret."""
        return self.key


class KeySet:
    """An issuer's public keys (RFC 7517), kept in memory; an unknown key id has them fetched anew, seldom.

    Tokens whose key is known never wait for a fetch that another one caused. An issuer that can't be reached leaves the
    keys as they were.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = monotonic) -> None:
        self._fetch, self._clock = fetch, clock
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._fetching = asyncio.Lock()
        self._tried_at = self._fetched_at = float("-inf")

    async def find(self, kid: str | None) -> jwt.PyJWK | None:
        """Return the key called `kid` (or the only one there is); raise `IssuerUnavailable` if none ever came."""
        stale = self._clock() - self._fetched_at > STALE_S
        if self._named(kid) is None or (stale and not self._fetching.locked()):
            await self._refresh()
        return self._named(kid)

    def _named(self, kid: str | None) -> jwt.PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    async def _refresh(self) -> None:
        async with self._fetching:
            if self._clock() - self._tried_at >= PAUSE_S:
                self._tried_at = self._clock()
                try:
                    self._keys = usable_keys(await self._fetch())
                    self._fetched_at = self._clock()
                except (OSError, httpx.HTTPError, ValueError) as error:
                    log.warning("issuer_keys_not_fetched", error=type(error).__name__)
        if self._fetched_at == float("-inf"):
            raise IssuerUnavailable("The keys of the tokens' issuer can't be fetched at this moment.")


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    tenant: Annotated[Name, AfterValidator(plain)]
    subject: Annotated[Name, AfterValidator(plain)]
    scopes: tuple[Annotated[str, Field(max_length=128)], ...]


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are taken besides this server's own. issuer, audience: what `iss` and `aud` must say, if set."""

    keys: Keys
    issuer: str | None
    audience: str | None
    tenant_claim: str
    scopes_claim: str

    async def caller(self, token: str) -> Caller:
        """Return who holds `token`; raise `Unauthorised` (`expired`, `forged`, `claims`) or `IssuerUnavailable`."""
        claims = await self._open(token)
        scopes = claims.get(self.scopes_claim, claims.get("scope", ()))
        try:
            known = _Claims.model_validate(
                {
                    "tenant": claims.get(self.tenant_claim),
                    "subject": claims["sub"],
                    "scopes": scopes.split() if isinstance(scopes, str) else scopes,
                }
            )
        except ValidationError as error:
            wrong = {"tenant": self.tenant_claim, "subject": "sub", "scopes": self.scopes_claim}
            names = ", ".join(sorted({wrong[str(each["loc"][0])] for each in error.errors()}))
            raise Unauthorised("claims", f"This token's claims can't be used: {names}.") from None
        until = expiry(claims["exp"], LEEWAY_S)
        return Caller(known.tenant, known.subject, granted(known.scopes), person=not _is_program(claims), until=until)

    async def _open(self, token: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = await self.keys.find(kid)
            if key is None:
                raise Unauthorised("forged", FORGED)
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self.audience,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorised("expired", "This token has expired; get a new one from its issuer.") from None
        except (jwt.InvalidTokenError, RecursionError):  # the latter of JSON that is nested without end
            raise Unauthorised("forged", FORGED) from None


def _is_program(claims: Mapping[str, Any]) -> bool:
    """Whether a client speaks for itself and for nobody (RFC 9068, 2.2: `sub` is the client then; Auth0 says `gty`)."""
    return claims["sub"] in (claims.get("client_id"), claims.get("azp")) or claims.get("gty") == "client-credentials"


def issuer_of(settings: Settings) -> Issuer | None:
    """Return whose tokens the settings have this server take, None for its own alone."""
    keys: Keys
    if settings.jwt_secret is not None:
        secret = settings.jwt_secret.get_secret_value().encode()
        keys = AgreedSecret(jwt.PyJWK({"kty": "oct", "k": jwt.utils.base64url_encode(secret).decode()}, "HS256"))
    elif settings.jwt_jwks_url is not None:
        keys = KeySet(from_url(settings.jwt_jwks_url))
    elif settings.jwt_jwks_file is not None:
        keys = KeySet(from_file(settings.jwt_jwks_file))
    else:
        return None
    return Issuer(
        keys, settings.jwt_issuer, settings.jwt_audience, settings.jwt_tenant_claim, settings.jwt_scopes_claim
    )


def from_url(url: str) -> Fetch:
    """Return how to fetch the key set at `url`; redirects are not followed."""

    async def fetch() -> bytes:
        body = b""
        async with (
            asyncio.timeout(FETCH_S),
            httpx.AsyncClient(timeout=FETCH_S) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            answer.raise_for_status()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST_SET:
                    raise ValueError("the key set is too large")
        return body

    return fetch


def from_file(path: Path) -> Fetch:
    """Return how to read the key set in `path`; it is read again when a token names a key that is not in it."""
    return lambda: asyncio.to_thread(path.read_bytes)


def usable_keys(body: bytes) -> dict[str | None, jwt.PyJWK]:
    """Return the keys of a JSON Web Key Set that can check signatures, by id; raise `ValueError` if there are none.

    Usable are RSA keys of 2048 bits and more (RS256) and P-256 keys (ES256).
    """
    parsed = json.loads(body)
    entries = parsed.get("keys") if isinstance(parsed, dict) else None
    found = [key for entry in entries if (key := _usable(entry))] if isinstance(entries, list) else []
    if not found:
        raise ValueError("there is no RS256 or ES256 key in it")
    return {key.key_id: key for key in found}


def _usable(entry: Any) -> jwt.PyJWK | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or "d" in entry:
        return None
    match entry:
        case {"kty": "RSA"}:
            algorithm = "RS256"
        case {"kty": "EC", "crv": "P-256"}:
            algorithm = "ES256"
        case _:
            return None
    if entry.get("alg", algorithm) != algorithm:
        return None
    try:
        key = jwt.PyJWK(entry, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return None if algorithm == "RS256" and key.key.key_size < SMALLEST_RSA else key

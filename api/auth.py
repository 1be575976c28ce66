"""Who may do what: bearer tokens of the API, and the tokens bots report with.

`Authenticator` is where every bearer token is checked: API keys (`api/keys`), tokens of another issuer
(`api/issuer.py`), and this server's own. These and the bots' are HS256 JWTs signed with the data directory's secret.
The audience keeps them apart: a join link or an uplink token never opens the API, and the other way round.
"""

import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import jwt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api.errors import LacksScope, PeopleOnly, Unauthorised
from api.limits import Rate
from api.moments import utc_now
from api.once import written_once
from api.records.fields import plain
from api.scopes import EVERYTHING, granted

if TYPE_CHECKING:
    from api.issuer import Issuer
    from api.keys.service import KeyService

ISSUER = "vivavoce"
API_AUDIENCE = "api"
UPLINK_AUDIENCE = "uplink"
ALGORITHM = "HS256"
LEEWAY_S = 5
REMEMBERED = 1_000  # tokens that were checked

KEY_PREFIX = "vv_"

Name = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(plain)]


def signing_secret(path: Path) -> str:
    """Return the key in `path`, made on first use. Replicas need the same one: see `SIGNING_KEY_FILE`."""
    return written_once(path, lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. scopes: all that the token grants, as `resource:action`; rate: its own, where it has one.

    person: whether the token was given to somebody, and not to a program as API keys are. until: from when on what they
    came with is expired, None: never; key_id: the API key that they came with.
    """

    tenant: str
    subject: str
    scopes: frozenset[str]
    rate: Rate | None = None
    person: bool = True
    until: datetime | None = None
    key_id: str | None = None

    def may(self, scope: str) -> bool:
        """Tell whether the token allows `scope`."""
        return scope in self.scopes

    def require(self, scope: str) -> None:
        """Raise `LacksScope` unless the token allows `scope`."""
        if not self.may(scope):
            raise LacksScope(scope)

    def require_person(self) -> None:
        """Raise `PeopleOnly` unless a person asks."""
        if not self.person:
            raise PeopleOnly(self.subject)


class Uplink(BaseModel):
    """Which incarnation of which bot reports."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    attempt_id: Annotated[Name, Field(alias="sub")]
    interview_id: Annotated[Name, Field(alias="interview")]
    epoch: Annotated[int, Field(ge=1, strict=True)]


class _ApiClaims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    tenant: Name
    sub: Name
    scopes: tuple[Name, ...]
    exp: int


class Tokens:
    """Makes and checks bearer tokens. secret: the data directory's signing key.

    The API's own can't be taken back, only expire: one that was checked is good until then, and is remembered.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._good: OrderedDict[str, tuple[Caller, int]] = OrderedDict()

    def issue(
        self, tenant: str, scopes: Iterable[str] = (EVERYTHING,), *, expires_in: timedelta, subject: str = "admin"
    ) -> str:
        """Return a bearer token of the API."""
        claims = {"tenant": tenant, "scopes": sorted(scopes), "sub": subject}
        return self._sign(claims, API_AUDIENCE, expires_in)

    def caller(self, token: str) -> Caller:
        """Return who holds `token`; raise `Unauthorised` with reason `expired` or `forged`."""
        caller, until = self._good.get(token, (None, 0))
        if caller is not None and utc_now().timestamp() - LEEWAY_S < until:
            return caller
        try:
            claims = _ApiClaims.model_validate(self._open(token, API_AUDIENCE))
        except ValidationError:
            raise Unauthorised("forged", "This is not a token of this server.") from None
        caller = Caller(claims.tenant, claims.sub, granted(claims.scopes), until=expiry(claims.exp, LEEWAY_S))
        self._remember(token, caller, claims.exp)
        return caller

    def issue_uplink(self, interview_id: str, attempt_id: str, epoch: int, *, expires_in: timedelta) -> str:
        """Return the token one incarnation of a bot reports with."""
        claims = {"sub": attempt_id, "interview": interview_id, "epoch": epoch}
        return self._sign(claims, UPLINK_AUDIENCE, expires_in)

    def uplink(self, token: str) -> Uplink:
        """Return which bot holds `token`; raise `Unauthorised` with reason `expired` or `forged`."""
        try:
            return Uplink.model_validate(self._open(token, UPLINK_AUDIENCE))
        except ValidationError:
            raise Unauthorised("forged", "This is not a token of this server.") from None

    def _remember(self, token: str, caller: Caller, until: int) -> None:
        self._good[token] = caller, until
        if len(self._good) > REMEMBERED:
            self._good.popitem(last=False)

    def _sign(self, claims: dict[str, Any], audience: str, expires_in: timedelta) -> str:
        now = utc_now()
        stamped = claims | {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + expires_in}
        return jwt.encode(stamped, self._secret, algorithm=ALGORITHM)

    def _open(self, token: str, audience: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=audience,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": ["exp", "sub", "aud", "iss"], "verify_iat": False},  # a clock may be set back
            )
        except jwt.ExpiredSignatureError:
            raise Unauthorised("expired", "This token has expired; get a new one with `vivavoce token`.") from None
        except (jwt.InvalidTokenError, RecursionError):  # the latter of JSON that is nested without end
            raise Unauthorised("forged", "This is not a token of this server.") from None


class Authenticator:
    """Tells who holds a bearer token of any kind. issuer: whose tokens are taken besides our own."""

    def __init__(self, tokens: Tokens, keys: "KeyService", issuer: "Issuer | None") -> None:
        self._tokens, self._keys, self._issuer = tokens, keys, issuer

    async def caller(self, token: str) -> Caller:
        """Return who holds `token`; raise `Unauthorised`, or `IssuerUnavailable` when that can't be told just now."""
        if token.startswith(KEY_PREFIX):
            return await self._keys.caller(token)
        if self._issuer is None or _claims_to_be_ours(token):
            return self._tokens.caller(token)
        return await self._issuer.caller(token)

    async def still(self, caller: Caller) -> None:
        """Raise `Unauthorised` once what `caller` came with is expired, `KeyRefused` for a key that is over or revoked.

        For what stays open longer than a request takes.
        """
        if caller.key_id is not None:
            await self._keys.still(caller.key_id)
        elif caller.until is not None and caller.until <= utc_now():
            raise Unauthorised("expired", "What opened this has expired; come back with a token or link that has not.")


def expiry(exp: float, leeway_s: float) -> datetime:
    """Return from when on a JWT with this `exp` claim is not taken any more; a year that there is not is the last."""
    try:
        return datetime.fromtimestamp(exp + leeway_s, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _claims_to_be_ours(token: str) -> bool:
    """What a token says of itself decides only which key it is checked with."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, RecursionError):
        return False
    return claims.get("iss") == ISSUER


def bearer(header: str | None) -> str:
    """Return the token of an `Authorization` header; raise `Unauthorised` with reason `missing`."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised("missing", "Send a bearer token: `Authorization: Bearer …` (an API key or a token).")
    return token.strip()

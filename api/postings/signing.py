"""Signed visits: a customer's server says who is about to open an embedded posting, and nobody can change a word.

The signature is HMAC-SHA256 in lower-case hex, over the eight fields as canonical JSON (RFC 8785: names in order, no
spaces, UTF-8). The key of the HMAC is the `embed_signing_key` as text. It is derived and not stored (HKDF, RFC 5869):
whoever has no more than the database can sign nothing.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.errors import EmbedRefused

LONGEST_S = 300  # from iat to exp
LEEWAY_S = 5  # how far ahead of ours the signer's clock may be


class KeyState(StrEnum):
    """Where an embed key stands. Rotating: it has a successor and is good for a little longer."""

    ACTIVE = "active"
    ROTATING = "rotating"
    REVOKED = "revoked"


MOVES: Mapping[KeyState, frozenset[KeyState]] = {
    KeyState.ACTIVE: frozenset({KeyState.ROTATING, KeyState.REVOKED}),
    KeyState.ROTATING: frozenset({KeyState.REVOKED}),
    KeyState.REVOKED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is about to open the posting. sub: the customer's id of the person; iat, exp: seconds since 1970, UTC.

    origin: of the page it is embedded in. nonce: used once.
    """

    embed_id: str
    sub: str
    name: str
    email: str
    iat: int
    exp: int
    nonce: str
    origin: str


@dataclass(frozen=True, slots=True)
class EmbedKey:
    """What a visit is checked against. expires_at: the key is no longer good from then on.

    allowed_origins: none where the signature alone says which page it is for.
    """

    embed_id: str
    secret: str
    state: KeyState
    allowed_origins: frozenset[str]
    expires_at: datetime


def derived_secret(root: str, kid: str, salt: str) -> str:
    """Return the signing key of `kid`. root: the data directory's signing key; salt: hex, random, kept with the key."""
    derive = HKDF(SHA256(), length=32, salt=bytes.fromhex(salt), info=b"vivavoce embed key " + kid.encode())
    return "esk_" + urlsafe_b64encode(derive.derive(root.encode())).decode().rstrip("=")


def canonical(visit: Visit) -> bytes:
    """Return the bytes that are signed."""
    return json.dumps(asdict(visit), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(visit: Visit, secret: str) -> str:
    """Return the signature a customer's server sends: 64 hex digits."""
    return hmac.new(secret.encode(), canonical(visit), hashlib.sha256).hexdigest()


def verify(visit: Visit, signature: str, key: EmbedKey, *, origin: str, now: datetime) -> None:
    """Raise `EmbedRefused` unless `visit` is signed with `key`, timely, and for the page that shows it.

    origin: the page's, as its browser says. Whether the nonce was used before is not known here.
    """
    if not hmac.compare_digest(sign(visit, key.secret).encode(), signature.encode()):
        raise EmbedRefused("forged", "The signature does not belong to these fields and this key.")
    if key.state is KeyState.REVOKED or key.expires_at <= now:
        raise EmbedRefused("key_over", "This embed key was revoked or has expired; sign with a new one.")
    if visit.embed_id != key.embed_id:
        raise EmbedRefused("other_embed", "This key belongs to another embed_id.")
    if not 0 < visit.exp - visit.iat <= LONGEST_S:
        raise EmbedRefused("too_long", f"exp must be after iat, by at most {LONGEST_S} seconds.")
    seconds = now.astimezone(UTC).timestamp()
    if visit.iat > seconds + LEEWAY_S:
        raise EmbedRefused("too_early", "iat lies in the future; set the clock of the server that signs.")
    if visit.exp <= seconds:
        raise EmbedRefused("expired", "This visit has expired; have your server sign a new one.")
    if key.allowed_origins and visit.origin not in key.allowed_origins:
        raise EmbedRefused("origin", f"The origin {visit.origin!r} is not among this key's allowed_origins.")
    if visit.origin != origin:
        raise EmbedRefused("origin", f"It was signed for a page of {visit.origin!r}, not of {origin!r}.")

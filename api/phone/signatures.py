"""Whether a request comes from the provider it says it is from."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FRESH = timedelta(minutes=5)  # Telnyx stamps what it signs; older, it is somebody's recording of it


def signed_by_twilio(url: str, form: Iterable[tuple[str, str]], signature: str, tokens: Iterable[str]) -> bool:
    """Tell whether Twilio signed a request: HMAC-SHA1 over the URL and the sorted form, by an account's auth token.

    url: as Twilio was given it; of a socket, wss://. Twilio leaves the port out or puts it in, and may end a socket's
    path with a slash, so each way is tried. https://www.twilio.com/docs/usage/security
    """
    sent = "".join(f"{name}{value}" for name, value in sorted(set(form)))
    given = signature.encode(errors="replace")
    good = False
    for token in tokens:
        for variant in _variants(url):
            mac = hmac.new(token.encode(), f"{variant}{sent}".encode(errors="replace"), hashlib.sha1)
            good |= hmac.compare_digest(base64.b64encode(mac.digest()), given)
    return good


def signed_by_telnyx(body: bytes, stamp: str, signature: str, keys: Iterable[str], now: datetime) -> bool:
    """Tell whether Telnyx signed a body within the last five minutes: Ed25519 over `stamp|body`.

    keys: public ones in base64, as its portal shows them.
    """
    if not stamp.isascii() or not stamp.isdecimal() or abs(now.timestamp() - int(stamp[:12])) > FRESH.total_seconds():
        return False
    return any(_verifies(key, signature, f"{stamp}|".encode() + body) for key in keys)


def is_public_key(text: str) -> bool:
    """Tell whether `text` is a key of Telnyx'."""
    try:
        _public_key(text)
    except ValueError:
        return False
    return True


def _verifies(key: str, signature: str, message: bytes) -> bool:
    try:
        _public_key(key).verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def _variants(url: str) -> set[str]:
    parts = urlsplit(url)
    host, usual = parts.hostname or "", {"https": 443, "wss": 443}.get(parts.scheme, 80)
    host = f"[{host}]" if ":" in host else host
    netlocs = {parts.netloc, host, f"{host}:{parts.port or usual}"}
    paths = {parts.path, f"{parts.path}/"} if parts.scheme in {"ws", "wss"} else {parts.path}
    return {parts._replace(netloc=netloc, path=path).geturl() for netloc in netlocs for path in paths}

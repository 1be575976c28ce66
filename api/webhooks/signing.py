"""Signatures as the Standard Webhooks specification has them, and the secrets they are made with.

A secret is derived (HKDF, RFC 5869) from the data directory's signing key, the webhook's id and its salt, so that
whoever reads the database can't forge a message.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "whsec_"
KEY_BYTES = 32  # the specification wants 24 to 64


def derive_secret(root: str, webhook_id: str, salt: str) -> str:
    """Return a webhook's signing secret, `whsec_` and base64. root: the data directory's signing key."""
    kdf = HKDF(SHA256(), KEY_BYTES, salt=bytes.fromhex(salt), info=f"vivavoce webhook {webhook_id}".encode())
    return PREFIX + base64.b64encode(kdf.derive(root.encode())).decode()


def signed(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """Return the three headers that prove a message; one signature for each secret, separated by spaces."""
    seconds = str(int(at.timestamp()))
    content = f"{message_id}.{seconds}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()

"""Rooms inside other pages: which origin may show the room of which interview, and until when.

The address of such a room is `/room/{id}?embed=ORIGIN&until=SECONDS&sig=HEX#TOKEN`. What is before the # is seen by
servers and logs; it opens nothing, it only says under our signature who may put a frame around it. What opens the room
is the token of the join link, in the fragment, which no server sees. The key of the signature (HMAC-SHA256) is derived
from the signing key and not that key itself (HKDF, RFC 5869).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.moments import Clock


@dataclass(frozen=True, slots=True)
class AllowedOrigin:
    """An origin whose pages may embed rooms. tenant: whose rooms, None for everybody's."""

    origin: str
    tenant: str | None = None

    @classmethod
    def parsed(cls, setting: str) -> "AllowedOrigin":
        """Return what `ORIGIN` or `TENANT=ORIGIN` says."""
        tenant, equals, origin = setting.rpartition("=")
        return cls(origin, tenant if equals else None)


class Frames:
    """Signs and checks who may put a frame around a room. secret: the data directory's signing key."""

    def __init__(self, secret: str, allowed: Sequence[str], clock: Clock) -> None:
        derive = HKDF(SHA256(), length=32, salt=None, info=b"vivavoce room frame")
        self._key = derive.derive(secret.encode())
        self._allowed = tuple(AllowedOrigin.parsed(each) for each in allowed)
        self._clock = clock

    def allows(self, tenant: str, origin: str) -> bool:
        """Tell whether pages of `origin` may embed a tenant's rooms."""
        return any(each.origin == origin and each.tenant in (None, tenant) for each in self._allowed)

    def signed(self, interview_id: str, origin: str, until: datetime) -> str:
        """Return the query that lets pages of `origin` embed an interview's room until then."""
        seconds = str(int(until.timestamp()))
        return urlencode({"embed": origin, "until": seconds, "sig": self._signature(interview_id, origin, seconds)})

    def origin(self, interview_id: str, query: Mapping[str, str]) -> str | None:
        """Return whose pages may embed an interview's room, by the query it was asked for with; None: nobody's.

        An origin that is allowed no longer embeds nothing any more, whatever was signed.
        """
        origin, until, signature = (query.get(name, "") for name in ("embed", "until", "sig"))
        mine = self._signature(interview_id, origin, until)
        if not hmac.compare_digest(mine.encode(), signature.encode(errors="replace")):
            return None
        if int(until) <= self._clock().timestamp() or not any(each.origin == origin for each in self._allowed):
            return None
        return origin

    def _signature(self, interview_id: str, origin: str, until: str) -> str:
        what = "\n".join((interview_id, origin, until))
        return hmac.new(self._key, what.encode(errors="replace"), hashlib.sha256).hexdigest()

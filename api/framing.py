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

    def allowed(self, tenant: str, origin: str) -> AllowedOrigin | None:
        """Return by what pages of `origin` may embed a tenant's rooms; None: they may not."""
        return next((each for each in self._allowed if each.origin == origin and each.tenant in (None, tenant)), None)

    def signed(self, interview_id: str, by: AllowedOrigin, until: datetime) -> str:
        """Return the query that lets pages of an origin embed an interview's room until then."""
        seconds = str(int(until.timestamp()))
        return urlencode({"embed": by.origin, "until": seconds, "sig": self._signature(by, interview_id, seconds)})

    def origin(self, interview_id: str, query: Mapping[str, str]) -> str | None:
        """Return whose pages may embed an interview's room, by the query it was asked for with; None: nobody's.

        What an origin was allowed by is signed: once that is taken away it embeds nothing any more, though another
        tenant may have the same.
        """
        origin, until, signature = (query.get(name, "") for name in ("embed", "until", "sig"))
        given = signature.encode(errors="replace")
        signs = (self._signature(each, interview_id, until) for each in self._allowed if each.origin == origin)
        if not any(hmac.compare_digest(each.encode(), given) for each in signs):
            return None
        return origin if int(until) > self._clock().timestamp() else None

    def _signature(self, by: AllowedOrigin, interview_id: str, until: str) -> str:
        what = "\n".join((interview_id, by.origin, until, by.tenant or ""))
        return hmac.new(self._key, what.encode(errors="replace"), hashlib.sha256).hexdigest()

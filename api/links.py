"""Join links: signed, for one interview, one role and one person, and for a time.

A link is `PUBLIC_URL/room/{interview_id}#{jwt}`; a fragment never reaches a server log. The token is LiveKit's own
access token, so that a LiveKit room can take the place of the built-in one with the same links.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import jwt
from livekit import api as livekit

from api.auth import ALGORITHM, expiry
from api.errors import Forbidden, Unauthorised
from api.moments import utc_now
from bot.interview import Role

ISSUER = "vivavoce"
LONGEST = timedelta(days=30)
LEEWAY = timedelta(seconds=5)


class GuestRole(StrEnum):
    """Whom a link may be made for (a bot gets its own from the control plane)."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Seat:
    """Whom a link names, in which interview.

    epoch: which incarnation of a bot. until: from when on the link is expired, where it came from one.
    """

    interview_id: str
    participant_id: str
    name: str
    role: Role
    epoch: int | None = None
    until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A link and what it opens."""

    url: str
    token: str
    seat: Seat
    expires_at: datetime


class Links:
    """Makes and checks join links. secret: the data directory's signing key; public_url: without a trailing slash."""

    def __init__(self, secret: str, public_url: str) -> None:
        self._secret = secret
        self._public_url = public_url
        self._reader = livekit.TokenVerifier(ISSUER, secret)

    def issue(
        self,
        interview_id: str,
        role: Role,
        name: str,
        *,
        expires_in: timedelta,
        participant_id: str | None = None,
        epoch: int | None = None,
    ) -> Link:
        """Make a link for one person; `participant_id` keeps somebody the same person across links.

        An interview has one candidate: without a `participant_id` every candidate link is the same person's, so that
        a link sent again, or one for the telephone, takes the seat over instead of adding a second candidate.
        """
        if not timedelta(0) < expires_in <= LONGEST:
            raise ValueError(f"a link is good for at most {LONGEST.days} days, not {expires_in}")
        own = interview_id if role is Role.CANDIDATE else secrets.token_hex(6)
        seat = Seat(interview_id, participant_id or f"{role.value}_{own}", name, role, epoch)
        speaks = role is not Role.OBSERVER
        grants = livekit.VideoGrants(room_join=True, room=interview_id, can_publish=speaks, can_publish_data=speaks)
        token = (
            livekit.AccessToken(ISSUER, self._secret)
            .with_identity(seat.participant_id)
            .with_name(name)
            .with_attributes({"role": role.value} | ({} if epoch is None else {"epoch": str(epoch)}))
            .with_grants(grants)
            .with_ttl(expires_in)
            .to_jwt()
        )
        return Link(f"{self._public_url}/room/{interview_id}#{token}", token, seat, utc_now() + expires_in)

    def verify(self, token: str, interview_id: str | None) -> Seat:
        """Return whom `token` seats in `interview_id`; None: in whatever interview it is for.

        Raises `Unauthorised` (reason `expired` or `forged`) or `Forbidden` (a link of another interview).
        """
        try:
            until = self._checked(token)
            claims = self._reader.verify(token, verify_signature=False)
        except jwt.ExpiredSignatureError:
            raise Unauthorised("expired", "This link has expired; ask for a new one.") from None
        except (jwt.InvalidTokenError, TypeError, ValueError, AttributeError):  # claims of any JSON type may be inside
            raise Unauthorised("forged", "This is not a join link of ours.") from None
        attributes = claims.attributes if isinstance(claims.attributes, dict) else {}
        role, epoch = attributes.get("role"), attributes.get("epoch")
        if not claims.video or not claims.video.room_join or not claims.identity or role not in tuple(Role):
            raise Unauthorised("forged", "This is not a join link of ours.")
        if claims.video.room != (interview_id or claims.video.room):
            raise Forbidden("other_interview", "This link belongs to another interview.")
        incarnation = int(epoch) if epoch is not None else None
        return Seat(claims.video.room, claims.identity, claims.name, Role(role), incarnation, until)

    def _checked(self, token: str) -> datetime:
        """Return until when a token of ours is good; raise PyJWT's errors for any other.

        Its `nbf` is when it was made. LiveKit's check would refuse whoever comes back after a clock was set back.
        """
        leeway_s = LEEWAY.total_seconds()
        claims = jwt.decode(
            token,
            self._secret,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            leeway=leeway_s,
            options={"require": ["exp"], "verify_nbf": False, "verify_iat": False},
        )
        return expiry(claims["exp"], leeway_s)

"""What several dialects share: scales, times, places of complaints, and who is meant by an e-mail address."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from api.candidates.kind import CANDIDATES, MOST_JOBS, CandidateRecordIn
from api.interviews.schemas import StartIn, StartPolicy
from api.services import Services

KEPT_WITHOUT_A_DATE = timedelta(days=365)  # candidates whose API knows no date of expiry


def out_of_10(norm: float | None) -> float | None:
    """Return a figure from 0 to 1 as one from 0 to 10 with one decimal."""
    return None if norm is None else round(10 * norm, 1)


def inside(place: Sequence[str | int]) -> Sequence[str | int]:
    """Return which field of what was sent a place is; nothing where it is all of it, or an offset in its text."""
    return place[1:] if len(place) > 1 and isinstance(place[1], str) else ()


def start_at(at: datetime | None, now: datetime, otherwise: StartPolicy) -> StartIn:
    """Return when a bot is sent, for an API that takes times that have passed: what is late waits to be started.

    otherwise: what no time at all means.
    """
    if at is None:
        return StartIn(policy=otherwise)
    return StartIn(policy=StartPolicy.AT, scheduled_at=at) if at > now else StartIn()


def name_in(email: str) -> str:
    """Return how somebody is called of whom there is only an address: jane.doe@example.org is Jane Doe."""
    parts = [part for part in re.split(r"[^\w]+|_", email.partition("@")[0]) if part]
    return " ".join(part.capitalize() for part in parts) or email.partition("@")[0]


async def candidate_at(
    services: Services, tenant: str, email: str, name: str | None, now: datetime
) -> tuple[str | None, CandidateRecordIn | None]:
    """Return the id of the tenant's newest candidate with this address, or one to be created with the interview.

    One who is a candidate for as many jobs as may be has no room for another.
    """
    known = await services.records.of(CANDIDATES).page(tenant, {"email": email}, 1, 1)
    if known.data and len(known.data[0].job_ids) < MOST_JOBS:
        return known.data[0].id, None
    expires = (now + KEPT_WITHOUT_A_DATE).date()
    return None, CandidateRecordIn(display_name=name or name_in(email), email=email, data_expires_on=expires)

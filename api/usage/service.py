"""What a tenant used, day by day."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from api.database import Database
from api.errors import Complaint, Invalid
from api.moments import Clock
from api.usage.repository import UsageRepository
from api.usage.schemas import UsageOut

USUAL_DAYS = 30
MOST_DAYS = 366
DAY = timedelta(days=1)

Figures = Mapping[str, float]


class Usage:
    """Usage of every tenant; whose is said with each call."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, tenant: str, since: date | None, until: date | None) -> UsageOut:
        """Return what was used from `since` to `until`, both counted in; raise `Invalid` for a wrong range.

        Without `until` it goes up to today, without `since` it has 30 days.
        """
        last = until or self._clock().date()
        first = since or last - (USUAL_DAYS - 1) * DAY
        _check(first, last)
        async with self._database.read() as tx:
            by_day = await UsageRepository(tx.session, tenant, _midnight(first), _midnight(last + DAY)).by_day()
        days = [first + number * DAY for number in range((last - first).days + 1)]
        told = {
            "from": first,
            "to": last,
            "total": _told(by_day.values()),
            "days": [_told([by_day.get(day.isoformat(), {})]) | {"day": day} for day in days],
        }
        return UsageOut.model_validate(told)


def _check(first: date, last: date) -> None:
    if first > last:
        what = f"{first} is after the last day, {last}"
        raise Invalid(Complaint(("query", "from"), what, "begin on that day or before it"))
    if (length := (last - first).days + 1) > MOST_DAYS:
        what = f"{first} to {last} is {length} days"
        raise Invalid(Complaint(("query", "from"), what, f"ask for at most {MOST_DAYS} days at once"))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _told(figures: Iterable[Figures]) -> dict[str, Any]:
    """Add figures up and tell them in the units of `Used`."""
    several = list(figures)

    def sum_of(name: str) -> float:
        return sum(each.get(name, 0) for each in several)

    counts = (
        "interviews_created",
        "interviews_held",
        "attempts",
        "recorded_bytes",
        "evaluations",
        "webhooks_delivered",
    )
    minutes = {
        "call_minutes": round(sum_of("call_s") / 60, 2),
        "recorded_minutes": round(sum_of("recorded_ms") / 60_000, 2),
    }
    return {name: sum_of(name) for name in counts} | minutes

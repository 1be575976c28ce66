"""Points in time: always aware, always UTC inside, RFC 3339 outside."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day."""

    def __call__(self) -> datetime:
        """Return now, aware, in UTC."""
        ...


def utc_now() -> datetime:
    """Return now, aware, in UTC."""
    return datetime.now(UTC)


def rfc3339(at: datetime) -> str:
    """Return `at` as text, in UTC with milliseconds: `2026-11-22T04:40:53.120Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Read an RFC 3339 time; raise `ValueError` for anything else, and for a time without an offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write it as 2026-11-22T04:40:53Z or with +01:00")
    return at.astimezone(UTC)

"""Live events: numbered for good in the database, passed on at once through a bus.

The database is the truth and the bus is the nudge: a subscriber gets what was stored before it came from the
database, what happens from then on from the bus, and fills any hole from the database again (`api/events/stream.py`).
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from api.moments import moment, rfc3339


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in one interview.

    seq: its number within the interview, from 1 without a gap; None for what is worth nothing a second later
    (interim text, the floor) and is never stored. at_ms: milliseconds of the call, where the bot knows them.
    attempt_id: of what a bot told, where it came in; subscribers are not told.
    """

    interview_id: str
    type: str
    at: datetime
    data: dict[str, Any]
    seq: int | None = None
    at_ms: int | None = None
    attempt_id: str | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return what subscribers are sent."""
        return {"seq": self.seq, "type": self.type, "at": rfc3339(self.at), "at_ms": self.at_ms, "data": self.data}

    @classmethod
    def from_json(cls, interview_id: str, body: dict[str, Any]) -> "Event":
        """Read back what `as_json` wrote."""
        return cls(interview_id, body["type"], moment(body["at"]), body["data"], body["seq"], body["at_ms"])


class Subscription(Protocol):
    """One reader's place in one interview's events."""

    async def next(self, within_s: float) -> Event | None:
        """Return the next event, or None when none came in time.

        Raises `SlowReader` when this reader fell further behind than the bus keeps, `BusUnavailable` when it is gone.
        """
        ...


class EventBus(Protocol):
    """Passes events on to whoever listens now. Bounded: nobody waits for a reader that falls behind."""

    async def publish(self, event: Event) -> None:
        """Hand `event` to every subscriber of its interview; raise `BusUnavailable`."""
        ...

    def subscribe(self, interview_id: str) -> AbstractAsyncContextManager[Subscription]:
        """Listen to one interview: everything published after the context was entered, in order, once.

        Raises `BusUnavailable` on entering.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections; subscriptions raise `BusUnavailable` from now on."""
        ...

"""Where every event goes out: to the room of this process, and to the bus."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import structlog

from api.errors import BusUnavailable
from api.events import Event, EventBus

log = structlog.get_logger(__name__)

STATUS_EVENT = "interview.status"


class RoomAudience(Protocol):
    """The people in a call's room, who see captions and who has the floor."""

    def announce(self, interview_id: str, event: str, data: Mapping[str, Any]) -> None:
        """Tell them what happened."""
        ...

    def end(self, interview_id: str, reason: str, status: str | None) -> None:
        """Tell them that the interview is over. status: its last one, None while it is not known yet."""
        ...


class Publisher:
    """Hands each event to the room's people and to the bus.

    What was numbered is in the database already: a bus that is away costs the live readers a moment, never an event.
    """

    def __init__(self, bus: EventBus, room: RoomAudience, count: Callable[[Event], None] = lambda event: None) -> None:
        """count: takes each event that came in here, for the figures."""
        self._bus = bus
        self._room = room
        self._count = count

    async def publish(self, event: Event) -> None:
        """Pass one event on; never raises."""
        self._count(event)
        if event.type == STATUS_EVENT and event.data["over"]:
            status = event.data["status"]
            self._room.end(
                event.interview_id, event.data["reason"] or status, status if event.data["terminal"] else None
            )
        else:
            self._room.announce(event.interview_id, event.type, event.data)
        try:
            await self._bus.publish(event)
        except BusUnavailable as error:
            log.warning("event_not_passed_on", interview=event.interview_id, seq=event.seq, error=str(error))

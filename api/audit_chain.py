"""The chain of audit events: each carries the hash of the one before it, so that none can be changed unseen.

What is hashed is what `GET /v1/audit` shows of an event and whose it is, so that anybody can check it; its number is
its place. Events hold ids and no words about a candidate: forgetting one leaves the chain whole.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from api.evaluation.hashes import hash_of
from api.moments import rfc3339

START = "0" * 64  # what the first event of a tenant follows on
PlaceOf: TypeAlias = Callable[[str], Awaitable[int | None]]  # the number of the event with a hash, where there is one


class Event(Protocol):
    """One event as it is kept. before: the hash of the event before it; hash: its own."""

    number: int
    id: str
    tenant: str
    at: datetime
    actor: str
    action: str
    subject: str
    before: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is no longer what was written. number: of the first event concerned."""

    number: int
    what: str


def digest(event: Event) -> str:
    """Return the SHA-256 of an event and of its place in the chain."""
    told = {name: getattr(event, name) for name in ("id", "tenant", "actor", "action", "subject", "before")}
    return hash_of(told | {"at": rfc3339(event.at)})


class Walk:
    """Follows one tenant's chain from its first event. number, hash: of the last event that was right."""

    def __init__(self) -> None:
        self.number, self.hash = 0, START

    async def step(self, event: Event, place_of: PlaceOf) -> Break | None:
        """Take the next event, by number; return what is wrong with it, and go no further then."""
        due, who = self.number + 1, f"({event.id}: {event.action} by {event.actor})"
        if event.number > due:
            return Break(due, f"was removed; event {event.number} comes next")
        if event.number < due:
            return Break(event.number, f"was inserted {who}; there is another of this number")
        if event.hash != digest(event):
            return Break(due, f"was changed {who}: its hash is not that of what it says")
        if event.before == self.hash:
            self.number, self.hash = due, event.hash
            return None
        follows = await place_of(event.before)
        if follows is None:
            return Break(due, f"does not follow on event {self.number}, which was changed or came after a removed one")
        if follows < self.number:
            return Break(follows + 1, f"was inserted; event {due} {who} was written right after {follows}")
        return Break(due, f"was moved here {who}; it was written after the event that is number {follows} now")

    def end(self, number: int, hash_: str) -> Break | None:
        """Compare with what the head of the chain says of its last event."""
        if number > self.number:
            return Break(self.number + 1, f"was removed; the chain had {number} events")
        if number < self.number:
            return Break(number + 1, f"was inserted; the chain had {number} events")
        return None if hash_ == self.hash else Break(number, "is another than the head of the chain names")

"""How long attempts have been open, by a clock that nobody sets.

What the time of day says of an attempt is asked once, when it is first seen; then the event loop's clock counts.
So a clock that is put right by hours in the middle of a call makes no bot too old.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from api.interviews.tables import AttemptRow


class Ages:
    """The ages of the attempts that one process looks after."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[timedelta, float]] = {}  # by attempt: how old it was, and when that was

    def of(self, attempt: AttemptRow, now: datetime) -> timedelta:
        """Return an attempt's age. now: the time of day."""
        at = asyncio.get_running_loop().time()
        age, seen_at = self._seen.setdefault(attempt.id, (now - attempt.created_at, at))
        return age + timedelta(seconds=at - seen_at)

    def keep(self, attempts: Iterable[AttemptRow], now: datetime) -> None:
        """See these, and forget all others."""
        for attempt in (open_ := {attempt.id: attempt for attempt in attempts}).values():
            self.of(attempt, now)
        self._seen = {id_: seen for id_, seen in self._seen.items() if id_ in open_}

"""How many there are of a long list, remembered for some seconds: counting 100,000 takes longer than reading a page."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta

from api.moments import Clock

LONG = 10_000  # shorter lists are counted every time
GOOD_FOR = timedelta(seconds=10)
MOST = 1_000


class Totals:
    """The totals of long lists of this process, by whatever names a list."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: OrderedDict[Hashable, tuple[int, datetime]] = OrderedDict()

    def get(self, key: Hashable) -> int | None:
        """Return a total that is fresh enough."""
        total, counted_at = self._known.get(key, (None, None))
        fresh = counted_at is not None and timedelta(0) <= self._clock() - counted_at < GOOD_FOR
        return total if fresh else None

    def note(self, key: Hashable, total: int) -> None:
        """Remember a total if it is worth it; what was remembered longest ago makes room."""
        self._known.pop(key, None)
        if total >= LONG:
            self._known[key] = (total, self._clock())
            if len(self._known) > MOST:
                self._known.popitem(last=False)

"""A bot's pulse: the last moment at which everything that carries sound was seen to move.

A process may live while nothing in it moves: its event loop is stuck, a track takes no more packets, a page hangs. So
what is told to whoever runs the bot is no tick of a timer. Each part says how much it has done and whether there is
something to do; with work waiting and nothing done, the pulse stays behind (`Watch`). It lies in memory that bot and
parent share: nothing has to be sent, and a stopped process tells as much as one that is stuck.
"""

import asyncio
import mmap
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

BEAT_S = 0.5
NOTED_S = 4.0  # a part that stands still for so long is put on the record, before the bot is killed for it
STILL_S = 7.0  # no pulse for so long: dead. With `BEAT_S` and the parent's looks that is seen within 10 s

_FORM = struct.Struct("d")


class Pulse:
    """One number in memory that stays shared through a fork: seconds on the machine's monotonic clock."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _FORM.size)

    def beat(self, at: float) -> None:
        """Tell that everything moved at `at`."""
        _FORM.pack_into(self._memory, 0, at)

    @property
    def last(self) -> float | None:
        """The last beat; None before the first."""
        (at,) = _FORM.unpack_from(self._memory)
        return float(at) or None

    def close(self) -> None:
        """Let go of the memory."""
        self._memory.close()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one part has come. done: how much of its work, a count; waiting: there is something to do right now."""

    part: str
    done: int
    waiting: bool


class Watch:
    """Finds out since when a part has had work and has done none of it."""

    def __init__(self, parts: Callable[[], Iterable[Progress]]) -> None:
        self._parts = parts
        self._seen: dict[str, tuple[int, float]] = {}  # what each had done, and since when it has been at that

    def look(self, now: float) -> Progress | None:
        """Return the part that has stood still longest, None when all move; `still_s` tells for how long."""
        seen: dict[str, tuple[int, float]] = {}
        stuck: Progress | None = None
        for progress in self._parts():
            done, since = self._seen.get(progress.part, (progress.done, now))
            if not progress.waiting or progress.done != done:
                since = now
            seen[progress.part] = (progress.done, since)
            if since < now and (stuck is None or since < seen[stuck.part][1]):
                stuck = progress
        self._seen = seen
        return stuck

    def still_s(self, stuck: Progress | None, now: float) -> float:
        """Return for how long a part that `look` found has stood still."""
        return 0.0 if stuck is None else now - self._seen[stuck.part][1]


async def keep(pulse: Pulse, watch: Watch, stuck: Callable[[str], None]) -> None:
    """Beat until cancelled. stuck: called once with what to say of a part that stands still."""
    loop = asyncio.get_running_loop()
    said = False
    while True:
        now = loop.time()
        part = watch.look(now)
        still_s = watch.still_s(part, now)
        pulse.beat(now - still_s)
        if part is None:
            said = False
        elif still_s >= NOTED_S and not said:
            said = True
            log.error("media_stalled", part=part.part, still_s=round(still_s, 1))
            stuck(f"{part.part} has had sound to pass on for {still_s:.0f} s and passed on none")
        await asyncio.sleep(BEAT_S)

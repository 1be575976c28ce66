"""The event bus across processes: one Redis Stream per interview.

Entries get consecutive ids `0-1, 0-2, …` (`XADD … 0-*`, Redis 7), so a hole in what a reader is given means that the
stream was trimmed past it. Pub/sub would deliver nothing to a reader that blinked; a stream lets it go on.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.errors import BusUnavailable, SlowReader
from api.events import Event

KEPT_S = 24 * 3600  # after the last event of an interview; the database has them all
PUBLISH_S = 1.0  # whoever publishes has committed and is about to acknowledge: a bus that hangs must not hold it up
PAUSE_S = 5.0  # after it did hang nothing is published; readers get what is stored from the database
CONNECT_S = 3.0
ANSWER_S = 30.0  # longer than any reader waits at once
READ_AT_ONCE = 100
MOST_READERS = 10_000  # of this process: each waits on a connection of its own, and Redis takes about as many


@dataclass(eq=False, slots=True)
class _Place:
    """Where one reader is. taken: the number of the last entry it was given."""

    bus: "RedisBus"
    interview_id: str
    taken: int
    ahead: list[tuple[int, Event]] = field(default_factory=list)

    async def next(self, within_s: float) -> Event | None:
        if not self.ahead and not await self._read(within_s):
            return None
        number, event = self.ahead.pop(0)
        if number != self.taken + 1:
            raise SlowReader(f"events {self.taken + 1} to {number - 1} of the stream are gone")
        self.taken = number
        return event

    async def _read(self, within_s: float) -> bool:
        asked: dict[Any, Any] = {_key(self.interview_id): f"0-{self.taken}"}
        block = max(1, int(within_s * 1000))
        async with self.bus.reaching() as redis:
            answer = cast(Any, await redis.xread(asked, count=READ_AT_ONCE, block=block))
            if not answer and await _last(redis, self.interview_id) < self.taken:
                raise SlowReader("the stream began anew")
        entries = answer[0][1] if answer else []
        self.ahead = [(_number(id_), Event.from_json(self.interview_id, json.loads(f[b"e"]))) for id_, f in entries]
        return bool(self.ahead)


class RedisBus:
    """Streams in Redis 7 or newer. ring: about how many events of an interview are kept for slow readers."""

    def __init__(self, url: str, ring: int) -> None:
        self._ring = ring
        self._redis: Redis = Redis.from_url(
            url,
            max_connections=MOST_READERS,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            health_check_interval=30,
            retry=Retry(NoBackoff(), 0),  # an event late is an event missed: streams read it from the database
            protocol=2,
        )
        self._closed = False
        self._paused_until = 0.0

    async def publish(self, event: Event) -> None:
        """Append to the interview's stream, within a second or not at all."""
        clock = asyncio.get_running_loop().time
        if clock() < self._paused_until:
            raise BusUnavailable("Redis did not answer a moment ago")
        try:
            async with asyncio.timeout(PUBLISH_S):
                await self._append(event)
        except TimeoutError:
            self._paused_until = clock() + PAUSE_S
            raise BusUnavailable(f"Redis did not answer within {PUBLISH_S:g} s") from None

    async def _append(self, event: Event) -> None:
        key = _key(event.interview_id)
        body = json.dumps(event.as_json(), ensure_ascii=False).encode(errors="replace")
        async with self.reaching() as redis, redis.pipeline(transaction=False) as pipe:
            pipe.xadd(key, {"e": body}, id="0-*", maxlen=self._ring, approximate=True)
            pipe.expire(key, KEPT_S)
            await pipe.execute()

    @asynccontextmanager
    async def subscribe(self, interview_id: str) -> AsyncIterator[_Place]:
        """Take a place at the end of the interview's stream."""
        async with self.reaching() as redis:
            last = await _last(redis, interview_id)
        yield _Place(self, interview_id, last)

    @asynccontextmanager
    async def reaching(self) -> AsyncIterator[Redis]:
        """Talk to Redis; raise `BusUnavailable` for whatever comes of it, and once the bus is closed."""
        if self._closed:
            raise BusUnavailable("the event bus is closed")
        try:
            yield self._redis
        except RedisError as error:
            raise BusUnavailable(f"Redis: {error}") from error
        if self._closed:  # while it was waiting
            raise BusUnavailable("the event bus is closed")

    async def aclose(self) -> None:
        """Close every connection."""
        self._closed = True
        await self._redis.aclose()


def _key(interview_id: str) -> str:
    return f"vivavoce:events:{interview_id}"


def _number(entry_id: bytes) -> int:
    return int(entry_id.partition(b"-")[2])


async def _last(redis: Redis, interview_id: str) -> int:
    newest = cast(Any, await redis.xrevrange(_key(interview_id), count=1))
    return _number(newest[0][0]) if newest else 0

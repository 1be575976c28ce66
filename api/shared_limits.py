"""Token buckets in Redis: what one caller uses up at one replica is used up at every other.

One script draws from all buckets of a caller, by Redis's own clock, so that replicas neither race nor have to agree on
the time. A Redis that is away or slow refuses nobody: this process's own buckets count until it is back.
"""

import asyncio
import hashlib
from collections.abc import Hashable
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api.limits import Bucket, Draw, MemoryBuckets, Sizes

log = structlog.get_logger(__name__)

ANSWER_S = 0.5  # every request waits for it
PAUSE_S = 5.0  # after it did not answer, the process counts for itself that long
CONNECTIONS = 16

# KEYS: the caller's hash. ARGV: size and window of each bucket. Returns whether a token was taken, then what is left.
_DRAW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local since = math.max(0, now - tonumber(redis.call('HGET', KEYS[1], 'at') or now))
local left, taken, longest = {}, 1, 0
for i = 1, #ARGV, 2 do
  local size, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local before = tonumber(redis.call('HGET', KEYS[1], ARGV[i + 1]) or size)
  left[#left + 1] = math.min(size, before + since * size / window)
  longest = math.max(longest, window)
  if left[#left] < 1 then taken = 0 end
end
local answer = {taken}
redis.call('HSET', KEYS[1], 'at', string.format('%.6f', now))
for i, level in ipairs(left) do
  local kept = string.format('%.17g', level - taken)
  redis.call('HSET', KEYS[1], ARGV[2 * i], kept)
  answer[#answer + 1] = kept
end
redis.call('EXPIRE', KEYS[1], math.ceil(longest))
return answer
"""


class RedisBuckets:
    """Buckets in the Redis at `url`, shared by all who use it."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_S,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._script = self._redis.register_script(_DRAW)
        self._here = MemoryBuckets()
        self._paused_until = 0.0

    async def draw(self, who: Hashable, sizes: Sizes) -> Draw:
        """Take a token from each, or from none; from this process's own buckets while Redis is away."""
        now = asyncio.get_running_loop().time()
        if now < self._paused_until:
            return await self._here.draw(who, sizes)
        try:
            answer: Any = await self._script(keys=[_key(who, sizes)], args=[part for size in sizes for part in size])
        except (RedisError, OSError) as error:
            self._paused_until = now + PAUSE_S
            log.warning("limits_not_shared", error=str(error), for_s=PAUSE_S)
            return await self._here.draw(who, sizes)
        taken, *left = answer
        buckets = [
            Bucket(size, window_s, float(level), now) for (size, window_s), level in zip(sizes, left, strict=True)
        ]
        return Draw(tuple(buckets), bool(taken))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._redis.aclose()


def _key(who: Hashable, sizes: Sizes) -> str:
    """Names are of any length and hold anything; and who is given another limit begins anew."""
    return f"vivavoce:rate:{hashlib.sha256(repr((who, list(sizes))).encode()).hexdigest()[:32]}"

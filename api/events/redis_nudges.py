"""Nudges over Redis: one channel that every replica listens to. Nothing is kept, because nothing has to be."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CHANNEL = "vivavoce:nudges"
ANSWER_S = 1.0
AGAIN_S = 1.0
QUIET_S = 15.0  # after which the connection is asked whether it still is one


class RedisNudges:
    """The replicas around the Redis at `url`."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=ANSWER_S,
            socket_connect_timeout=ANSWER_S,
            health_check_interval=QUIET_S,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )

    async def send(self, attempt_id: str) -> None:
        """Tell everybody who listens now; never raises."""
        try:
            await self._redis.publish(CHANNEL, attempt_id)
        except (RedisError, OSError) as error:
            log.warning("nudge_not_sent", attempt=attempt_id, error=str(error))

    async def hear(self, heard: Callable[[str | None], None]) -> None:
        """Listen, through restarts of Redis; see `Nudges`."""
        while True:
            try:
                await self._hear(heard)
            except (RedisError, OSError) as error:
                log.warning("nudges_not_heard", error=str(error))
            await asyncio.sleep(AGAIN_S)

    async def _hear(self, heard: Callable[[str | None], None]) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            heard(None)
            while True:
                message: Any = await channel.get_message(ignore_subscribe_messages=True, timeout=QUIET_S)
                if message is not None and message["type"] == "message":
                    heard(message["data"].decode(errors="replace"))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._redis.aclose()

"""How often each caller may ask: token buckets, in this process's memory or shared by every replica.

Each caller has one bucket for the minute and one for the hour. Failed authentication is counted by client address.
Replicas with a Redis between them share the buckets (`api/shared_limits.py`); each without one counts for itself.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import RateLimited

MINUTE, HOUR = 60.0, 3600.0
FAILURES_PER_MINUTE = 60
REMEMBERED = 50_000  # callers; whoever has not asked for longest is forgotten first
HEADERS = "rate_headers"  # in the ASGI scope: what the answer is to carry

Sizes: TypeAlias = Sequence[tuple[int, float]]  # of buckets: how many each holds, and in how many seconds it fills


@dataclass(frozen=True, slots=True)
class Rate:
    """How many requests a caller may make; 0: any number."""

    per_minute: int
    per_hour: int


@dataclass(slots=True)
class Bucket:
    """A token bucket. size: how many it holds, and how many flow into it in `window_s` seconds; at: last looked at."""

    size: int
    window_s: float
    left: float
    at: float

    def fill(self, now: float) -> None:
        """Let in what has come since it was last looked at."""
        self.left = min(self.size, self.left + (now - self.at) * self.size / self.window_s)
        self.at = now

    @property
    def next_s(self) -> int:
        """Whole seconds until there is one to take, 0 when there is."""
        return 0 if self.left >= 1 else max(1, math.ceil((1 - self.left) * self.window_s / self.size))

    @property
    def full_s(self) -> int:
        """Whole seconds until it is full."""
        return math.ceil((self.size - self.left) * self.window_s / self.size)


@dataclass(frozen=True, slots=True)
class Draw:
    """One token asked of each of some buckets. taken: every one had one; otherwise none was taken of any."""

    buckets: tuple[Bucket, ...]
    taken: bool


class Buckets(Protocol):
    """Where the buckets are."""

    async def draw(self, who: Hashable, sizes: Sizes) -> Draw:
        """Take a token from each of the buckets of `who`, or from none; never raises."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class MemoryBuckets:
    """The buckets of this process. remembered: callers; clock: seconds that never go back."""

    def __init__(self, *, remembered: int = REMEMBERED, clock: Callable[[], float] = monotonic) -> None:
        self._remembered, self._clock = remembered, clock
        self._known: OrderedDict[tuple[Hashable, Hashable], tuple[Bucket, ...]] = OrderedDict()

    async def draw(self, who: Hashable, sizes: Sizes) -> Draw:
        """Take a token from each, or from none."""
        buckets = self._of(who, tuple(sizes))
        taken = not any(bucket.next_s for bucket in buckets)
        if taken:
            for bucket in buckets:
                bucket.left -= 1
        return Draw(buckets, taken)

    async def aclose(self) -> None:
        """Nothing to let go of."""

    def _of(self, who: Hashable, sizes: tuple[tuple[int, float], ...]) -> tuple[Bucket, ...]:
        now = self._clock()
        buckets = self._known.pop((who, sizes), None)
        if buckets is None:
            buckets = tuple(Bucket(size, window_s, size, now) for size, window_s in sizes)
        self._known[who, sizes] = buckets
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
        for bucket in buckets:
            bucket.fill(now)
        return buckets


def open_buckets(bus_url: str) -> Buckets:
    """Return buckets shared through the Redis of the event bus, or this process's own where there is none."""
    if urlsplit(bus_url).scheme == "memory":
        return MemoryBuckets()
    from api.shared_limits import RedisBuckets

    return RedisBuckets(bus_url)


class RateLimiter:
    """Counts requests. rate: of whoever has none of their own; failures: failed logins of one address in a minute."""

    def __init__(self, rate: Rate, buckets: Buckets, failures: int = FAILURES_PER_MINUTE) -> None:
        self._rate, self._buckets, self._failures = rate, buckets, failures

    async def count(self, who: Hashable, rate: Rate | None = None) -> dict[str, str]:
        """Count one request of `who` and return the headers that tell what is left; raise `RateLimited`.

        rate: this caller's own. A refused request costs nothing.
        """
        rate = rate or self._rate
        sizes = [(size, window_s) for size, window_s in ((rate.per_minute, MINUTE), (rate.per_hour, HOUR)) if size]
        if not sizes:
            return {}
        draw = await self._buckets.draw(("caller", who), sizes)
        headers = _headers(draw.buckets)
        if not draw.taken:
            longest = max(draw.buckets, key=lambda bucket: bucket.next_s)
            raise RateLimited(_name(longest).lower(), longest.size, longest.next_s, headers)
        return headers

    async def count_failure(self, address: str) -> None:
        """Count one failed authentication; raise `RateLimited` when this address had too many.

        Nobody is refused before they have failed: behind one proxy or one router others may hold good tokens.
        """
        draw = await self._buckets.draw(("address", _network(address)), [(self._failures, MINUTE)])
        if not draw.taken:
            (bucket,) = draw.buckets
            raise RateLimited("minute", bucket.size, bucket.next_s, {}, "failed authentications")


class RateHeaders:
    """Middleware that puts what `scope["rate_headers"]` holds in the end on the answer, of whatever kind it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told: dict[str, str] = {}
        scope[HEADERS] = told

        async def stamped(message: Message) -> None:
            if told and message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        await self._app(scope, receive, stamped)


def _headers(buckets: tuple[Bucket, ...]) -> dict[str, str]:
    """`X-RateLimit-*` as is usual, and `RateLimit` of draft-ietf-httpapi-ratelimit-headers-10; times in seconds."""
    headers: dict[str, str] = {}
    for bucket in buckets:
        name = _name(bucket)
        headers[f"X-RateLimit-Limit-{name}"] = str(bucket.size)
        headers[f"X-RateLimit-Remaining-{name}"] = str(int(bucket.left))
        headers[f"X-RateLimit-Reset-{name}"] = str(bucket.full_s)
    if buckets:
        named = [(f'"{_name(bucket).lower()}"', bucket) for bucket in buckets]
        headers["RateLimit-Policy"] = ", ".join(f"{name};q={each.size};w={each.window_s:.0f}" for name, each in named)
        headers["RateLimit"] = ", ".join(f"{name};r={int(each.left)};t={each.full_s}" for name, each in named)
    return headers


def _name(bucket: Bucket) -> str:
    return "Minute" if bucket.window_s == MINUTE else "Hour"


def _network(address: str) -> str:
    """The address itself, or the /64 of an IPv6 one: that is what one customer has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)

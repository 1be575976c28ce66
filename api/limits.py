"""How often each caller may ask: token buckets, in this process's memory.

Each caller has one bucket for the minute and one for the hour. Several replicas count each for themselves, so that a
caller of all of them may ask that many times more often. Failed authentication is counted by client address.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from time import monotonic

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import RateLimited

MINUTE, HOUR = 60.0, 3600.0
FAILURES_PER_MINUTE = 60
REMEMBERED = 50_000  # callers; whoever has not asked for longest is forgotten first
HEADERS = "rate_headers"  # in the ASGI scope: what the answer is to carry


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


class RateLimiter:
    """Counts requests. rate: of whoever has none of their own; failures: failed logins of one address in a minute.

    clock: seconds that never go back.
    """

    def __init__(
        self,
        rate: Rate,
        failures: int = FAILURES_PER_MINUTE,
        *,
        remembered: int = REMEMBERED,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._rate, self._failures = rate, failures
        self._remembered, self._clock = remembered, clock
        self._buckets: OrderedDict[tuple[Hashable, Rate], tuple[Bucket, ...]] = OrderedDict()

    def count(self, who: Hashable, rate: Rate | None = None) -> dict[str, str]:
        """Count one request of `who` and return the headers that tell what is left; raise `RateLimited`.

        rate: this caller's own. A refused request costs nothing.
        """
        buckets = self._of(("caller", who), rate or self._rate)
        empty = [bucket for bucket in buckets if bucket.next_s]
        if not empty:
            for bucket in buckets:
                bucket.left -= 1
        headers = _headers(buckets)
        if empty:
            longest = max(empty, key=lambda bucket: bucket.next_s)
            raise RateLimited(_name(longest).lower(), longest.size, longest.next_s, headers)
        return headers

    def count_failure(self, address: str) -> None:
        """Count one failed authentication; raise `RateLimited` when this address had too many.

        Nobody is refused before they have failed: behind one proxy or one router others may hold good tokens.
        """
        for bucket in self._of(("address", _network(address)), Rate(self._failures, 0)):
            if bucket.next_s:
                raise RateLimited("minute", bucket.size, bucket.next_s, {}, "failed authentications")
            bucket.left -= 1

    def _of(self, who: Hashable, rate: Rate) -> tuple[Bucket, ...]:
        now = self._clock()
        buckets = self._buckets.pop((who, rate), None)
        if buckets is None:
            sizes = ((rate.per_minute, MINUTE), (rate.per_hour, HOUR))
            buckets = tuple(Bucket(size, window_s, size, now) for size, window_s in sizes if size)
        self._buckets[who, rate] = buckets
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        for bucket in buckets:
            bucket.fill(now)
        return buckets


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

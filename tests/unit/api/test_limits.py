"""Token buckets by a clock the tests move."""

import pytest

from api.errors import RateLimited
from api.limits import MemoryBuckets, Rate, RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def used_up(limiter: RateLimiter, who: str, rate: Rate | None = None) -> int:
    """Ask until refused; return how often it was allowed."""
    for allowed in range(10_000):
        try:
            await limiter.count(who, rate)
        except RateLimited:
            return allowed
    raise AssertionError("never refused")


async def test_what_is_used_up_comes_back_evenly(clock: Clock) -> None:
    limiter = RateLimiter(Rate(60, 1000), MemoryBuckets(clock=clock))
    assert await used_up(limiter, "ann") == 60
    with pytest.raises(RateLimited) as refusal:
        await limiter.count("ann")
    assert (refusal.value.window, refusal.value.limit, refusal.value.retry_after_s) == ("minute", 60, 1)
    clock.now += 1
    assert await used_up(limiter, "ann") == 1
    clock.now += 3600
    assert await used_up(limiter, "ann") == 60


async def test_the_hour_holds_when_every_minute_would_do(clock: Clock) -> None:
    limiter = RateLimiter(Rate(60, 100), MemoryBuckets(clock=clock))
    assert await used_up(limiter, "ann") == 60
    clock.now += 60
    assert 40 <= await used_up(limiter, "ann") <= 42
    with pytest.raises(RateLimited) as refusal:
        await limiter.count("ann")
    assert (refusal.value.window, refusal.value.limit) == ("hour", 100)
    assert 1 <= refusal.value.retry_after_s <= 36


async def test_the_headers_tell_what_is_left(clock: Clock) -> None:
    limiter = RateLimiter(Rate(60, 3600), MemoryBuckets(clock=clock))
    await limiter.count("ann")
    headers = await limiter.count("ann")
    assert headers["X-RateLimit-Limit-Minute"] == "60"
    assert headers["X-RateLimit-Remaining-Minute"] == "58"
    assert headers["X-RateLimit-Reset-Minute"] == "2"
    assert headers["X-RateLimit-Remaining-Hour"] == "3598"
    assert headers["RateLimit-Policy"] == '"minute";q=60;w=60, "hour";q=3600;w=3600'
    assert headers["RateLimit"] == '"minute";r=58;t=2, "hour";r=3598;t=2'


async def test_everybody_has_their_own_and_some_have_less(clock: Clock) -> None:
    limiter = RateLimiter(Rate(10, 0), MemoryBuckets(clock=clock))
    assert await used_up(limiter, "ann") == 10
    assert await used_up(limiter, "ben") == 10
    assert await used_up(limiter, "key", Rate(3, 0)) == 3
    assert await used_up(limiter, "ann") == 0


async def test_none_means_any_number(clock: Clock) -> None:
    limiter = RateLimiter(Rate(0, 0), MemoryBuckets(clock=clock))
    assert [await limiter.count("ann") for _ in range(5000)][-1] == {}


async def test_a_refused_request_costs_nothing(clock: Clock) -> None:
    limiter = RateLimiter(Rate(1, 100), MemoryBuckets(clock=clock))
    await limiter.count("ann")
    for _ in range(200):
        with pytest.raises(RateLimited):
            await limiter.count("ann")
    clock.now += 60
    assert int((await limiter.count("ann"))["X-RateLimit-Remaining-Hour"]) >= 98


async def test_failures_are_counted_by_address_and_by_network_where_one_customer_has_many(clock: Clock) -> None:
    limiter = RateLimiter(Rate(10, 0), MemoryBuckets(clock=clock), failures=2)
    for address in ("192.0.2.1", "192.0.2.2", "testclient"):
        await limiter.count_failure(address)
        await limiter.count_failure(address)
        with pytest.raises(RateLimited, match="2 failed authentications in a minute"):
            await limiter.count_failure(address)
    await limiter.count_failure("2001:db8::1")
    await limiter.count_failure("2001:db8::2")
    with pytest.raises(RateLimited):
        await limiter.count_failure("2001:db8::3")
    await limiter.count_failure("2001:db8:0:1::3")
    await limiter.count("192.0.2.1")


async def test_whoever_has_been_away_longest_is_forgotten_first(clock: Clock) -> None:
    limiter = RateLimiter(Rate(2, 0), MemoryBuckets(remembered=2, clock=clock))
    await used_up(limiter, "ann")
    await used_up(limiter, "ben")
    assert await used_up(limiter, "ann") == 0
    await used_up(limiter, "cleo")
    assert await used_up(limiter, "ann") == 0
    assert await used_up(limiter, "ben") == 2

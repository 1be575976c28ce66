"""What token buckets keep to, wherever they are."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.limits import Buckets, MemoryBuckets
from api.shared_limits import RedisBuckets
from tests.guards import HANG_S
from tests.running_redis import running_redis

TWO, FIVE = (2, 3600.0), (5, 86_400.0)  # they fill too slowly to be seen here


@pytest.fixture(params=["memory", "redis"])
async def buckets(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Buckets]:
    if request.param == "memory":
        yield MemoryBuckets()
        return
    with running_redis(tmp_path) as url:
        shared = RedisBuckets(url)
        yield shared
        await shared.aclose()


async def test_a_token_is_taken_of_each_or_of_none(buckets: Buckets) -> None:
    draws = [await buckets.draw("ann", [TWO, FIVE]) for _ in range(4)]
    assert [draw.taken for draw in draws] == [True, True, False, False]
    last = draws[-1]
    assert [(bucket.size, bucket.window_s, int(bucket.left)) for bucket in last.buckets] == [(*TWO, 0), (*FIVE, 3)]
    assert 1700 < last.buckets[0].next_s <= 1800 and last.buckets[1].next_s == 0


async def test_everybody_has_their_own_and_another_limit_begins_anew(buckets: Buckets) -> None:
    for who, sizes in ((("ann", "1"), [TWO]), (("ann1", ""), [TWO]), (("ann", "1"), [FIVE]), ("\ud800\x00", [TWO])):
        assert [(await buckets.draw(who, sizes)).taken for _ in range(2)] == [True, True]
    assert not (await buckets.draw(("ann", "1"), [TWO])).taken


async def test_many_at_once_get_no_more_than_there_is(buckets: Buckets) -> None:
    draws = await asyncio.gather(*(buckets.draw("ann", [FIVE]) for _ in range(40)))
    assert sum(draw.taken for draw in draws) == 5


async def test_what_was_taken_comes_back_and_no_more_than_that(buckets: Buckets) -> None:
    quick = (2, 0.5)
    while (await buckets.draw("ann", [quick])).taken:
        pass
    async with asyncio.timeout(HANG_S):
        while not (draw := await buckets.draw("ann", [quick])).taken:
            await asyncio.sleep(0.01)
    assert draw.buckets[0].left <= 1

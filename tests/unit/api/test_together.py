"""The same work for several callers: who is done with whom, and who hears of which error."""

import asyncio
from collections.abc import Sequence

import pytest

from api.together import MOST, Together


class Doubling:
    """Doubles numbers, a second each time; zero can't be done, and spoils whatever is done with it."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        await asyncio.sleep(1)
        if 0 in numbers:
            raise ZeroDivisionError
        return [ValueError(number) if number < 0 else 2 * number for number in numbers]


async def all_of(together: Together[int, int], *numbers: int) -> list[int | BaseException]:
    return await asyncio.gather(*(together.do(number) for number in numbers), return_exceptions=True)


async def test_whoever_comes_meanwhile_is_done_with_everybody_else_who_waits() -> None:
    doubling = Doubling()
    together = Together(doubling)
    assert await all_of(together, 1, 2, 3, 4) == [2, 4, 6, 8]
    assert doubling.batches == [[1], [2, 3, 4]]  # nobody is kept waiting for others to come
    assert await together.do(5) == 10
    assert doubling.batches[2:] == [[5]]


async def test_an_error_of_one_is_raised_there_alone() -> None:
    doubling = Doubling()
    found = await all_of(Together(doubling), 1, 2, -3, 4)
    assert [*found[:2], found[3]] == [2, 4, 8]
    assert isinstance(found[2], ValueError)
    assert doubling.batches == [[1], [2, -3, 4]]


async def test_when_it_fails_for_several_each_is_tried_by_itself() -> None:
    doubling = Doubling()
    found = await all_of(Together(doubling), 1, 2, 0, 4)
    assert [*found[:2], found[3]] == [2, 4, 8]
    assert isinstance(found[2], ZeroDivisionError)
    assert doubling.batches == [[1], [2, 0, 4], [2], [0], [4]]


async def test_a_caller_who_goes_leaves_the_others_to_the_next() -> None:
    doubling = Doubling()
    together = Together(doubling)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(together.do(number)) for number in (1, 2, 3, 4)]
        await asyncio.sleep(1.5)
        tasks[1].cancel()  # the one who does it for all that waited
        tasks[3].cancel()  # one of them
    assert [task.cancelled() for task in tasks] == [False, True, False, True]
    assert (tasks[0].result(), tasks[2].result()) == (2, 6)
    assert doubling.batches == [[1], [2, 3, 4], [3]]
    assert await together.do(9) == 18


async def test_very_many_are_done_in_parts() -> None:
    doubling = Doubling()
    assert await all_of(Together(doubling), *range(1, MOST + 4)) == [2 * number for number in range(1, MOST + 4)]
    assert [len(batch) for batch in doubling.batches] == [1, MOST, 2]


async def test_nothing_is_kept_of_errors_nobody_hears_of(caplog: pytest.LogCaptureFixture) -> None:
    together = Together(Doubling())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await together.do(-1)
    await asyncio.sleep(2)
    assert await together.do(1) == 2
    assert not caplog.records

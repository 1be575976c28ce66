"""The loop the other unit tests stand on."""

import asyncio
import threading
import time

import pytest

from tests.virtual_time import VirtualTimeLoop


async def test_half_an_hour_takes_no_time() -> None:
    began = time.monotonic()
    await asyncio.sleep(1800)
    assert asyncio.get_running_loop().time() >= 1800
    assert time.monotonic() - began < 1


async def test_timers_fire_in_the_order_of_their_times() -> None:
    order: list[str] = []

    async def after(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        order.append(name)

    async with asyncio.TaskGroup() as tasks:
        for seconds, name in ((3, "c"), (1, "a"), (2, "b")):
            tasks.create_task(after(seconds, name))
    assert order == ["a", "b", "c"]


async def test_a_timeout_fires_at_its_own_time() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.Event().wait()
    assert loop.time() - began == pytest.approx(5, abs=0.01)


async def test_a_thread_at_work_freezes_the_clock() -> None:
    async with asyncio.timeout(0.01):
        await asyncio.to_thread(time.sleep, 0.05)


async def test_a_foreign_thread_wakes_the_loop() -> None:
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    thread = threading.Thread(target=loop.call_soon_threadsafe, args=(woken.set,))
    thread.start()
    await woken.wait()
    thread.join()


@pytest.mark.real_time
async def test_real_time_can_be_had() -> None:
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)

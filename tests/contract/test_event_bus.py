"""What every event bus keeps to, in memory and in a real Redis."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from redis import Redis

from api.errors import BadSettings, BusUnavailable, SlowReader
from api.events import Event, EventBus
from api.events.bus import open_bus
from tests.guards import HANG_S
from tests.running_redis import running_redis

AT = datetime(2026, 11, 22, 5, 0, 0, 120_000, tzinfo=UTC)
RING = 64
OpenBus = Callable[[], EventBus]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis that the tests of this module share."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(params=["memory", "redis"])
def opened(request: pytest.FixtureRequest) -> OpenBus:
    """How to open a bus; of the networked one, every call opens another way to the same one."""
    if request.param == "memory":
        bus = open_bus("memory://", ring=RING)
        return lambda: bus
    url = request.getfixturevalue("redis_url")
    with Redis.from_url(url) as client:
        client.flushall()
    return lambda: open_bus(url, ring=RING)


@pytest.fixture
async def buses(opened: OpenBus) -> AsyncIterator[tuple[EventBus, EventBus]]:
    """Where events are published, and where they are read: two processes, as it were."""
    here, there = opened(), opened()
    yield here, there
    await here.aclose()
    await there.aclose()


def _event(seq: int | None, interview_id: str = "int_1", **data: object) -> Event:
    return Event(interview_id, "turn.final", AT, data or {"text": f"Größe {seq}"}, seq, 17)


async def test_every_subscriber_gets_every_event_in_order(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    sent = [_event(seq) for seq in range(1, 21)]
    async with here.subscribe("int_1") as one, there.subscribe("int_1") as two:
        for event in sent:
            await here.publish(event)
        for reader in (one, two):
            assert [await reader.next(1) for _ in sent] == sent


async def test_there_is_room_for_many_readers(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses

    async def heard(ready: asyncio.Semaphore) -> Event | None:
        async with there.subscribe("int_1") as reader:
            ready.release()
            return await reader.next(HANG_S)

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        readers = [tasks.create_task(heard(ready)) for _ in range(150)]
        for _ in readers:
            await ready.acquire()
        await asyncio.sleep(0)  # the last one waits, too
        await here.publish(_event(1))
    assert [reader.result() for reader in readers] == [_event(1)] * 150


async def test_what_was_published_before_or_for_others_is_not_heard(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    await here.publish(_event(1))
    async with there.subscribe("int_1") as reader:
        await here.publish(_event(1, "int_2"))
        await here.publish(_event(2))
        assert await reader.next(1) == _event(2)
        assert await reader.next(0.02) is None


async def test_a_waiting_reader_is_woken(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    async with there.subscribe("int_1") as reader, asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(reader.next(5))
        await asyncio.sleep(0.02)
        await here.publish(_event(None, text="half a"))
        assert await waiting == _event(None, text="half a")


async def test_readers_may_come_and_go(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    async with there.subscribe("int_1") as first:
        await here.publish(_event(1))
        assert await first.next(1) == _event(1)
        async with there.subscribe("int_1") as second:
            await here.publish(_event(2))
            assert await second.next(1) == _event(2)
        assert await first.next(1) == _event(2)
    async with there.subscribe("int_1") as third:
        await here.publish(_event(3))
        assert await third.next(1) == _event(3)


async def test_a_reader_that_falls_too_far_behind_is_told_so(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    async with there.subscribe("int_1") as slow, there.subscribe("int_1") as quick:
        for seq in range(1, 40 * RING):
            await here.publish(_event(seq))
            assert await quick.next(1) == _event(seq)
        with pytest.raises(SlowReader):
            for _ in range(40 * RING):
                await slow.next(1)


async def test_a_reader_just_within_the_ring_loses_nothing(buses: tuple[EventBus, EventBus]) -> None:
    here, there = buses
    sent = [_event(seq) for seq in range(1, RING + 1)]
    async with there.subscribe("int_1") as late:
        for event in sent:
            await here.publish(event)
        assert [await late.next(1) for _ in sent] == sent


async def test_a_closed_bus_tells_its_readers(opened: OpenBus) -> None:
    bus = opened()
    async with bus.subscribe("int_1") as reader:
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(_refused(reader.next(5)))
            await asyncio.sleep(0.02)
            await bus.aclose()
            assert await waiting
        with pytest.raises(BusUnavailable):
            await bus.publish(_event(1))


async def _refused(waiting: object) -> bool:
    try:
        await waiting  # type: ignore[misc]
    except BusUnavailable:
        return True
    return False


async def test_a_redis_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    bus = open_bus(f"redis://127.0.0.1:{port}/0", ring=RING)
    with pytest.raises(BusUnavailable, match="Redis"):
        await bus.publish(_event(1))
    with pytest.raises(BusUnavailable, match="Redis"):
        async with bus.subscribe("int_1"):
            pass
    await bus.aclose()


async def test_a_redis_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    with running_redis(tmp_path) as url, Redis.from_url(url) as client:
        bus = open_bus(url, ring=RING)
        await bus.publish(_event(1))
        [server] = [process for process in psutil.Process().children() if process.pid == client.info()["process_id"]]
        server.suspend()
        try:
            began = time.monotonic()
            for seq in range(2, 100):
                with pytest.raises(BusUnavailable, match="did not answer"):
                    await bus.publish(_event(seq))
            assert time.monotonic() - began < HANG_S  # and not a second for each
        finally:
            server.resume()
            await bus.aclose()


def test_an_unknown_kind_of_bus_is_refused_by_name() -> None:
    with pytest.raises(BadSettings, match="kafka"):
        open_bus("kafka://broker", ring=RING)

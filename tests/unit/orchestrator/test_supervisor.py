"""Children that crash, crash for good, never get ready, and stop in order; all in virtual time."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from orchestrator.children import Child
from orchestrator.errors import ChildFailed
from orchestrator.supervisor import Supervisor
from tests.fakes.children import FakeProcess, Nursery


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


def child(name: str, ready: Callable[[], object] = at_once) -> Child:
    return Child(name, (name,), ready)  # type: ignore[arg-type]


def crashing(*lives_s: float, code: int = 1) -> list[FakeProcess]:
    return [FakeProcess(pid=n, code=code, life_s=life_s) for n, life_s in enumerate(lives_s, 1)]


@asynccontextmanager
async def supervised(nursery: Nursery, *children: Child) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(children, wrote=lambda name, line: None, spawn=nursery)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervisor.run())
        yield supervisor
        supervisor.stop()


async def test_a_child_that_dies_is_started_again_ever_more_slowly() -> None:
    nursery = Nursery({"api": crashing(*[1.0] * 9)})
    async with supervised(nursery, child("api")):
        await asyncio.sleep(120)
    starts = nursery.started_at("api")
    waits = [round(later - sooner - 1.0, 2) for sooner, later in itertools.pairwise(starts)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 10.0]


async def test_a_child_that_was_up_for_long_is_started_again_at_once() -> None:
    nursery = Nursery({"api": crashing(1.0, 1.0, 1.0, 31.0)})
    async with supervised(nursery, child("api")):
        await asyncio.sleep(60)
    starts = nursery.started_at("api")
    assert round(starts[-1] - starts[-2], 2) == 31.2


async def test_the_others_run_on_while_one_is_started_again() -> None:
    nursery = Nursery({"speech": crashing(5.0)})
    async with supervised(nursery, child("speech"), child("api")) as supervisor:
        await asyncio.sleep(5.1)
        assert supervisor.ready() == {"api"}
        await asyncio.sleep(1)
        assert supervisor.ready() == {"speech", "api"}
    assert nursery.started_at("api") == [0.0]


@pytest.mark.parametrize("code", [2, 78])
async def test_a_wrong_setting_ends_everything_with_the_childs_own_words(code: int) -> None:
    words = ["", "model.bin: SHA-256 is 00ff, expected d01c."]
    nursery = Nursery({"speech": [FakeProcess(pid=1, code=code, life_s=2.0, words=words)]})
    with pytest.raises(ChildFailed, match=r"^speech: model\.bin: SHA-256 is 00ff, expected d01c\.$") as failed:
        await Supervisor((child("speech"), child("api")), wrote=lambda *_: None, spawn=nursery).run()
    assert (failed.value.child, failed.value.code) == ("speech", code)
    assert nursery.started_at("speech") == [0.0]
    assert nursery.processes["api"].ended.is_set()


async def test_a_child_that_never_gets_ready_is_given_up_after_five_starts() -> None:
    nursery = Nursery({"api": [FakeProcess(pid=n, code=1, life_s=1.0, words=["ImportError: x"]) for n in range(9)]})
    with pytest.raises(ChildFailed, match="ImportError: x"):
        await Supervisor((child("api", never),), wrote=lambda *_: None, spawn=nursery).run()
    assert len(nursery.starts) == 5


async def test_a_program_that_cannot_be_started_is_given_up_by_name() -> None:
    async def no_such_program(child: Child) -> FakeProcess:
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(ChildFailed, match=r"^api: api can't be started: No such file or directory"):
        await Supervisor((child("api"),), wrote=lambda *_: None, spawn=no_such_program).run()


async def test_children_stop_one_after_the_other_the_last_first() -> None:
    nursery = Nursery()
    async with supervised(nursery, child("speech"), child("api"), child("bots")):
        await asyncio.sleep(10)
    assert nursery.stops == [("bots", 10.0), ("api", 10.5), ("speech", 11.0)]


async def test_stopping_while_a_child_waits_for_its_next_start_starts_nothing() -> None:
    nursery = Nursery({"api": crashing(0.1)})
    async with supervised(nursery, child("api")):
        await asyncio.sleep(0.2)
    assert len(nursery.starts) == 1


async def test_what_children_write_is_passed_on_with_their_names() -> None:
    nursery = Nursery({"api": [FakeProcess(pid=1, code=1, life_s=1.0, words=["one", "two"])]})
    heard: list[tuple[str, str]] = []
    supervisor = Supervisor((child("api"),), wrote=lambda name, line: heard.append((name, line)), spawn=nursery)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(supervisor.run())
        await asyncio.sleep(1.05)
        supervisor.stop()
    assert heard == [("api", "one"), ("api", "two")]


async def test_ready_is_waited_for_again_after_a_restart() -> None:
    nursery = Nursery({"api": crashing(3.0)})
    looks = iter([True, False, False, False, True])

    async def ready() -> bool:
        return next(looks)

    async with supervised(nursery, child("api", ready)) as supervisor:
        await supervisor.until_ready("api")
        await asyncio.sleep(3.3)
        assert supervisor.ready() == frozenset()
        await asyncio.wait_for(supervisor.until_ready("api"), 1)


async def test_a_child_that_is_there_but_deaf_is_ended_and_started_again() -> None:
    nursery, deaf_from = Nursery(), 20.0

    async def ready() -> bool:
        return len(nursery.starts) > 1 or asyncio.get_running_loop().time() - began < deaf_from

    began = asyncio.get_running_loop().time()
    async with supervised(nursery, Child("speech", ("speech",), ready, deaf_s=6.0)) as supervisor:
        await asyncio.sleep(deaf_from + 5)
        assert len(nursery.starts) == 1
        await asyncio.sleep(4)
        assert len(nursery.starts) == 2
        await asyncio.sleep(120)
        assert len(nursery.starts) == 2 and supervisor.ready() == {"speech"}


async def test_a_child_that_answers_now_and_then_is_left_alone() -> None:
    nursery, looks = Nursery(), itertools.count()

    async def ready() -> bool:
        return next(looks) % 4 == 0

    async with supervised(nursery, Child("speech", ("speech",), ready, deaf_s=6.0)):
        await asyncio.sleep(120)
    assert len(nursery.starts) == 1


async def test_a_child_that_is_busy_with_what_others_do_is_no_deaf_one() -> None:
    nursery, looks = Nursery(), itertools.count()

    async def ready() -> bool:
        return next(looks) == 0

    async with supervised(nursery, Child("api", ("api",), ready, deaf_s=6.0, alive=at_once)):
        await asyncio.sleep(120)
    assert len(nursery.starts) == 1


async def test_one_look_that_takes_for_ever_because_everything_stood_still_ends_nobody() -> None:
    nursery, looks = Nursery(), itertools.count()

    async def ready() -> bool:
        if next(looks) == 5:
            await asyncio.sleep(60)
            return False
        return True

    async with supervised(nursery, Child("speech", ("speech",), ready, deaf_s=6.0)):
        await asyncio.sleep(120)
    assert len(nursery.starts) == 1

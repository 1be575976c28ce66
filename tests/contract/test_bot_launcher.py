"""What every launcher keeps to, whatever runs its bots."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.spec import BotSpec
from orchestrator import BotLauncher, Departure, Exited, LaunchHandle, Lost, Pending, Running
from orchestrator.errors import CapacityError, LaunchError
from orchestrator.launchers.process import ProcessLauncher
from tests.fakes.launcher import AbsentHost, FullLauncher, MemoryLauncher
from tests.guards import HANG_S
from tests.running_cluster import RunningCluster, running_cluster
from tests.running_host import RunningHost, running_host, spec_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOTAL = 3
GRACE = timedelta(seconds=5)


@dataclass
class Place:
    """Where bots run. again: makes a client like the one a restarted control plane has."""

    launcher: BotLauncher
    again: Callable[[], BotLauncher]
    folder: Path

    def spec(self, attempt: str = "at_1", *, epoch: int = 1) -> BotSpec:
        return spec_of(self.folder, "Polite", attempt=f"{self.folder.name}_{attempt}", epoch=epoch)

    async def running(self, handle: LaunchHandle) -> Running:
        """Return how a bot runs, once a machine was found for it."""
        async with asyncio.timeout(HANG_S):
            while isinstance(status := await self.launcher.poll(handle), Pending):
                await asyncio.sleep(0.01)
        assert isinstance(status, Running)
        return status

    async def listening(self, spec: BotSpec) -> None:
        """Return when the bot of `spec` would hear a request to leave."""
        if isinstance(self.launcher, ProcessLauncher):  # real processes: `RayLauncher` is one, too
            async with asyncio.timeout(HANG_S):
                while not spec.outbox.with_suffix(".listening").exists():
                    await asyncio.sleep(0.01)

    async def ended(self, handle: LaunchHandle) -> Exited:
        async with asyncio.timeout(HANG_S):
            while not isinstance(status := await self.launcher.poll(handle), Exited):
                await asyncio.sleep(0.01)
        return status


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["memory", "process", "ray"])
async def standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningCluster | RunningHost | None]:
    """What runs the bots of all tests of a launcher, and takes seconds to start; nothing for the one in memory."""
    if request.param == "ray":
        pytest.importorskip("ray", reason="Ray is not installed: pip install 'vivavoce[ray]'")
        async with running_cluster({"one": 2, "two": TOTAL - 2}, MAX_PENDING="0") as cluster:
            yield cluster
    elif request.param == "process":
        async with running_host(tmp_path_factory.mktemp("host"), max_bots=str(TOTAL)) as host:
            yield host
    else:
        yield None


@pytest_asyncio.fixture(loop_scope="module")
async def place(standing: RunningCluster | RunningHost | None, tmp_path: Path) -> AsyncIterator[Place]:
    if standing is None:
        launcher = MemoryLauncher(total=TOTAL)
        yield Place(launcher, lambda: launcher, tmp_path)
    else:
        yield Place(standing.launcher, lambda: standing.launcher, tmp_path)
        await standing.emptied()


async def test_a_started_bot_runs_under_the_handle_of_its_spec(place: Place) -> None:
    spec = place.spec(epoch=4)
    handle = await place.launcher.start(spec)
    assert handle == LaunchHandle(spec.interview_id, spec.attempt_id, 4)
    await place.running(handle)
    assert list(await place.launcher.list()) == [handle]


async def test_the_same_spec_twice_is_one_bot(place: Place) -> None:
    first = await place.launcher.start(place.spec())
    running = await place.running(first)
    assert await place.launcher.start(place.spec()) == first
    assert await place.launcher.poll(first) == running
    assert (await place.launcher.capacity()).free == TOTAL - 1


async def test_the_next_epoch_is_another_bot(place: Place) -> None:
    first = await place.launcher.start(place.spec(epoch=1))
    second = await place.launcher.start(place.spec(epoch=2))
    assert sorted(await place.launcher.list()) == [first, second]


async def test_a_bot_that_is_asked_to_leave_ends_well_and_frees_its_place(place: Place) -> None:
    spec = place.spec()
    handle = await place.launcher.start(spec)
    await place.listening(spec)
    await place.launcher.stop(handle, grace=GRACE)
    assert await place.ended(handle) == Exited(0, "finished", asked=True)
    assert list(await place.launcher.list()) == []
    assert (await place.launcher.capacity()).free == TOTAL


async def test_starting_what_has_ended_starts_nothing(place: Place) -> None:
    spec = place.spec()
    handle = await place.launcher.start(spec)
    await place.listening(spec)
    await place.launcher.stop(handle, grace=GRACE)
    ended = await place.ended(handle)
    assert await place.launcher.start(spec) == handle
    assert await place.launcher.poll(handle) == ended


async def test_stopping_what_is_gone_or_unknown_is_no_error(place: Place) -> None:
    unknown = LaunchHandle("iv_0", "at_0", 1)
    await place.launcher.stop(unknown, grace=GRACE)
    assert isinstance(await place.launcher.poll(unknown), Lost)


async def test_a_full_place_refuses_and_says_why(place: Place) -> None:
    for number in range(TOTAL):
        await place.launcher.start(place.spec(f"at_{number}"))
    with pytest.raises(CapacityError, match=f"{TOTAL} places") as refused:
        await place.launcher.start(place.spec("at_more"))
    assert refused.value.total == TOTAL and refused.value.retryable
    assert (await place.launcher.capacity()).free == 0


async def test_a_restarted_control_plane_finds_its_bots(place: Place) -> None:
    handle = await place.launcher.start(place.spec())
    before = await place.running(handle)
    await place.launcher.aclose()
    adopted = place.again()
    assert list(await adopted.list()) == [handle]
    assert await adopted.poll(handle) == before
    assert await adopted.start(place.spec()) == handle
    assert len(await adopted.list()) == 1


async def test_an_end_is_told_to_whoever_watches(place: Place) -> None:
    spec = place.spec()
    handle = await place.launcher.start(spec)
    await place.listening(spec)
    seen: list[Departure] = []

    async def watch() -> None:
        async for departure in place.launcher.departures():
            seen.append(departure)
            return

    async with asyncio.timeout(HANG_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(watch())
        await asyncio.sleep(0.1)  # the watcher has to be heard of before the bot ends
        await place.launcher.stop(handle, grace=GRACE)
    assert seen == [Departure(handle, Exited(0, "finished", asked=True))]


@pytest.mark.parametrize("absent", [AbsentHost(), ProcessLauncher(Path("/nonexistent"))], ids=["fake", "process"])
async def test_when_nobody_answers_every_question_says_so(absent: BotLauncher, tmp_path: Path) -> None:
    handle = LaunchHandle("iv_1", "at_1", 1)
    questions = (
        lambda: absent.start(spec_of(tmp_path)),
        lambda: absent.poll(handle),
        lambda: absent.stop(handle, grace=GRACE),
        absent.list,
        absent.capacity,
    )
    for question in questions:
        with pytest.raises(LaunchError, match="no bot host answers"):
            await question()


async def test_the_fake_that_is_full_is_full(tmp_path: Path) -> None:
    with pytest.raises(CapacityError):
        await FullLauncher().start(spec_of(tmp_path))

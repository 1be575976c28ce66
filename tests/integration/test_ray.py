"""What happens to bots of a real Ray cluster when parts of it wait, die or come back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from orchestrator import Exited, LaunchHandle, LaunchStatus, Lost, Pending, Running
from orchestrator.launchers.ray import RayLauncher
from tests.running_cluster import SLOW_S, Machine, RunningCluster, door, running_cluster
from tests.running_host import spec_of, written

pytest.importorskip("ray", reason="Ray is not installed: pip install 'vivavoce[ray]'")
pytestmark = pytest.mark.asyncio(loop_scope="module")

GRACE = timedelta(seconds=5)
PENDING_S = 12.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster() -> AsyncIterator[RunningCluster]:
    async with running_cluster({"one": 1, "two": 1}, MAX_PENDING="1", PENDING_S=str(PENDING_S)) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="module")
async def launcher(cluster: RunningCluster) -> AsyncIterator[RayLauncher]:
    yield cluster.launcher
    await cluster.emptied()


async def becomes(launcher: RayLauncher, handle: LaunchHandle, kind: type[LaunchStatus]) -> LaunchStatus:
    async with asyncio.timeout(SLOW_S):
        while not isinstance(status := await launcher.poll(handle), kind):
            await asyncio.sleep(0.02)
    return status


async def bots(launcher: RayLauncher, folder: Path, count: int) -> list[LaunchHandle]:
    return [await launcher.start(spec_of(folder, attempt=f"{folder.name}_{number}")) for number in range(count)]


def in_session(machine: Machine, wanted: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == machine.process.pid and wanted(process):
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


async def test_a_bot_waits_for_a_place_and_has_it_when_one_is_free(launcher: RayLauncher, tmp_path: Path) -> None:
    first, _, third = await bots(launcher, tmp_path, 3)
    await becomes(launcher, first, Running)
    assert isinstance(await launcher.poll(third), Pending)
    assert (await launcher.capacity()).pending == 1
    await written(tmp_path / f"{first.attempt_id}-1.listening")
    await launcher.stop(first, grace=GRACE)
    await becomes(launcher, third, Running)


async def test_a_bot_that_waits_is_stopped_at_once(launcher: RayLauncher, tmp_path: Path) -> None:
    *_, third = await bots(launcher, tmp_path, 3)
    await launcher.stop(third, grace=GRACE)
    assert await becomes(launcher, third, Exited) == Exited(143, "it had not begun", asked=True)
    assert not (tmp_path / f"{third.attempt_id}-1.json").exists()


async def test_a_bot_waits_for_so_long_and_no_longer(launcher: RayLauncher, tmp_path: Path) -> None:
    *_, third = await bots(launcher, tmp_path, 3)
    ended = await becomes(launcher, third, Exited)
    assert ended == Exited(69, f"no machine had a place for it within {PENDING_S:g} s")


async def test_a_bot_whose_keeper_is_killed_leaves_its_call_to_another(
    cluster: RunningCluster, launcher: RayLauncher, tmp_path: Path
) -> None:
    (bot,) = await bots(launcher, tmp_path, 1)
    running = await becomes(launcher, bot, Running)
    assert isinstance(running, Running) and running.pid is not None
    await written(tmp_path / f"{bot.attempt_id}-1.listening")
    keepers = [
        keeper
        for machine in cluster.machines
        for keeper in in_session(machine, lambda process: "BotKeeper" in " ".join(process.cmdline()))
    ]
    assert len(keepers) == 1
    keepers[0].send_signal(signal.SIGKILL)
    assert await becomes(launcher, bot, Lost) == Lost()
    async with asyncio.timeout(SLOW_S):
        while psutil.pid_exists(running.pid):
            await asyncio.sleep(0.02)


async def test_another_door_sees_the_same_bots(cluster: RunningCluster, launcher: RayLauncher, tmp_path: Path) -> None:
    (bot,) = await bots(launcher, tmp_path, 1)
    before = await becomes(launcher, bot, Running)
    other = RunningCluster(tmp_path / "other", cluster.address, cluster.env)
    async with door(other):
        assert list(await other.launcher.list()) == [bot]
        assert await becomes(other.launcher, bot, Running) == before
        await other.launcher.stop(bot, grace=GRACE)
        assert isinstance(await becomes(other.launcher, bot, Exited), Exited)
    assert isinstance(await becomes(launcher, bot, Exited), Exited)


async def test_a_machine_that_is_gone_takes_its_bots_and_places_with_it(
    cluster: RunningCluster, launcher: RayLauncher, tmp_path: Path
) -> None:
    """The last test of this module: the machine is not started again."""
    handles = await bots(launcher, tmp_path, 2)
    for handle in handles:
        await becomes(launcher, handle, Running)
    *_, machine = cluster.machines
    machine.kill()
    async with asyncio.timeout(SLOW_S):
        while (await launcher.capacity()).total == 2 or len(await launcher.list()) == 2:
            await asyncio.sleep(0.05)
    statuses = [type(await launcher.poll(handle)) for handle in handles]
    assert sorted(status.__name__ for status in statuses) == ["Lost", "Running"]

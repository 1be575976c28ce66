"""`python -m tests.machines`: what becomes of bots on three machines in network namespaces, in seconds.

A machine is killed, its link cut, it is drained, the head is killed and comes back. Needs root; prints one line each.
"""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from orchestrator import LaunchHandle, Lost, Running
from orchestrator.errors import LaunchError
from orchestrator.launchers.ray import RayLauncher
from tests.networks import can_be_made
from tests.running_cluster import Machine, RunningCluster, running_cluster
from tests.running_host import spec_of

WITHIN_S = 90.0


def tell(what: str, **figures: object) -> None:
    sys.stdout.write(f"{what}: {', '.join(f'{name} {value}' for name, value in figures.items())}\n")
    sys.stdout.flush()


async def until(true: Callable[[], Awaitable[bool]]) -> float | None:
    """Return after how long it was true, None when that was too long."""
    began = time.monotonic()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while True:
                with contextlib.suppress(LaunchError):
                    if await true():
                        return round(time.monotonic() - began, 1)
                await asyncio.sleep(0.05)
    return None


async def runs(launcher: RayLauncher, handle: LaunchHandle) -> bool:
    return isinstance(await launcher.poll(handle), Running)


async def is_lost(launcher: RayLauncher, handle: LaunchHandle) -> bool:
    return isinstance(await launcher.poll(handle), Lost)


async def started(launcher: RayLauncher, folder: Path, name: str, epoch: int = 1) -> tuple[LaunchHandle, float | None]:
    handle = await launcher.start(spec_of(folder, attempt=name, epoch=epoch))
    return handle, await until(lambda: runs(launcher, handle))


def bots_of(machine: Machine) -> list[int]:
    """Return the processes of the bots of a machine's host."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(machine.host / "run" / "bots.sock") in process.cmdline():
                found += [child.pid for child in process.children(recursive=True) if child.name().startswith("bot ")]
    return sorted(set(found))


async def one_on(cluster: RunningCluster, folder: Path, prefix: str) -> tuple[Machine, LaunchHandle]:
    """Start bots until one is on a machine that has been alone so far, and return both."""
    for number in range(6):
        before = {machine.name: bots_of(machine) for machine in cluster.machines[1:]}
        handle, _ = await started(cluster.launcher, folder, f"{prefix}{number}")
        for machine in cluster.machines[1:]:
            if len(bots_of(machine)) > len(before[machine.name]) and machine.process.returncode is None:
                return machine, handle
    raise AssertionError("no bot came up")


async def main() -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places = {"one": 2, "two": 2, "three": 2}
        cluster = await stack.enter_async_context(running_cluster(places, apart=can_be_made(), MAX_PENDING="4"))
        launcher = cluster.launcher
        took = [(await started(launcher, folder, f"warm{number}"))[1] for number in range(3)]
        tell("start", seconds=took)
        await cluster.emptied()

        machine, handle = await one_on(cluster, folder, "cut")
        (bot,) = bots_of(machine)
        if machine.nic is not None:
            machine.nic.cut()
            began = time.monotonic()
            lost = await until(lambda: is_lost(launcher, handle))
            _, again = await started(launcher, folder, handle.attempt_id, epoch=2)
            left = await until(lambda: asyncio.sleep(0, not psutil.pid_exists(bot)))
            both = None if left is None else round(time.monotonic() - began, 1)
            tell("link cut", lost_after_s=lost, next_runs_after_s=again, old_bot_gone_after_s=both)
            machine.nic.join()
        await cluster.emptied()

        machine, handle = await one_on(cluster, folder, "drain")
        (bot,) = bots_of(machine)
        machine.process.send_signal(signal.SIGTERM)
        _, elsewhere = await started(launcher, folder, "elsewhere")
        tell("drain", new_bot_runs_after_s=elsewhere, old_bot_still_there=psutil.pid_exists(bot))
        gone = await until(lambda: asyncio.sleep(0, not psutil.pid_exists(bot)))
        tell("drained", machine_left_after_s=gone)

        machine, handle = await one_on(cluster, folder, "kill")
        machine.kill()
        lost = await until(lambda: is_lost(launcher, handle))
        _, again = await started(launcher, folder, handle.attempt_id, epoch=2)
        tell("machine killed", lost_after_s=lost, next_runs_after_s=again)

        machine, handle = await one_on(cluster, folder, "head")
        (bot, *_) = bots_of(machine)
        cluster.machines[0].kill()
        await asyncio.sleep(10.0)  # what is looked at is that nothing happens
        try:
            answer = str(await launcher.poll(handle))
        except LaunchError as error:
            answer = str(error)[:80]
        tell("head killed", bot_still_there_after_10_s=psutil.pid_exists(bot), the_door_says=answer)


if __name__ == "__main__":
    asyncio.run(main())

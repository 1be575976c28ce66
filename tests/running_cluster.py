"""A real Ray cluster for tests: a head, raylets that stand for machines, each with a bot host, and the door to it."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from orchestrator.launchers import load_launcher
from orchestrator.launchers.process import ProcessLauncher
from orchestrator.launchers.ray import RayLauncher
from tests.guards import HANG_S
from tests.running_host import ROOT, answering, emptied, running_host

RAY = Path(sys.executable).with_name("ray")
SLOW_S = 60.0  # Ray's own processes take seconds to come up, and more on a busy machine


@dataclass
class Machine:
    """One raylet. It, and whatever it starts, is one session; bots belong to the bot host in `host`."""

    name: str
    process: asyncio.subprocess.Process
    host: Path

    def kill(self) -> None:
        """Cut the power: raylet, workers and actors are gone at once."""
        for process in psutil.process_iter():
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                if os.getsid(process.pid) == self.process.pid:
                    process.kill()


@dataclass
class RunningCluster:
    """data_dir: of the control plane's side, where the door is."""

    data_dir: Path
    address: str
    env: Mapping[str, str]
    machines: list[Machine] = field(default_factory=list)

    @property
    def launcher(self) -> RayLauncher:
        """A client of its own, as a restarted API has."""
        launcher = load_launcher("ray", self.data_dir)
        assert isinstance(launcher, RayLauncher)
        return launcher

    async def emptied(self) -> None:
        """End every bot, and return when all places are free."""
        await emptied(self.launcher, SLOW_S)


@asynccontextmanager
async def running_cluster(places: Mapping[str, int], **settings: str) -> AsyncIterator[RunningCluster]:
    """Start a head without places, machines with as many as said, a bot host for each, and the door.

    settings: of the door, as MAX_PENDING and PENDING_S.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vv", ignore_cleanup_errors=True)))
        port = _free_port()
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ADDRESS": f"127.0.0.1:{port}",
            "RAY_health_check_initial_delay_ms": "2000",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_timeout_ms": "2000",
            "RAY_health_check_failure_threshold": "3",
        }
        cluster = RunningCluster(folder / "plane", env["RAY_ADDRESS"], env)
        await _start_ray(stack, cluster, "head", "--head", f"--port={port}", "--include-dashboard=false")
        for name, count in places.items():
            await stack.enter_async_context(running_host(folder / name, max_bots=str(count)))
            await _start_ray(stack, cluster, name, f"--address={cluster.address}", f'--resources={{"bot": {count}}}')
        await stack.enter_async_context(door(cluster, **settings))
        yield cluster


@asynccontextmanager
async def door(cluster: RunningCluster, **settings: str) -> AsyncIterator[None]:
    """Run the door until the block ends."""
    (cluster.data_dir / "run").mkdir(parents=True, exist_ok=True)
    path = cluster.data_dir / "run" / "bots.sock"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "orchestrator.cluster", "--socket", str(path)),
        cwd=ROOT,
        env={**cluster.env, **settings},
    )
    try:
        await answering(ProcessLauncher(cluster.data_dir), SLOW_S)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), HANG_S)


async def _start_ray(stack: AsyncExitStack, cluster: RunningCluster, name: str, *options: str) -> None:
    host = cluster.data_dir.parent / name
    with (host.parent / f"{name}.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(str(RAY), "start", "--block", "--num-cpus=0", "--object-store-memory=78643200", *options),
            *(f"--temp-dir={host.parent / 'ray'}",) if name == "head" else (),
            env={**cluster.env, "DATA_DIR": str(host)},
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    machine = Machine(name, process, host)
    cluster.machines.append(machine)
    stack.push_async_callback(_end, machine)
    async with asyncio.timeout(SLOW_S):
        while "Ray runtime started" not in (host.parent / f"{name}.log").read_text():
            assert process.returncode is None, (host.parent / f"{name}.log").read_text()
            await asyncio.sleep(0.1)


async def _end(machine: Machine) -> None:
    machine.kill()
    await machine.process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])

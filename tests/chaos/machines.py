"""A Ray cluster of machines on one computer: network namespaces on a bridge, each with its own address and name.

Needs root and iproute2. A machine is killed with everything on it, or its cable pulled; the disk is shared.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.chaos.blows import bot_name
from tests.running_cluster import RAY, SLOW_S
from tests.running_host import ROOT
from tests.running_redis import running_redis
from tests.running_s3 import new_bucket, running_s3

NET = "10.177.0"
HERE = f"{NET}.1"  # where control plane, databases and candidates are
BRIDGE = "vivavoce"
HEAD_PORT = 6379
PLACES = 3
STARTED = b"Ray runtime started"
RAY_START = (str(RAY), "start", "--block", "--num-cpus=0", "--object-store-memory=78643200")
DRAIN_S = 3.0


@dataclass
class Machine:
    """One namespace, in which everything it runs is a child of one shell. bots: its data directory, if it runs bots."""

    name: str
    address: str
    bots: Path | None = None
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def space(self) -> str:
        """The namespace's name, and that of its end of the cable."""
        return f"{BRIDGE}-{self.name}"

    def start(self, *command: str, env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        """Run a command there; its output goes to `log`."""
        named = ("unshare", "--uts", "sh", "-c", f'hostname {self.name} && exec "$@"', "-")
        process = _spawn(("ip", "netns", "exec", self.space, *named, *command), env, log)
        self._running.append(process)
        return process

    def processes(self) -> list[psutil.Process]:
        """Return everything that runs there."""
        pids = _ip("netns", "pids", self.space).split()
        found = []
        for pid in pids:
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(int(pid)))
        return found

    def runs(self, interview_id: str) -> bool:
        """Tell whether an interview's bot is there."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if process.name() == bot_name(interview_id) and process.status() != psutil.STATUS_ZOMBIE:
                    return True
        return False

    def whole(self) -> bool:
        """Tell whether all that was started there still runs."""
        return bool(self._running) and all(command.poll() is None for command in self._running)

    def kill(self) -> None:
        """Cut the power."""
        while alive := [one for one in self.processes() if one.status() != psutil.STATUS_ZOMBIE]:
            for process in alive:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(alive, timeout=1)
        for command in self._running:
            command.wait()
        self._running.clear()

    def terminate(self) -> None:
        """Tell `vivavoce node` there to stop, as whoever replaces a machine does."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if process.cmdline()[1:4] == ["-m", "api.cli", "node"]:
                    process.send_signal(signal.SIGTERM)

    @contextmanager
    def unplugged(self) -> Iterator[None]:
        """Have its cable pulled until the block ends."""
        _ip("link", "set", self.space, "down")
        try:
            yield
        finally:
            _ip("link", "set", self.space, "up")


@dataclass
class Cluster:
    """head: the machine with Ray's head alone; machines: those that run bots; env: of the control plane."""

    head: Machine
    machines: list[Machine]
    env: dict[str, str]
    logs: Path

    async def start_head(self) -> None:
        """Start the head, or start it again on what its Redis holds."""
        at = (f"--node-ip-address={self.head.address}", "--head", f"--port={HEAD_PORT}", "--include-dashboard=false")
        await self._ray(self.head, *RAY_START, *at)

    async def start_bots_on(self, machine: Machine) -> None:
        """Start what a machine for bots runs; return when bots can be placed there."""
        assert machine.bots is not None
        machine.bots.mkdir(exist_ok=True)
        env = self.env | {"DATA_DIR": str(machine.bots), "MAX_BOTS": str(PLACES)}
        log = self.logs / f"{machine.name}.log"
        before = log.stat().st_size if log.exists() else 0
        machine.start(sys.executable, "-m", "api.cli", "node", "--quiet", env=env, log=log)
        await _says(log, b"ready", before)
        joining = _joining(machine.address, self.env["RAY_ADDRESS"])
        await self._ray(machine, *joining, f'--resources={{"bot": {PLACES}}}')

    def machine_of(self, interview_id: str) -> Machine | None:
        """Return where an interview's bot runs; the first, should it run on several."""
        return next((machine for machine in self.machines if machine.runs(interview_id)), None)

    async def _ray(self, machine: Machine, *command: str) -> None:
        env = self.env | ({"DATA_DIR": str(machine.bots)} if machine.bots else {})
        log = self.logs / f"ray-{machine.name}.log"
        before = log.stat().st_size if log.exists() else 0
        machine.start(*command, env=env, log=log)
        await _says(log, STARTED, before)


@asynccontextmanager
async def cluster(data: Path, logs: Path, names: tuple[str, ...]) -> AsyncIterator[Cluster]:
    """Run a cluster until the block ends. data: a short path, for sockets lie in it."""
    async with AsyncExitStack() as stack:
        stack.enter_context(_bridge())
        machines = [
            stack.enter_context(_machine(name, f"{NET}.{number}", data)) for number, name in enumerate(names, 11)
        ]
        head = stack.enter_context(_machine("head", f"{NET}.10"))
        redis = stack.enter_context(running_redis(data, HERE))
        s3 = stack.enter_context(running_s3(HERE))
        env = {
            **s3,
            "STORAGE_URL": new_bucket(s3),
            "PYTHONPATH": str(ROOT),
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_REDIS_ADDRESS": redis.removeprefix("redis://").partition("/")[0],
            "RAY_ADDRESS": f"{head.address}:{HEAD_PORT}",
            "DRAIN_S": str(DRAIN_S),
        }
        found = Cluster(head, machines, env, logs)
        await found.start_head()
        for machine in machines:  # one by one: their start is the hardest work they do here
            await found.start_bots_on(machine)
        # The control plane's own part of the cluster, without places for bots.
        here = _spawn(_joining(HERE, env["RAY_ADDRESS"]), env, logs / "ray-here.log")
        stack.callback(_end, here)
        await _says(logs / "ray-here.log", STARTED)
        yield found


@contextmanager
def _bridge() -> Iterator[None]:
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        yield
    finally:
        _ip("link", "del", BRIDGE)


@contextmanager
def _machine(name: str, address: str, folder: Path | None = None) -> Iterator[Machine]:
    machine = Machine(name, address, folder / name if folder else None)
    space = machine.space
    _ip("netns", "add", space)
    try:
        _ip("link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space)
        _ip("link", "set", space, "master", BRIDGE, "up")
        _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", space, "link", "set", "eth0", "up")
        _ip("-n", space, "link", "set", "lo", "up")
        yield machine
    finally:
        machine.kill()
        _ip("netns", "del", space)


def _ip(*arguments: str) -> str:
    done = subprocess.run(("ip", *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _joining(address: str, head: str) -> tuple[str, ...]:
    return (*RAY_START, f"--node-ip-address={address}", f"--address={head}")


def _spawn(command: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


async def _says(log: Path, words: bytes, after: int = 0) -> None:
    """Return when a process has written some words to its log."""
    async with asyncio.timeout(SLOW_S):
        while not log.exists() or words not in log.read_bytes()[after:]:
            await asyncio.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

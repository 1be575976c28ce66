"""A real bot host for tests: its own process, real forks, a payload that says what it sees."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.plan import Plan, Question, Section
from bot.spec import BotSpec, Place
from orchestrator import BotLauncher, LaunchHandle
from orchestrator.errors import LaunchError
from orchestrator.launchers import load_launcher
from orchestrator.launchers.process import ProcessLauncher
from tests.guards import HANG_S

ROOT = Path(__file__).parent.parent
GRACE = timedelta(seconds=5)
QUESTION = Question(id="q1", text="What did you build last?")
PLAN = Plan(title="Backend engineer", sections=(Section(id="s1", name="Work", questions=(QUESTION,)),))


def spec_of(folder: Path, behaviour: str = "Polite", *, attempt: str = "at_1", epoch: int = 1) -> BotSpec:
    """Return a spec whose bot behaves as `tests/fakes/payload.py` says and reports to a file in `folder`."""
    return BotSpec(
        interview_id=f"iv_{attempt}",
        attempt_id=attempt,
        epoch=epoch,
        candidate_name=behaviour,
        plan=PLAN,
        room=Place(url="ws://127.0.0.1:1/room", token=SecretStr("room-secret")),
        uplink=Place(url="ws://127.0.0.1:1/bots", token=SecretStr("uplink-secret")),
        outbox=folder / f"{attempt}-{epoch}.json",
    )


@dataclass
class RunningHost:
    """One host process. data_dir: where its socket and logs are."""

    data_dir: Path
    process: asyncio.subprocess.Process

    @property
    def launcher(self) -> ProcessLauncher:
        """A client of its own, as a restarted API has."""
        launcher = load_launcher("process", self.data_dir)
        assert isinstance(launcher, ProcessLauncher)
        return launcher

    async def emptied(self) -> None:
        """End every bot, and return when all places are free."""
        await emptied(self.launcher, HANG_S)


async def emptied(launcher: BotLauncher, within_s: float) -> None:
    """End every bot of a launcher that several tests share; those that wait for a place may have to be told twice."""
    async with asyncio.timeout(within_s):
        while handles := await launcher.list():
            for handle in handles:
                await launcher.stop(handle, grace=timedelta(0))
            await asyncio.sleep(0.02)


@asynccontextmanager
async def running_host(
    data_dir: Path,
    *,
    entry: str = "tests.fakes.payload:prepare",
    max_bots: str = "3",
) -> AsyncIterator[RunningHost]:
    """Start a host and yield it when it answers; end it as `serve` would."""
    process = await start_host(data_dir, entry=entry, max_bots=max_bots)
    host = RunningHost(data_dir, process)
    try:
        await answering(host.launcher)
        yield host
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), HANG_S)


async def start_host(data_dir: Path, *, entry: str, max_bots: str) -> asyncio.subprocess.Process:
    """Start a host process and wait for nothing."""
    (data_dir / "run").mkdir(parents=True, exist_ok=True)
    socket = data_dir / "run" / "bots.sock"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "orchestrator.host", "--socket", str(socket), "--entry", entry),
        cwd=ROOT,
        env=os.environ | {"MAX_BOTS": max_bots},
        stderr=asyncio.subprocess.PIPE,
    )


async def answering(launcher: ProcessLauncher, within_s: float = HANG_S) -> None:
    """Return when the host answers."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                await launcher.capacity()
            except LaunchError:
                await asyncio.sleep(0.02)
            else:
                return


async def written(path: Path, within_s: float = HANG_S) -> Path:
    """Return `path` when a bot has written it."""
    async with asyncio.timeout(within_s):
        while not (path.exists() and (path.suffix == ".listening" or path.stat().st_size)):
            await asyncio.sleep(0.01)
    return path


async def gone(launcher: ProcessLauncher, handle: LaunchHandle, within_s: float = HANG_S) -> object:
    """Return how a bot ended, when it has."""
    async with asyncio.timeout(within_s):
        while handle in await launcher.list():
            await asyncio.sleep(0.01)
    return await launcher.poll(handle)

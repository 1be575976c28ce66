"""What can be done to the processes of a served product."""

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from api.demo.server import Server
from tests.guards import HANG_S

API, HOST, SPEECH = "api", "orchestrator.host", "audio.server"


@dataclass(frozen=True, slots=True)
class Blow:
    """One thing that was done. at: when (seconds since the epoch); while: what the floor showed of the bot's doing."""

    part: str
    how: str
    at: float
    during: str = ""


def bot_name(interview_id: str) -> str:
    """Return what an interview's bot is called among processes."""
    return f"bot {interview_id[-11:]}"


class Parts:
    """The processes of one server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def child(self, module: str) -> psutil.Process | None:
        """Return the process of a part, if it is there."""
        for process in psutil.Process(self._server.pid).children():
            with contextlib.suppress(psutil.Error):
                if module in process.cmdline():
                    return process
        return None

    def bot(self, interview_id: str) -> psutil.Process | None:
        """Return the process of an interview's bot, if it is there."""
        host = self.child(HOST)
        with contextlib.suppress(psutil.Error):
            for process in host.children() if host is not None else ():
                if process.name() == bot_name(interview_id) and process.status() != psutil.STATUS_ZOMBIE:
                    return process
        return None

    async def strike(self, module: str, how: signal.Signals = signal.SIGKILL) -> Blow:
        """Send a part a signal, once it is there."""
        async with asyncio.timeout(HANG_S):
            while (process := self.child(module)) is None:
                await asyncio.sleep(0.02)
        process.send_signal(how)
        return Blow(module, how.name, time.time())

    async def strike_bot(self, interview_id: str, how: signal.Signals, during: str) -> Blow | None:
        """Send an interview's bot a signal; None when none came."""
        with contextlib.suppress(TimeoutError, psutil.Error):
            async with asyncio.timeout(10):
                while (process := self.bot(interview_id)) is None:
                    await asyncio.sleep(0.02)
            process.send_signal(how)
            return Blow("bot", how.name, time.time(), during)
        return None

    @asynccontextmanager
    async def frozen(self, module: str) -> AsyncIterator[None]:
        """Have a part stand still for as long as the block runs: there, and out of reach.

        So does the supervisor, which would start it again.
        """
        process = self.child(module)
        assert process is not None
        still = (psutil.Process(self._server.pid), process)
        for one in still:
            one.suspend()
        try:
            yield
        finally:
            for one in reversed(still):
                one.resume()

    @contextlib.contextmanager
    def without_descriptors(self, module: str) -> Iterator[None]:
        """Let a part open nothing more for as long as the block runs."""
        process = self.child(module)
        assert process is not None
        before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (process.num_fds(), before[1]))
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no byte free on the disk of `folder` for as long as the block runs."""
    file = folder / "filler"
    with file.open("wb", buffering=0) as sink:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    sink.write(bytes(size))
    try:
        yield
    finally:
        os.unlink(file)

"""What the processes of a served product hold, and whether it grows."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

INSIDE = Path(__file__).parent / "inside"
ANSWERS_S = 5.0
MORE = {"memory_mb": 8.0, "descriptors": 4, "threads": 2, "tasks": 4}  # what may come and go
MORE_MEMORY = 0.05  # of what was there
LEAST = 4  # looks; of fewer nothing can be said


@dataclass(frozen=True, slots=True)
class Vitals:
    """What one process holds. memory_mb: for itself alone (USS); tasks: of asyncio, that are not done."""

    memory_mb: float
    descriptors: int
    threads: int
    tasks: int


@dataclass
class Watched:
    """The processes of one server. pid: its supervisor's; folder: where each says how many tasks it holds."""

    pid: int
    folder: Path
    seen: dict[str, list[Vitals]] = field(default_factory=dict)

    async def look(self, bots: bool) -> None:
        """Note what every part holds now, or with `bots` what the bot holds that holds most."""
        found: dict[str, list[Vitals]] = {}
        for process in [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]:
            with contextlib.suppress(psutil.Error, TimeoutError):  # it has ended meanwhile
                if (name := _name(process)) is not None and (name == "bot") is bots:
                    found.setdefault(name, []).append(await self._vitals(process))
        for name, each in found.items():
            self.seen.setdefault(name, []).append(max(each, key=lambda vitals: vitals.memory_mb))

    async def _vitals(self, process: psutil.Process) -> Vitals:
        told = self.folder / str(process.pid)
        told.unlink(missing_ok=True)
        process.send_signal(signal.SIGRTMIN)
        async with asyncio.timeout(ANSWERS_S):
            while not told.exists():
                await asyncio.sleep(0.01)
        memory_mb = process.memory_full_info().uss / 2**20
        return Vitals(round(memory_mb, 1), process.num_fds(), process.num_threads(), int(told.read_text()))


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[Mapping[str, str], Path]]:
    """Yield the environment in which a server's processes say what they hold, and the folder where they do."""
    with TemporaryDirectory(prefix="vv-soak-") as folder:
        yield {"SOAK_DIR": folder}, Path(folder)


def growth(looks: Sequence[Vitals]) -> dict[str, tuple[float, float]]:
    """Return what grew from the first half to the second, once it was warm: its median before and after."""
    warm = looks[len(looks) // 4 :]
    if len(looks) < LEAST:
        return {}
    earlier, later = ([asdict(vitals) for vitals in half] for half in (warm[: len(warm) // 2], warm[len(warm) // 2 :]))
    grown = {}
    for what, more in MORE.items():
        before, after = (median(vitals[what] for vitals in half) for half in (earlier, later))
        if after - before > max(more, MORE_MEMORY * before if what == "memory_mb" else 0):
            grown[what] = (before, after)
    return grown


def _name(process: psutil.Process) -> str | None:
    """Return what a process is called here; None for helpers without Python, which say nothing."""
    if process.name().startswith("bot "):
        return "bot"
    words = process.cmdline()
    return words[words.index("-m") + 1] if "-m" in words else None

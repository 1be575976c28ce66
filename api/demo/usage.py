"""What the running product costs: processor seconds and memory of its processes, read from outside."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import psutil

SAMPLE_S = 3.0
PARTS = {"audio.server": "speech", "orchestrator.host": "bots", "-m api": "api"}


@dataclass(slots=True)
class Usage:
    """Processor seconds by part of the product, and its largest proportional set size in MB.

    `bots` is the bot host with every bot; the candidate is `candidate` (this process).
    """

    cpu_s: dict[str, float] = field(default_factory=dict)
    pss_mb: dict[str, float] = field(default_factory=dict)


class Meter:
    """Reads a supervisor's processes now and then; processes that end between two readings keep their last one."""

    def __init__(self, pid: int) -> None:
        self._supervisor = psutil.Process(pid)
        self._cpu: dict[int, tuple[str, float]] = {}
        self._first: dict[int, float] = {}
        self._pss: dict[str, float] = defaultdict(float)
        self._begun = False

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            self.read()
            await asyncio.sleep(SAMPLE_S)

    def read(self, *, memory: bool = True) -> None:
        """Take one reading."""
        pss: dict[str, float] = defaultdict(float)
        for process in [self._supervisor, *self._supervisor.children(recursive=True), psutil.Process()]:
            try:
                part = self._part(process)
                times = process.cpu_times()
                self._cpu[process.pid] = part, times.user + times.system
                if not self._begun:
                    self._first[process.pid] = times.user + times.system
                if memory:
                    pss[part] += process.memory_full_info().pss / 2**20
            except psutil.Error:
                continue  # ended meanwhile
        self._begun = True
        for part, megabytes in pss.items():
            self._pss[part] = max(self._pss[part], megabytes)

    def usage(self) -> Usage:
        """Return what was used since the first reading."""
        cpu: dict[str, float] = defaultdict(float)
        for pid, (part, seconds) in self._cpu.items():
            cpu[part] += seconds - self._first.get(pid, 0.0)
        return Usage(
            {part: round(seconds, 2) for part, seconds in sorted(cpu.items())},
            {part: round(megabytes, 1) for part, megabytes in sorted(self._pss.items())},
        )

    def _part(self, process: psutil.Process) -> str:
        if process.pid == psutil.Process().pid:
            return "candidate"
        known = self._cpu.get(process.pid)
        if known is not None:
            return known[0]
        line = " ".join(process.cmdline())
        return next((part for mark, part in PARTS.items() if mark in line), "supervisor")

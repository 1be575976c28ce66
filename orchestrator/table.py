"""The bots of one host: which process is which, when its grace ends and how it ended. Knows no sockets."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.pulse import STILL_S, Pulse
from bot.spec import BotSpec
from bot.state import EXIT_DONE, EXIT_HANDED_OVER, EXIT_REPLACED
from orchestrator import Capacity, Departure, Exited, LaunchHandle, LaunchStatus, Lost, Running
from orchestrator.errors import CapacityError, LaunchError
from orchestrator.logs import names_of

log = structlog.get_logger(__name__)

Fork = Callable[[BotSpec, Path, Pulse], int]

KEPT_S = 10.0  # for which the place that a lost bot leaves is its successor's
LOOK_S = 1.0  # how often to look whether bots' media moves
FIRST_BEAT_S = 20.0  # from the fork; on a machine that is very busy the first steps take their time
KEPT = 1000  # endings remembered; a poll that comes after so many others have ended hears `Lost`
ENDED = frozenset({EXIT_DONE, EXIT_REPLACED, EXIT_HANDED_OVER})  # nobody is to follow here with these
_RIGHT = "finished"


@dataclass(slots=True)
class _Bot:
    pid: int
    started_s: float
    pulse: Pulse
    still_s: float | None = None  # for how long its media had stood still when it was killed for that
    kill: asyncio.TimerHandle | None = None
    handed_over: bool = False


class BotTable:
    """Every bot of this host, running and ended. Not to be used from two threads.

    fork: makes the process of one bot that writes to a log file, and returns its pid.
    departed: called for every bot that ends.
    """

    def __init__(self, *, fork: Fork, total: int, log_dir: Path, departed: Callable[[Departure], None]) -> None:
        self._fork, self._total, self._log_dir, self._departed = fork, total, log_dir, departed
        self._running: dict[LaunchHandle, _Bot] = {}
        self._ended: dict[LaunchHandle, Exited] = {}
        self._kept: dict[str, float] = {}  # places of lost bots, by attempt, and until when
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    def start(self, spec: BotSpec) -> LaunchHandle:
        """Start the bot of `spec` unless that was done before; raises `CapacityError`, `LaunchError`."""
        handle = LaunchHandle.of(spec)
        if handle in self._running or handle in self._ended:
            return handle
        if self._draining:
            raise LaunchError("the bot host is shutting down")
        now = asyncio.get_running_loop().time()
        self._kept = {id_: until for id_, until in self._kept.items() if until > now and id_ != spec.attempt_id}
        if len(self._running) + len(self._kept) >= self._total:
            raise CapacityError(
                f"all {self._total} places for bots on this host are taken (MAX_BOTS); try again when a call has ended",
                total=self._total,
            )
        pulse = Pulse()
        try:
            pid = self._fork(spec, self._log_dir / f"{_plain(spec.attempt_id)}-{spec.epoch}.log", pulse)
        except OSError as error:
            raise LaunchError(f"the bot's process can't be made: {error.strerror}") from error
        self._running[handle] = _Bot(pid, asyncio.get_running_loop().time(), pulse)
        self._empty.clear()
        log.info("bot_started", **names_of(handle), pid=pid, running=len(self._running))
        return handle

    def poll(self, handle: LaunchHandle) -> LaunchStatus:
        """Return where one bot stands."""
        if (bot := self._running.get(handle)) is not None:
            return Running(bot.pid)
        return self._ended.get(handle, Lost())

    def stop(self, handle: LaunchHandle, grace_s: float) -> None:
        """Send SIGTERM, and SIGKILL after `grace_s`; of several deadlines the earliest counts."""
        bot = self._running.get(handle)
        if bot is None:
            return
        loop = asyncio.get_running_loop()
        if bot.kill is None:
            os.kill(bot.pid, signal.SIGTERM)
        elif bot.kill.when() <= loop.time() + grace_s:
            return
        else:
            bot.kill.cancel()
        bot.kill = loop.call_later(grace_s, self._kill, handle, bot.pid)

    def let_go(self, handle: LaunchHandle, grace_s: float) -> None:
        """Have one bot leave its call to another incarnation; it has `grace_s` to say what it still knows."""
        bot = self._running.get(handle)
        if bot is None or bot.kill is not None:  # it was told to end its call, and that holds
            return
        os.kill(bot.pid, signal.SIGUSR1)
        bot.handed_over = True
        bot.kill = asyncio.get_running_loop().call_later(grace_s, self._kill, handle, bot.pid)

    def list(self) -> tuple[LaunchHandle, ...]:
        """Return every bot that runs."""
        return tuple(self._running)

    def capacity(self) -> Capacity:
        """Return how many bots fit."""
        free = 0 if self._draining else max(0, self._total - len(self._running))
        return Capacity(total=self._total, free=free, draining=self._draining)

    def reap(self) -> None:
        """Collect every bot that has ended since the last call (on SIGCHLD)."""
        for handle, bot in list(self._running.items()):
            pid, status, usage = os.wait4(bot.pid, os.WNOHANG)
            if pid == 0:
                continue
            del self._running[handle]
            if bot.kill is not None:
                bot.kill.cancel()
            bot.pulse.close()
            exited = ending(os.waitstatus_to_exitcode(status), asked=bot.kill is not None and not bot.handed_over)
            if bot.still_s is not None:
                exited = replace(exited, reason=f"its media stood still for {bot.still_s:.0f} s")
            self._ended[handle] = exited
            if not exited.asked and exited.code not in ENDED:
                self._kept[handle.attempt_id] = asyncio.get_running_loop().time() + KEPT_S
            while len(self._ended) > KEPT:
                del self._ended[next(iter(self._ended))]
            log.info(
                "bot_exited",
                **names_of(handle),
                pid=pid,
                code=exited.code,
                reason=exited.reason,
                up_s=round(asyncio.get_running_loop().time() - bot.started_s, 1),
                cpu_s=round(usage.ru_utime + usage.ru_stime, 2),
                peak_rss_mb=usage.ru_maxrss // 1024,
            )
            self._departed(Departure(handle, exited))
        if not self._running:
            self._empty.set()

    async def watch(self) -> None:
        """Kill every bot whose media stands still, until cancelled: another may go on with its call then."""
        loop = asyncio.get_running_loop()
        looked, awake_s = loop.time(), loop.time()
        while True:
            await asyncio.sleep(LOOK_S)
            now = loop.time()
            if now - looked > 3 * LOOK_S:
                awake_s = now  # this host itself was stopped, and its bots perhaps with it
            looked = now
            for handle, bot in self._running.items():
                last = bot.pulse.last
                still_s = now - max(last or bot.started_s, awake_s)
                if bot.kill is None and bot.still_s is None and still_s > (FIRST_BEAT_S if last is None else STILL_S):
                    log.error("bot_stands_still", **names_of(handle), pid=bot.pid, still_s=round(still_s, 1))
                    bot.still_s = still_s
                    os.kill(bot.pid, signal.SIGKILL)

    async def dismiss(self, grace_s: float) -> None:
        """Start nothing more, stop every bot and return when the last is gone."""
        self._draining = True
        for handle in self.list():
            self.stop(handle, grace_s)
        await self._empty.wait()

    async def hand_over(self, grace_s: float, *, after_s: float) -> None:
        """Start nothing more; let calls end by themselves for `after_s`; have the rest left to another incarnation.

        Returns when the last bot is gone; each has `grace_s` to say what it still knows.
        """
        self._draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after_s):
                await self._empty.wait()
        for handle in self.list():
            self.let_go(handle, grace_s)
        await self._empty.wait()

    def _kill(self, handle: LaunchHandle, pid: int) -> None:
        if (bot := self._running.get(handle)) is not None and bot.pid == pid:
            log.warning("bot_killed", **names_of(handle), pid=pid, why="still there after its grace")
            os.kill(pid, signal.SIGKILL)


def ending(code: int, *, asked: bool = False) -> Exited:
    """Return the ending that `os.waitstatus_to_exitcode` calls `code` (a signal is negative there)."""
    if code < 0:
        return Exited(128 - code, f"killed by {signal.Signals(-code).name}", asked)
    return Exited(code, _RIGHT if code == 0 else f"exit status {code}", asked)


def _plain(name: str) -> str:
    """Return `name` as one safe part of a path."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)[:100] or "bot"

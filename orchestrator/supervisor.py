"""Keeps the parts of `vivavoce serve` alive: starts them, starts them again, stops them in order.

A part that ends is started again after 0.2 s, then 0.4 s, up to 10 s; one that was up for 30 s begins anew. Two things
are not tried again: a part that says by its exit code that it is hopeless (78, EX_CONFIG, or 2, as argparse has it: a
wrong setting, weights that fail their check), and one that never got ready in five starts. Both end everything, with
the part's own last words.
"""

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NoReturn

import structlog

from orchestrator.children import Child, Spawn, Started, spawn
from orchestrator.errors import ChildFailed

log = structlog.get_logger(__name__)

EX_OSERR = 71
HOPELESS = frozenset({2, 78})
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
STEADY_S = 30.0
STARTS_WITHOUT_READY = 5
LOOK_S = 0.1
LISTEN_S = 1.0  # between two looks at a child that is ready
DEAF_GRACE_S = 0.5  # one that does not answer hardly hears a signal either
LAST_WORDS = 8  # lines
LAST_LINES_S = 1.0  # what a child wrote before it ended is read by then, or held back by a process it left behind


class Back:
    """How long to wait before the next start."""

    def __init__(self) -> None:
        self._waits = self._row()

    def after(self, up_s: float) -> float:
        """Return the wait after a run of `up_s` seconds."""
        if up_s >= STEADY_S:
            self._waits = self._row()
        return next(self._waits)

    @staticmethod
    def _row() -> Iterator[float]:
        wait = FIRST_WAIT_S
        while True:
            yield wait
            wait = min(wait * 2, LONGEST_WAIT_S)


class Supervisor:
    """Runs `children`, in their order, until told to stop.

    wrote: called with the name of a child and a line it wrote.
    """

    def __init__(self, children: Sequence[Child], *, wrote: Callable[[str, str], None], spawn: Spawn = spawn) -> None:
        self._children, self._wrote, self._spawn = tuple(children), wrote, spawn
        self._ready = {child.name: asyncio.Event() for child in children}
        self._stop, self._interrupted = asyncio.Event(), False

    @property
    def names(self) -> tuple[str, ...]:
        """The children's names, in the order they start in."""
        return tuple(child.name for child in self._children)

    async def run(self) -> None:
        """Keep every child alive until `stop` is called; when this returns or raises, all have ended.

        Raises `ChildFailed` when a child can't be kept alive.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                keeping = [tasks.create_task(self._keep(child), name=child.name) for child in self._children]
                await self._stop.wait()
                for child, task in reversed(list(zip(self._children, keeping, strict=True))):
                    log.info("child_stopping", child=child.name)
                    task.cancel()
                    await asyncio.wait([task])
        except* ChildFailed as failures:
            raise failures.exceptions[0] from None

    def stop(self, *, interrupted: bool = False) -> None:
        """Stop the children, the last one first. interrupted: by a person, who is not about to start them again."""
        self._interrupted = interrupted
        self._stop.set()

    def ready(self) -> frozenset[str]:
        """Return the names of those that are ready now."""
        return frozenset(name for name, event in self._ready.items() if event.is_set())

    async def until_ready(self, name: str) -> None:
        """Return when a child is ready."""
        await self._ready[name].wait()

    async def _keep(self, child: Child) -> NoReturn:
        loop = asyncio.get_running_loop()
        back, in_vain = Back(), 0
        while True:
            began = loop.time()
            words: deque[str] = deque(maxlen=LAST_WORDS)
            code, was_ready = await self._run_once(child, words)
            in_vain = 0 if was_ready else in_vain + 1
            if code in HOPELESS or in_vain >= STARTS_WITHOUT_READY:
                raise ChildFailed(child.name, code, "\n".join(words))
            up_s = loop.time() - began
            wait_s = back.after(up_s)
            log.warning("child_exited", child=child.name, code=code, up_s=round(up_s, 1), again_in_s=wait_s)
            await asyncio.sleep(wait_s)

    async def _run_once(self, child: Child, words: deque[str]) -> tuple[int, bool]:
        """Return the exit status of one run and whether it was ever ready; on cancellation the child is stopped."""
        try:
            started = await self._spawn(child)
        except OSError as error:
            words.append(f"{child.argv[0]} can't be started: {error.strerror}")
            return EX_OSERR, False
        log.info("child_started", child=child.name, pid=started.pid)
        ready = self._ready[child.name]
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(child, started, words), name=f"{child.name} output")
                looking = tasks.create_task(self._look(child, started, ready), name=f"{child.name} ready")
                try:
                    code = await started.wait()
                finally:
                    looking.cancel()
                    await started.stop(child.grace_s, child.interrupt if self._interrupted else signal.SIGTERM)
                await asyncio.wait([reading], timeout=LAST_LINES_S)
                reading.cancel()
            return code, ready.is_set()
        finally:
            ready.clear()

    async def _read(self, child: Child, started: Started, words: deque[str]) -> None:
        async for line in started.lines():
            if line.strip():
                words.append(line)
            self._wrote(child.name, line)

    async def _look(self, child: Child, started: Started, ready: asyncio.Event) -> None:
        began = asyncio.get_running_loop().time()
        while not await child.ready():  # noqa: ASYNC110 - another process's state has no event here
            await asyncio.sleep(LOOK_S)
        ready.set()
        log.info("child_ready", child=child.name, after_s=round(asyncio.get_running_loop().time() - began, 2))
        await self._until_deaf(child)
        await started.stop(DEAF_GRACE_S)

    async def _until_deaf(self, child: Child) -> None:
        """Return when a child that was ready has not answered for `deaf_s`: it is there, and of no use."""
        loop = asyncio.get_running_loop()
        answers = child.alive or child.ready
        heard, in_vain = loop.time(), 0
        # Twice, for the first may have been asked just before everything stood still, this process too.
        while in_vain < 2 or loop.time() - heard < child.deaf_s:
            await asyncio.sleep(LISTEN_S)
            asked = loop.time()
            in_vain += 1
            if await answers():
                heard, in_vain = asked, 0
        log.error("child_deaf", child=child.name, for_s=round(loop.time() - heard, 1))

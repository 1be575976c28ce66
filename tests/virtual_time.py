"""An event loop whose clock jumps to the next timer, so that a half-hour conversation takes milliseconds.

Every async test under `tests/unit` runs on it; elsewhere ask for it with `@pytest.mark.virtual_time` (or
`pytestmark = pytest.mark.virtual_time`), and opt out in `tests/unit` with `@pytest.mark.real_time`.

What it does: when no callback is ready and no socket is readable, `loop.time()` is moved to the next timer instead of
waiting for it. `asyncio.sleep`, `asyncio.timeout`, `asyncio.wait_for` and `loop.call_later` all follow. The clock
begins at 0.

What to know when testing on it:
 - Ask `asyncio.get_running_loop().time()` for the time; `time.monotonic()` and `time.time()` stay real.
 - Work in executors (`asyncio.to_thread`, `run_in_executor`) freezes the clock until it is done (a second at most), so
   a timeout can't fire merely because a thread needed a real millisecond. Other threads (aiosqlite's, say) get a grace
   of a real millisecond before each jump.
 - Sockets work, but the clock does not wait for the far side: with a timer pending it may jump ahead of an answer that
   is on its way. Tests with real peers belong into `tests/integration`.
 - Waiting for something that nothing will ever bring raises `NothingLeftToHappen` after five real seconds.
"""

import asyncio
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")

_FROZEN_AT_MOST_S = 1.0  # a job that itself waits for a timer must not freeze the clock for good
_GRACE_S = 0.001
_STUCK_AFTER_S = 5.0


class NothingLeftToHappen(RuntimeError):
    """The test waits for something, but no timer, no thread and no socket is going to bring it."""


class _JumpingSelector(selectors.DefaultSelector):
    """Polls for real, but answers a wait by moving the loop's clock."""

    loop: "VirtualTimeLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        if timeout is not None and timeout <= 0:
            return []
        if self.loop.jobs and (ready := super().select(_FROZEN_AT_MOST_S)):
            return ready
        if timeout is None:
            if ready := super().select(_STUCK_AFTER_S):
                return ready
            raise NothingLeftToHappen("no timer, thread or socket is left that could wake this test up")
        if self.loop.strangers() and (ready := super().select(_GRACE_S)):
            return ready
        self.loop.jump(timeout)
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A selector event loop in virtual time.

    jobs: executor jobs under way.
    """

    def __init__(self) -> None:
        self.jobs = 0
        self._now = 0.0
        self._born_with = set(threading.enumerate())
        self._executor: ThreadPoolExecutor | None = None
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += seconds

    def strangers(self) -> bool:
        """Whether threads are alive that the loop does not know and that may be about to call back."""
        known = self._born_with | set(self._executor._threads if self._executor else ())
        return threading.active_count() > len(known) or not set(threading.enumerate()) <= known

    def run_in_executor(self, executor: Any, func: Callable[..., _T], *args: Any) -> "asyncio.Future[_T]":  # type: ignore[override]
        """Like the parent's, counting what is under way."""
        if executor is None:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(thread_name_prefix="virtual-time")
                self.set_default_executor(self._executor)
            executor = self._executor
        future = super().run_in_executor(executor, func, *args)
        self.jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _: "asyncio.Future[Any]") -> None:
        self.jobs -= 1

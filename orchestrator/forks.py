"""One bot, one process: a fork of the warm parent, cut off from everything the parent holds but its memory.

A fork copies only the thread that calls it; a lock that another thread holds at that moment stays locked in the child
for ever. So the parent must have one thread alone (`threads_here`), which is why numerical libraries are told to make
none before they are imported (`ONE_THREAD`).
"""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeAlias

from bot.pulse import Pulse
from bot.spec import BotSpec
from orchestrator.leash import die_with_parent, name_process

BotMain: TypeAlias = Callable[[BotSpec, Pulse], Awaitable[int]]

EX_SOFTWARE = 70  # sysexits.h: an error nobody foresaw; the traceback is in the bot's log
ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime >= 1.29 reports to its makers from a thread of its own, if let
}
_TASKS = Path("/proc/self/task")
_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE)


def threads_here() -> tuple[str, ...]:
    """Return the name of every thread of this process, those of C libraries too."""
    return tuple((task / "comm").read_text().strip() for task in _TASKS.iterdir())


def freeze() -> None:
    """Keep the collector's hands off everything made so far: marking an object copies its page into every bot."""
    gc.collect()
    gc.freeze()


def fork_bot(main: BotMain, spec: BotSpec, log_file: Path, pulse: Pulse) -> int:
    """Fork a process that runs `main(spec, pulse)` and exits with its result; return its pid. Raises `OSError`."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    # A signal that came between the fork and `_forget_parent` would run the parent's handler in the child.
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        if (pid := os.fork()) > 0:
            return pid
        _be_bot(main, spec, log_file, pulse, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def _be_bot(main: BotMain, spec: BotSpec, log_file: Path, pulse: Pulse, parent: int) -> NoReturn:
    """Never return and never raise: above this frame is the parent's event loop."""
    code = EX_SOFTWARE
    try:
        die_with_parent(parent)
        os.setsid()  # Ctrl-C in the terminal is for `serve`, which then asks the bots to leave
        name_process(f"bot {spec.interview_id[-11:]}")
        _forget_parent(log_file)
        code = asyncio.run(_call(main, spec, pulse))
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else EX_SOFTWARE
    except BaseException:  # noqa: BLE001 - the last line of defence of a process: report, then end with a code
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()  # raises on a full disk
        finally:
            os._exit(code)  # not sys.exit: the exit handlers are the parent's


async def _call(main: BotMain, spec: BotSpec, pulse: Pulse) -> int:
    return await main(spec, pulse)


def _forget_parent(log_file: Path) -> None:
    """Reset signals and replace every inherited descriptor: sockets, the event loop's epoll, standard streams."""
    signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        signal.signal(number, signal.SIG_IGN if number in (signal.SIGPIPE, signal.SIGINT) else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
    output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    for descriptor in os.listdir("/proc/self/fd"):
        if int(descriptor) > 2:
            with contextlib.suppress(OSError):  # the listing's own is closed already
                os.close(int(descriptor))

"""What a bot host's processes run in tests instead of a bot: the candidate's name says how it behaves."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable

from bot.pulse import Progress, Pulse, Watch, keep
from bot.spec import BotSpec
from bot.state import EXIT_DONE, EXIT_HANDED_OVER


def prepare() -> Callable[[BotSpec, Pulse], Awaitable[int]]:
    """Return what a fork runs."""
    return behave


def prepare_with_a_part_missing() -> Callable[[BotSpec, Pulse], Awaitable[int]]:
    """Fail as an installation does that lacks a package."""
    raise ImportError("No module named 'aiortc'")


async def behave(spec: BotSpec, pulse: Pulse) -> int:
    """Do what the candidate's name says, having written to the outbox file what a fork can see of itself."""
    spec.outbox.write_text(json.dumps(_seen(spec)))
    async with asyncio.TaskGroup() as tasks:
        beating = tasks.create_task(keep(pulse, Watch(lambda: _parts(spec)), print))
        await asyncio.sleep(0)  # it has beaten once
        try:
            return await _behave(spec)
        finally:
            beating.cancel()


async def _behave(spec: BotSpec) -> int:
    match spec.candidate_name.split():
        case ["Polite"]:
            told: asyncio.Queue[int] = asyncio.Queue()
            for number, code in ((signal.SIGTERM, EXIT_DONE), (signal.SIGUSR1, EXIT_HANDED_OVER)):
                asyncio.get_running_loop().add_signal_handler(number, told.put_nowait, code)
            spec.outbox.with_suffix(".listening").touch()
            return await told.get()
        case ["Stubborn"]:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            spec.outbox.with_suffix(".listening").touch()
            await asyncio.sleep(3600)
        case ["Stopped"]:
            os.kill(os.getpid(), signal.SIGSTOP)
        case ["Wedged"]:
            await asyncio.sleep(3600)
        case ["Brief", code]:
            return int(code)
        case ["Broken"]:
            raise RuntimeError("the codec is upset")
    return 0


def _parts(spec: BotSpec) -> list[Progress]:
    return [Progress("the track", 5, waiting=spec.candidate_name == "Wedged")]


def _seen(spec: BotSpec) -> dict[str, object]:
    return {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "token": spec.room.token.get_secret_value(),
        "threads": len(os.listdir("/proc/self/task")),
    }

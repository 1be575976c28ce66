"""Imported by every Python process of a server under soak: on a signal it says how many asyncio tasks it holds.

The figure goes to a file named after the process in `SOAK_DIR`. A signal's handler runs between two steps of the event
loop, and its setting outlives a fork; no thread and no socket is added to what is measured.
"""

import asyncio
import os
import signal
from pathlib import Path
from types import FrameType


def _tell(number: int, frame: FrameType | None) -> None:
    held = sum(not task.done() for task in list(asyncio.tasks._all_tasks))  # type: ignore[attr-defined]  # of every loop: no public way from outside one
    told = Path(os.environ["SOAK_DIR"]) / str(os.getpid())
    told.with_suffix(".new").write_text(str(held))
    told.with_suffix(".new").rename(told)


if "SOAK_DIR" in os.environ:
    signal.signal(signal.SIGRTMIN, _tell)

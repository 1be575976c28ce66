"""The control plane's side of reading a PDF: a process for each file, killed when it takes too long."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from api.candidates.errors import FLAWS, MOST_PAGES, Damaged, TimedOut, TooComplex

AT_ONCE = 2


class PageText(BaseModel):
    """The text of one page. page: from 1."""

    model_config = ConfigDict(frozen=True)

    page: Annotated[int, Field(ge=1, le=MOST_PAGES)]
    text: str


class Hidden(BaseModel):
    """Words of a page that nobody sees, and why."""

    model_config = ConfigDict(frozen=True)

    page: Annotated[int, Field(ge=1, le=MOST_PAGES)]
    text: str
    why: str


class Note(Hidden):
    """What is in the file and on no page. why: where it is; hidden: whether a viewer keeps it from sight."""

    hidden: bool


class PdfText(BaseModel):
    """What a PDF says."""

    model_config = ConfigDict(frozen=True)

    pages: tuple[PageText, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    notes: tuple[Note, ...] = ()


class _Answer(PdfText):
    flaw: str | None = None


_ANSWER = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What one file may take. cpu_s is measured by the kernel, wall_s here: a process that only waits ends, too."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_s: int = 10
    wall_s: float = 20.0


class PdfReading:
    """Reads PDFs of strangers, a few at once."""

    def __init__(self, limits: ReadingLimits | None = None) -> None:
        self._limits = limits or ReadingLimits()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def read(self, data: bytes) -> PdfText:
        """Return what a PDF says and hides; raise `BadResume`."""
        async with self._free:
            code, output = await self._run(data)
        if code == -signal.SIGXCPU:
            raise TimedOut
        if code == -signal.SIGKILL:  # the machine ran out of memory
            raise TooComplex
        if code != 0:
            raise Damaged
        try:
            answer = _ANSWER.validate_json(output)
        except ValidationError:  # a reader that was taken over by its file
            raise Damaged from None
        if answer.flaw is not None:
            raise FLAWS.get(answer.flaw, Damaged)
        return answer

    async def _run(self, data: bytes) -> tuple[int, bytes]:
        limits = self._limits
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "api.candidates.reading", str(limits.memory_bytes), str(limits.cpu_s)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # pypdf complains in words of the file
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},  # and no keys
        )
        try:
            async with asyncio.timeout(limits.wall_s):
                output, _ = await process.communicate(data)
        except TimeoutError:
            raise TimedOut from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None  # `communicate` waited
        return process.returncode, output

"""The recogniser of this process: Whisper behind its queue."""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from audio import SAMPLE_RATE, Pcm, Transcript, Urgency
from audio.errors import UnsupportedLanguage
from audio.stt.jobs import DecodeQueue, Tally
from audio.stt.whisper import Reading, Whisper, Window


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


class LocalSpeechToText:
    """`SpeechToText` without a server; nothing is decoded unless `run` runs.

    workers: decodes at a time; make `whisper` with as many.
    """

    def __init__(self, whisper: Whisper, *, workers: int) -> None:
        self._whisper, self._workers = whisper, workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="whisper")
        self._queue: DecodeQueue[Window, Reading] = DecodeQueue(self._decode, workers=workers)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes that can be asked for."""
        return self._whisper.languages

    @property
    def waiting(self) -> int:
        """How many windows wait for a worker."""
        return self._queue.depth

    @property
    def tally(self) -> Tally:
        """What has been decoded and shed."""
        return self._queue.tally

    async def run(self) -> None:
        """Decode until cancelled."""
        try:
            await self._queue.run()
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def warm_up(self) -> None:
        """Decode once for nothing on every worker: its first decode is several times slower than the rest."""
        hum = (200 * np.sin(np.arange(SAMPLE_RATE) / 20)).astype(np.int16)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._decode([Window(hum, Urgency.FINAL)]))

    async def read(self, window: Window, *, lane: str) -> Reading:
        """Wait for the words of one window and all that the model says of them; raises like `transcribe`."""
        if window.language and window.language not in self.languages:
            raise UnsupportedLanguage(window.language, list(self.languages))
        return await self._queue.submit(window, urgency=window.urgency, lane=lane, batch_key=window.batch_key)

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        """See `SpeechToText`; raises `UnsupportedLanguage` too."""
        return (await self.read(Window(pcm, urgency, language, prompt), lane=lane)).transcript()

    async def _decode(self, windows: Sequence[Window]) -> Sequence[Reading]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._whisper.read, windows)

"""What the candidate heard, as a sound file on the candidate's own clock."""

from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame

from audio import SAMPLE_RATE, Pcm
from audio.errors import UnreadableAudio

CODECS = {".wav": "pcm_s16le", ".flac": "flac", ".ogg": "libopus", ".opus": "libopus"}
SAME_STREAM_S = 0.06  # packets that come with less jitter than this follow each other without a seam
SETTLED_S = 1.0  # nothing arrives later than this


class HeardFile:
    """Writes what is heard to `path` (by its ending WAV, FLAC or Ogg Opus), several speakers mixed; use it in a `with`.

    Raises `UnreadableAudio` for another ending.
    """

    def __init__(self, path: Path, *, origin_s: float) -> None:
        codec = CODECS.get(path.suffix.lower())
        if codec is None:
            raise UnreadableAudio(path, f"can't write {path.suffix or 'a file without an ending'}")
        self._file = av.open(str(path), "w")
        self._stream = self._file.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
        self._file.start_encoding()
        self._fifo = AudioFifo()
        self._origin = origin_s
        self._mix = np.zeros(0, np.int32)
        self._base = 0  # the sample at which `_mix` begins
        self._ends: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._settle(self._base + len(self._mix), last=True)
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def write(self, speaker: str, at_s: float, pcm: Pcm) -> None:
        """Take sound (16 kHz) that `speaker` began to make at `at_s`."""
        at, before = round((at_s - self._origin) * SAMPLE_RATE), self._ends.get(speaker)
        if before is not None and abs(at - before) < SAME_STREAM_S * SAMPLE_RATE:
            at = before
        at = max(at, self._base)
        end = self._ends[speaker] = at + len(pcm)
        if end - self._base > len(self._mix):
            self._mix = np.concatenate([self._mix, np.zeros(end - self._base - len(self._mix), np.int32)])
        self._mix[at - self._base : end - self._base] += pcm
        self._settle(at - round(SETTLED_S * SAMPLE_RATE))

    def _settle(self, until: int, *, last: bool = False) -> None:
        ready = self._mix[: max(0, until - self._base)]
        if len(ready) >= SAMPLE_RATE or (last and len(ready)):
            pcm = np.clip(ready, -32768, 32767).astype(np.int16)
            frame = AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, self._base
            self._fifo.write(frame)
            self._base += len(ready)
            self._mix = self._mix[len(ready) :]
        size = self._stream.codec_context.frame_size or SAMPLE_RATE
        while self._fifo.samples >= size or (last and self._fifo.samples):
            self._file.mux(self._stream.encode(self._fifo.read(size, partial=last)))

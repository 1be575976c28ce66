"""Raw sound: conversions, loudness, resampling as it streams, and reading files."""

import math
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm
from audio.errors import UnreadableAudio

FULL_SCALE = 32768.0
SILENCE_DBFS = -100.0


def to_float(pcm: Pcm) -> NDArray[np.float32]:
    """Return `pcm` as float32 in -1..1."""
    return pcm.astype(np.float32) / np.float32(FULL_SCALE)


def to_int16(samples: NDArray[np.floating]) -> Pcm:
    """Return float sound (-1..1, clipped) as int16."""
    clipped: Pcm = np.clip(np.rint(samples * FULL_SCALE), -32768, 32767).astype(np.int16)
    return clipped


def silence(ms: float, rate: int = SAMPLE_RATE) -> Pcm:
    """Return `ms` milliseconds of zeros."""
    return np.zeros(round(ms * rate / 1000), np.int16)


def duration_ms(pcm: Pcm, rate: int = SAMPLE_RATE) -> float:
    """Return how long `pcm` lasts."""
    return len(pcm) * 1000 / rate


def rms(pcm: Pcm) -> float:
    """Return the root mean square in int16 units (0 for no samples)."""
    if not len(pcm):
        return 0.0
    as_float = pcm.astype(np.float32)
    return math.sqrt(float(np.dot(as_float, as_float)) / len(pcm))


def dbfs(pcm: Pcm) -> float:
    """Return the loudness in decibels below full scale, `SILENCE_DBFS` at the least."""
    level = rms(pcm)
    return max(SILENCE_DBFS, 20 * math.log10(level / FULL_SCALE)) if level else SILENCE_DBFS


class Resampler:
    """Changes the rate of a mono stream piece by piece, without seams (libswresample).

    The filter holds back about a millisecond until more comes; `flush` returns it.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self.from_rate, self.to_rate = from_rate, to_rate
        self._inner = self._new()

    def _new(self) -> av.AudioResampler | None:
        same = self.from_rate == self.to_rate
        return None if same else av.AudioResampler(format="s16", layout="mono", rate=self.to_rate)

    def push(self, pcm: Pcm) -> Pcm:
        """Return what `pcm` (mono, `from_rate`) adds to the stream at `to_rate`."""
        if self._inner is None or not len(pcm):
            return pcm
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self.from_rate
        return _joined(self._inner.resample(frame))

    def flush(self) -> Pcm:
        """Return what the filter held back and begin anew."""
        if self._inner is None:
            return np.zeros(0, np.int16)
        tail = _joined(self._inner.resample(None))
        self._inner = self._new()
        return tail


def resample(pcm: Pcm, from_rate: int, to_rate: int) -> Pcm:
    """Return the whole of `pcm` at another rate."""
    resampler = Resampler(from_rate, to_rate)
    return np.concatenate([resampler.push(pcm), resampler.flush()])


def read_sound(path: Path, rate: int = SAMPLE_RATE) -> Pcm:
    """Return a sound file of any format FFmpeg knows as mono at `rate`.

    Raises `UnreadableAudio` for a file that is missing, isn't sound, is damaged or holds no samples.
    """
    try:
        with av.open(str(path), "r") as file:
            if not file.streams.audio:
                raise UnreadableAudio(path, "it holds no audio track")
            pieces = list(_decoded(file, rate))
    except (FFmpegError, OSError, IndexError) as why:
        raise UnreadableAudio(path, getattr(why, "strerror", None) or str(why)) from why
    pcm = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    if not len(pcm):
        raise UnreadableAudio(path, "it holds no sound")
    return pcm


def _decoded(file: "av.container.InputContainer", rate: int) -> Iterator[Pcm]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    for frame in file.decode(audio=0):
        yield _joined(resampler.resample(frame))
    yield _joined(resampler.resample(None))


def _joined(frames: "list[av.AudioFrame]") -> Pcm:
    arrays = [frame.to_ndarray()[0] for frame in frames]
    if not arrays:
        return np.zeros(0, np.int16)
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

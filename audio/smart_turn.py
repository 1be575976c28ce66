"""Smart Turn v3 (BSD-2-Clause): from sound alone, how likely a turn is over.

Optional. The weights come with the `pipecat-ai` wheel (`pip install --no-deps pipecat-ai`; its code is not used), or
from the place that `SMART_TURN_MODEL` names. Some 40 ms of one core for each pause, in a thread, while the silence
lasts, and some 50 MB for each bot. Alone it takes 30 % of true ends for pauses and 25 % of pauses for ends, so it only
moves the wait (`audio.endpoint`); and a model that can't be used moves nothing.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm
from audio.errors import ModelError, ModelMissing, ModelUnusable
from audio.pcm import to_float

_log = structlog.get_logger(__name__)

UNSURE = 0.5  # moves no wait
_SECONDS = 8
_BANDS, _FFT, _HOP = 80, 400, 160
_FRAMES = _SECONDS * SAMPLE_RATE // _HOP
_SHIPPED = "audio/turn/smart_turn/data"
_INPUT = "input_features"


class SmartTurn:
    """A `TurnModel`; one per process, shared by its lanes.

    The session is made at the first pause, which is after the fork of a bot; it has no threads of its own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: Any = None
        self._loading = threading.Lock()  # two lanes may pause at once
        self._unusable = False

    async def probability(self, pcm: Pcm) -> float:
        """Return 0..1 for the newest 8 s of a turn (16 kHz); `UNSURE` once the model has proved unusable."""
        if self._unusable:
            return UNSURE
        try:
            return await asyncio.to_thread(self.judge, pcm)
        except ModelError as error:
            self._unusable = True
            _log.error("turn_model_unusable", error=str(error))
            return UNSURE

    def judge(self, pcm: Pcm) -> float:
        """Return 0..1, blocking; raises `ModelError`."""
        self.load()
        with _naming(self._path):
            (out,) = self._session.run([self._session.get_outputs()[0].name], {_INPUT: features(pcm)[np.newaxis]})
        return float(np.ravel(out)[0])

    def load(self) -> None:
        """Make the session now rather than at the first pause; raises `ModelMissing` or `ModelUnusable`."""
        with self._loading:
            if self._session is None:
                self._session = _session(self._path)


def find_smart_turn() -> Path | None:
    """Return the weights of an installed `pipecat-ai`, which is not imported; None where there are none."""
    package = find_spec("pipecat")
    if package is None or package.origin is None:
        return None
    return max((Path(package.origin).parent / _SHIPPED).glob("smart-turn-v3*.onnx"), default=None)


def _session(path: Path) -> Any:
    import onnxruntime

    if not path.is_file():
        raise ModelMissing(f"{path}: no turn model there")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # 48 MB for each bot instead of 58, measured in a fork of the host
    options.log_severity_level = 4
    with _naming(path):
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    shapes = {taken.name: taken.shape[1:] for taken in session.get_inputs()}
    if shapes != {_INPUT: [_BANDS, _FRAMES]}:
        raise ModelUnusable(f"{path}: not a Smart Turn v3 model: it takes {shapes or 'nothing'}")
    return session


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn what ONNX Runtime raises, which has no root of its own, into `ModelUnusable`."""
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    try:
        yield
    except (
        *(ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.InvalidProtobuf, ort.NoModel),
        *(ort.NotImplemented, ort.RuntimeException),
    ) as error:
        raise ModelUnusable(f"{path}: {error}") from error


def features(pcm: Pcm) -> NDArray[np.float32]:
    """Return Whisper's log-mel [80, 800] of the last 8 s, silence in front, at zero mean and unit variance."""
    count = _SECONDS * SAMPLE_RATE
    sound = to_float(pcm[-count:])
    sound = np.pad(sound, (count - len(sound), 0))
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
    padded = np.pad(sound, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:_FRAMES]
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    mel = np.log10(np.maximum(_mel_filters() @ power.T, 1e-10))
    log_mel: NDArray[np.float32] = ((np.maximum(mel, mel.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
    return log_mel


@cache
def _mel_filters() -> NDArray[np.float64]:
    """Return triangles of equal area on Slaney's mel scale (linear to 1 kHz, logarithmic above), [80, 201]."""
    step = np.log(6.4) / 27
    top = 15 + np.log(SAMPLE_RATE / 2 / 1000) / step
    mels = np.linspace(0, top, _BANDS + 2)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(step * (mels - 15)))
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    rise = (bins - hertz[:-2, np.newaxis]) / np.diff(hertz)[:-1, np.newaxis]
    fall = (hertz[2:, np.newaxis] - bins) / np.diff(hertz)[1:, np.newaxis]
    filters: NDArray[np.float64] = np.maximum(0, np.minimum(rise, fall)) * (2 / (hertz[2:] - hertz[:-2]))[:, np.newaxis]
    return filters

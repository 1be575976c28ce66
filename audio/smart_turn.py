"""Smart Turn v3 (BSD-2-Clause): from sound alone, how likely a turn is over.

Optional. The weights come with the `pipecat-ai` wheel (`pip install --no-deps pipecat-ai`; its code is not used), or
from the place that `SMART_TURN_MODEL` names. Some 50 ms of one core for each pause, in a thread, while the silence
lasts. Alone it takes 30 % of true ends for pauses and 25 % of pauses for ends, so it only moves the wait.
"""

import asyncio
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm
from audio.errors import ModelMissing
from audio.pcm import to_float

_SECONDS = 8
_BANDS, _FFT, _HOP = 80, 400, 160
_SHIPPED = "audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"


class SmartTurn:
    """A `TurnModel`; one per process, shared by its lanes, loaded at the first pause."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._session: Any = None

    async def probability(self, pcm: Pcm) -> float:
        """Return 0..1 for the newest 8 s of a turn (16 kHz)."""
        return await asyncio.to_thread(self.judge, pcm)

    def judge(self, pcm: Pcm) -> float:
        """Return 0..1, blocking."""
        if self._session is None:
            self._session = _session(self._path)
        (out,) = self._session.run(None, {"input_features": features(pcm)[np.newaxis]})
        return float(np.ravel(out)[0])


def installed(environment: Mapping[str, str]) -> SmartTurn | None:
    """Return the model that is installed, None where there is none.

    Raises `ModelMissing` when `SMART_TURN_MODEL` names a file that is not there.
    """
    if named := environment.get("SMART_TURN_MODEL"):
        if not Path(named).is_file():
            raise ModelMissing(f"SMART_TURN_MODEL names {named}, which is not a file")
        return SmartTurn(Path(named))
    package = find_spec("pipecat")
    shipped = Path(package.origin).parent / _SHIPPED if package is not None and package.origin else None
    return SmartTurn(shipped) if shipped is not None and shipped.is_file() else None


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def features(pcm: Pcm) -> NDArray[np.float32]:
    """Return Whisper's log-mel [80, 800] of the last 8 s, silence in front, at zero mean and unit variance."""
    count = _SECONDS * SAMPLE_RATE
    sound = to_float(pcm[-count:])
    sound = np.pad(sound, (count - len(sound), 0))
    sound = (sound - sound.mean()) / np.sqrt(sound.var() + 1e-7)
    padded = np.pad(sound, _FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][: count // _HOP]
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

"""Voice activity: how likely each 32 ms hold a voice."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm
from audio.errors import ModelMissing
from audio.pcm import FULL_SCALE

WINDOW = 512
WINDOW_MS = WINDOW * 1000 / SAMPLE_RATE

_CONTEXT = 64
_STATE = (1, 1, 128)
_QUIET_PEAK = 8  # int16 units, -72 dBFS: digital silence, dither and muted microphones
_FORGET_AFTER = 32  # quiet windows (about a second) until what was heard before no longer counts

# Silero hears level: of a talker at -36 dBFS it finds half, 6 dB softer nothing, and 12 dB louder all of it, while of
# others it finds less when they are loud. So every window is heard twice. Steady noise does not become voice by it
# (white, pink and brown noise from -60 to -12 dBFS stay below 0.5 either way).
_BOOST = 4.0


class VoiceActivityDetector(Protocol):
    """Listens to one lane, window after window."""

    def probability(self, window: Pcm, *, keen: bool = True) -> float:
        """Return 0..1 for the next `WINDOW` samples (16 kHz).

        keen: whether a soft voice counts as well; not wanted where it may be the echo of a loud one.
        """
        ...

    def reset(self) -> None:
        """Forget what was heard: the next window does not follow the last one."""
        ...


class SileroModel:
    """Silero v6 as the faster-whisper wheel ships it (MIT), one per process, shared by all lanes.

    The session is made at the first window and runs in the calling thread (65 µs a time, less than handing it to
    another would cost). It has no threads of its own, so a process may fork after loading it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._session: Any = None

    def detector(self) -> "SileroDetector":
        """Return a detector for one lane."""
        return SileroDetector(self)

    def load(self) -> None:
        """Make the session now rather than at the first window; raises `ModelMissing`."""
        if self._session is not None:
            return
        import onnxruntime

        path = self._path or _shipped()
        if not path.is_file():
            raise ModelMissing(f"{path}: no Silero VAD there; reinstall faster-whisper, which ships it")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(
        self, sound: NDArray[np.float32], h: NDArray[np.float32], c: NDArray[np.float32]
    ) -> tuple[float, NDArray[np.float32], NDArray[np.float32]]:
        """Return the probability for `sound` (64 samples of context and 512 of window, float32) and the new state."""
        self.load()
        out, h, c = self._session.run(None, {"input": sound, "h": h, "c": c})
        return float(out[0]), h, c


class SileroDetector:
    """One lane's state on the shared model; windows of digital silence don't reach the model."""

    def __init__(self, model: SileroModel) -> None:
        self._plain, self._boosted = _Ear(model, 1.0), _Ear(model, _BOOST)
        self._quiet = 0

    def reset(self) -> None:
        """Forget what was heard."""
        self._quiet = 0
        for ear in (self._plain, self._boosted):
            ear.reset()

    def probability(self, window: Pcm, *, keen: bool = True) -> float:
        """Return 0..1 for the next 512 samples."""
        if int(window.max()) <= _QUIET_PEAK and int(window.min()) >= -_QUIET_PEAK:
            self._quiet += 1
            if self._quiet == _FORGET_AFTER:
                self.reset()
            return 0.0
        self._quiet = 0
        plain, boosted = self._plain.hear(window), self._boosted.hear(window)
        return max(plain, boosted) if keen else plain


class _Ear:
    """The model's state for one loudness of a lane."""

    def __init__(self, model: SileroModel, gain: float) -> None:
        self._model = model
        self._scale = np.float32(gain / FULL_SCALE)
        self._input = np.zeros((1, _CONTEXT + WINDOW), np.float32)
        self.reset()

    def reset(self) -> None:
        self._h = self._c = np.zeros(_STATE, np.float32)
        self._input[:] = 0

    def hear(self, window: Pcm) -> float:
        self._input[0, :_CONTEXT] = self._input[0, -_CONTEXT:]
        sound = self._input[0, _CONTEXT:]
        np.multiply(window, self._scale, out=sound)
        np.clip(sound, -1.0, 1.0, out=sound)
        probability, self._h, self._c = self._model.run(self._input, self._h, self._c)
        return probability


def _shipped() -> Path:
    from importlib.util import find_spec

    found = find_spec("faster_whisper")
    if found is None or found.origin is None:
        raise ModelMissing("faster-whisper is not installed, which ships the Silero VAD")
    return Path(found.origin).parent / "assets" / "silero_vad_v6.onnx"

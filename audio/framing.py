"""Cuts the sound of one lane into windows that sit on the call's clock."""

from dataclasses import dataclass

import numpy as np

from audio import SAMPLE_RATE, Pcm
from audio.vad import WINDOW, WINDOW_MS

JITTER_MS = 100.0
_EMPTY = np.zeros(0, np.int16)


@dataclass(frozen=True, slots=True)
class Window:
    """`WINDOW` samples and where the first of them lies, in ms of the call."""

    pcm: Pcm
    at_ms: float


class Framer:
    """Takes pieces of any length; small jitter of their times is averaged, larger jumps are the caller's to fill.

    Sound that comes late (its place was filled already) is kept and its time believed: a recogniser needs every word in
    order, not one sample per sample period.
    """

    def __init__(self) -> None:
        self._rest = _EMPTY
        self._head_ms: float | None = None

    @property
    def end_ms(self) -> float | None:
        """Where the next sample is expected; None before the first."""
        return None if self._head_ms is None else self._head_ms + len(self._rest) * 1000 / SAMPLE_RATE

    def gap_ms(self, at_ms: float) -> float:
        """Return how much is missing before a piece that begins at `at_ms` (0 within the jitter, never negative)."""
        end = self.end_ms
        return 0.0 if end is None or at_ms - end <= JITTER_MS else at_ms - end

    def restart(self, at_ms: float) -> None:
        """Go on at `at_ms`, giving up what was not yet a whole window."""
        self._rest, self._head_ms = _EMPTY, at_ms

    def push(self, pcm: Pcm, at_ms: float) -> list[Window]:
        """Return the windows that `pcm`, beginning at `at_ms`, completes."""
        end = self.end_ms
        if end is None or self._head_ms is None:
            self._head_ms = at_ms
        elif abs(at_ms - end) > JITTER_MS:
            self._head_ms += at_ms - end
        else:
            self._head_ms += (at_ms - end) / 16
        sound = np.concatenate([self._rest, pcm]) if len(self._rest) else pcm
        whole = len(sound) // WINDOW
        windows = [
            Window(sound[at * WINDOW : (at + 1) * WINDOW], self._head_ms + at * WINDOW_MS) for at in range(whole)
        ]
        self._rest = sound[whole * WINDOW :].copy()
        self._head_ms += whole * WINDOW_MS
        return windows

"""What reaches the candidate's ear, and when: the measuring end of a call.

Sound is timed as a listener without any buffer would hear it: the first sample of a packet sounds when the packet
arrives, the rest follow at the sampling rate. Times are seconds on the clock that is passed in.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm

WINDOW = SAMPLE_RATE // 200  # 5 ms: how exactly an onset is placed
WINDOW_S = WINDOW / SAMPLE_RATE
SILENCE_DB = -96.0
QUIETEST_THRESHOLD_DB = -45.0  # below this nobody hears a voice begin
ABOVE_NOISE_DB = 12.0
LOUDEST_NOISE_DB = -35.0  # a floor above this is no floor but somebody who never stops talking
NOISE_MEMORY = 600  # windows (3 s) over which the noise floor is looked for
CONFIRM_WINDOWS, CONFIRM_WITHIN = 3, 6  # a click is no voice: 15 ms of sound within 30 ms are
JOIN_S = 0.06  # silence between two sounds that makes them two
LATE_PACKET_S = 0.06  # a packet this late (three frames) is heard as a gap
LONGEST_GAP_S = 0.4  # a longer one is a pause


class Keepsake(Protocol):
    """Keeps what was heard."""

    def write(self, speaker: str, at_s: float, pcm: Pcm) -> None:
        """Take sound (16 kHz) that `speaker` began to make at `at_s` on the candidate's clock."""
        ...


@dataclass(slots=True)
class Sound:
    """One stretch of sound, seconds."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Packets that came late in the middle of a sound. at: where the sound broke off, seconds."""

    at: float
    ms: int


class Listener:
    """Listens to one speaker and remembers when there was sound.

    The threshold follows the noise floor (the 10th percentile of the last 3 s), so that a hissing line is not taken for
    a voice. One click is not a sound; see `CONFIRM_WINDOWS`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.sounds: list[Sound] = []
        self.gaps: list[Gap] = []
        self._levels: deque[float] = deque(maxlen=NOISE_MEMORY)
        self._threshold = QUIETEST_THRESHOLD_DB
        self._since_threshold = 0
        self._begun: float | None = None  # a sound that is not confirmed yet
        self._loud = 0
        self._rest: Pcm = np.zeros(0, np.int16)
        self._until: float | None = None  # the end of the last packet

    def hear(self, pcm: Pcm) -> None:
        """Take one packet (16 kHz, any length) that arrived just now."""
        now = self._clock()
        self._note_gap(now)
        at = now - len(self._rest) / SAMPLE_RATE
        pcm = np.concatenate([self._rest, pcm])
        whole = len(pcm) // WINDOW * WINDOW
        for index, level in enumerate(levels(pcm[:whole], WINDOW)):
            self._window(at + index * WINDOW_S, float(level))
        self._rest = pcm[whole:]
        self._until = now + (len(pcm) - len(self._rest)) / SAMPLE_RATE

    def first_sound_after(self, at: float) -> float | None:
        """Return when the first sound after `at` began, or `at` itself when there was sound just then."""
        for sound in self._since(at):
            return max(sound.start, at)
        return None

    def first_begun_after(self, at: float) -> float | None:
        """Return when the first sound that was not there at `at` began."""
        return next((sound.start for sound in self._since(at) if sound.start > at), None)

    def quiet_for(self, now: float) -> float:
        """Return how long nothing has been heard (infinite before the first sound)."""
        return now - self.sounds[-1].end if self.sounds else math.inf

    def silence_after(self, at: float, *, lasting: float, now: float) -> float | None:
        """Return when silence fell at or after `at` and held for `lasting` seconds; None while it has not."""
        end = at
        for sound in self._since(at):
            if sound.start - end >= lasting:
                break
            end = max(end, sound.end)
        else:
            return end if now - end >= lasting else None
        return end

    def _since(self, at: float) -> list[Sound]:
        first = len(self.sounds)
        while first > 0 and self.sounds[first - 1].end > at:
            first -= 1
        return self.sounds[first:]

    def _note_gap(self, now: float) -> None:
        if self._until is None or not self.sounds:
            return
        missing = now - self._until
        if LATE_PACKET_S < missing < LONGEST_GAP_S and self._until - self.sounds[-1].end < JOIN_S:
            self.gaps.append(Gap(self._until, round(missing * 1000)))

    def _window(self, at: float, level: float) -> None:
        self._levels.append(level)
        self._since_threshold += 1
        if self._since_threshold >= 100:
            self._since_threshold = 0
            noise = min(float(np.percentile(np.asarray(self._levels), 10)), LOUDEST_NOISE_DB)
            self._threshold = max(QUIETEST_THRESHOLD_DB, noise + ABOVE_NOISE_DB)
        loud, end = level >= self._threshold, at + WINDOW_S
        if loud and self.sounds and at - self.sounds[-1].end <= JOIN_S:
            self.sounds[-1].end = end
        elif loud:
            if self._begun is None or at - self._begun >= CONFIRM_WITHIN * WINDOW_S:
                self._begun, self._loud = at, 0
            self._loud += 1
            if self._loud >= CONFIRM_WINDOWS:
                self.sounds.append(Sound(self._begun, end))
                self._begun = None


def levels(pcm: Pcm, window: int) -> NDArray[np.float64]:
    """Return the level of each whole `window` of samples in dB below full scale (root mean square)."""
    power = np.mean(np.square(pcm.reshape(-1, window).astype(np.float64)), axis=1)
    db: NDArray[np.float64] = np.maximum(10 * np.log10(np.maximum(power, 1e-9) / 32768.0**2), SILENCE_DB)
    return db


def voiced_span(pcm: Pcm, rate: int) -> tuple[int, int]:
    """Return where the voice in a clip begins and ends, in samples: its first and last sound, not the file's edges.

    Loud is what is within 35 dB of the clip's loudest 20 ms, over its own noise and over the quietest threshold; clicks
    do not count. (0, 0) when there is no voice.
    """
    window = rate // 200
    whole = len(pcm) // window * window
    if whole < window * CONFIRM_WITHIN:
        return 0, 0
    level = levels(pcm[:whole], window)
    peak = float(np.max(np.convolve(level, np.ones(4) / 4, "valid")))
    noise = min(float(np.percentile(level, 5)) + 6.0, peak - 25.0)
    loud = level >= max(QUIETEST_THRESHOLD_DB, peak - 35.0, noise)
    count = np.convolve(loud, np.ones(CONFIRM_WITHIN))  # [i]: loud ones among the windows up to and with i
    first = np.flatnonzero(loud & (count[CONFIRM_WITHIN - 1 :] >= CONFIRM_WINDOWS))
    last = np.flatnonzero(loud & (count[: len(loud)] >= CONFIRM_WINDOWS))
    if len(first) == 0 or len(last) == 0:
        return 0, 0
    return int(first[0]) * window, (int(last[-1]) + 1) * window

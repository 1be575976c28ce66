"""What lies between a mouth and the recogniser: noise, a telephone line, the walls of a room."""

import numpy as np
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm

REVERBERATION_S = 0.5  # until an echo is 60 dB softer: a meeting room without curtains
WALLS_DB = 0.0  # all echoes together against the voice itself: a microphone at arm's length


def noisy(sound: Pcm, below_db: float = 12.0) -> Pcm:
    """Return 16 kHz speech over white noise that is so much softer."""
    level = float(np.sqrt(np.mean(sound.astype(np.float64) ** 2))) / 10 ** (below_db / 20)
    noise = np.random.default_rng(3).normal(0, level, len(sound))
    return _pcm(sound + noise)


def telephone(sound: Pcm) -> Pcm:
    """Return 16 kHz speech as a telephone lets it through: 300 to 3400 Hz."""
    spectrum = np.fft.rfft(sound.astype(np.float64))
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return _pcm(np.fft.irfft(spectrum, len(sound)))


def reverberant(sound: Pcm, echo_s: float = REVERBERATION_S) -> Pcm:
    """Return 16 kHz speech as heard in a bare room, as long as before.

    The response of the room is the voice itself and, 5 ms later, noise that dies away by 60 dB in `echo_s`.
    """
    at = np.arange(int(echo_s * SAMPLE_RATE)) / SAMPLE_RATE
    walls = np.random.default_rng(8).normal(size=len(at)) * 10 ** (-3 * at / echo_s)
    walls[: SAMPLE_RATE // 200] = 0
    walls *= 10 ** (WALLS_DB / 20) / np.sqrt(np.sum(walls**2))
    walls[0] = 1.0
    size = len(sound) + len(walls)
    spectrum = np.fft.rfft(sound.astype(np.float64), size) * np.fft.rfft(walls, size)
    return _pcm(np.fft.irfft(spectrum, size)[: len(sound)])


def _pcm(wave: NDArray[np.float64]) -> Pcm:
    return np.clip(wave, -32768, 32767).astype(np.int16)

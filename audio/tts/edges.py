"""The silence around a spoken sentence: voices put far more there than a conversation bears."""

import numpy as np

from audio import VOICE_RATE, Pcm

LEAD_MS, TAIL_MS = 15, 40
FRAME = VOICE_RATE // 200  # 5 ms
QUIET = 0.004  # of the loudest frame


def trimmed(pcm: Pcm) -> Pcm:
    """Return `pcm` (24 kHz) from `LEAD_MS` before its first sound to `TAIL_MS` after its last; nothing if it is silent.

    hibari begins every sentence with about 280 ms of silence and ends it with 460 ms: the first would be added to every
    answer of the bot, both together make a pause of three quarters of a second between two sentences.
    """
    frames = len(pcm) // FRAME
    if not frames:
        return pcm[:0]
    level = np.abs(pcm[: frames * FRAME].reshape(frames, FRAME).astype(np.int32)).max(axis=1)
    loud = np.flatnonzero(level > max(1, int(level.max() * QUIET)))
    if not len(loud):
        return pcm[:0]
    start = max(0, int(loud[0]) * FRAME - LEAD_MS * VOICE_RATE // 1000)
    end = min(len(pcm), (int(loud[-1]) + 1) * FRAME + TAIL_MS * VOICE_RATE // 1000)
    return pcm[start:end]


def pause(ms: int) -> Pcm:
    """Return `ms` of silence at 24 kHz."""
    return np.zeros(ms * VOICE_RATE // 1000, np.int16)

"""What a bot infers by itself, in its own process: whether there is a voice."""

import time

import numpy as np

from audio.vad import WINDOW, WINDOW_MS, SileroModel

WINDOWS = 600


def inference_s_per_minute() -> float:
    """Return the processor time that voice activity detection takes for a minute of one speaker's sound."""
    detector = SileroModel().detector()
    sound = np.random.default_rng(1).normal(0, 400, (WINDOWS, WINDOW)).astype(np.int16)
    detector.probability(sound[0])  # which loads the model
    began = time.process_time()
    for window in sound:
        detector.probability(window)
    return (time.process_time() - began) / WINDOWS * 60_000 / WINDOW_MS

"""A recorder that is killed in the middle of a call leaves a file that plays up to the last second."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np

RECORDING = """
import sys, time
import numpy as np
from pathlib import Path
from audio.recorder import Recorder

recorder = Recorder(Path(sys.argv[1]))
recorder.keep()
hum = (8000 * np.sin(2 * np.pi * 440 * np.arange(960) / 48000)).astype(np.int16)
began = time.monotonic()
for at in range(0, 60_000, 20):
    time.sleep(max(0, began + at / 1000 - time.monotonic()))
    recorder.push("humans", hum, 48_000, at)
    recorder.advance(at + 20)
    if at % 100 == 0:
        print(at, flush=True)
"""


def test_a_killed_recorder_loses_at_most_the_last_second(tmp_path: Path) -> None:
    file = tmp_path / "call.ogg"
    with subprocess.Popen([sys.executable, "-c", RECORDING, str(file)], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        recorded_ms = next(at for at in map(int, recorder.stdout) if at >= 4000)
        os.kill(recorder.pid, signal.SIGKILL)
    assert recorder.returncode == -signal.SIGKILL
    with av.open(str(file)) as recording:
        sound = np.concatenate([frame.to_ndarray() for frame in recording.decode(audio=0)], axis=1)
    assert sound.shape[1] / 48 >= recorded_ms - 1000
    right = sound[1, 4800 : sound.shape[1] - 4800]
    assert np.abs(right).max() > 0.2
    assert min(np.abs(piece).max() for piece in np.array_split(right, 50)) > 0.1

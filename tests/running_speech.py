"""Speech servers for tests, each ready when it is handed out and gone when the block ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from audio.client import SpeechClient
from audio.pcm import resample

WITHIN_S = 30


@dataclass
class Server:
    """A speech server in a process of its own, on a Unix socket; `ready` is what it said when it began to serve."""

    process: "subprocess.Popen[str]"
    socket: Path
    ready: dict[str, object]

    def client(self, timeout_s: float = 30.0) -> SpeechClient:
        """Return a client of this server; close it."""
        return SpeechClient(stt_socket=self.socket, tts_socket=self.socket, timeout_s=timeout_s)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit status."""
        self.process.send_signal(by)
        return self.process.wait(WITHIN_S)


def run_server(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start `python -m audio.server` with pipes for what it says."""
    return subprocess.Popen(
        [sys.executable, "-m", "audio.server", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


@contextmanager
def speech_server(socket: Path, models: Path, **environment: str) -> Iterator[Server]:
    """A running server, stopped at the end whatever happened to it; fails with what it wrote to stderr."""
    with run_server("--socket", str(socket), "--model-dir", str(models), **environment) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(process.stderr.read())
            yield Server(process, socket, json.loads(line))
        finally:
            process.kill()


def heard_in_a_room(voice: Pcm, noise: float = 20.0) -> Pcm:
    """Turn the sound of a voice (24 kHz) into what a lane holds: 16 kHz, quiet air before and after, a little hiss."""
    air = np.zeros(SAMPLE_RATE * 3 // 10, np.int16)
    speech = np.concatenate([air, resample(voice, VOICE_RATE, SAMPLE_RATE), air]).astype(np.float64)
    hiss = np.random.default_rng(7).normal(0, noise, len(speech))
    return np.clip(speech + hiss, -32768, 32767).astype(np.int16)

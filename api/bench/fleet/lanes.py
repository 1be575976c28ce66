"""Many talkers at once on the lanes of one process and the speech server of a real product."""

import asyncio
from pathlib import Path

import numpy as np

from api.bench.speech import own_clips
from audio import SAMPLE_RATE, Pcm
from audio.client import SpeechClient
from audio.heard import FinalTurn, LaneEvent
from audio.lane import LaneSettings
from audio.pcm import silence
from audio.replay import ReplayOptions, replay
from audio.vad import SileroModel


async def finals(speech_socket: Path, talkers: int, *, interims: bool, seconds: float) -> list[float]:
    """Return how long each final text took after its turn was held to be over, in ms."""
    late: list[float] = []

    def heard(event: LaneEvent) -> None:
        if isinstance(event, FinalTurn):
            late.append(event.text_ms - event.decided_ms)

    speech = SpeechClient(stt_socket=speech_socket, tts_socket=speech_socket)
    try:
        plain = [clip.sound for clip in await own_clips(speech) if "noise" not in clip.name and "tele" not in clip.name]
        model = SileroModel()
        options = ReplayOptions(live=True, settings=LaneSettings(interims=interims))
        async with asyncio.TaskGroup() as tasks:
            for number in range(talkers):
                sound = _talk(plain[number % len(plain) :] + plain[: number % len(plain)], seconds, number)
                listening = replay(
                    sound, stt=speech, vad=model.detector(), options=options, listener=heard, name=f"talker{number}"
                )
                tasks.create_task(listening)
    finally:
        await speech.aclose()
    return late


def _talk(clips: list[Pcm], seconds: float, number: int) -> Pcm:
    room = np.random.default_rng(5).normal(0, 6, int(0.9 * SAMPLE_RATE)).astype(np.int16)
    said = np.concatenate([piece for clip in clips for piece in (clip, room)])
    repeated = np.tile(said, int(seconds * SAMPLE_RATE / len(said)) + 1)[: int(seconds * SAMPLE_RATE)]
    return np.concatenate([silence(300 * number), repeated, silence(2000)])

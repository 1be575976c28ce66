"""Voices that are tones, and ears that keep what they hear: media between parties in the room, as numbers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from bot.platforms import FRAME, MeetingEvent, Participant
from bot.platforms.room import RoomConnection
from tests.guards import HANG_S


@dataclass
class Ear:
    heard: dict[str, list[Pcm]] = field(default_factory=dict)

    def __call__(self, participant: Participant, pcm: Pcm) -> None:
        self.heard.setdefault(participant.id, []).append(pcm)

    def sound(self, who: str) -> Pcm:
        return np.concatenate(self.heard.get(who, [np.zeros(0, np.int16)]))

    async def hears(self, who: str, seconds: float) -> Pcm:
        """Wait until so much of somebody's sound has come; return all there is of it."""
        async with asyncio.timeout(HANG_S):
            while len(sound := self.sound(who)) < seconds * SAMPLE_RATE:
                await asyncio.sleep(0.02)
        return sound


def tone(hz: float) -> Callable[[int], Pcm]:
    """Frames of a steady tone, by frame number."""

    def frame(number: int) -> Pcm:
        at = (np.arange(FRAME) + number * FRAME) / VOICE_RATE
        return (8000 * np.sin(2 * np.pi * hz * at)).astype(np.int16)

    return frame


def pitch(pcm: Pcm) -> float:
    """The strongest frequency in sound that was heard."""
    spectrum = np.abs(np.fft.rfft(pcm.astype(float)))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(pcm))


async def talk(connection: RoomConnection, frames: int, hz: float) -> None:
    loop, wave = asyncio.get_running_loop(), tone(hz)
    start = loop.time()
    for number in range(frames):
        connection.play(wave(number))
        await asyncio.sleep(max(0.0, start + (number + 1) * 0.02 - loop.time()))


async def until(connection: RoomConnection, kind: type[MeetingEvent]) -> MeetingEvent:
    async with asyncio.timeout(HANG_S):
        async for event in connection.events():
            if isinstance(event, kind):
                return event
    raise AssertionError(f"the call ended before {kind.__name__}")

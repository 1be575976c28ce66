"""A lane in virtual time: sound made of tones and silence, fed at the pace of a call."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from audio import SAMPLE_RATE, Pcm, SpeechToText, Transcript, Urgency
from audio.heard import LaneEvent
from audio.lane import Lane, LaneSettings, TurnModel
from audio.pcm import duration_ms, rms, silence
from audio.vad import WINDOW

PIECE = SAMPLE_RATE // 50

E = TypeVar("E")


class LoudnessDetector:
    """Takes the loud for a voice, is in doubt about the soft; a `VoiceActivityDetector` without a model."""

    def probability(self, window: Pcm, *, keen: bool = True) -> float:
        assert len(window) == WINDOW
        return 0.9 if rms(window) > 500 else 0.4 if rms(window) > 200 else 0.02

    def reset(self) -> None:
        pass


def voice(ms: float, level: int = 4000) -> Pcm:
    """Return a hum that `LoudnessDetector` takes for speech."""
    at = np.arange(round(ms * SAMPLE_RATE / 1000)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * 180 * at)).astype(np.int16)


def pause(ms: float) -> Pcm:
    """Return silence."""
    return silence(ms)


@dataclass
class TellingSpeechToText:
    """Answers what it is told for each decode that counts (`says`, in order); an interim gets the beginning of it.

    delay_s: how long each decode takes. sounds: how long each window was, in ms, with its urgency.
    """

    says: Sequence[str]
    delay_s: float = 0.0
    confidences: Sequence[float] = ()
    sounds: list[tuple[Urgency, float]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    _next: int = 0

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        self.sounds.append((urgency, duration_ms(pcm)))
        self.prompts.append(prompt)
        at = min(self._next, len(self.says) - 1)
        text = self.says[at]
        if urgency is Urgency.INTERIM:
            text = " ".join(text.split()[: max(1, int(duration_ms(pcm) / 400))])
        else:
            self._next += 1
        await asyncio.sleep(self.delay_s)
        return Transcript(text, self.confidences[at] if self.confidences else 0.8, language)


@dataclass
class SureTurnModel:
    """Says the same chance for every pause, `delay_s` late."""

    chance: float
    delay_s: float = 0.02

    async def probability(self, pcm: Pcm) -> float:
        await asyncio.sleep(self.delay_s)
        return self.chance


@dataclass
class HeardLane:
    """A running lane, its feeder and all it said, each event with the time it came at (ms)."""

    lane: Lane
    events: list[tuple[float, LaneEvent]]
    began: float
    fed_ms: float = 0.0

    def now_ms(self) -> float:
        return (asyncio.get_running_loop().time() - self.began) * 1000

    async def feed(self, *parts: Pcm) -> None:
        """Push the parts, one after the other, in real (that is: virtual) time."""
        sound = np.concatenate(parts)
        for at in range(0, len(sound), PIECE):
            piece = sound[at : at + PIECE]
            ready_ms = self.fed_ms + duration_ms(piece)
            await asyncio.sleep(max(0.0, (ready_ms - self.now_ms()) / 1000))
            self.lane.push(piece, self.fed_ms)
            self.fed_ms = ready_ms

    def lose(self, ms: float) -> None:
        """Let the next piece begin `ms` later, as after lost packets."""
        self.fed_ms += ms

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of one kind."""
        return [event for _, event in self.events if isinstance(event, kind)]

    def when(self, kind: type[LaneEvent]) -> list[float]:
        """Return when the events of one kind came."""
        return [at for at, event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def listening(
    stt: SpeechToText, *, settings: LaneSettings | None = None, turn_model: TurnModel | None = None
) -> AsyncIterator[HeardLane]:
    """Run a lane; at the end close it and wait for what is still open."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    events: list[tuple[float, LaneEvent]] = []

    def now_ms() -> float:
        return (loop.time() - began) * 1000

    lane = Lane(
        "ada",
        stt=stt,
        vad=LoudnessDetector(),
        emit=lambda event: events.append((now_ms(), event)),
        clock=now_ms,
        settings=settings or LaneSettings(lead=0),
        turn_model=turn_model,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(lane.run())
        await asyncio.sleep(0)
        yield HeardLane(lane, events, began)
        lane.close()

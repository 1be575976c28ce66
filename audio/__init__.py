"""Sound in, words out; words in, sound out. Nothing here knows what an interview is.

Two rates run through the package: `SAMPLE_RATE` for everything that listens (what Whisper and Silero take) and
`VOICE_RATE` for everything that speaks (OpenAI's `pcm` format). Sound is always int16, mono, as a numpy array.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

# ONNX Runtime >= 1.29 for Linux reports to its makers, from a thread it starts when imported, unless told not to. What
# is said in an interview and on which machine is nobody else's business, and a bot host must fork without threads.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

SAMPLE_RATE = 16_000
VOICE_RATE = 24_000

Pcm: TypeAlias = NDArray[np.int16]


class Urgency(StrEnum):
    """How much a piece of text is missed if it comes late; load is shed from the first upwards, never from `FINAL`."""

    INTERIM = "interim"
    SPECULATIVE = "speculative"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one window of sound.

    confidence: 0..1, the geometric mean of the token probabilities; empty text means that no words were found.
    """

    text: str
    confidence: float
    language: str


class SpeechToText(Protocol):
    """Turns one window of sound into text."""

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        """Return the words in `pcm` (16 kHz, at most 30 s).

        lane: whose sound it is; of the interims of one lane only the newest is worth decoding.
        prompt: names and terms of the conversation, at most some 50 tokens.

        Raises `Shed` when an interim or a speculative decode gave way to something more urgent (never for `FINAL`),
        `SpeechUnavailable` when the server can't be reached (the caller keeps its sound and asks again).
        """
        ...


class TextToSpeech(Protocol):
    """Turns text into sound."""

    def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        """Yield the sound of `text` (24 kHz) in pieces, the first as early as possible.

        Raises `SpeechUnavailable` when the server can't be reached, `UnsupportedLanguage` when no voice speaks it.
        """
        ...

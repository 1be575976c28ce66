"""Recognisers and voices that need no model, named for how they behave.

They wait with `asyncio.sleep`, so in virtual time a late one costs a test nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from audio import SAMPLE_RATE, VOICE_RATE, Pcm, SpeechToText, TextToSpeech, Transcript, Urgency
from audio.errors import Shed, SpeechRefused, SpeechUnavailable

HEAD = SAMPLE_RATE // 5
PIECE = VOICE_RATE // 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One request a recogniser got; `seconds` is the length of the window."""

    urgency: Urgency
    lane: str
    seconds: float
    language: str
    prompt: str


@dataclass
class _Place:
    turn: int = -1
    head: bytes = b""
    closed: bool = True


@dataclass
class ScriptedSpeechToText:
    """Hears the given turns in order, lane by lane, whatever the sound is.

    An interim holds as many words of the turn as its window is long (`word_s` each, at least one); speculative and
    final requests hold all of them. The next turn begins after a final, or when a window begins with other sound than
    the last one did (so a speculative text that was used as the final one does not stall the script). After the last
    turn nothing is heard any more.
    """

    turns: Sequence[str] | Mapping[str, Sequence[str]]
    word_s: float = 0.3
    confidence: float = 0.9
    asked: list[Asked] = field(default_factory=list)
    _places: dict[str, _Place] = field(default_factory=dict)

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        self.asked.append(Asked(urgency, lane, len(pcm) / SAMPLE_RATE, language, prompt))
        place = self._places.setdefault(lane, _Place())
        head = pcm[:HEAD].tobytes()
        if place.closed or head != place.head:
            place.turn, place.head = place.turn + 1, head
        place.closed = urgency is Urgency.FINAL
        await asyncio.sleep(0)
        turns = self.turns.get(lane, ()) if isinstance(self.turns, Mapping) else self.turns
        words = turns[place.turn].split() if place.turn < len(turns) else []
        if urgency is Urgency.INTERIM:
            words = words[: max(1, int(len(pcm) / SAMPLE_RATE / self.word_s))]
        return Transcript(" ".join(words), self.confidence if words else 0.0, language)


class DeafSpeechToText:
    """Answers at once and never hears a word."""

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        await asyncio.sleep(0)
        return Transcript("", 0.0, language)


@dataclass
class LateSpeechToText:
    """Hears what `inner` hears, `delay_s` later."""

    inner: SpeechToText
    delay_s: float

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        await asyncio.sleep(self.delay_s)
        return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)


@dataclass
class UnreachableSpeechToText:
    """Is away for the first `failures` requests (for good when None), then hears what `inner` hears."""

    inner: SpeechToText
    failures: int | None = None
    refused: int = 0

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if self.failures is None or self.refused < self.failures:
            self.refused += 1
            raise SpeechUnavailable("the speech server is away")
        return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)


@dataclass
class RefusingSpeechToText:
    """Refuses every guess and final until it has refused `finals` of them, then hears what `inner` hears."""

    inner: SpeechToText
    finals: int = 1
    refused: int = 0

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if self.refused < self.finals:
            self.refused += urgency is Urgency.FINAL
            raise SpeechRefused(400, "this sound can't be used")
        return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)


@dataclass
class SheddingSpeechToText:
    """Is so busy that it decodes finals alone."""

    inner: SpeechToText

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if urgency is not Urgency.FINAL:
            raise Shed("busy with finals")
        return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)


@dataclass
class StuckGuesses:
    """Never answers a speculative request; hears what `inner` hears otherwise."""

    inner: SpeechToText

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if urgency is Urgency.SPECULATIVE:
            await asyncio.Event().wait()
        return await self.inner.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)


class StuckSpeechToText:
    """Takes a request and never answers."""

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        await asyncio.Event().wait()
        raise AssertionError("unreachable: the event is never set")


def _spoken_samples(text: str, char_s: float, speed: float) -> int:
    return int(len(text) * char_s / speed * VOICE_RATE)


@dataclass
class ToneVoice:
    """Hums one tone, `char_s` for each letter, in pieces of 100 ms; `said` holds what it was asked to say."""

    hertz: float = 220.0
    char_s: float = 0.06
    said: list[str] = field(default_factory=list)

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        self.said.append(text)
        at = np.arange(_spoken_samples(text, self.char_s, speed)) / VOICE_RATE
        hum = (8000 * np.sin(2 * np.pi * self.hertz * at)).astype(np.int16)
        for start in range(0, len(hum), PIECE):
            await asyncio.sleep(0)
            yield hum[start : start + PIECE]


@dataclass
class SilentVoice:
    """Speaks as long as a voice would, without a sound."""

    char_s: float = 0.06
    said: list[str] = field(default_factory=list)

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        self.said.append(text)
        left = _spoken_samples(text, self.char_s, speed)
        while left > 0:
            await asyncio.sleep(0)
            yield np.zeros(min(left, PIECE), np.int16)
            left -= PIECE


@dataclass
class LateVoice:
    """Says what `inner` says; the first piece comes `delay_s` late."""

    inner: TextToSpeech
    delay_s: float

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        await asyncio.sleep(self.delay_s)
        async for piece in self.inner.speak(text, language=language, voice=voice, speed=speed):
            yield piece


@dataclass
class BreakingVoice:
    """Breaks off with `SpeechUnavailable` after `pieces` pieces, each time for the first `failures` texts."""

    inner: TextToSpeech
    pieces: int = 0
    failures: int = 1
    broken: int = 0

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        left = self.pieces
        breaks = self.broken < self.failures
        self.broken += breaks
        async for piece in self.inner.speak(text, language=language, voice=voice, speed=speed):
            if breaks and left == 0:
                raise SpeechUnavailable("the speech server broke off")
            left -= 1
            yield piece


class StuckVoice:
    """Takes a text and never makes a sound."""

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        await asyncio.Event().wait()
        yield np.zeros(0, np.int16)

"""Which voice says what: hibari for English, espeak-ng for the rest and whenever hibari can't."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import numpy as np
import structlog

from audio import Pcm
from audio.errors import SpeechUnavailable, UnknownVoice, UnsupportedLanguage, VoiceMissing
from audio.tts.edges import pause, trimmed
from audio.tts.espeak import EspeakVoice
from audio.tts.sentences import opening, sentences

CLAUSE_PAUSE_MS, SENTENCE_PAUSE_MS = 110, 330
VOICES = ("heart", "oak")
# OpenAI's names, so that any client of its API gets a voice: the higher ones are heart, the lower ones oak
_OAK = ("oak", "ash", "ballad", "cedar", "echo", "fable", "onyx", "verse")
_HEART = ("heart", "default", "alloy", "coral", "marin", "nova", "sage", "shimmer")
NAMES = {**dict.fromkeys(_HEART, "heart"), **dict.fromkeys(_OAK, "oak")}


class Voice(Protocol):
    """Says one sentence in one language."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes it speaks."""
        ...

    async def say(self, sentence: str, *, language: str, voice: str, speed: float) -> Pcm:
        """Return the sound (24 kHz); `voice` is one of `VOICES`.

        Raises `SpeechUnavailable` when it fails.
        """
        ...

    async def aclose(self) -> None:
        """Let go of what it holds."""
        ...


class LocalVoices:
    """`TextToSpeech` in this process; `await LocalVoices.load()` makes one that is warm."""

    def __init__(self, english: Voice | None, others: EspeakVoice) -> None:
        self._english, self._others = english, others
        self._log = structlog.get_logger("audio.tts")

    @classmethod
    async def load(cls) -> "LocalVoices":
        """Load and warm up every voice there is; a missing one is logged, and named when it is asked for."""
        log = structlog.get_logger("audio.tts")
        others = EspeakVoice()
        try:
            await others.start()
        except (VoiceMissing, SpeechUnavailable) as why:
            log.warning("voice.missing", languages="all but en", why=str(why))
        english = None
        try:
            english = await asyncio.to_thread(_load_hibari)
        except (ImportError, OSError, RuntimeError) as why:
            log.warning("voice.missing", languages="en", why=str(why), instead="espeak-ng")
        except asyncio.CancelledError:
            await others.aclose()
            raise
        return cls(english, others)

    @property
    def languages(self) -> list[str]:
        """The codes that can be spoken."""
        return sorted({*(("en",) if self._english else ()), *self._others.languages})

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        """Yield the sound of `text` sentence by sentence, a long first one clause first.

        Raises `UnknownVoice`, `UnsupportedLanguage`, `VoiceMissing`, `SpeechUnavailable`.
        """
        if voice not in NAMES:
            raise UnknownVoice(voice, sorted(NAMES))
        gap = 0
        for piece, gap_after in _pieces(text):
            sound = trimmed(await self._say(piece, language.lower(), NAMES[voice], speed))
            if len(sound):
                yield np.concatenate([pause(round(gap / speed)), sound])
                gap = gap_after

    async def _say(self, sentence: str, language: str, voice: str, speed: float) -> Pcm:
        if self._english and language.split("-")[0] == "en":
            try:
                return await self._english.say(sentence, language="en", voice=voice, speed=speed)
            except SpeechUnavailable as why:
                self._log.warning("voice.stumbled", why=str(why), instead="espeak-ng")
        try:
            return await self._others.say(sentence, language=language, voice=voice, speed=speed)
        except UnsupportedLanguage:
            raise UnsupportedLanguage(language, self.languages) from None

    async def aclose(self) -> None:
        """Let go of processes and threads."""
        await self._others.aclose()
        if self._english:
            await self._english.aclose()


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    for number, sentence in enumerate(sentences(text)):
        head, rest = opening(sentence) if number == 0 else (sentence, "")
        yield head, CLAUSE_PAUSE_MS if rest else SENTENCE_PAUSE_MS
        if rest:
            yield rest, SENTENCE_PAUSE_MS


def _load_hibari() -> Voice:
    from audio.tts.hibari import HibariVoice  # a broken installation must not take the other languages with it

    return HibariVoice()

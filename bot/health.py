"""Whether speech works: passes every call on to the speech service and remembers since when it has been failing."""

from collections.abc import AsyncIterator, Callable

from audio import Pcm, SpeechToText, TextToSpeech, Transcript, Urgency
from audio.errors import SpeechUnavailable


class WatchedSpeech:
    """A `SpeechToText` and `TextToSpeech` that knows how long it has been down."""

    def __init__(self, stt: SpeechToText, tts: TextToSpeech, clock: Callable[[], float]) -> None:
        self._stt, self._tts, self._clock = stt, tts, clock
        self._down_since: float | None = None

    @property
    def down_s(self) -> float:
        """Seconds since the first failure after the last success; 0 while all is well."""
        return 0.0 if self._down_since is None else self._clock() - self._down_since

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        try:
            transcript = await self._stt.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)
        except SpeechUnavailable:
            self._failed()
            raise
        self._down_since = None
        return transcript

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        try:
            async for piece in self._tts.speak(text, language=language, voice=voice, speed=speed):
                self._down_since = None
                yield piece
        except SpeechUnavailable:
            self._failed()
            raise

    def _failed(self) -> None:
        if self._down_since is None:
            self._down_since = self._clock()

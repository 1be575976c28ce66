"""Whether speech works: passes every call on to the service and remembers what has been failing, and since when."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from audio import Pcm, SpeechToText, TextToSpeech, Transcript, Urgency
from audio.errors import AudioError, Shed

STALE_S = 20.0
REFUSALS = 2  # in a row, each of something else: asking again does not help


@dataclass(slots=True)
class _Side:
    """One of the two directions."""

    down_since: float | None = None
    failed_at: float = 0.0
    refusals: int = 0
    detail: str = ""

    def down_s(self, now: float) -> float:
        # Long after the last try nothing is known; the next one will tell.
        if self.down_since is None or now - self.failed_at > STALE_S:
            return 0.0
        return now - self.down_since

    def worked(self) -> None:
        self.down_since, self.refusals = None, 0

    def failed(self, error: AudioError, now: float, *, counts: bool = True) -> None:
        self.detail, self.failed_at = str(error), now
        if not error.retryable:
            self.refusals += counts
        elif self.down_since is None:
            self.down_since = now


class WatchedSpeech:
    """A `SpeechToText` and `TextToSpeech` that knows what is wrong with it."""

    def __init__(self, stt: SpeechToText, tts: TextToSpeech, clock: Callable[[], float]) -> None:
        self._stt, self._tts, self._clock = stt, tts, clock
        self._hearing, self._speaking = _Side(), _Side()

    @property
    def down_s(self) -> float:
        """Seconds since the first failure after the last success, of the worse side; 0 while all is well."""
        now = self._clock()
        return max(side.down_s(now) for side in self._sides)

    @property
    def refused(self) -> bool:
        """Whether the service refuses what it is asked (a wrong key, no such voice), so that waiting won't help."""
        return any(side.refusals >= REFUSALS for side in self._sides)

    @property
    def detail(self) -> str:
        """What the failing sides said last."""
        return "; ".join(side.detail for side in self._sides if side.down_since is not None or side.refusals)

    @property
    def _sides(self) -> tuple[_Side, _Side]:
        return self._hearing, self._speaking

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        try:
            transcript = await self._stt.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)
        except Shed:
            raise  # nothing is wrong
        except AudioError as error:
            # Guesses at the same sound are refused with its final: that says nothing about the next one's.
            self._hearing.failed(error, self._clock(), counts=urgency is Urgency.FINAL)
            raise
        self._hearing.worked()
        return transcript

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        try:
            async for piece in self._tts.speak(text, language=language, voice=voice, speed=speed):
                self._speaking.worked()
                yield piece
        except AudioError as error:
            self._speaking.failed(error, self._clock())
            raise

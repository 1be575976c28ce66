"""Whether speech works: passes every call on to the service and remembers what has been failing, and since when."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from audio import Pcm, SpeechToText, TextToSpeech, Transcript, Urgency
from audio.errors import AudioError, Shed, SpeechUnavailable
from bot.speaker import QUIET

STALE_S = 20.0
HUNG_S = 8.0  # waited for so long since the last answer, in one request or several: as good as away
REFUSALS = 2  # in a row, each of something else: asking again does not help


@dataclass(slots=True)
class _Side:
    """One of the two directions. waited_s: in requests that were given up, since the last answer to any."""

    name: str
    clock: Callable[[], float]
    down_since: float | None = None
    tried_at: float = 0.0
    refusals: int = 0
    said: str = ""
    asking: int = 0  # requests under way
    since: float = 0.0  # when the first of them was made, or another was answered
    waited_s: float = 0.0

    @property
    def down_s(self) -> float:
        now = self.clock()
        if not self.asking and now - self.tried_at > STALE_S:
            return 0.0  # long after the last try nothing is known; the next one will tell
        failing_s = 0.0 if self.down_since is None else now - self.down_since
        return max(failing_s, self.hung_s)

    @property
    def hung_s(self) -> float:
        """For how long there was no answer to what was asked; 0 while that is not long."""
        waited_s = self.waited_s + (self.clock() - self.since if self.asking else 0.0)
        return waited_s if waited_s >= HUNG_S else 0.0

    @property
    def detail(self) -> str:
        if self.hung_s:
            return f"{self.name} has not answered for {self.hung_s:.0f} s"
        return self.said if self.down_since is not None or self.refusals else ""

    @contextmanager
    def asked(self, *, counts: bool = True) -> Iterator[None]:
        """Wait for an answer. counts: whether a refusal says something about what is asked next."""
        if not self.asking:
            self.since = self.clock()
        self.asking += 1
        try:
            yield
        except Shed:
            self._answered()  # nothing is wrong
            raise
        except AudioError as error:
            self._failed(error, counts=counts)
            raise
        except asyncio.CancelledError:
            if self.asking == 1:  # given up
                self.waited_s += self.clock() - self.since
            raise
        else:
            self.down_since, self.refusals = None, 0
            self._answered()
        finally:
            self.asking -= 1
            self.tried_at = self.clock()

    def _answered(self) -> None:
        self.since, self.waited_s = self.clock(), 0.0

    def _failed(self, error: AudioError, *, counts: bool) -> None:
        self.said = str(error)
        if not error.retryable:
            self.refusals += counts
        elif self.down_since is None:
            self.down_since = self.clock() - self.hung_s
        self._answered()


class WatchedSpeech:
    """A `SpeechToText` and `TextToSpeech` that knows what is wrong with it."""

    def __init__(self, stt: SpeechToText, tts: TextToSpeech, clock: Callable[[], float]) -> None:
        self._stt, self._tts = stt, tts
        self._hearing, self._speaking = _Side("the recogniser", clock), _Side("the voice", clock)

    @property
    def down_s(self) -> float:
        """Seconds for which the worse side has failed, or has not answered at all; 0 while all is well."""
        return max(side.down_s for side in self._sides)

    @property
    def refused(self) -> bool:
        """Whether the service refuses what it is asked (a wrong key, no such voice), so that waiting won't help."""
        return any(side.refusals >= REFUSALS for side in self._sides)

    @property
    def detail(self) -> str:
        """What the failing sides said last."""
        return "; ".join(side.detail for side in self._sides if side.detail)

    @property
    def _sides(self) -> tuple[_Side, _Side]:
        return self._hearing, self._speaking

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        # Guesses at the same sound are refused with its final: that says nothing about the next one's.
        with self._hearing.asked(counts=urgency is Urgency.FINAL):
            return await self._stt.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        """Speak; raise `SpeechUnavailable` also where the service gives no sound for words."""
        pieces = aiter(self._tts.speak(text, language=language, voice=voice, speed=speed))
        begun = not any(map(str.isalnum, text))  # nothing is to be heard of what holds no words
        while True:
            with self._speaking.asked():
                piece = await anext(pieces, None) if begun else await _first_sound(pieces, text)
            if piece is None:
                return
            begun = True
            yield piece


async def _first_sound(pieces: AsyncIterator[Pcm], text: str) -> Pcm:
    async for piece in pieces:
        if len(piece) and np.abs(piece.astype(np.int32)).max() > QUIET:
            return piece
    raise SpeechUnavailable(f"the voice made no sound of {text[:60]!r}")

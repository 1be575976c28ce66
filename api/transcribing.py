"""One sound file through a lane, with the recogniser's trouble told instead of waited out."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from audio import Pcm, SpeechToText, Transcript, Urgency
from audio.errors import AudioError, Shed
from audio.heard import FinalTurn, Interim, LaneEvent
from audio.pcm import duration_ms
from audio.replay import ReplayOptions, replay
from audio.vad import SileroModel

GIVE_UP_S = 5.0  # a call waits half an hour for the speech server; a command tells


class Listener(Protocol):
    """Who watches a file being transcribed."""

    def interim(self, text: str) -> None:
        """Take the text so far of the turn under way."""
        ...

    def final(self, turn: FinalTurn) -> None:
        """Take a final turn."""
        ...


@dataclass(frozen=True, slots=True)
class Transcribed:
    """The turns of one file."""

    duration_ms: int
    turns: tuple[FinalTurn, ...]


async def transcribed(
    pcm: Pcm, stt: SpeechToText, vad: SileroModel, options: ReplayOptions, listener: Listener
) -> Transcribed:
    """Return the turns in `pcm` (16 kHz); raises the `AudioError` that cost a final text."""

    def tell(event: LaneEvent) -> None:
        if isinstance(event, Interim) and options.live:
            listener.interim(event.text)
        elif isinstance(event, FinalTurn):
            listener.final(event)

    watched = _Watched(stt)
    turns = await replay(pcm, stt=watched, vad=vad.detector(), options=options, listener=tell)
    if watched.trouble is not None:
        raise watched.trouble
    return Transcribed(round(duration_ms(pcm)), tuple(turns))


class _Watched:
    """Stops asking once the recogniser refused or was away for `GIVE_UP_S`, and remembers why."""

    def __init__(self, stt: SpeechToText) -> None:
        self._stt = stt
        self._away_since: float | None = None
        self.trouble: AudioError | None = None

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if self.trouble is not None:
            raise self.trouble
        try:
            transcript = await self._stt.transcribe(pcm, urgency=urgency, lane=lane, language=language, prompt=prompt)
        except Shed:
            raise
        except AudioError as error:
            now = asyncio.get_running_loop().time()
            self._away_since = self._away_since or now
            if error.retryable and now - self._away_since < GIVE_UP_S:
                raise
            self.trouble = AudioError(str(error))  # not one that a lane asks again after
            raise self.trouble from error
        self._away_since = None
        return transcript

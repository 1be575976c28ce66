"""One lane's questions to the recogniser: interims may be dropped, speculations may be used, finals must come."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import structlog

from audio import Pcm, SpeechToText, Transcript, Urgency
from audio.context import continuation
from audio.errors import AudioError, Shed

_FIRST_RETRY_S = 0.1
_SLOWEST_RETRY_S = 2.0
_SPECULATION_S = 6.0  # longer than an overloaded server takes; one that hangs is started again after as long

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What to decode and how.

    lead, led_by: the sound right before, where it helps to hear it along, and what was said in it.
    """

    sound: Pcm
    language: str
    prompt: str
    lead: Pcm | None = None
    led_by: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text that counts, and whether a speculation brought it. lost: why there is none, where it was given up."""

    transcript: Transcript
    speculated: bool
    lost: str = ""


class Decoder:
    """Runs one lane's decodes as tasks of the group it was started in."""

    def __init__(self, stt: SpeechToText, key: str, give_up_after_s: float) -> None:
        self._stt, self._key = stt, key
        self._give_up_after_s = give_up_after_s
        self._group: asyncio.TaskGroup | None = None
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, group: asyncio.TaskGroup) -> None:
        """Let `group` own every task from now on."""
        self._group = group

    @property
    def started(self) -> bool:
        """Whether decodes can be asked for."""
        return self._group is not None

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Run `work` in the lane's group; `settle` waits for it."""
        assert self._group is not None, "a lane decodes only while it runs"
        task = self._group.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def cancel(self) -> None:
        """Give up whatever is still being decoded."""
        for task in self._running:
            task.cancel()

    async def settle(self) -> None:
        """Return when nothing is being decoded."""
        while self._running:
            await asyncio.wait(set(self._running))

    def interim(self, request: Request, then: Callable[[Transcript | None], None]) -> None:
        """Ask for text so far; `then` gets it, or None when it was shed or the server is away."""
        self.spawn(self._try(request, Urgency.INTERIM, then))

    def speculate(
        self, request: Request, then: Callable[[Transcript | None], None]
    ) -> "asyncio.Task[Transcript | None]":
        """Ask for the text ahead of the decision; cancel the task when the voice goes on."""
        return self.spawn(self._try(request, Urgency.SPECULATIVE, then))

    def final(
        self, request: Request, speculation: "asyncio.Task[Transcript | None] | None" = None
    ) -> "asyncio.Task[Decoded]":
        """Get the text of a closed segment: the speculation's where it brings one, else asked for until it is there.

        Given up (`Decoded.lost`) when asking again can't help, or after `give_up_after_s`.
        """
        return self.spawn(self._must(request, speculation))

    async def _try(
        self, request: Request, urgency: Urgency, then: Callable[[Transcript | None], None]
    ) -> Transcript | None:
        transcript: Transcript | None = None
        try:
            transcript = await self._ask(request, urgency)
        except Shed:
            _log.debug("decode_shed", lane=self._key, urgency=urgency.value)
        except AudioError as error:
            _log.debug("decode_failed", lane=self._key, urgency=urgency.value, error=str(error))
        then(transcript)
        return transcript

    async def _must(self, request: Request, speculation: "asyncio.Task[Transcript | None] | None") -> Decoded:
        if speculation is not None and (transcript := await self._speculated(speculation)) is not None:
            return Decoded(transcript, speculated=True)
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._give_up_after_s
        pause = _FIRST_RETRY_S
        while True:
            try:
                return Decoded(await self._ask(request, Urgency.FINAL), speculated=False)
            except AudioError as error:
                if not error.retryable or loop.time() >= give_up:
                    _log.error("final_given_up", lane=self._key, error=str(error))
                    return Decoded(Transcript("", 0.0, request.language), speculated=False, lost=str(error))
                _log.warning("final_waits", lane=self._key, error=str(error), retry_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY_S)

    async def _speculated(self, speculation: "asyncio.Task[Transcript | None]") -> Transcript | None:
        done, late = await asyncio.wait([speculation], timeout=_SPECULATION_S)
        if late:
            _log.warning("speculation_given_up", lane=self._key, after_s=_SPECULATION_S)
            speculation.cancel()
            return None
        return done.pop().result()

    async def _ask(self, request: Request, urgency: Urgency) -> Transcript:
        if request.lead is not None:
            both = await self._read(np.concatenate([request.lead, request.sound]), request, urgency)
            # Nothing left may mean that the same was said again, which Whisper likes to write once.
            if rest := continuation(request.led_by, both.text):
                return replace(both, text=rest)
        return await self._read(request.sound, request, urgency)

    async def _read(self, sound: Pcm, request: Request, urgency: Urgency) -> Transcript:
        return await self._stt.transcribe(
            sound, urgency=urgency, lane=self._key, language=request.language, prompt=request.prompt
        )

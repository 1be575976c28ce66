"""The bot's mouth: lines in, paced 20 ms frames out, and an exact account of what was heard.

A line is spoken sentence by sentence; the next sentence is fetched while the last one plays. One absolute clock paces
the frames. `pause` takes effect before the next frame, `resume` goes on from the exact sample, `flush` drops the rest.
`rehearse` fetches the beginning of a line that will probably be said next.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np
import structlog

from audio import VOICE_RATE, Pcm, TextToSpeech
from audio.errors import AudioError, SpeechUnavailable
from audio.tts.sentences import sentences as split_sentences
from bot.platforms import FRAME
from bot.pulse import Progress

log = structlog.get_logger(__name__)

FRAME_S = 0.02
QUIET = 300  # int16: below this a voice's lead-in is silence, not the start of a word
LEAD = FRAME // 2  # what is kept of a lead-in
BREATH = VOICE_RATE // 5  # between two sentences; voices give each one tightly cut
AHEAD = 2  # sentences fetched while one plays
FIRST_SOUND_S = 4.0  # watchdog: text with no sound
RECALLABLE = 100  # frames: beyond two seconds nothing waits anywhere to be heard
RETRY_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(slots=True, eq=False)
class _Sentence:
    text: str
    pieces: list[Pcm] = field(default_factory=list)
    samples: int = 0
    played: int = 0
    complete: bool = False
    broken: bool = False  # its sound broke off for good
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> bool:
        """True when a frame can be taken: a whole one, or the rest of a complete sentence."""
        return self.complete or self.samples - self.played >= FRAME

    def take(self) -> Pcm:
        """Return the next frame; the last one of a sentence is filled up with silence."""
        frame: Pcm = np.zeros(FRAME, np.int16)
        filled = 0
        while filled < FRAME and self.pieces:
            piece = self.pieces[0][: FRAME - filled]
            frame[filled : filled + len(piece)] = piece
            filled += len(piece)
            rest = self.pieces[0][len(piece) :]
            if len(rest):
                self.pieces[0] = rest
            else:
                self.pieces.pop(0)
        self.played += filled
        return frame

    def give_back(self, frame: Pcm) -> None:
        """Undo the last `take`."""
        taken = (self.played - 1) % FRAME + 1  # the last one of a sentence was filled up
        self.pieces.insert(0, frame[:taken])
        self.played -= taken

    @property
    def over(self) -> bool:
        return self.complete and self.played >= self.samples

    def heard(self) -> str:
        """Return the words whose sound has left: all of them, or a share by sample count, rounded down."""
        if self.over and self.samples and not self.broken:
            return self.text
        if not self.played or not self.samples:
            return ""
        words = self.text.split()
        # An unfinished fetch does not know its length; speech runs at about 14 characters a second.
        known = self.complete and not self.broken
        length = self.samples if known else max(self.samples, int(len(self.text) / 14 * VOICE_RATE))
        return " ".join(words[: int(len(words) * self.played / length)])


@dataclass(slots=True, eq=False)
class SpokenLine:
    """One line and how far it got. first_frame_at: loop time of its first frame, None before; open: it goes on."""

    number: int
    text: str
    speed: float
    sentences: list[_Sentence]
    first_frame_at: float | None = None
    lost: bool = False  # no sound could be had for it
    open: bool = False
    more: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self) -> str:
        return " ".join(part for part in (sentence.heard() for sentence in self.sentences) if part)

    def remaining_s(self) -> float:
        """Return how much is left to play, as far as it is known."""
        return (
            sum(s.samples - s.played if s.samples else len(s.text) / 14 * VOICE_RATE for s in self.sentences)
            / VOICE_RATE
        )


class Speaker:
    """Speaks lines one after another through `play`.

    play: takes one frame (480 samples, 24 kHz), at the moment it is due. recall: takes frames back that nobody has
    heard yet, and returns how many: they are played again, or never were said.
    started, ended: called when a line's first frame leaves, and when it is over (heard text, interrupted).
    """

    def __init__(
        self,
        voice: TextToSpeech,
        *,
        play: Callable[[Pcm], None],
        recall: Callable[[], int],
        started: Callable[[SpokenLine], None],
        ended: Callable[[SpokenLine, bool], None],
        language: str,
        voice_name: str,
    ) -> None:
        self._voice, self._play, self._started, self._ended = voice, play, started, ended
        self._recall = recall
        self._language, self._voice_name = language, voice_name
        self._lines: list[SpokenLine] = []
        self._rehearsed: SpokenLine | None = None
        self._wake = asyncio.Event()
        self._running = asyncio.Event()
        self._running.set()
        self._fetch_wanted = asyncio.Event()
        self._closed = asyncio.Event()
        self._played = 0
        self._recent: deque[tuple[_Sentence, Pcm]] = deque(maxlen=RECALLABLE)  # of the line being said

    @property
    def speaking(self) -> bool:
        """True from a line's first frame to its end, pauses included."""
        return bool(self._lines) and self._lines[0].first_frame_at is not None

    @property
    def busy(self) -> bool:
        """True while anything is being said or waits to be said."""
        return bool(self._lines)

    @property
    def paused(self) -> bool:
        return not self._running.is_set()

    @property
    def progress(self) -> Progress:
        """How many frames were paid out, and whether one could be now."""
        sentence = None if self.paused or not self._lines else self._next_to_say(self._lines[0])
        return Progress("the voice", self._played, sentence is not None and sentence.ready)

    @property
    def current(self) -> SpokenLine | None:
        return self._lines[0] if self._lines else None

    def say(self, number: int, text: str, *, speed: float = 1.0, open: bool = False) -> None:
        """Queue one line behind what is being said. open: it does not end before `say_on` has ended it."""
        line, self._rehearsed = self._rehearsed, None
        if line is None or (line.text, line.speed) != (text, speed) or line.lost:
            line = _line(text, speed)
        line.number, line.open = number, open
        self._lines.append(line)
        self._wake.set()
        self._fetch_wanted.set()

    def say_on(self, number: int, text: str, *, last: bool) -> None:
        """Add to an open line; nothing happens when it is not said any more. last: it ends after these words."""
        line = next((line for line in self._lines if line.number == number and line.open), None)
        if line is None:
            return
        said = line.sentences[-1] if line.sentences else None
        if said is not None and text and said.complete and not said.over:
            said.pieces.append(np.zeros(BREATH, np.int16))
            said.samples += BREATH
        line.text, line.open = f"{line.text} {text}".strip(), not last
        line.sentences += _line(text, line.speed).sentences
        line.more.set()
        self._fetch_wanted.set()

    def rehearse(self, text: str, *, speed: float = 1.0) -> None:
        """Fetch the first sentence of a line that is likely to be said next; any other line may still be said."""
        known = self._rehearsed
        if known is None or (known.text, known.speed) != (text, speed) or known.lost:
            self._rehearsed = _line(text, speed)
            self._fetch_wanted.set()

    def pause(self) -> None:
        if not self.paused:
            self._running.clear()
            self._take_back()

    def resume(self) -> None:
        self._running.set()

    def flush(self) -> None:
        """Drop what is being said and what waits; each dropped line ends as interrupted, with what was heard of it."""
        if self._lines:
            self._take_back()
        dropped, self._lines = self._lines, []
        self._running.set()
        self._wake.set()
        for line in dropped:
            line.dropped.set()
            line.more.set()
            for sentence in line.sentences:
                sentence.more.set()
            self._ended(line, True)

    def close(self) -> None:
        """Give up the voice for good: `run` returns, and no further frame is played."""
        self.flush()
        self._closed.set()

    async def run(self) -> None:
        """Speak until cancelled or closed."""
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(self._fetch(), name="voice-fetch"),
                tasks.create_task(self._pace(), name="voice-pace"),
            ]
            await self._closed.wait()
            for task in working:
                task.cancel()

    # ---- fetching -------------------------------------------------------------------------------------------------

    async def _fetch(self) -> None:
        while True:
            wanted = self._next_to_fetch()
            if wanted is None:
                self._fetch_wanted.clear()
                await self._fetch_wanted.wait()
                continue
            line, sentence = wanted
            await self._fetch_sentence(line, sentence)

    def _next_to_fetch(self) -> tuple[SpokenLine, _Sentence] | None:
        open_ones = [(line, s) for line in self._lines for s in line.sentences if not s.over][: AHEAD + 1]
        if self._rehearsed is not None:
            open_ones += [(self._rehearsed, s) for s in self._rehearsed.sentences[:1]]
        return next(((line, s) for line, s in open_ones if not s.complete), None)

    def _wants(self, line: SpokenLine) -> bool:
        return line in self._lines or line is self._rehearsed

    async def _fetch_sentence(self, line: SpokenLine, sentence: _Sentence) -> None:
        for pause in (*RETRY_S, None):
            try:
                # What was fetched before a break is fetched again and skipped, so that no word is said twice.
                await self._fill(line, sentence, skip=sentence.samples)
                break
            except (SpeechUnavailable, TimeoutError) as error:
                log.warning("voice_unavailable", line=line.number, error=str(error))
                if pause is None or line not in self._lines:
                    line.lost = sentence.broken = True
                    break
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await line.dropped.wait()
            except AudioError as error:
                log.error("voice_failed", line=line.number, error=str(error))
                line.lost = sentence.broken = True
                break
        if sentence is not line.sentences[-1] and sentence.samples:
            sentence.pieces.append(np.zeros(BREATH, np.int16))
            sentence.samples += BREATH
        sentence.complete = True
        sentence.more.set()

    async def _fill(self, line: SpokenLine, sentence: _Sentence, *, skip: int) -> None:
        leading = True
        stream = self._voice.speak(sentence.text, language=self._language, voice=self._voice_name, speed=line.speed)
        async for piece in _watched(stream):
            if not self._wants(line):
                return
            if leading:
                loud = np.flatnonzero(np.abs(piece.astype(np.int32)) > QUIET)
                if not len(loud):
                    continue
                piece = piece[max(0, int(loud[0]) - LEAD) :]
                leading = False
            if skip:
                piece, skip = piece[skip:], max(0, skip - len(piece))
                if not len(piece):
                    continue
            sentence.pieces.append(piece)
            sentence.samples += len(piece)
            sentence.more.set()

    # ---- pacing ---------------------------------------------------------------------------------------------------

    async def _pace(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self._lines:
                self._wake.clear()
                await self._wake.wait()
                continue
            if self.paused:
                await self._running.wait()
                due = loop.time()
                continue
            line = self._lines[0]
            sentence = self._next_to_say(line)
            if sentence is None and line.open:
                line.more.clear()
                await line.more.wait()
                continue
            if sentence is None:
                self._lines.pop(0)
                self._recent.clear()
                self._ended(line, line.lost)
                continue
            self._fetch_wanted.set()
            if not sentence.ready:
                sentence.more.clear()
                await sentence.more.wait()
                continue
            now = loop.time()
            # Late by more than a few frames (a stall, a wait for sound): start a new clock instead of a burst.
            due = now if now - due > 3 * FRAME_S else due
            if due > now:
                await asyncio.sleep(due - now)
                if self.paused or line is not self.current:
                    continue
            due += FRAME_S
            if line.first_frame_at is None:
                line.first_frame_at = loop.time()
                self._started(line)
            self._played += 1
            frame = sentence.take()
            self._recent.append((sentence, frame))
            self._play(frame)

    def _take_back(self) -> None:
        """Undo the saying of what was played and not heard."""
        for _ in range(min(self._recall(), len(self._recent))):
            sentence, frame = self._recent.pop()
            sentence.give_back(frame)
        self._recent.clear()

    @staticmethod
    def _next_to_say(line: SpokenLine) -> _Sentence | None:
        return next((sentence for sentence in line.sentences if not sentence.over), None)


def _line(text: str, speed: float) -> SpokenLine:
    return SpokenLine(0, text, speed, [_Sentence(sentence) for sentence in split_sentences(text)])


async def _watched(stream: AsyncIterator[Pcm]) -> AsyncIterator[Pcm]:
    """Pass the pieces on; raise `TimeoutError` when the next one does not come."""
    iterator = aiter(stream)
    try:
        while True:
            async with asyncio.timeout(FIRST_SOUND_S):
                try:
                    piece = await anext(iterator)
                except StopAsyncIteration:
                    return
            yield piece
    finally:
        if isinstance(iterator, AsyncGenerator):
            await iterator.aclose()

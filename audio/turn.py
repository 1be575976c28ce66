"""What a lane keeps of a turn while it is open, and how its pieces become one text."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from audio import SAMPLE_RATE, Pcm, Transcript
from audio.decoding import Decoded
from audio.framing import Window
from audio.pcm import rms
from audio.vad import WINDOW_MS

_TRAIL_WINDOWS = 7  # silence kept behind the last voice: the recogniser hears an end by it
_LOOK_BACK_WINDOWS = round(3000 / WINDOW_MS)
_DOUBTFUL_MS = 400
_PAST_SEGMENTS = 8
_MORE_WORDS = 1.25  # times a stretch's share of a segment's words: people don't speak evenly


@dataclass(slots=True)
class Segment:
    """One stretch of a turn that is decoded as a whole.

    voiced: windows that held a voice; last_voiced: how many windows there were with the last of them.
    heard, heard_windows: the newest text of an unfinished decode and how many windows it covers.
    words: the decode that counts, once the segment is closed.
    """

    windows: list[Window]
    probabilities: list[float]
    voiced: int = 0
    last_voiced: int = 0
    heard: str = ""
    heard_windows: int = 0
    words: "asyncio.Task[Decoded] | None" = None

    def add(self, window: Window, probability: float, *, voice: bool) -> None:
        """Append one window."""
        self.windows.append(window)
        self.probabilities.append(probability)
        if voice:
            self.voiced += 1
            self.last_voiced = len(self.windows)

    def count_voice(self, windows: int) -> None:
        """Hold the last `windows` windows for voice after all."""
        self.voiced += windows
        self.last_voiced = len(self.windows)

    @property
    def duration_ms(self) -> float:
        """How much sound it holds."""
        return len(self.windows) * WINDOW_MS

    @property
    def doubtful(self) -> bool:
        """Whether it held hardly any voice: too little for a prompt, which Whisper repeats where it hears nothing."""
        return self.voiced * WINDOW_MS < _DOUBTFUL_MS

    def sound(self) -> Pcm:
        """Return what to decode: everything up to shortly after the last voice."""
        return np.concatenate([window.pcm for window in self.windows[: self.last_voiced + _TRAIL_WINDOWS]])

    def split(self, threshold: float) -> "Segment":
        """Cut at the quietest window of the last three seconds: keep what is before, return what is after."""
        count = len(self.windows)
        at = min(
            range(max(1, count - _LOOK_BACK_WINDOWS), count),
            key=lambda index: (self.probabilities[index] >= threshold, rms(self.windows[index].pcm)),
        )
        after = Segment(self.windows[at:], self.probabilities[at:])
        after.count_voice(sum(probability >= threshold for probability in after.probabilities))
        del self.windows[at:], self.probabilities[at:]
        self.voiced = max(0, self.voiced - after.voiced)
        self.last_voiced = min(self.last_voiced, at)
        return after

    @property
    def known(self) -> bool:
        """Whether `text` covers all the voice there was."""
        return self._done or self.heard_windows >= self.last_voiced

    def text(self) -> str:
        """Return the best text by now."""
        return self.words.result().transcript.text if self.words is not None and self._done else self.heard

    @property
    def _done(self) -> bool:
        return self.words is not None and self.words.done() and not self.words.cancelled()


@dataclass(slots=True)
class Rise:
    """A voice that may be coming up: the windows since the last without one, and how many of them are surely one."""

    windows: int = 0
    sure: int = 0

    def add(self, probability: float, *, sure: float, some: float) -> None:
        """Take the next window; `sure` and `some` are the probabilities of a sure voice and of one at all."""
        if probability < some:
            self.windows = self.sure = 0
        else:
            self.windows += 1
            self.sure += probability >= sure


@dataclass(slots=True)
class OpenTurn:
    """A turn from its onset to its final text.

    segment: the stretch under way, None in the silence after a cut. silent: windows since the last voice;
    rise: the voice in a pause, not yet enough to resume. chance: what the turn model says about this pause.
    """

    number: int
    onset_ms: float
    voice_end_ms: float
    segment: Segment | None
    next_interim_ms: float
    closed: list[Segment] = field(default_factory=list)
    paused: bool = False
    silent: int = 0
    rise: Rise = field(default_factory=Rise)
    pauses: int = 0
    speculation: "asyncio.Task[Transcript | None] | None" = None
    chance: float | None = None
    decided_ms: float = 0.0
    model_ms: float = 0.0

    @property
    def silent_ms(self) -> float:
        """How long ago the last voice was."""
        return self.silent * WINDOW_MS

    def before(self) -> str:
        """Return the text of the closed segments."""
        return join(segment.text() for segment in self.closed)

    def text(self) -> str | None:
        """Return the words so far, None while some of them are not known yet."""
        segments = self.closed if self.segment is None else [*self.closed, self.segment]
        return join(segment.text() for segment in segments) if all(segment.known for segment in segments) else None

    def close_segment(self, words: "asyncio.Task[Decoded]") -> None:
        """Count the segment under way as closed; `words` will be its text. Its sound stays with the decode alone."""
        if self.segment is None:
            return
        self.segment.words = words
        self.segment.windows, self.segment.probabilities = [], []
        self.closed.append(self.segment)
        self.segment = self.speculation = None


@dataclass(slots=True)
class Past:
    """The newest sound of a lane whose words are known, for what follows to be heard together with."""

    longest_ms: int
    sound: Pcm = field(default_factory=lambda: np.zeros(0, np.int16))
    end_ms: float = 0.0
    segments: list[tuple[Segment, int]] = field(default_factory=list)  # each with its length, in samples

    def add(self, segment: Segment, sound: Pcm, end_ms: float, *, follows: bool) -> None:
        """Append a segment's sound, or begin anew where it doesn't follow on what is there."""
        before, segments = (self.sound, self.segments) if follows else (self.sound[:0], [])
        self.sound = np.concatenate([before, sound])[-self.longest_ms * SAMPLE_RATE // 1000 :]
        self.segments, self.end_ms = [*segments[-_PAST_SEGMENTS:], (segment, len(sound))], end_ms

    def text(self, samples: int) -> str:
        """Return what was said in the newest samples, empty while some of it is not known.

        Where in a segment its words lie is not known: a few more than its share are taken, but not all of them, for
        whoever says the same again says words that stand in it, too.
        """
        if not all(segment.known for segment, _ in self.segments):
            return ""
        newest: list[str] = []
        for segment, length in reversed(self.segments):
            if samples <= 0:
                break
            said = segment.text().split()
            count = ceil(len(said) * min(1.0, _MORE_WORDS * samples / max(1, length)))
            newest, samples = [*said[len(said) - count :], *newest], samples - length
        return " ".join(newest)


def join(texts: Iterable[str]) -> str:
    """Join the texts of consecutive segments."""
    return " ".join(text for text in texts if text)


def agreed(before: str, now: str) -> int:
    """Return how many characters of `now` are words that stood in `before` too, from the beginning on."""
    end = 0
    for old, new in zip(before.split(), now.split(), strict=False):
        if old != new:
            break
        end = now.index(new, end) + len(new)
    return end


def mean_confidence(parts: Iterable[tuple[Transcript, int]]) -> float:
    """Return the confidence of transcripts joined, each weighted by the windows of voice it held."""
    spoken = [(part.confidence, max(1, weight)) for part, weight in parts if part.text]
    total = sum(weight for _, weight in spoken)
    return sum(confidence * weight for confidence, weight in spoken) / total if total else 0.0

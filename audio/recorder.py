"""One Opus file per call: the bot on the left, everybody else on the right, written as the call runs."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import FileIO
from pathlib import Path
from typing import Any, Literal, TypeAlias

import av
import numpy as np
import structlog
from av.audio import AudioStream
from av.container import OutputContainer

from audio import VOICE_RATE, Pcm
from audio.pcm import Resampler

RATE = VOICE_RATE  # of the bot; people are heard at less, so twice as much would hold nothing more
FRAME = RATE // 50

_LAG_MS = 400  # sound may come this late and still find its place
_PAGE_US = 400_000  # what a kill can lose at most, besides the lag
_SLACK_MS = 60  # jitter of the times within which pieces of one source are put end to end
_STEP_S = 0.002
_AHEAD = 2 * RATE

_log = structlog.get_logger(__name__)

Channel: TypeAlias = Literal["bot", "humans"]
CHANNELS: tuple[Channel, Channel] = ("bot", "humans")
START_MS = "START_MS"  # where in the call a recording begins, in its metadata


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """A finished recording; sha256 of the whole file, hexadecimal."""

    file: Path
    duration_ms: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """What was thrown away of a recording, on disk or only held; sha256 of all of it, hexadecimal."""

    duration_ms: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """bitrate: of both channels together. complexity: 0..10 of libopus (CPU for quality).

    held_bytes: how much encoded sound is held while nobody has said whether it may be kept (an hour at 64 kbit/s);
    beyond it nothing more is taken until `keep`.
    """

    bitrate: int = 64_000
    complexity: int = 3
    held_bytes: int = 28_800_000


def ogg_container(out: Any) -> OutputContainer:
    """Open an Ogg file for writing. out: a path, or anything with `write`."""
    options = {"page_duration": str(_PAGE_US), "flush_packets": "1"}
    container: OutputContainer = av.open(out, "w", format="ogg", options=options)
    return container


def opus_stream(container: OutputContainer, settings: RecorderSettings, tags: Mapping[str, str]) -> AudioStream:
    """Add the stream of a recording to its file: stereo, 20 ms a frame, with what it says of itself."""
    stream = container.add_stream(
        "libopus",
        rate=RATE,
        layout="stereo",
        options={"compression_level": str(settings.complexity), "application": "audio", "frame_duration": "20"},
    )
    stream.bit_rate = settings.bitrate
    stream.time_base = Fraction(1, RATE)
    told = {"CHANNEL_LEFT": CHANNELS[0], "CHANNEL_RIGHT": CHANNELS[1], **tags}
    container.metadata.update(told)
    stream.metadata.update(told)
    return stream


class _Sink:
    """Where the muxer writes: memory until there is a file, then the file, unbuffered."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.file: FileIO | None = None
        self.begun = False  # there is a file, whether or not it is still open
        self.written = 0
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.written += len(data)
        if self.file is None:
            self.held += data
        else:
            self._out(self.file, data)
        return len(data)

    def open(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("xb", buffering=0)
        self.begun = True
        held, self.held = self.held, bytearray()
        self._out(self.file, held)

    def close(self) -> None:
        """Close the file, if it is open; it stays."""
        if self.file is not None:
            self.file.close()
            self.file = None

    @staticmethod
    def _out(file: FileIO, data: bytes | bytearray) -> None:
        rest = memoryview(data)
        while rest:  # a disk that fills up takes a part first, and refuses the next
            rest = rest[file.write(rest) :]


@dataclass(slots=True)
class _Source:
    """One speaker's stream: its resampler and where its next sample belongs."""

    resampler: Resampler
    next: int


class Recorder:
    """Records a call; nothing reaches the disk before `keep`, which is for consent to call.

    A sample's place in the file is its time in the call, so transcript and recording stay aligned however long the call
    is; a recording that begins in the middle of a call says where (`START_MS`). Not thread-safe; `push` and `advance`
    are for the event loop: a push takes some 30 µs, `advance` stops after about 2 ms and goes on at the next call (call
    it every 100 ms or so).
    """

    def __init__(self, path: Path, settings: RecorderSettings | None = None, *, start_ms: float = 0.0) -> None:
        self._path = path
        self._settings = settings or RecorderSettings()
        self._sink = _Sink()
        self._sources: dict[tuple[Channel, str, int], _Source] = {}
        self._mix = np.zeros((_AHEAD, 2), np.int32)
        self._first = round(start_ms * RATE / 1000)  # sample of the call that the file begins with
        self._base = self._first  # sample of the call that row 0 holds
        self._start = self._first  # everything before it is encoded
        self._end = self._first  # after the last sample that was pushed
        self._done = self._full = False
        self._container = ogg_container(self._sink)
        begins = {START_MS: str(round(start_ms))} if self._first else {}
        self._stream = opus_stream(self._container, self._settings, begins)

    def push(self, channel: Channel, pcm: Pcm, rate: int, at_ms: float, source: str = "") -> None:
        """Put a piece of sound (mono) at its place; what overlaps within a channel is mixed.

        source: whose it is, where several speak on one channel (each is resampled on its own). Sound later than 400 ms
        after its time is left out.
        """
        if self._done or self._full or not len(pcm):
            return
        at = round(at_ms * RATE / 1000)
        stream = self._sources.get((channel, source, rate))
        if stream is None or abs(stream.next - at) > _SLACK_MS * RATE // 1000:
            stream = self._sources[channel, source, rate] = _Source(Resampler(rate, RATE), at)
        sound = stream.resampler.push(pcm)
        begin, stream.next = stream.next, stream.next + len(sound)
        late = max(0, self._start - begin)
        if late >= len(sound):
            return
        row = self._row(begin + late, len(sound) - late)
        self._mix[row : row + len(sound) - late, CHANNELS.index(channel)] += sound[late:]
        self._end = max(self._end, stream.next)

    def advance(self, now_ms: float) -> None:
        """Encode what is older than 400 ms, for 2 ms at most."""
        if self._done or self._full:
            return
        until = round((now_ms - _LAG_MS) * RATE / 1000)
        deadline = time.perf_counter() + _STEP_S
        while self._start + FRAME <= until and time.perf_counter() < deadline:
            self._encode()

    def keep(self) -> None:
        """Write what is held to the file and everything further straight to it.

        Raises `FileExistsError` rather than write over another recording, `OSError` when the place can't be written.
        """
        if self._sink.file is None and not self._done:
            self._sink.open(self._path)
            self._full = False

    def discard(self) -> Discarded:
        """Throw away what is held and take nothing more; a file that was begun is removed. Returns what that was."""
        gone = Discarded(self._ms, self._sink.written, self._sink.sha256.hexdigest())
        self._done = True
        self._sink.held = bytearray()
        self._sink.close()
        if self._sink.begun:
            self._path.unlink(missing_ok=True)
        return gone

    def abandon(self) -> None:
        """Take nothing more and leave what is on disk as it is: the disk is full or gone."""
        self._done = True
        self._sink.held = bytearray()
        self._sink.close()

    def close(self) -> RecordingInfo | None:
        """Finish the file; None when there was no consent to keep it, or it was given up. Takes as long as the rest
        takes to encode.
        """
        if self._done:
            return None
        if self._sink.file is None:
            self.discard()
            return None
        self._done = True
        while self._start < self._end:
            self._encode()
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        self._sink.close()
        return RecordingInfo(
            self._path,
            self._ms,
            self._sink.written,
            self._sink.sha256.hexdigest(),
        )

    @property
    def _ms(self) -> int:
        return round((self._start - self._first) * 1000 / RATE)

    def _row(self, sample: int, length: int) -> int:
        """Return the row of `sample`, after making room for `length` rows there by dropping what is encoded."""
        if sample + length - self._base > len(self._mix):
            kept = self._mix[self._start - self._base :]
            self._mix = np.zeros((max(_AHEAD, len(kept), sample + length - self._start), 2), np.int32)
            self._mix[: len(kept)] = kept
            self._base = self._start
        return sample - self._base

    def _encode(self) -> None:
        row = self._row(self._start, FRAME)
        sound = np.clip(self._mix[row : row + FRAME], -32768, 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._start - self._first, Fraction(1, RATE)
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
        self._start += FRAME
        self._end = max(self._end, self._start)
        if self._sink.file is None and len(self._sink.held) > self._settings.held_bytes:
            self._full = True
            _log.warning("recording_held_too_long", bytes=len(self._sink.held))

"""One recording out of the parts that several incarnations of a bot left: end to end, with silence where nobody was."""

import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import structlog
from av.audio import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from audio.recorder import FRAME, RATE, START_MS, RecorderSettings, RecordingInfo, ogg_container, opus_stream

_log = structlog.get_logger(__name__)


def join_parts(parts: Sequence[Path], whole: Path) -> RecordingInfo:
    """Write `parts` (Opus in Ogg, in the order of the call) into `whole` without encoding them anew.

    Each part says where in the call it begins. What overlaps the part before is left out; a part that breaks off in the
    middle counts as far as it can be read. Raises `OSError` when `whole` can't be written; then it is not there.
    """
    draft = whole.with_name(f".{whole.name}")
    try:
        with ogg_container(str(draft)) as out:
            stream = opus_stream(out, RecorderSettings(), {})
            end = 0
            for part in parts:
                end = _append(part, out, stream, end)
        with draft.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        draft.replace(whole)
    finally:
        draft.unlink(missing_ok=True)
    return RecordingInfo(whole, round(end * 1000 / RATE), size, sha256)


def length_ms(recording: Path) -> int | None:
    """Return how long a recording is as far as it can be read, without decoding it; None where it can't be read."""
    try:
        source = av.open(str(recording))
    except av.error.FFmpegError:
        return None
    with source:
        return sum(FRAME for _ in _packets(source)) * 1000 // RATE


def _append(part: Path, out: OutputContainer, stream: AudioStream, end: int) -> int:
    """Write one part behind sample `end`; return the sample after its last."""
    try:
        source = av.open(str(part))
    except av.error.FFmpegError as why:  # killed before its first page was whole
        _log.warning("recording_unreadable", file=str(part), why=str(why))
        return end
    with source:
        begin = int(source.streams.audio[0].metadata.get(START_MS, 0)) * RATE // 1000
        gap = max(0, begin - end) // FRAME
        end = _write(out, stream, (Packet(_silence()) for _ in range(gap)), end)
        skip = max(0, end - begin) // FRAME
        return _write(out, stream, islice(_packets(source), skip, None), end)


def _packets(source: InputContainer) -> Iterator["Packet[Any]"]:
    try:
        yield from (packet for packet in source.demux(audio=0) if packet.size)
    except av.error.FFmpegError:
        return  # the last page of a bot that was killed


def _write(out: OutputContainer, stream: AudioStream, packets: Iterable["Packet[Any]"], at: int) -> int:
    for packet in packets:
        packet.stream = stream
        packet.time_base = Fraction(1, RATE)
        packet.pts = packet.dts = at
        packet.duration = FRAME
        out.mux(packet)
        at += FRAME
    return at


@functools.cache
def _silence() -> bytes:
    """Return one frame of silence, encoded as every other one."""
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "s16"
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * FRAME), np.int16), format="s16", layout="stereo")
    frame.sample_rate, frame.pts = RATE, 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return bytes(packets[0])

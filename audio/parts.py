"""One recording out of the parts that several incarnations of a bot left: end to end, with silence where nobody was."""

import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from audio.recorder import FRAME, RATE, START_MS, RecorderSettings, RecordingInfo, ogg_container, opus_stream


def join_parts(parts: Sequence[Path], whole: Path) -> RecordingInfo:
    """Write `parts` (Opus in Ogg, in the order of the call) into `whole` without encoding them anew.

    Each part says where in the call it begins. What overlaps the part before is left out; a part that breaks off in the
    middle of a page counts as far as it can be read. Raises `OSError` when a part can't be opened or `whole` not
    written; then `whole` is not there.
    """
    draft = whole.with_name(f".{whole.name}")
    try:
        with ogg_container(str(draft)) as out:
            stream = opus_stream(out, RecorderSettings(), {})
            end = 0
            for part in parts:
                end = _append(part, out, stream, end)
            _write(out, stream, stream.encode(None), end)
        with draft.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
        draft.replace(whole)
    finally:
        draft.unlink(missing_ok=True)
    return RecordingInfo(whole, round(end * 1000 / RATE), size, sha256)


def _append(part: Path, out: OutputContainer, stream: AudioStream, end: int) -> int:
    """Write one part behind sample `end`; return the sample after its last."""
    with av.open(str(part)) as source:
        begin = int(source.streams.audio[0].metadata.get(START_MS, 0)) * RATE // 1000
        silent = (begin - end) // FRAME
        for packet in _silence(stream, silent, end):
            out.mux(packet)
        end += max(0, silent) * FRAME
        skip = max(0, end - begin) // FRAME
        for number, packet in enumerate(_packets(source)):
            if number >= skip:
                end = _write(out, stream, [packet], end)
    return end


def _packets(source: InputContainer) -> Iterator["Packet[AudioStream]"]:
    try:
        yield from (packet for packet in source.demux(audio=0) if packet.size)
    except av.error.InvalidDataError:
        return  # the last page of a bot that was killed


def _write(out: OutputContainer, stream: AudioStream, packets: Sequence["Packet[AudioStream]"], at: int) -> int:
    for packet in packets:
        packet.stream = stream
        packet.time_base = Fraction(1, RATE)
        packet.pts = packet.dts = at
        packet.duration = FRAME
        out.mux(packet)
        at += FRAME
    return at


def _silence(stream: AudioStream, frames: int, at: int) -> Iterator["Packet[AudioStream]"]:
    for number in range(frames):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * FRAME), np.int16), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at + number * FRAME, Fraction(1, RATE)
        yield from stream.encode(frame)

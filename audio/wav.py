"""Sound files in memory: WAV, and whatever else FFmpeg reads and writes."""

import io
import wave

import av
import numpy as np
from av.error import FFmpegError

from audio import SAMPLE_RATE, Pcm


class NotSound(ValueError):
    """The bytes can't be decoded as sound; the message says why."""


def wav_bytes(pcm: Pcm, rate: int = SAMPLE_RATE) -> bytes:
    """Return `pcm` (mono) as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.astype("<i2").tobytes())
    return out.getvalue()


def pcm_of(data: bytes, rate: int = SAMPLE_RATE) -> Pcm:
    """Decode a sound file to mono at `rate`.

    A WAV that is like that already (as what a lane sends) passes through untouched; any other rate, channel count or
    format goes through FFmpeg.

    Raises `NotSound`.
    """
    if not data:
        raise NotSound("the file is empty")
    try:
        with wave.open(io.BytesIO(data), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, rate):
                frames = file.readframes(file.getnframes())
                return np.frombuffer(frames[: len(frames) // 2 * 2], "<i2")
    except (wave.Error, EOFError):
        pass  # another container, or broken: FFmpeg tells which
    return _through_ffmpeg(data, rate)


def _through_ffmpeg(data: bytes, rate: int) -> Pcm:
    pieces: list[Pcm] = []
    try:
        with av.open(io.BytesIO(data), "r") as file:
            if not file.streams.audio:
                raise NotSound("the file holds no audio track")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in file.decode(audio=0):
                pieces.extend(out.to_ndarray()[0] for out in resampler.resample(frame))
            pieces.extend(out.to_ndarray()[0] for out in resampler.resample(None))
    except FFmpegError as why:
        raise NotSound(f"not a sound file that can be decoded: {(why.strerror or str(why)).lower()}") from why
    except IndexError as why:
        raise NotSound("not a sound file that can be decoded") from why
    if not pieces:
        raise NotSound("the file holds no sound")
    return np.concatenate(pieces)


ENCODERS = {  # OpenAI's name: container, codec
    "mp3": ("mp3", "libmp3lame"),
    "opus": ("ogg", "libopus"),
    "aac": ("adts", "aac"),
    "flac": ("flac", "flac"),
}


def encoded(pcm: Pcm, rate: int, form: str) -> bytes:
    """Return `pcm` (mono) as a file of one of the `ENCODERS`' forms."""
    container, codec = ENCODERS[form]
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()

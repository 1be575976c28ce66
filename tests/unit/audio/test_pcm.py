"""Conversions, loudness, resampling and files."""

import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio import Pcm
from audio.errors import UnreadableAudio
from audio.pcm import Resampler, dbfs, duration_ms, read_sound, resample, rms, silence, to_float, to_int16


def tone(hertz: float, seconds: float, rate: int, level: float = 0.5) -> Pcm:
    return to_int16(level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))


def pitch(pcm: Pcm, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * rate / len(pcm))


def test_floats_and_back() -> None:
    pcm = np.array([-32768, -1, 0, 1, 32767], np.int16)
    assert np.array_equal(to_int16(to_float(pcm)), pcm)
    assert list(to_int16(np.array([-2.0, 2.0]))) == [-32768, 32767]


def test_loudness() -> None:
    assert dbfs(silence(100)) == -100
    assert dbfs(np.zeros(0, np.int16)) == -100
    assert dbfs(tone(440, 1, 16_000, level=1.0)) == pytest.approx(-3, abs=0.1)
    assert rms(np.full(100, -32768, np.int16)) == 32768  # must not overflow
    assert duration_ms(silence(250)) == 250


@pytest.mark.parametrize(("old", "new"), [(48_000, 16_000), (16_000, 48_000), (24_000, 48_000), (44_100, 16_000)])
def test_resampling_keeps_pitch_length_and_level(old: int, new: int) -> None:
    out = resample(tone(1000, 1, old), old, new)
    assert len(out) == pytest.approx(new, abs=new * 0.003)
    assert pitch(out, new) == pytest.approx(1000, abs=3)
    assert dbfs(out) == pytest.approx(-9, abs=0.3)


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=20))
def test_resampling_in_pieces_leaves_no_seams(sizes: list[int]) -> None:
    sound = tone(300, sum(sizes) / 48_000, 48_000)
    resampler, pieces, at = Resampler(48_000, 16_000), [], 0
    for size in sizes:
        pieces.append(resampler.push(sound[at : at + size]))
        at += size
    pieces.append(resampler.flush())
    assert np.array_equal(np.concatenate(pieces), resample(sound[:at], 48_000, 16_000))


def test_equal_rates_pass_untouched() -> None:
    pcm = tone(440, 0.1, 16_000)
    assert Resampler(16_000, 16_000).push(pcm) is pcm


def test_a_stereo_file_of_another_rate_becomes_mono_at_16_khz(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    sound = tone(500, 1.0, 44_100)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(44_100)
        out.writeframes(np.repeat(sound, 2).astype("<i2").tobytes())
    pcm = read_sound(file)
    assert duration_ms(pcm) == pytest.approx(1000, abs=5)
    assert pitch(pcm, 16_000) == pytest.approx(500, abs=3)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"this is not sound at all" * 100, None])
def test_what_is_not_sound_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "answer.wav"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnreadableAudio, match=r"answer\.wav"):
        read_sound(file)


def test_a_wav_without_samples_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
    with pytest.raises(UnreadableAudio):
        read_sound(file)

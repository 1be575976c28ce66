"""The recording: who is where, when, and what happens without consent."""

import hashlib
import resource
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from audio import Pcm
from audio.pcm import rms, to_int16
from audio.recorder import Recorder, RecorderSettings

RATE = 48_000  # what Opus decodes to


def tone(hertz: float, ms: float, rate: int = RATE, level: float = 0.25) -> Pcm:
    return to_int16(level * np.sin(2 * np.pi * hertz * np.arange(round(ms * rate / 1000)) / rate))


def play(recorder: Recorder, until_ms: int, *, bot: Pcm | None = None, bot_at: int = 0) -> None:
    for at in range(0, until_ms, 20):
        if bot is not None and 0 <= (begin := (at - bot_at) * RATE // 1000) < len(bot):
            recorder.push("bot", bot[begin : begin + 960], RATE, at)
        recorder.advance(at + 20)


def channels(file: Path) -> tuple[Pcm, Pcm]:
    with av.open(str(file)) as recording:
        sound = np.concatenate([frame.to_ndarray() for frame in recording.decode(audio=0)], axis=1)
    left, right = (to_int16(channel) for channel in sound)
    return left, right


def loud_ms(channel: Pcm) -> tuple[float, float]:
    """Return where the sound begins and ends."""
    loud = [at for at in range(0, len(channel) - 480, 480) if rms(channel[at : at + 480]) > 300]
    return loud[0] / 48, (loud[-1] + 480) / 48


def test_bot_left_humans_right_each_at_its_time(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    for at in range(0, 4000, 20):
        if 1000 <= at < 2000:
            recorder.push("bot", tone(440, 20, 24_000), 24_000, at)
        if 2500 <= at < 3500:
            recorder.push("humans", tone(440, 20, 16_000), 16_000, at)
        recorder.advance(at + 20)
    info = recorder.close()
    assert info is not None
    left, right = channels(info.file)
    assert loud_ms(left) == pytest.approx((1000, 2000), abs=30)
    assert loud_ms(right) == pytest.approx((2500, 3500), abs=30)
    assert info.duration_ms == pytest.approx(3600, abs=20) == len(left) / 48
    content = info.file.read_bytes()
    assert (info.bytes, info.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with av.open(str(info.file)) as recording:
        assert recording.streams.audio[0].metadata["CHANNEL_LEFT"] == "bot"
        assert recording.streams.audio[0].metadata["CHANNEL_RIGHT"] == "humans"


def test_two_humans_at_once_are_both_heard(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    for at in range(0, 2000, 20):
        begin = at * 48
        recorder.push("humans", tone(500, 2000)[begin : begin + 960], RATE, at, "ada")
        recorder.push("humans", tone(1500, 2000)[begin : begin + 960], RATE, at, "bob")
        recorder.advance(at + 20)
    info = recorder.close()
    assert info is not None
    spectrum = np.abs(np.fft.rfft(channels(info.file)[1][RATE // 2 : RATE + RATE // 2]))
    floor = np.median(spectrum)
    assert spectrum[500] > 100 * floor and spectrum[1500] > 100 * floor


def test_a_minute_later_it_is_still_in_its_place(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg", RecorderSettings(complexity=0))
    recorder.keep()
    late = 60_000
    play(recorder, late + 1000, bot=tone(440, 500), bot_at=late)
    info = recorder.close()
    assert info is not None
    assert loud_ms(channels(info.file)[0]) == pytest.approx((late, late + 500), abs=30)
    assert info.bytes < 30_000  # a minute of silence


def test_jittering_times_make_no_gaps(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    for number, at in enumerate(range(0, 2000, 20)):
        recorder.push("humans", tone(400, 2000)[at * 48 : at * 48 + 960], RATE, at + (15 if number % 2 else -15) + 15)
        recorder.advance(at)
    info = recorder.close()
    assert info is not None
    right = channels(info.file)[1]
    levels = [rms(right[at : at + 480]) for at in range(RATE // 4, 3 * RATE // 2, 480)]
    assert max(abs(now - before) for before, now in pairwise(levels)) < 0.1 * max(levels)


def test_without_consent_nothing_is_ever_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "calls" / "call.ogg")
    play(recorder, 3000, bot=tone(440, 3000))
    assert list(tmp_path.iterdir()) == []
    recorder.discard()
    play(recorder, 3000, bot=tone(440, 3000))
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []


def test_closing_without_an_answer_keeps_nothing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    play(recorder, 1000, bot=tone(440, 1000))
    assert recorder.close() is None
    assert list(tmp_path.iterdir()) == []


def test_consent_keeps_what_came_before_it(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    play(recorder, 2000, bot=tone(440, 1000), bot_at=500)
    recorder.keep()
    info = recorder.close()
    assert info is not None
    assert loud_ms(channels(info.file)[0]) == pytest.approx((500, 1500), abs=30)


def test_consent_taken_back_removes_the_file(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    play(recorder, 2000, bot=tone(440, 2000))
    written = (tmp_path / "call.ogg").read_bytes()
    gone = recorder.discard()
    assert list(tmp_path.iterdir()) == []
    assert (gone.bytes, gone.sha256) == (len(written), hashlib.sha256(written).hexdigest())
    assert gone.duration_ms == pytest.approx(1600, abs=60)  # the rest was not encoded yet


def test_what_is_held_is_bounded(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg", RecorderSettings(held_bytes=10_000))
    play(recorder, 10_000, bot=tone(440, 10_000))
    recorder.keep()
    info = recorder.close()
    assert info is not None and info.bytes < 20_000


def test_it_does_not_write_over_another_recording(tmp_path: Path) -> None:
    file = tmp_path / "call.ogg"
    file.write_bytes(b"another")
    recorder = Recorder(file)
    with pytest.raises(FileExistsError):
        recorder.keep()
    recorder.discard()
    assert file.read_bytes() == b"another"


def test_late_sound_finds_its_place_and_very_late_sound_does_no_harm(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    for at in range(0, 3000, 20):
        if 1300 <= at < 1500:
            recorder.push("humans", tone(440, 20), RATE, at - 300)
        if at == 2000:
            recorder.push("humans", tone(440, 500), RATE, 0)
        recorder.advance(at + 20)
    info = recorder.close()
    assert info is not None
    assert loud_ms(channels(info.file)[1]) == pytest.approx((1000, 1200), abs=30)


def test_a_disk_that_fills_up_keeps_what_was_recorded_until_then(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_001, before[1]))
    try:
        with pytest.raises(OSError):
            play(recorder, 10_000, bot=tone(440, 10_000))
        recorder.abandon()
        play(recorder, 10_000, bot=tone(440, 10_000))
        assert recorder.close() is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    left, _ = channels(tmp_path / "call.ogg")
    assert 1.0 < len(left) / RATE < 10.0
    recorder.discard()
    assert not (tmp_path / "call.ogg").exists(), "consent was taken back after all"

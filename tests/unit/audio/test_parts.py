"""One recording out of what several bots left: every sound where it was in the call, silence in between."""

from pathlib import Path

import av
import numpy as np
import pytest

from audio import Pcm
from audio.parts import join_parts, length_ms
from audio.recorder import Recorder

RATE = 48_000  # what Opus decodes to


def tone(hertz: int, ms: int) -> Pcm:
    at = np.arange(16 * ms) / 16_000
    return (8000 * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def recorded(path: Path, *, start_ms: int, hertz: int, ms: int, killed: bool = False) -> Path:
    live = path.with_suffix(".live")
    recorder = Recorder(live, start_ms=start_ms)
    recorder.keep()
    sound = tone(hertz, ms)
    for at in range(0, ms, 20):
        recorder.push("humans", sound[16 * at : 16 * (at + 20)], 16_000, start_ms + at)
    for _ in range(1000):
        recorder.advance(start_ms + ms)
    path.write_bytes(live.read_bytes())  # as it lies there when its bot is killed
    recorder.close()
    if not killed:
        path.write_bytes(live.read_bytes())
    live.unlink()
    return path


def heard(path: Path) -> Pcm:
    """The right channel."""
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return np.concatenate([frame[-1] if len(frame) == 2 else frame.reshape(-1, 2)[:, 1] for frame in frames])


def pitch(sound: Pcm, begin_s: float, end_s: float) -> int:
    """The strongest frequency in Hz, 0 for silence."""
    part = sound[int(begin_s * RATE) : int(end_s * RATE)].astype(float)
    if np.sqrt((part**2).mean()) < 0.001:
        return 0
    return round(int(np.argmax(np.abs(np.fft.rfft(part)))) / (end_s - begin_s))


def test_each_part_is_heard_at_its_time(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a.ogg", start_ms=0, hertz=440, ms=3000, killed=True)
    second = recorded(tmp_path / "a-2.ogg", start_ms=5000, hertz=880, ms=2000)
    info = join_parts([first, second], tmp_path / "whole.ogg")
    assert info.duration_ms == pytest.approx(7000, abs=40)
    assert info.bytes == (tmp_path / "whole.ogg").stat().st_size
    sound = heard(tmp_path / "whole.ogg")
    assert len(sound) / RATE == pytest.approx(7.0, abs=0.05)
    assert pitch(sound, 0.5, 1.5) == 440
    assert pitch(sound, 3.5, 4.5) == 0
    assert pitch(sound, 5.5, 6.5) == 880


def test_a_part_that_breaks_off_in_the_middle_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a.ogg", start_ms=0, hertz=440, ms=3000)
    first.write_bytes(first.read_bytes()[:-700])
    second = recorded(tmp_path / "a-2.ogg", start_ms=4000, hertz=880, ms=1000)
    join_parts([first, second], tmp_path / "whole.ogg")
    sound = heard(tmp_path / "whole.ogg")
    assert (pitch(sound, 0.5, 1.5), pitch(sound, 4.2, 4.8)) == (440, 880)


def test_what_is_no_recording_is_passed_over(tmp_path: Path) -> None:
    first = recorded(tmp_path / "a.ogg", start_ms=0, hertz=440, ms=1000)
    (tmp_path / "a-2.ogg").write_bytes(b"OggS half a recording")
    third = recorded(tmp_path / "a-3.ogg", start_ms=2000, hertz=880, ms=1000)
    info = join_parts([first, tmp_path / "a-2.ogg", third], tmp_path / "whole.ogg")
    assert info.duration_ms == pytest.approx(3000, abs=40)
    assert pitch(heard(info.file), 2.2, 2.8) == 880


def test_how_long_a_recording_is_can_be_read_from_it(tmp_path: Path) -> None:
    killed = recorded(tmp_path / "a.ogg", start_ms=0, hertz=440, ms=3000, killed=True)
    assert length_ms(killed) == pytest.approx(3000, abs=1000)
    whole = join_parts([killed, recorded(tmp_path / "a-2.ogg", start_ms=5000, hertz=880, ms=2000)], tmp_path / "w.ogg")
    assert length_ms(whole.file) == whole.duration_ms
    (tmp_path / "none.ogg").write_bytes(b"OggS half a recording")
    assert length_ms(tmp_path / "none.ogg") is None

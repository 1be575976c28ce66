from pathlib import Path

import av
import numpy as np
import pytest

from audio import SAMPLE_RATE, Pcm
from audio.errors import UnreadableAudio
from audio.wav import pcm_of
from bot.candidate.keepsake import HeardFile
from tests.fakes.interviewer import hum

PACKET = SAMPLE_RATE // 50


def loud_from(pcm: Pcm) -> float:
    return float(np.flatnonzero(np.abs(pcm) > 1000)[0]) / SAMPLE_RATE


@pytest.mark.parametrize("name", ["heard.wav", "heard.flac", "heard.ogg"])
def test_what_is_heard_lies_where_it_was_heard(tmp_path: Path, name: str) -> None:
    with HeardFile(tmp_path / name, origin_s=100.0) as heard:
        for index in range(50):
            heard.write("bot", 102.5 + index * 0.02 + (index % 3) * 0.004, hum(0.02))
        heard.write("bot", 105.0, hum(0.5))
    pcm = pcm_of((tmp_path / name).read_bytes())
    assert len(pcm) / SAMPLE_RATE == pytest.approx(5.5, abs=0.05)
    assert loud_from(pcm) == pytest.approx(2.5, abs=0.02)
    assert np.abs(pcm[round(3.6 * SAMPLE_RATE) : round(4.9 * SAMPLE_RATE)]).max() < 100
    assert np.abs(pcm[round(5.1 * SAMPLE_RATE) : round(5.4 * SAMPLE_RATE)]).max() > 4000


def test_jitter_leaves_no_seam(tmp_path: Path) -> None:
    tone = hum(1.0)
    with HeardFile(tmp_path / "h.wav", origin_s=0.0) as heard:
        for index in range(50):
            heard.write(
                "bot", index * 0.02 + (0.015 if index % 2 else 0.0), tone[index * PACKET : (index + 1) * PACKET]
            )
    assert np.array_equal(pcm_of((tmp_path / "h.wav").read_bytes()), tone)


def test_two_who_speak_at_once_are_both_heard(tmp_path: Path) -> None:
    with HeardFile(tmp_path / "h.wav", origin_s=0.0) as heard:
        heard.write("bot", 1.0, np.full(1600, 1000, np.int16))
        heard.write("interviewer", 1.05, np.full(1600, 500, np.int16))
    pcm = pcm_of((tmp_path / "h.wav").read_bytes())
    assert [int(pcm[round(at * SAMPLE_RATE)]) for at in (1.02, 1.07, 1.12)] == [1000, 1500, 500]


def test_nothing_heard_is_an_empty_file_that_still_opens(tmp_path: Path) -> None:
    with HeardFile(tmp_path / "h.wav", origin_s=0.0):
        pass
    with av.open(str(tmp_path / "h.wav")) as file:
        assert len(file.streams.audio) == 1


def test_an_ending_that_names_no_sound_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio, match=r"can't write \.txt"):
        HeardFile(tmp_path / "h.txt", origin_s=0.0)

import numpy as np
import pytest

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from bot.candidate.ear import Listener, voiced_span
from tests.fakes.interviewer import hum

PACKET = SAMPLE_RATE // 50


class Hearing:
    """A listener to whom packets come at times that the test says."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ear = Listener(lambda: self.now)

    def packets(self, pcm: Pcm, *, at: float) -> None:
        for index in range(len(pcm) // PACKET):
            self.now = at + index * 0.02
            self.ear.hear(pcm[index * PACKET : (index + 1) * PACKET])
        self.now += 0.02


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


def noise(seconds: float, db: float) -> Pcm:
    sound = np.random.default_rng(3).standard_normal(round(seconds * SAMPLE_RATE))
    return (sound * 32768 * 10 ** (db / 20)).astype(np.int16)


def test_the_first_sound_is_placed_where_it_begins_inside_a_packet(hearing: Hearing) -> None:
    pcm = np.concatenate([np.zeros(round(0.110 * SAMPLE_RATE), np.int16), hum(0.49)])
    hearing.packets(pcm, at=10.0)
    assert hearing.ear.first_sound_after(9.0) == pytest.approx(10.110, abs=0.006)


def test_silence_before_the_sound_of_a_voice_is_not_the_voice(hearing: Hearing) -> None:
    hearing.packets(noise(3.0, -60.0), at=0.0)
    hearing.packets(noise(0.2, -60.0), at=5.0)
    hearing.packets(hum(0.5), at=5.2)
    assert hearing.ear.first_sound_after(4.0) == pytest.approx(5.2, abs=0.006)


def test_a_hissing_line_is_not_taken_for_a_voice(hearing: Hearing) -> None:
    hearing.packets(noise(10.0, -42.0), at=0.0)
    begun = hearing.now
    hearing.packets((noise(2.0, -42.0).astype(np.int32) + 0).astype(np.int16), at=begun)
    assert hearing.ear.first_sound_after(5.0) is None
    hearing.packets(hum(0.5), at=hearing.now)
    assert hearing.ear.first_sound_after(5.0) == pytest.approx(begun + 2.0, abs=0.006)


def test_a_click_is_no_voice(hearing: Hearing) -> None:
    click = np.zeros(PACKET * 10, np.int16)
    click[400:440] = 20000
    hearing.packets(click, at=1.0)
    assert hearing.ear.sounds == []


def test_silence_is_found_where_it_lasts_and_not_between_two_words(hearing: Hearing) -> None:
    hearing.packets(hum(0.5), at=1.0)
    hearing.packets(hum(0.3), at=1.7)
    assert hearing.ear.silence_after(1.2, lasting=0.5, now=2.1) is None
    assert hearing.ear.silence_after(1.2, lasting=0.5, now=2.6) == pytest.approx(2.0, abs=0.006)
    hearing.packets(hum(0.5), at=3.0)
    assert hearing.ear.silence_after(1.2, lasting=0.5, now=3.5) == pytest.approx(2.0, abs=0.006)


def test_silence_that_was_there_already_is_told_as_such(hearing: Hearing) -> None:
    hearing.packets(hum(0.5), at=1.0)
    assert hearing.ear.silence_after(2.0, lasting=0.5, now=3.0) == 2.0


def test_packets_that_come_late_in_the_middle_of_a_sound_are_a_gap_and_a_pause_is_none(hearing: Hearing) -> None:
    hearing.packets(hum(0.4), at=1.0)
    hearing.packets(hum(0.4), at=1.55)
    hearing.packets(hum(0.4), at=3.0)
    assert [gap.ms for gap in hearing.ear.gaps] == [150]
    assert hearing.ear.gaps[0].at == pytest.approx(1.4)


def test_odd_packet_lengths_lose_no_time(hearing: Hearing) -> None:
    pcm = np.concatenate([np.zeros(1000, np.int16), hum(0.4)])
    at = 0
    for size in (333, 320, 307, 400, 1111, 1000, 2929):
        hearing.now = 1.0 + at / SAMPLE_RATE
        hearing.ear.hear(pcm[at : at + size])
        at += size
    assert hearing.ear.first_sound_after(0.0) == pytest.approx(1.0 + 1000 / SAMPLE_RATE, abs=0.006)


def test_the_voice_in_a_clip_ends_before_the_clip_does() -> None:
    quiet = np.zeros(VOICE_RATE, np.int16)
    clip = np.concatenate([quiet[:4800], hum(1.0, rate=VOICE_RATE), quiet])
    onset, end = voiced_span(clip, VOICE_RATE)
    assert onset / VOICE_RATE == pytest.approx(0.2, abs=0.006)
    assert end / VOICE_RATE == pytest.approx(1.2, abs=0.006)


def test_the_voice_in_a_noisy_clip_is_told_from_the_noise() -> None:
    hiss = np.random.default_rng(5).standard_normal(3 * VOICE_RATE) * 32768 * 10 ** (-42 / 20)
    hiss[VOICE_RATE : 2 * VOICE_RATE] += hum(1.0, rate=VOICE_RATE)
    onset, end = voiced_span(hiss.astype(np.int16), VOICE_RATE)
    assert onset / VOICE_RATE == pytest.approx(1.0, abs=0.01)
    assert end / VOICE_RATE == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("samples", [0, 100, VOICE_RATE])
def test_a_clip_without_a_voice_has_no_span(samples: int) -> None:
    assert voiced_span(np.zeros(samples, np.int16), VOICE_RATE) == (0, 0)

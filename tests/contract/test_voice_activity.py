"""What every detector of voices keeps to: Silero, and the one that takes whatever is loud for one."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from audio import SAMPLE_RATE, Pcm
from audio.pcm import read_sound
from audio.vad import WINDOW, SileroModel, VoiceActivityDetector
from tests.fakes.lane import LoudnessDetector
from tests.installed import reading

MakeDetector: TypeAlias = Callable[[], VoiceActivityDetector]
VOICE, NO_VOICE = 0.5, 0.35  # what a lane takes for each (`audio.lane.LaneSettings`)


@pytest.fixture(params=["silero", "loudness"])
def new(request: pytest.FixtureRequest) -> MakeDetector:
    """How to make the detector of a lane; the lanes of a call share what is behind it."""
    model = SileroModel()
    return {"silero": model.detector, "loudness": LoudnessDetector}[request.param]


@pytest.fixture(scope="module")
def speech() -> Pcm:
    """Ten seconds of a person who reads without a rest, close to the microphone."""
    sound = read_sound(reading("two_cities.wav"))[: 10 * SAMPLE_RATE].astype(np.float64)
    return np.clip(sound * 8000 / np.percentile(np.abs(sound), 95), -32768, 32767).astype(np.int16)


def room(seconds: float) -> Pcm:
    """A quiet room through a microphone."""
    return np.random.default_rng(4).normal(0, 12, int(seconds * SAMPLE_RATE)).astype(np.int16)


def heard(detector: VoiceActivityDetector, pcm: Pcm, *, keen: bool = True) -> NDArray[np.float64]:
    windows = [pcm[at : at + WINDOW] for at in range(0, len(pcm) - WINDOW + 1, WINDOW)]
    return np.array([detector.probability(window, keen=keen) for window in windows])


def test_a_voice_is_found_and_its_end_too(new: MakeDetector, speech: Pcm) -> None:
    detector = new()
    before, during, after = (heard(detector, pcm) for pcm in (room(1.0), speech, room(1.0)))
    assert np.all((during >= 0) & (during <= 1))
    assert np.mean(during >= VOICE) > 0.6
    assert np.all(before < NO_VOICE)
    assert np.all(after[5:] < NO_VOICE)


@pytest.mark.parametrize("level", [0, 1, 3], ids=["digital silence", "dither", "a muted microphone"])
def test_there_is_no_voice_in_silence(new: MakeDetector, level: int) -> None:
    sound = np.random.default_rng(1).integers(-level, level + 1, 2 * SAMPLE_RATE).astype(np.int16)
    assert np.all(heard(new(), sound) < NO_VOICE)


def test_what_is_not_keen_finds_no_more(new: MakeDetector, speech: Pcm) -> None:
    assert np.all(heard(new(), speech, keen=False) <= heard(new(), speech))


def test_lanes_do_not_disturb_each_other(new: MakeDetector, speech: Pcm) -> None:
    alone = heard(new(), speech[: 2 * SAMPLE_RATE])
    one, other = new(), new()
    mixed = []
    for at in range(0, 2 * SAMPLE_RATE - WINDOW + 1, WINDOW):
        mixed.append(one.probability(speech[at : at + WINDOW]))
        other.probability(speech[at + 4 * SAMPLE_RATE :][:WINDOW])
    assert mixed == alone.tolist()


def test_reset_forgets(new: MakeDetector, speech: Pcm) -> None:
    detector = new()
    fresh = heard(detector, speech[:SAMPLE_RATE])
    detector.reset()
    assert heard(detector, speech[:SAMPLE_RATE]).tolist() == fresh.tolist()


def test_the_sound_is_left_as_it_was(new: MakeDetector, speech: Pcm) -> None:
    before = speech.copy()
    heard(new(), speech)
    assert np.array_equal(speech, before)

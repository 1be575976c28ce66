"""Silero on real speech, silence and noise; its state; and forks."""

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from audio import Pcm
from audio.errors import ModelMissing
from audio.pcm import read_sound, silence
from audio.vad import WINDOW, SileroDetector, SileroModel


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


@pytest.fixture(scope="module")
def speech() -> Pcm:
    spec = find_spec("moonshine_voice")
    assert spec is not None and spec.origin is not None
    return read_sound(Path(spec.origin).parent / "assets" / "beckett.wav")


def probabilities(detector: SileroDetector, pcm: Pcm) -> list[float]:
    return [detector.probability(pcm[at : at + WINDOW]) for at in range(0, len(pcm) - WINDOW + 1, WINDOW)]


def test_a_reading_is_mostly_voice(model: SileroModel, speech: Pcm) -> None:
    found = probabilities(model.detector(), speech)
    assert np.mean(np.array(found) > 0.5) > 0.4  # he takes his time


@pytest.mark.parametrize("level", [0, 3, 30, 300, 3000])
def test_silence_and_noise_are_not(model: SileroModel, level: int) -> None:
    noise = np.random.default_rng(1).normal(0, level, 16_000 * 3).astype(np.int16)
    assert np.mean(np.array(probabilities(model.detector(), noise)) > 0.5) < 0.02


def test_lanes_do_not_disturb_each_other(model: SileroModel, speech: Pcm) -> None:
    alone = probabilities(model.detector(), speech[:32_000])
    one, other = model.detector(), model.detector()
    mixed = []
    for at in range(0, 32_000 - WINDOW + 1, WINDOW):
        mixed.append(one.probability(speech[at : at + WINDOW]))
        other.probability(speech[at + 40_000 : at + 40_000 + WINDOW])
    assert mixed == alone


def test_it_hears_across_windows_what_faster_whisper_hears(model: SileroModel, speech: Pcm) -> None:
    from faster_whisper.vad import get_vad_model

    whole = speech[: len(speech) // WINDOW * WINDOW]
    theirs = get_vad_model()(whole.astype(np.float32) / 32768)
    ours = probabilities(model.detector(), whole)
    assert np.abs(np.array(ours) - np.ravel(theirs))[1:].mean() < 0.05


def test_reset_forgets(model: SileroModel, speech: Pcm) -> None:
    detector = model.detector()
    fresh = probabilities(detector, speech[:16_000])
    detector.reset()
    assert probabilities(detector, speech[:16_000]) == fresh


def test_digital_silence_does_not_reach_the_model() -> None:
    nowhere = SileroModel(Path("/nonexistent/model.onnx"))
    assert probabilities(nowhere.detector(), silence(1000)) == [0.0] * 31


def test_no_model_is_refused_by_name() -> None:
    with pytest.raises(ModelMissing, match="nonexistent"):
        SileroModel(Path("/nonexistent/model.onnx")).load()


def test_a_fork_after_loading_hears_the_same(model: SileroModel, speech: Pcm) -> None:
    expected = probabilities(model.detector(), speech[:16_000])
    pid = os.fork()
    if pid == 0:
        same = probabilities(model.detector(), speech[:16_000]) == expected
        os._exit(0 if same else 1)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0

"""Silero on real speech, silence and noise; and forks. What it shares with others: `tests/contract`."""

import os
from pathlib import Path

import numpy as np
import pytest

from audio import Pcm
from audio.errors import ModelMissing
from audio.pcm import read_sound, silence
from audio.vad import WINDOW, SileroDetector, SileroModel
from tests.installed import reading


@pytest.fixture(scope="module")
def model() -> SileroModel:
    return SileroModel()


@pytest.fixture(scope="module")
def speech() -> Pcm:
    return read_sound(reading("beckett.wav"))


def probabilities(detector: SileroDetector, pcm: Pcm) -> list[float]:
    return [detector.probability(pcm[at : at + WINDOW]) for at in range(0, len(pcm) - WINDOW + 1, WINDOW)]


def test_a_reading_is_mostly_voice(model: SileroModel, speech: Pcm) -> None:
    found = probabilities(model.detector(), speech)
    assert np.mean(np.array(found) > 0.5) > 0.4  # he takes his time


@pytest.mark.parametrize("level", [0, 3, 30, 300, 3000])
def test_silence_and_noise_are_not(model: SileroModel, level: int) -> None:
    noise = np.random.default_rng(1).normal(0, level, 16_000 * 3).astype(np.int16)
    assert np.mean(np.array(probabilities(model.detector(), noise)) > 0.5) < 0.02


def test_it_hears_across_windows_what_faster_whisper_hears(model: SileroModel, speech: Pcm) -> None:
    from faster_whisper.vad import get_vad_model

    whole = speech[: len(speech) // WINDOW * WINDOW]
    theirs = get_vad_model()(whole.astype(np.float32) / 32768)
    ours = probabilities(model.detector(), whole)
    assert np.abs(np.array(ours) - np.ravel(theirs))[1:].mean() < 0.05


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

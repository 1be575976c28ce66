"""The optional turn model: where it is looked for, and what it is shown."""

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from audio.errors import ModelMissing
from audio.pcm import to_float, to_int16
from audio.smart_turn import features, installed


def test_it_is_shown_what_whisper_is_shown() -> None:
    sound = to_int16(0.1 * np.random.default_rng(2).normal(0, 1, 16_000 * 9))
    newest = to_float(sound[-16_000 * 8 :])
    normal = (newest - newest.mean()) / np.sqrt(newest.var() + 1e-7)
    whispers = FeatureExtractor(feature_size=80)(normal, padding=0)
    assert features(sound).shape == (80, 800)
    assert np.abs(features(sound)[:, :799] - whispers[:, :799]).max() < 1e-3


def test_a_short_turn_has_its_silence_in_front() -> None:
    hum = to_int16(0.3 * np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000))
    energy = features(hum).max(axis=0)
    assert energy[720:].min() > energy[:690].max()


def test_nothing_installed_is_no_model() -> None:
    assert installed({}) is None


def test_a_named_file_that_is_missing_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"turn\.onnx"):
        installed({"SMART_TURN_MODEL": str(tmp_path / "turn.onnx")})

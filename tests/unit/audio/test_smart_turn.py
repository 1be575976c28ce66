"""The optional turn model: where it is looked for, what it is shown, and how little it may do."""

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from audio.endpoint import PRESETS
from audio.errors import ModelMissing, ModelUnusable
from audio.heard import FinalTurn, TurnDecided
from audio.pcm import to_float, to_int16
from audio.smart_turn import UNSURE, SmartTurn, features
from tests.fakes.lane import SureTurnModel, TellingSpeechToText, listening, pause, voice

NORMAL = PRESETS["normal"]
WINDOW_MS = 32


async def waited(says: str, model: SureTurnModel | SmartTurn | None) -> tuple[int, float]:
    """Return how long the silence after one answer was, and what asking the model took (ms)."""
    async with listening(TellingSpeechToText([says]), turn_model=model) as heard:
        await heard.feed(pause(500), voice(1500), pause(4000))
    (decided,), (turn,) = heard.of(TurnDecided), heard.of(FinalTurn)
    return decided.decided_ms - decided.speech_end_ms, turn.turn_model_ms


def test_it_is_shown_what_whisper_is_shown() -> None:
    sound = to_int16(0.1 * np.random.default_rng(2).normal(0, 1, 16_000 * 9))
    newest = to_float(sound[-16_000 * 8 :])
    normal = (newest - newest.mean()) / np.sqrt(newest.var() + 1e-7)
    whispers = FeatureExtractor(feature_size=80)(normal, padding=0)
    assert features(sound).shape == (80, 800)
    assert features(sound).dtype == np.float32
    assert np.abs(features(sound)[:, :799] - whispers[:, :799]).max() < 1e-3


def test_a_soft_voice_is_shown_as_a_loud_one_is() -> None:
    sound = 0.5 * np.random.default_rng(3).uniform(-1, 1, 16_000 * 8)
    assert np.abs(features(to_int16(sound)) - features(to_int16(sound / 20))).max() < 0.05


def test_a_short_turn_has_its_silence_in_front() -> None:
    hum = to_int16(0.3 * np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000))
    energy = features(hum).max(axis=0)
    assert energy[720:].min() > energy[:690].max()


def test_a_model_that_is_gone_is_missing_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"turn\.onnx"):
        SmartTurn(tmp_path / "turn.onnx").load()


def test_a_damaged_model_is_unusable_by_name(tmp_path: Path) -> None:
    path = tmp_path / "turn.onnx"
    path.write_bytes(b"no graph at all")
    with pytest.raises(ModelUnusable, match=r"turn\.onnx"):
        SmartTurn(path).load()


async def test_a_model_that_is_gone_moves_nothing_and_ends_no_call(tmp_path: Path) -> None:
    gone = SmartTurn(tmp_path / "turn.onnx")
    assert (await waited("I was in Berlin", gone))[0] == (await waited("I was in Berlin", None))[0]
    assert await gone.probability(voice(500)) == UNSURE


@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_a_finished_sentence_is_answered_within_its_bounds(chance: float) -> None:
    wait, asking = await waited("I built the billing service.", SureTurnModel(chance))
    assert NORMAL.finished <= wait <= (NORMAL.finished + NORMAL.unsure) / 2 + 2 * WINDOW_MS
    assert asking > 0


@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_no_certainty_ends_a_hanging_sentence_early_or_holds_it_open(chance: float) -> None:
    wait, _ = await waited("I built the", SureTurnModel(chance))
    assert NORMAL.hanging <= wait <= NORMAL.longest + WINDOW_MS


async def test_nobody_waits_for_a_slow_model() -> None:
    slow = SureTurnModel(0.0, delay_s=1.5)
    assert (await waited("I was in Berlin", slow))[0] == (await waited("I was in Berlin", None))[0]

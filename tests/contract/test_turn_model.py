"""What every turn model keeps to: Smart Turn with its weights and without, and the one that is always sure."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from audio import SAMPLE_RATE, Pcm
from audio.lane import TurnModel
from audio.pcm import silence
from audio.smart_turn import SmartTurn
from tests.fakes.lane import SureTurnModel, voice
from tests.installed import SMART_TURN_WEIGHTS, needs_smart_turn

SOUNDS = {
    "nothing": silence(0),
    "one sample": np.ones(1, np.int16),
    "digital silence": silence(2000),
    "a hum": voice(700),
    "as loud as it gets": np.where(np.arange(SAMPLE_RATE) % 2, 32767, -32768).astype(np.int16),
    "half a minute": voice(30_000),
}


@pytest.fixture(
    params=[pytest.param("smart turn", marks=needs_smart_turn), "smart turn without weights", "sure"],
)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> TurnModel:
    models: dict[str, TurnModel] = {
        "smart turn": SmartTurn(SMART_TURN_WEIGHTS),
        "smart turn without weights": SmartTurn(tmp_path / "gone.onnx"),
        "sure": SureTurnModel(0.9),
    }
    return models[request.param]


@pytest.mark.parametrize("sound", SOUNDS.values(), ids=SOUNDS.keys())
async def test_any_sound_has_a_chance(model: TurnModel, sound: Pcm) -> None:
    assert 0.0 <= await model.probability(sound) <= 1.0


async def test_the_same_sound_has_the_same_chance_whoever_else_asks(model: TurnModel) -> None:
    alone = await model.probability(voice(1500))
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(model.probability(sound)) for sound in (voice(1500), silence(900), voice(1500))]
    assert asking[0].result() == asking[2].result() == alone


async def test_the_sound_is_left_as_it_was(model: TurnModel) -> None:
    sound = voice(1500)
    before = sound.copy()
    await model.probability(sound)
    assert np.array_equal(sound, before)


async def test_whoever_does_not_wait_for_the_answer_may_ask_again(model: TurnModel) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await model.probability(voice(1500))
    assert 0.0 <= await model.probability(voice(1500)) <= 1.0

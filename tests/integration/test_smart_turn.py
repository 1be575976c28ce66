"""The published Smart Turn weights, which `scripts/setup dev` unpacks into the virtual environment."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from api.errors import BadSettings
from api.settings import load_settings
from audio import SAMPLE_RATE, Pcm
from audio.endpoint import PRESETS, wait_ms
from audio.pcm import read_sound, to_float
from audio.smart_turn import SmartTurn, features
from tests.installed import SMART_TURN, SMART_TURN_CODE, SMART_TURN_WEIGHTS, needs_smart_turn, reading

PREPARED = """
import asyncio, os, sys
from pathlib import Path
from orchestrator.forks import ONE_THREAD, threads_here
os.environ.update(ONE_THREAD)
from orchestrator.host import prepare_bot
prepare_bot()
assert len(threads_here()) == 1, threads_here()
if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
import numpy
from audio.smart_turn import SmartTurn
chance = asyncio.run(SmartTurn(Path(sys.argv[1])).probability(numpy.zeros(16000, numpy.int16)))
os._exit(0 if 0 <= chance <= 1 and chance != 0.5 else 3)
"""


@pytest.fixture(scope="module")
def beckett() -> Pcm:
    return read_sound(reading("beckett.wav"))


@pytest.fixture(scope="module")
def model() -> SmartTurn:
    return SmartTurn(SMART_TURN_WEIGHTS)


@needs_smart_turn
def test_the_features_are_the_makers_own(beckett: Pcm) -> None:
    spec = importlib.util.spec_from_file_location("makers_features", SMART_TURN_CODE / "_whisper_features.py")
    assert spec is not None and spec.loader is not None
    makers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(makers)
    for seconds in (0.1, 1.0, 8.0, 9.5):
        sound = beckett[: int(seconds * SAMPLE_RATE)]
        newest = to_float(sound[-8 * SAMPLE_RATE :])
        padded = np.pad(newest, (8 * SAMPLE_RATE - len(newest), 0))
        assert np.abs(features(sound) - makers.compute_whisper_log_mel_features(padded)).max() < 1e-5


@needs_smart_turn
def test_an_installed_wheel_is_found_and_not_imported() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from api.settings import load_settings as load; print(load().speech_service().turn_model); "
            "print(load(smart_turn_model='off').speech_service().turn_model, 'pipecat' in sys.modules)",
        ],
        env={**os.environ, "PYTHONPATH": f"{Path(__file__).parents[2]}{os.pathsep}{SMART_TURN}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines() == [str(SMART_TURN_WEIGHTS), "None False"]


@pytest.mark.parametrize("where", [pytest.param({}, marks=needs_smart_turn), {"SMART_TURN_MODEL": "off"}])
def test_doctor_says_whether_there_is_one(where: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "doctor", "--json", "--data-dir", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": f"{Path(__file__).parents[2]}{os.pathsep}{SMART_TURN}", **where},
        capture_output=True,
        text=True,
        check=False,
    )
    [finding] = [check for check in json.loads(done.stdout)["checks"] if check["name"] == "turn model"]
    assert finding["state"] == "ok"
    assert ("off" if where else str(SMART_TURN_WEIGHTS)) in finding["found"]


def test_a_file_that_is_not_there_is_refused_at_the_start() -> None:
    with pytest.raises(BadSettings, match="SMART_TURN_MODEL"):
        load_settings(smart_turn_model="nowhere/turn.onnx")


@needs_smart_turn
def test_it_hears_the_end_of_a_reading_and_the_middle_of_a_sentence(model: SmartTurn, beckett: Pcm) -> None:
    over = model.judge(beckett)
    in_the_middle = model.judge(read_sound(reading("two_cities.wav"))[: int(5.7 * SAMPLE_RATE)])
    assert in_the_middle < 0.2 < 0.8 < over
    normal = PRESETS["normal"]
    sooner, usual, later = (
        wait_ms(normal, "I was in Berlin", turn_probability=chance) for chance in (over, None, in_the_middle)
    )
    assert normal.finished < sooner < usual < later < normal.longest


@needs_smart_turn
async def test_a_call_goes_on_while_it_is_asked(model: SmartTurn, beckett: Pcm) -> None:
    ticks = 0
    async with asyncio.TaskGroup() as tasks:
        asking = [tasks.create_task(model.probability(beckett)) for _ in range(2)]
        while not all(task.done() for task in asking):
            await asyncio.sleep(0.002)
            ticks += 1
    assert ticks >= 5
    assert asking[0].result() == asking[1].result()


@needs_smart_turn
def test_a_bot_forked_from_the_warm_host_can_ask_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PREPARED, SMART_TURN_WEIGHTS], timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

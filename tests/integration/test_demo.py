"""The demo on the real product: WebRTC, Whisper, voices, files, nothing left behind."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import psutil
import pytest

from audio import VOICE_RATE
from audio.tts.voices import LocalVoices
from audio.wav import wav_bytes

pytestmark = pytest.mark.models

ANSWERS = (
    "Last summer I moved our orders to a new database and not a single order was lost.",
    "I asked my colleague to show me his idea and then we measured both versions together.",
)
PLAN = {
    "title": "Two questions",
    "minutes": 5,
    "sections": [
        {
            "id": "work",
            "name": "your work",
            "questions": [
                {"id": "change", "text": "Which change are you proud of?", "max_followups": 0, "minutes": 1},
                {"id": "dispute", "text": "How did you settle a disagreement?", "max_followups": 0, "minutes": 1},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of spoken answers, with a second of silence after each."""
    folder = tmp_path_factory.mktemp("answers")

    async def speak() -> None:
        voice = await LocalVoices.load()
        for number, text in enumerate(ANSWERS, 1):
            pieces = [piece async for piece in voice.speak(text, voice="oak")]
            sound = np.concatenate([*pieces, np.zeros(VOICE_RATE, np.int16)])
            (folder / f"{number}.wav").write_bytes(wav_bytes(sound, VOICE_RATE))
        await voice.aclose()

    asyncio.run(speak())
    return folder


@contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """`vivavoce demo` under way; stopped at the end whatever became of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        # A shell that starts the tests in the background has them ignore Ctrl-C, and their children with them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def nothing_is_left_of(told: str) -> bool:
    """Whether the data directory that the demo named is gone, and every process that had it in its command line."""
    found = re.search(r"in (\S*vivavoce-\S+)", told)
    assert found is not None, told
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return not Path(found[1]).exists() and not any(found[1] in line for line in lines)


def test_the_demo_itself(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started("--out", str(out)) as demo:
        told, errors = demo.communicate(timeout=300)
    assert demo.returncode == 0, told + errors
    assert errors == ""
    interview = json.loads((out / "interview.json").read_text())
    metrics = json.loads((out / "metrics.json").read_text())
    turns = turns_in(out)
    assert [turn["seq"] for turn in turns] == list(range(1, len(turns) + 1))
    answers = metrics["candidate"]["answers"]
    questions = [one["id"] for section in interview["plan"]["sections"] for one in section["questions"]]
    assert interview["status"] == "completed"
    assert {answer["question_id"] for answer in answers} >= set(questions)
    for question in questions:
        said = " ".join(answer["text"] for answer in answers if answer["question_id"] == question)
        heard = answer_to(question, turns)
        assert jiwer.wer(plain(said), plain(heard)) <= 0.15
        assert all(turn["text"] in told for turn in turns if turn["question_id"] == question)
    assert len([turn for turn in metrics["turns"] if "response_ms" in turn]) >= len(questions)
    assert metrics["join_ms"] > 0
    assert metrics["cpu_s_per_call_minute"]["bot"] > 0
    assert (out / "recording.ogg").read_bytes().startswith(b"OggS")
    assert f"question {len(questions)} of {len(questions)}" in told
    assert nothing_is_left_of(told)


def test_ctrl_c_in_the_middle_leaves_the_files_and_no_process(answers: Path, tmp_path: Path) -> None:
    plan, out = tmp_path / "plan.json", tmp_path / "out"
    plan.write_text(json.dumps(PLAN))
    with started("--plan", str(plan), "--answers", str(answers), "--out", str(out)) as demo:
        assert demo.stdout is not None
        told = ""
        while "question 2 of 2" not in told:
            line = demo.stdout.readline()
            assert line, told
            told += line
        demo.send_signal(signal.SIGINT)
        rest, errors = demo.communicate(timeout=30)
    assert demo.returncode == 130, told + rest + errors
    assert "Traceback" not in errors
    assert "stopped" in rest
    assert json.loads((out / "interview.json").read_text())["title"] == "Two questions"
    heard = answer_to("change", turns_in(out))
    assert jiwer.wer(plain(ANSWERS[0]), plain(heard)) <= 0.15
    assert heard in told
    assert nothing_is_left_of(told)


def turns_in(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "transcript.jsonl").read_text().splitlines()]


def answer_to(question: str, turns: list[dict[str, Any]]) -> str:
    return " ".join(t["text"] for t in turns if t["role"] == "candidate" and t["question_id"] == question)


def plain(text: str) -> str:
    """Return the words alone."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))

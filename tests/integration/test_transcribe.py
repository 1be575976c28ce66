"""`vivavoce transcribe` on real speech, with a speech server of its own."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.bench.words import Scorer
from tests.installed import reading
from tests.running_foreign_speech import foreign_speech

BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
BECKETT_S = 9.96
FINAL = re.compile(r"(\d+):(\d\d\.\d)–(\d+):(\d\d\.\d)  (.+)  \(\d\.\d\d\)")


def transcribe(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "transcribe", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def wrong_words(reference: str, text: str) -> float:
    return Scorer().errors([(reference, text)]).percent


def test_good_files_are_done_and_a_broken_one_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\0\0\0\0WAVEnothing")
    result = transcribe(reading("beckett.wav"), broken, reading("two_cities.wav"), "--json")
    assert result.returncode == 1, result.stderr
    beckett, nothing, cities = map(json.loads, result.stdout.splitlines())
    assert wrong_words(BECKETT, " ".join(turn["text"] for turn in beckett["turns"])) <= 25
    assert beckett["duration_ms"] == pytest.approx(9963, abs=2)
    assert len(beckett["turns"]) == 6
    for turn in beckett["turns"]:
        assert 0 <= turn["start_ms"] < turn["end_ms"] <= beckett["duration_ms"]
        assert 0 < turn["confidence"] <= 1
    assert "broken.wav" in nothing["error"] and "broken.wav" in result.stderr
    assert "Traceback" not in result.stderr
    text = " ".join(turn["text"] for turn in cities["turns"])
    assert wrong_words("It was the best of times, it was the worst of times.", text[:52]) <= 10
    assert len(text.split()) == pytest.approx(119, abs=8)
    assert cities["turns"][-1]["end_ms"] > 40_000


def test_live_takes_its_time_and_shows_text_under_way() -> None:
    began = time.monotonic()
    result = transcribe(reading("beckett.wav"), "--live")
    assert result.returncode == 0, result.stderr
    assert time.monotonic() - began > BECKETT_S
    lines = result.stdout.splitlines()
    finals = [(number, found) for number, line in enumerate(lines) if (found := FINAL.fullmatch(line))]
    under_way = [number for number, line in enumerate(lines) if line.strip().startswith("… ")]
    assert len(finals) + len(under_way) == len(lines), "nothing else is said"
    assert under_way and under_way[0] < finals[-1][0], "while it was being said"
    # Where sentences are parted depends on how soon the recogniser answers; what was said and when does not.
    assert wrong_words(BECKETT, " ".join(found[5] for _, found in finals)) <= 25
    times = [60 * int(found[at]) + float(found[at + 1]) for _, found in finals for at in (1, 3)]
    assert times[0] == 0.3 and times == sorted(times) and times[-1] <= BECKETT_S + 0.1


def test_no_file_that_can_be_read_cannot_start(tmp_path: Path) -> None:
    result = transcribe(tmp_path / "missing.wav")
    assert result.returncode == 2
    assert "missing.wav" in result.stderr and "Traceback" not in result.stderr


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = transcribe(reading("beckett.wav"), STT_MODEL=str(tmp_path / "no-such-model"))
    assert result.returncode == 2
    assert "no-such-model" in result.stderr and "Traceback" not in result.stderr


def test_a_recogniser_elsewhere_does_the_words() -> None:
    with foreign_speech() as foreign:
        result = transcribe(reading("beckett.wav"), STT_URL=foreign.url, STT_MODEL="elsewhere/whisper-huge")
    assert result.returncode == 0, result.stderr
    assert "heard elsewhere" in result.stdout
    assert set(foreign.models) == {"elsewhere/whisper-huge"}


def test_a_server_that_is_away_is_named() -> None:
    result = transcribe(reading("beckett.wav"), "--speech-socket", "/nonexistent/speech.sock")
    assert result.returncode == 2
    assert "reached" in result.stderr and "Traceback" not in result.stderr

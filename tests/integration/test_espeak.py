"""The process that runs pyttsx3 may hang, die or talk nonsense; the next sentence is spoken all the same."""

import asyncio
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from audio.errors import SpeechUnavailable, UnsupportedLanguage
from audio.tts.espeak import WORKER, EspeakVoice

HELLO = 'import json, sys; print(json.dumps({"languages": ["de"]}), flush=True)\n'


async def say(voice: EspeakVoice, text: str = "Guten Tag.") -> float:
    sound = await voice.say(text, language="de", voice="heart", speed=1.0)
    return len(sound) / 24_000


@pytest.mark.parametrize(
    "trouble",
    ["sys.stdin.readline(); import time; time.sleep(60)", "sys.stdin.readline(); sys.exit(1)", "sys.exit(0)"],
    ids=["hangs", "dies", "is gone"],
)
async def test_a_worker_that_hangs_or_dies_is_replaced(tmp_path: Path, trouble: str) -> None:
    script = tmp_path / "worker.py"
    script.write_text(HELLO + trouble)
    voice = EspeakVoice(script, sentence_s=0.5)
    try:
        with pytest.raises(SpeechUnavailable):
            await say(voice)
        script.write_text(WORKER.read_text())
        assert await say(voice) > 0.4
    finally:
        await voice.aclose()


@pytest.mark.parametrize("answer", [{"error": "ValueError: no"}, {"file": "elsewhere"}])
async def test_a_worker_without_sound_is_an_error(tmp_path: Path, answer: dict[str, str]) -> None:
    script = tmp_path / "worker.py"
    script.write_text(f"{HELLO}input(); print({json.dumps(json.dumps(answer))}, flush=True); input()")
    voice = EspeakVoice(script)
    try:
        with pytest.raises(SpeechUnavailable):
            await say(voice)
    finally:
        await voice.aclose()


@pytest.mark.parametrize("says", ["", HELLO], ids=["before it says hello", "in the middle of a sentence"])
def test_a_worker_that_is_no_longer_wanted_ends_with_its_loop(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], says: str
) -> None:
    script = tmp_path / "worker.py"
    script.write_text(f"{says}import time; time.sleep(60)")

    async def give_up() -> None:
        voice = EspeakVoice(script)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await say(voice)

    asyncio.run(give_up())
    assert not [child for child in psutil.Process().children() if str(script) in child.cmdline()]
    gc.collect()
    assert capfd.readouterr().err == ""


SILENT = (
    HELLO
    + """
import wave
for number, line in enumerate(sys.stdin):
    file = json.loads(line)["file"]
    with wave.open(file, "wb") as wav:
        wav.setparams((1, 2, 22050, 0, "NONE", ""))
        wav.writeframes(b"\\1\\2" * 22050 * (number >= QUIET))
    print(json.dumps({"file": file}), flush=True)
"""
)


async def test_a_sentence_without_a_sound_is_said_again(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(SILENT.replace("QUIET", "2"))
    voice = EspeakVoice(script)
    try:
        assert await say(voice) == pytest.approx(1.0, abs=0.01)
    finally:
        await voice.aclose()


async def test_one_that_stays_without_a_sound_is_an_error_and_signs_alone_are_silence(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(SILENT.replace("QUIET", "99"))
    voice = EspeakVoice(script)
    try:
        with pytest.raises(SpeechUnavailable, match="without a sound"):
            await say(voice)
        assert await say(voice, "…") == 0.0
    finally:
        await voice.aclose()


async def test_a_worker_killed_between_two_sentences_is_replaced() -> None:
    voice = EspeakVoice()
    try:
        assert await say(voice) > 0.4
        assert voice._process is not None
        voice._process.kill()
        await voice._process.wait()
        assert await say(voice) > 0.4
    finally:
        await voice.aclose()


async def test_text_that_means_something_to_espeak_or_json_is_only_spoken() -> None:
    voice = EspeakVoice()
    try:
        for text in (
            '<speak rate="x">Hallo</speak>',
            '{"text": "\\n"}',
            "Zeile eins\nZeile zwei",
            "ä€😀 Größe",
            "-f /etc",
        ):
            assert await say(voice, text) > 0.1
    finally:
        await voice.aclose()


async def test_regional_and_renamed_languages_are_found_and_others_are_not() -> None:
    voice = EspeakVoice()
    try:
        for language in ("fr", "pt", "pt-BR", "zh", "no"):
            assert len(await voice.say("1, 2, 3", language=language, voice="oak", speed=1.0)) > 5000
        with pytest.raises(UnsupportedLanguage):
            await voice.say("1, 2, 3", language="tlh-x", voice="oak", speed=1.0)
        assert {"fr", "zh", "no", "de"} <= set(voice.languages)
    finally:
        await voice.aclose()


async def test_no_sound_of_a_sentence_before_is_heard_again(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(WORKER.read_text())
    voice = EspeakVoice(script)
    try:
        long = await say(voice, "Ein langer Satz, der eine ganze Weile dauert, bis er zu Ende ist.")
        assert await say(voice, "Ja.") < long / 2
        script.write_text(f"{HELLO}input(); print('{{}}', flush=True); input()")
        assert voice._process is not None
        voice._process.kill()
        await voice._process.wait()
        with pytest.raises(SpeechUnavailable, match="no sound"):
            await say(voice)
    finally:
        await voice.aclose()


def test_a_voice_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    speaking = (
        "import asyncio, os, signal\n"
        "from audio.tts.espeak import EspeakVoice\n"
        "async def main():\n"
        "    sound = await EspeakVoice().say('Guten Tag.', language='de', voice='oak', speed=1.0)\n"
        "    print(len(sound), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", speaking],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert int(done.stdout) > 5000
    assert list(tmp_path.iterdir()) == []

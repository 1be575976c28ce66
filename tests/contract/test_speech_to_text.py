"""What every recogniser keeps to: the one of this process, the one behind the speech server, the scripted one."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import jiwer
import numpy as np
import pytest

from audio import SAMPLE_RATE, Pcm, SpeechToText, Urgency
from audio.models import locate
from audio.stt.local import LocalSpeechToText
from audio.stt.whisper import Whisper
from audio.tts.edges import trimmed
from audio.tts.hibari import HibariVoice
from tests.fakes.speech import DeafSpeechToText, LateSpeechToText, ScriptedSpeechToText
from tests.running_speech import Server, heard_in_a_room, speech_server

pytestmark = pytest.mark.models

TEXTS = (
    "Last summer our team moved the whole system to another city, and the number of errors fell.",
    "I would rather repeat the question before I answer it.",
)


@dataclass(frozen=True)
class Bench:
    """A recogniser, the sounds it is given and the words in them."""

    stt: SpeechToText
    sounds: tuple[Pcm, ...]
    silence: Pcm
    texts: tuple[str, ...] = TEXTS


MakeBench: TypeAlias = Callable[[], AbstractAsyncContextManager[Bench]]


@pytest.fixture(scope="module")
def sounds() -> tuple[Pcm, ...]:
    voice = HibariVoice()
    return tuple(
        heard_in_a_room(trimmed(voice.synthesise(text, name)))
        for text, name in zip(TEXTS, ("heart", "oak"), strict=True)
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def whisper(models: Path) -> Whisper:
    return Whisper(locate("base", models), workers=2)


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with speech_server(tmp_path_factory.mktemp("run") / "speech.sock", models) as server:
        yield server


@pytest.fixture(params=["in process", "speech server", "scripted", "late"])
def bench(request: pytest.FixtureRequest, sounds: tuple[Pcm, ...]) -> MakeBench:
    """Make the bench inside the test, so that what runs in the background belongs to the test's own task."""
    hiss = np.random.default_rng(3).normal(0, 30, 2 * SAMPLE_RATE).astype(np.int16)

    @asynccontextmanager
    async def in_process() -> AsyncIterator[Bench]:
        stt = LocalSpeechToText(request.getfixturevalue("whisper"), workers=2)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(stt.run())
            yield Bench(stt, sounds, hiss)
            running.cancel()

    @asynccontextmanager
    async def behind_server() -> AsyncIterator[Bench]:
        client = request.getfixturevalue("server").client()
        yield Bench(client, sounds, hiss)
        await client.aclose()

    @asynccontextmanager
    async def scripted() -> AsyncIterator[Bench]:
        script = {f"lane-{number}": [text] for number, text in enumerate(TEXTS)}
        yield Bench(ScriptedSpeechToText(script), sounds, hiss)

    @asynccontextmanager
    async def late() -> AsyncIterator[Bench]:
        async with scripted() as bench:
            yield Bench(LateSpeechToText(bench.stt, 0.05), bench.sounds, bench.silence)

    return {"in process": in_process, "speech server": behind_server, "scripted": scripted, "late": late}[request.param]


def normalised(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower()).split())


def word_errors(said: str, heard: str) -> float:
    return float(jiwer.wer(normalised(said), normalised(heard) or "-"))


async def test_the_words_of_a_window_come_back_with_a_confidence(bench: MakeBench) -> None:
    async with bench() as here:
        heard = await here.stt.transcribe(here.sounds[0], urgency=Urgency.FINAL, lane="lane-0")
    assert word_errors(here.texts[0], heard.text) <= 0.1
    assert 0.5 < heard.confidence <= 1.0
    assert heard.language == "en"


async def test_an_interim_holds_the_beginning_of_the_sentence(bench: MakeBench) -> None:
    async with bench() as here:
        half = here.sounds[0][: len(here.sounds[0]) // 2]
        heard = await here.stt.transcribe(half, urgency=Urgency.INTERIM, lane="lane-0")
    words, said = normalised(heard.text).split(), normalised(here.texts[0]).split()
    assert 3 <= len(words) < len(said)
    assert words[:3] == said[:3]


async def test_a_speculative_text_is_the_final_one(bench: MakeBench) -> None:
    async with bench() as here:
        early = await here.stt.transcribe(here.sounds[1], urgency=Urgency.SPECULATIVE, lane="lane-1")
        final = await here.stt.transcribe(here.sounds[1], urgency=Urgency.FINAL, lane="lane-1")
    assert early.text == final.text != ""


async def test_lanes_that_speak_at_once_each_get_their_own_words(bench: MakeBench) -> None:
    async with bench() as here, asyncio.TaskGroup() as group:
        asked = [
            group.create_task(here.stt.transcribe(sound, urgency=Urgency.FINAL, lane=f"lane-{number}"))
            for number, sound in enumerate(here.sounds)
        ]
        await asyncio.wait(asked)
    for text, task in zip(here.texts, asked, strict=True):
        assert word_errors(text, task.result().text) <= 0.1


async def test_where_nobody_speaks_there_are_no_words_and_no_confidence(bench: MakeBench) -> None:
    async with bench() as here:
        heard = await here.stt.transcribe(here.silence, urgency=Urgency.FINAL, lane="an empty room")
    assert (heard.text, heard.confidence) == ("", 0.0)


async def test_a_request_that_is_given_up_leaves_the_recogniser_usable(bench: MakeBench) -> None:
    async with bench() as here:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await here.stt.transcribe(here.sounds[0], urgency=Urgency.FINAL, lane="gone")
        heard = await here.stt.transcribe(here.sounds[0], urgency=Urgency.FINAL, lane="lane-0", prompt="errors")
    assert word_errors(here.texts[0], heard.text) <= 0.1


async def test_the_deaf_one_hears_nothing_at_all(sounds: tuple[Pcm, ...]) -> None:
    heard = await DeafSpeechToText().transcribe(sounds[0], urgency=Urgency.FINAL, lane="lane-0")
    assert heard.text == ""

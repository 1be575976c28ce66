"""What every voice keeps to: those of this process, those behind the speech server, a humming and a silent one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from audio import VOICE_RATE, Pcm, TextToSpeech
from audio.errors import UnsupportedLanguage
from audio.tts.voices import LocalVoices
from tests.fakes.speech import SilentVoice, ToneVoice
from tests.running_speech import Server, speech_server

pytestmark = pytest.mark.models

SHORT = "Thank you."
LONG = "Could you walk me through the design, and tell me which part of it was your own? Take your time."

MakeVoice: TypeAlias = Callable[[], AbstractAsyncContextManager[TextToSpeech]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("run")
    with speech_server(folder / "speech.sock", folder / "models") as server:
        yield server


@pytest.fixture(params=["in process", "speech server", "tone", "silence"])
def voice(request: pytest.FixtureRequest) -> MakeVoice:
    """Make the voice inside the test: what it holds belongs to the test's loop."""
    return _maker(request, request.param)


@pytest.fixture(params=["in process", "speech server"])
def real_voice(request: pytest.FixtureRequest) -> MakeVoice:
    return _maker(request, request.param)


def _maker(request: pytest.FixtureRequest, kind: str) -> MakeVoice:
    @asynccontextmanager
    async def in_process() -> AsyncIterator[TextToSpeech]:
        voices = await LocalVoices.load()
        yield voices
        await voices.aclose()

    @asynccontextmanager
    async def behind_server() -> AsyncIterator[TextToSpeech]:
        client = request.getfixturevalue("server").client()
        yield client
        await client.aclose()

    @asynccontextmanager
    async def tone() -> AsyncIterator[TextToSpeech]:
        yield ToneVoice()

    @asynccontextmanager
    async def silence() -> AsyncIterator[TextToSpeech]:
        yield SilentVoice()

    return {"in process": in_process, "speech server": behind_server, "tone": tone, "silence": silence}[kind]


async def spoken(
    tts: TextToSpeech, text: str, *, language: str = "en", name: str = "default", speed: float = 1.0
) -> Pcm:
    pieces = [piece async for piece in tts.speak(text, language=language, voice=name, speed=speed)]
    assert all(piece.dtype == np.int16 and piece.ndim == 1 and len(piece) for piece in pieces)
    return np.concatenate(pieces)


def seconds(pcm: Pcm) -> float:
    return len(pcm) / VOICE_RATE


def pitch(pcm: Pcm) -> float:
    """The fundamental (Hz) that the voiced frames agree on: the median of their autocorrelation peaks."""
    found = []
    for start in range(0, len(pcm) - 1200, 600):
        frame = pcm[start : start + 1200].astype(np.float64)
        if np.abs(frame).max() < 2000:
            continue
        similar = np.correlate(frame, frame, "full")[len(frame) - 1 :]
        lags = slice(VOICE_RATE // 400, VOICE_RATE // 80)
        lag = int(similar[lags].argmax()) + lags.start
        if similar[lag] > 0.6 * similar[0]:
            found.append(VOICE_RATE / lag)
    return float(np.median(found))


async def test_more_text_takes_longer_and_a_higher_speed_takes_less(voice: MakeVoice) -> None:
    async with voice() as tts:
        short, long = await spoken(tts, SHORT), await spoken(tts, LONG)
        fast = await spoken(tts, LONG, speed=1.5)
    assert 0.3 < seconds(short) < 1.5
    assert 3.5 < seconds(long) < 9
    assert seconds(fast) == pytest.approx(seconds(long) / 1.5, rel=0.12)


async def test_a_text_of_nothing_to_say_makes_no_sound(voice: MakeVoice) -> None:
    async with voice() as tts:
        assert [piece async for piece in tts.speak("")] == []


async def test_two_that_speak_at_once_do_not_disturb_each_other(voice: MakeVoice) -> None:
    async with voice() as tts:
        alone = await spoken(tts, LONG)
        async with asyncio.TaskGroup() as group:
            both = [group.create_task(spoken(tts, text)) for text in (LONG, SHORT)]
    assert seconds(both[0].result()) == pytest.approx(seconds(alone), abs=0.1)
    assert seconds(both[1].result()) < seconds(alone) / 2


async def test_breaking_off_after_the_first_piece_leaves_the_voice_usable(voice: MakeVoice) -> None:
    async with voice() as tts:
        stream = tts.speak(LONG)
        assert len(await anext(stream))
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator, because every voice is one
        assert seconds(await spoken(tts, SHORT)) > 0.3


@pytest.mark.parametrize("language", ["en", "de", "fr", "pt"])
async def test_sound_begins_at_once_and_is_loud_enough(real_voice: MakeVoice, language: str) -> None:
    async with real_voice() as tts:
        sound = await spoken(tts, SHORT, language=language)
    assert np.abs(sound[: VOICE_RATE // 10]).max() > 300
    assert 500 < np.sqrt(np.mean(sound.astype(np.float64) ** 2)) < 6000


async def test_sentences_are_parted_by_a_breath_and_not_by_a_hole(real_voice: MakeVoice) -> None:
    async with real_voice() as tts:
        sound = await spoken(tts, "That is clear. Let us go on.")
    quiet = np.abs(sound[: len(sound) // 240 * 240].reshape(-1, 240)).max(axis=1) < 60  # 10 ms frames
    runs = "".join("q" if one else "s" for one in quiet).strip("q").replace("s", " ").split()
    assert 0.2 < max(map(len, runs)) / 100 < 0.55


async def test_the_second_voice_is_the_lower_one(real_voice: MakeVoice) -> None:
    async with real_voice() as tts:
        heart, oak = await spoken(tts, LONG, name="heart"), await spoken(tts, LONG, name="oak")
    assert pitch(oak) == pytest.approx(0.86 * pitch(heart), rel=0.06)
    assert seconds(oak) == pytest.approx(seconds(heart), rel=0.12)


async def test_a_language_nobody_speaks_is_refused_with_those_that_are_spoken(real_voice: MakeVoice) -> None:
    async with real_voice() as tts:
        with pytest.raises(UnsupportedLanguage) as caught:
            await spoken(tts, SHORT, language="xx")
    assert caught.value.language == "xx"
    assert {"en", "de", "fr"} <= set(caught.value.supported)

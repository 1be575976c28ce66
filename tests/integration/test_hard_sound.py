"""Sound as it comes, through the lane of a call: noise, a telephone, a bare room; and music, and nobody at all."""

from collections.abc import AsyncIterator, Callable, Iterator

import numpy as np
import pytest

from api.bench import noises
from api.bench.rooms import noisy, reverberant, telephone
from api.bench.speech import Clip, own_clips
from api.bench.words import Scorer
from audio import SAMPLE_RATE, Pcm
from audio.client import SpeechClient
from audio.heard import FinalTurn, LaneEvent
from audio.pcm import read_sound
from audio.replay import replay
from audio.vad import SileroModel, VoiceActivityDetector
from tests.fakes.lane import LoudnessDetector
from tests.installed import reading
from tests.running_speech import Server, speech_server

pytestmark = pytest.mark.models

BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("run")
    with speech_server(folder / "speech.sock", folder / "models") as server:
        yield server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[SpeechClient]:
    client = server.client()
    yield client
    await client.aclose()


async def heard(sound: Pcm, client: SpeechClient, detector: VoiceActivityDetector | None = None) -> str:
    """Return what a lane makes of `sound` in a quiet room."""
    events: list[LaneEvent] = []
    air = np.random.default_rng(5).normal(0, 6, SAMPLE_RATE).astype(np.int16)
    detector = detector or SileroModel().detector()
    await replay(np.concatenate([air, sound, air, air]), stt=client, vad=detector, listener=events.append)
    return " ".join(event.text for event in events if isinstance(event, FinalTurn))


@pytest.mark.parametrize("through", [noisy, telephone, reverberant])
async def test_speech_is_understood(client: SpeechClient, through: Callable[[Pcm], Pcm]) -> None:
    plain = [clip for clip in await own_clips(client) if clip.name.count("-") == 1]
    plain.append(Clip("beckett", read_sound(reading("beckett.wav")), BECKETT))
    pairs = [(clip.text, await heard(through(clip.sound), client)) for clip in plain]
    assert Scorer().errors(pairs).percent <= 8, pairs


@pytest.mark.parametrize("kind", noises.KINDS)
async def test_where_nobody_speaks_no_words_are_invented(client: SpeechClient, kind: str) -> None:
    for level in (-35.0, -15.0):
        assert await heard(noises.of(kind, level)[: 8 * SAMPLE_RATE], client) == ""


@pytest.mark.parametrize("kind", ["white noise", "pink noise", "brown noise", "hum", "swell"])
async def test_the_recogniser_itself_hears_no_words_in_noise(client: SpeechClient, kind: str) -> None:
    """A detector that takes all of it for a voice, so that it is asked; to music it would say "Music"."""
    assert await heard(noises.of(kind, -20.0)[: 8 * SAMPLE_RATE], client, LoudnessDetector()) == ""


async def test_words_over_music_are_understood(client: SpeechClient) -> None:
    sound = read_sound(reading("beckett.wav"))
    music = noises.of("band", -45.0)[: len(sound)]
    mixed = np.clip(sound.astype(np.int32) + music, -32768, 32767).astype(np.int16)
    assert Scorer().errors([(BECKETT, await heard(mixed, client))]).percent <= 25

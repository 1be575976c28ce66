"""The speech server as its users meet it: over the wire, with bad input, under load, killed and restarted."""

import asyncio
import io
import json
import os
import re
import signal
import socket
import stat
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import numpy as np
import openai
import pytest

from audio import SAMPLE_RATE, VOICE_RATE, Pcm, Urgency
from audio.client import SpeechClient
from audio.errors import Shed, SpeechRefused, SpeechUnavailable, UnsupportedLanguage, VoiceMissing
from audio.models import locate
from audio.pcm import resample
from audio.tts.edges import trimmed
from audio.tts.hibari import HibariVoice
from audio.wav import pcm_of, wav_bytes
from tests.guards import HANG_S
from tests.running_speech import Server, heard_in_a_room, run_server, speech_server

pytestmark = pytest.mark.models

SAID = "The number of errors fell by half last summer."


@pytest.fixture(scope="module")
def speech() -> Pcm:
    return heard_in_a_room(trimmed(HibariVoice().synthesise(SAID)))


@pytest.fixture(scope="module")
def long(speech: Pcm) -> Pcm:
    """Fourteen seconds without a repetition, which would be taken for a loop of the recogniser."""
    more = (
        "We measured first and then changed one thing at a time.",
        "My colleague wrote the migration while I wrote the tests for it.",
        "In the end nobody had to be called on a Sunday, and the customers noticed nothing at all.",
    )
    spoken = [heard_in_a_room(trimmed(HibariVoice().synthesise(text))) for text in more]
    return np.concatenate([speech, *spoken])[: 14 * SAMPLE_RATE]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def busy(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that decodes a single window at a time."""
    with speech_server(tmp_path_factory.mktemp("run") / "speech.sock", models, STT_WORKERS="1") as server:
        yield server


@pytest.fixture(scope="module")
def server(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with speech_server(tmp_path_factory.mktemp("run") / "speech.sock", models) as server:
        yield server


@asynccontextmanager
async def http(server: Server) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.AsyncHTTPTransport(uds=str(server.socket))
    async with httpx2.AsyncClient(transport=transport, base_url="http://speech", timeout=30) as client:
        yield client


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[SpeechClient]:
    client = server.client()
    try:
        yield client
    finally:
        await client.aclose()


async def sent(server: Server, sound: bytes, **fields: str) -> httpx2.Response:
    async with http(server) as client:
        return await client.post("/v1/audio/transcriptions", files={"file": ("a.wav", sound)}, data=fields)


def error_of(response: httpx2.Response) -> dict[str, object]:
    error: dict[str, object] = response.json()["error"]
    assert {"message", "type", "code", "param"} <= error.keys()
    return error


def test_it_says_where_it_serves_and_lets_nobody_else_in(server: Server) -> None:
    assert server.ready["event"] == "ready"
    assert server.ready["url"] == f"unix:{server.socket}"
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o600


async def test_any_openai_client_can_use_it(server: Server, speech: Pcm) -> None:
    async with http(server) as transport:
        client = openai.AsyncOpenAI(base_url="http://speech/v1", api_key="none", http_client=transport)
        heard = await client.audio.transcriptions.create(model="whisper-1", file=("a.wav", wav_bytes(speech)))
        said = await client.audio.speech.create(model="tts-1", voice="alloy", input=SAID)
        names = [model.id async for model in client.models.list()]
    assert "errors fell by half" in heard.text
    assert len(pcm_of(said.content, VOICE_RATE)) / VOICE_RATE > 2  # mp3 is what OpenAI answers in by default
    assert {"whisper-1", "tts-1", "base"} <= set(names)


@pytest.mark.parametrize("form", ["wav", "mp3", "opus", "aac", "flac"])
async def test_every_format_of_openai_can_be_played(server: Server, form: str) -> None:
    async with http(server) as client:
        body = {"model": "tts-1", "voice": "oak", "input": SAID, "response_format": form}
        file = (await client.post("/v1/audio/speech", json=body)).content
    assert 1.5 < len(pcm_of(file, VOICE_RATE)) / VOICE_RATE < 5


async def test_stereo_at_48_khz_is_understood(server: Server, speech: Pcm) -> None:
    wide = resample(speech, SAMPLE_RATE, 48_000)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(wide, 2).astype("<i2").tobytes())
    assert "errors fell by half" in (await sent(server, out.getvalue())).json()["text"]


async def test_verbose_answers_tell_how_sure_the_model_is(server: Server, speech: Pcm) -> None:
    body = (await sent(server, wav_bytes(speech), response_format="verbose_json", language="en")).json()
    (segment,) = body["segments"]
    assert segment["text"] == body["text"]
    assert segment["no_speech_prob"] < 0.5
    assert segment["confidence"] == body["confidence"] == pytest.approx(np.exp(segment["avg_logprob"]))
    assert body["duration"] == pytest.approx(len(speech) / SAMPLE_RATE, abs=0.01)


async def test_the_language_is_found_out_when_it_is_not_given(server: Server, speech: Pcm) -> None:
    body = (await sent(server, wav_bytes(speech), response_format="verbose_json")).json()
    assert body["language"] == "en"
    assert "errors fell by half" in body["text"]


@pytest.mark.parametrize(
    ("sound", "fields", "code", "says"),
    [
        (b"", {}, "unreadable_audio", "empty"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt broken", {}, "unreadable_audio", "not a sound file"),
        (b"\x00" * 5000, {}, "unreadable_audio", "not a sound file"),
        (wav_bytes(np.zeros(0, np.int16)), {}, "unreadable_audio", "no sound"),
        (wav_bytes(np.zeros(31 * SAMPLE_RATE, np.int16)), {}, "too_long", "31.0 s of sound.*at most 30 s"),
        (wav_bytes(np.zeros(800, np.int16)), {"language": "xx"}, "unsupported_language", "'xx'.*en"),
        (wav_bytes(np.zeros(800, np.int16)), {"response_format": "srt"}, "bad_response_format", "verbose_json"),
    ],
)
async def test_bad_sound_is_refused_with_a_reason(
    server: Server, sound: bytes, fields: dict[str, str], code: str, says: str
) -> None:
    response = await sent(server, sound, **fields)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (400, code)
    assert re.search(says, str(error["message"]))


async def test_bad_requests_are_refused_with_a_reason(server: Server) -> None:
    async with http(server) as client:
        no_file = await client.post("/v1/audio/transcriptions", data={"model": "whisper-1"})
        no_text = await client.post("/v1/audio/speech", json={"model": "tts-1", "voice": "heart"})
        no_voice = await client.post("/v1/audio/speech", json={"input": "Hi.", "voice": "zorg"})
        no_json = await client.post("/v1/audio/speech", content=b"{")
        no_page = await client.get("/v2/audio")
    assert (no_file.status_code, error_of(no_file)["code"]) == (400, "no_file")
    assert (no_text.status_code, error_of(no_text)["param"]) == (400, "input")
    assert (no_voice.status_code, error_of(no_voice)["code"]) == (400, "unknown_voice")
    assert no_json.status_code == 400
    assert (no_page.status_code, error_of(no_page)["code"]) == (404, "not_found")


async def test_an_endless_upload_is_cut_off(server: Server) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"\x00" * (1 << 20)

    async with http(server) as client:
        try:
            response = await client.post("/v1/audio/speech", content=endless())
        except httpx2.WriteError:
            return  # it hung up while we were still sending, which is as good
    assert (response.status_code, error_of(response)["code"]) == (413, "too_large")


async def test_the_client_turns_refusals_into_errors_of_the_package(server: Server, speech: Pcm) -> None:
    async with connected(server) as client:
        with pytest.raises(UnsupportedLanguage) as caught:
            await client.transcribe(speech, urgency=Urgency.FINAL, lane="a", language="xx")
        assert "en" in caught.value.supported
        with pytest.raises(SpeechRefused, match="zorg"):
            _ = [piece async for piece in client.speak("Hi.", voice="zorg")]
        with pytest.raises(SpeechRefused, match="at most 30 s"):
            await client.transcribe(np.tile(speech, 15), urgency=Urgency.FINAL, lane="a")


async def test_overload_sheds_interims_and_never_a_final(busy: Server, long: Pcm) -> None:
    async def outcome(client: SpeechClient, urgency: Urgency, lane: str) -> str:
        try:
            heard = await client.transcribe(long, urgency=urgency, lane=lane)
        except Shed:
            return "shed"
        return "heard" if "errors fell" in heard.text else heard.text

    async with connected(busy) as client, asyncio.TaskGroup() as group:
        finals = [group.create_task(outcome(client, Urgency.FINAL, f"f{number}")) for number in range(10)]
        await asyncio.sleep(0.1)
        interims = [group.create_task(outcome(client, Urgency.INTERIM, f"i{number}")) for number in range(4)]
    assert [task.result() for task in finals] == ["heard"] * 10
    assert [task.result() for task in interims] == ["shed"] * 4


async def test_a_caller_that_hangs_up_frees_its_place(busy: Server, speech: Pcm, long: Pcm) -> None:
    async with connected(busy) as client, http(busy) as admin:
        before = (await admin.get("/health")).json()["queue"]["decoded"]["final"]
        async with asyncio.TaskGroup() as group:
            leaving = [
                group.create_task(client.transcribe(long, urgency=Urgency.FINAL, lane=f"l{number}"))
                for number in range(8)
            ]
            async with asyncio.timeout(HANG_S):
                while (await admin.get("/health")).json()["queue"]["waiting"] < 5:
                    await asyncio.sleep(0.01)
            for task in leaving:
                task.cancel()
        async with asyncio.timeout(HANG_S):
            while (await admin.get("/health")).json()["queue"]["waiting"]:
                await asyncio.sleep(0.01)
        heard = await client.transcribe(speech, urgency=Urgency.FINAL, lane="stays")
        decoded = (await admin.get("/health")).json()["queue"]["decoded"]["final"]
    assert "errors fell" in heard.text
    assert decoded - before < 9


async def test_a_killed_server_is_missed_even_in_the_middle_of_a_word_and_its_successor_is_found(
    models: Path, tmp_path: Path, speech: Pcm
) -> None:
    path = tmp_path / "speech.sock"
    with speech_server(path, models) as first:
        async with connected(first) as client:
            assert (await client.transcribe(speech, urgency=Urgency.FINAL, lane="a")).text
            cut_off = client.speak("This sentence is spoken. " * 60)
            assert len(await anext(cut_off))
            first.stop(signal.SIGKILL)
            with pytest.raises(SpeechUnavailable):
                _ = [piece async for piece in cut_off]
            with pytest.raises(SpeechUnavailable) as caught:
                await client.transcribe(speech, urgency=Urgency.FINAL, lane="a")
            assert caught.value.retryable
            with pytest.raises(SpeechUnavailable):
                _ = [piece async for piece in client.speak("Hello.")]
            with speech_server(path, models):  # over the dead one's socket
                assert "errors fell" in (await client.transcribe(speech, urgency=Urgency.FINAL, lane="a")).text


async def test_sigterm_lets_a_running_request_end_and_leaves_no_socket(
    models: Path, tmp_path: Path, speech: Pcm
) -> None:
    with speech_server(tmp_path / "speech.sock", models) as server:
        async with connected(server) as client, asyncio.TaskGroup() as group:
            asked = group.create_task(client.transcribe(speech, urgency=Urgency.FINAL, lane="a"))
            await asyncio.sleep(0.05)
            server.process.send_signal(signal.SIGTERM)
            assert "errors fell" in (await asked).text
            status = await asyncio.to_thread(server.process.wait, HANG_S)
        assert status == 0
        assert not server.socket.exists()


def refusal(*arguments: str, **environment: str) -> tuple[int, str]:
    with run_server(*arguments, **environment) as process:
        out, err = process.communicate(timeout=HANG_S)
    assert out == ""
    return process.returncode, err


def test_damaged_weights_are_refused_by_name(tmp_path: Path) -> None:
    weights = locate("base", tmp_path / "models") / "model.bin"
    os.truncate(weights, 145_000_000)
    status, said = refusal("--socket", str(tmp_path / "s.sock"), "--model-dir", str(tmp_path / "models"))
    assert status == 2
    assert said.count("\n") == 1
    assert str(weights) in said
    assert "SHA-256" in said


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"STT_MODEL": "./nowhere"}, "nowhere, which is not a folder"),
        ({"STT_MODEL": "gigantic"}, "neither a folder nor a known size"),
        ({"STT_WORKERS": "many"}, "STT_WORKERS"),
        ({"STT_COMPUTE": "int3"}, "int3"),
    ],
)
def test_settings_that_can_not_work_are_refused(
    models: Path, tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    status, said = refusal("--socket", str(tmp_path / "s.sock"), "--model-dir", str(models), **environment)
    assert (status, said.count("\n")) == (2, 1)
    assert says in said


def test_a_used_address_is_refused(server: Server) -> None:
    status, said = refusal("--socket", str(server.socket))
    assert (status, said) == (2, f"audio.server: another speech server listens on {server.socket}\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = refusal("--port", str(port))
    assert status == 2
    assert f"127.0.0.1:{port}: Address already in use" in said


async def test_without_espeak_english_goes_on_and_the_rest_says_what_to_install(models: Path, tmp_path: Path) -> None:
    (tmp_path / "pyttsx3.py").write_text('raise RuntimeError("eSpeak or eSpeak-ng not installed")')
    with speech_server(tmp_path / "speech.sock", models, PYTHONPATH=str(tmp_path)) as server:
        async with connected(server) as client:
            assert [piece async for piece in client.speak("Hello.")]
            with pytest.raises(VoiceMissing, match="apt install espeak-ng"):
                _ = [piece async for piece in client.speak("Guten Tag.", language="de")]


def test_a_port_serves_as_well_as_a_socket(models: Path) -> None:
    with run_server("--port", "0", "--model-dir", str(models)) as process:
        try:
            assert process.stdout is not None
            url = json.loads(process.stdout.readline())["url"]
            assert httpx2.get(f"{url}/health").json()["status"] == "ok"
        finally:
            process.kill()

"""The client against other servers that speak OpenAI's audio API, each with a habit of its own."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from audio import Transcript, Urgency
from audio.client import SpeechClient
from audio.errors import Shed, SpeechRefused, SpeechUnavailable
from tests.guards import HANG_S

SOUND = np.ones(1600, np.int16)
Endpoint = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def served(folder: Path, endpoint: Endpoint, timeout_s: float = 5.0) -> AsyncIterator[SpeechClient]:
    routes = [Route(f"/v1/audio/{what}", endpoint, methods=["POST"]) for what in ("transcriptions", "speech")]
    path = folder / "foreign.sock"
    config = uvicorn.Config(Starlette(routes=routes), uds=str(path), log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    client = SpeechClient(stt_socket=path, tts_socket=path, timeout_s=timeout_s)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        async with asyncio.timeout(HANG_S):
            while not server.started:
                await asyncio.sleep(0.005)
        yield client
        await client.aclose()
        server.should_exit = True


async def asked(client: SpeechClient, urgency: Urgency = Urgency.FINAL) -> Transcript:
    return await client.transcribe(SOUND, urgency=urgency, lane="ada/mic", prompt="Kubernetes")


def problem(status: int, code: str, param: str | None = None) -> Response:
    return JSONResponse({"error": {"message": f"no: {param}", "code": code, "param": param}}, status_code=status)


async def test_a_server_of_plain_json_is_asked_for_plain_json(tmp_path: Path) -> None:
    forms: list[str] = []

    async def plain(request: Request) -> Response:
        async with request.form() as form:
            forms.append(str(form["response_format"]))
        if forms[-1] != "json":
            return problem(400, "unsupported_value", "response_format")
        return JSONResponse({"text": " Hello. "})

    async with served(tmp_path, plain) as client:
        assert await asked(client) == Transcript("Hello.", 1.0, "en")
        assert (await asked(client)).text == "Hello."
    assert forms == ["verbose_json", "json", "json"]  # it remembers


async def test_confidence_comes_from_the_segments_where_nothing_else_is_said(tmp_path: Path) -> None:
    async def segments(request: Request) -> Response:
        one: dict[str, Any] = dict.fromkeys(("id", "seek", "start", "end", "temperature", "compression_ratio"), 0)
        parts = [{**one, "text": "a", "tokens": [], "no_speech_prob": 0.0, "avg_logprob": p} for p in (-0.1, -0.5)]
        return JSONResponse({"text": "a a", "language": "english", "duration": 1.0, "segments": parts})

    async with served(tmp_path, segments) as client:
        assert (await asked(client)).confidence == pytest.approx(math.exp(-0.3))


async def test_what_travels_with_a_window(tmp_path: Path) -> None:
    seen: dict[str, str] = {}

    async def curious(request: Request) -> Response:
        async with request.form() as form:
            seen.update({key: str(value) for key, value in form.items() if key != "file"})
        seen.update(urgency=request.headers["x-urgency"], lane=request.headers["x-lane"])
        return JSONResponse({"text": ""})

    async with served(tmp_path, curious) as client:
        heard = await client.transcribe(SOUND, urgency=Urgency.INTERIM, lane="Zoë #1", language="de", prompt="Kafka")
    assert heard == Transcript("", 0.0, "de")
    assert seen["model"] == "whisper-1"
    assert (seen["language"], seen["prompt"], seen["urgency"]) == ("de", "Kafka", "interim")
    assert seen["lane"] == "Zo%C3%AB%20%231"


@pytest.mark.parametrize(
    ("status", "code", "urgency", "error"),
    [
        (429, "rate_limit_exceeded", Urgency.INTERIM, Shed),
        (429, "rate_limit_exceeded", Urgency.FINAL, SpeechUnavailable),
        (503, "shed", Urgency.SPECULATIVE, Shed),
        (503, "overloaded", Urgency.SPECULATIVE, SpeechUnavailable),
        (500, "server_error", Urgency.FINAL, SpeechUnavailable),
        (401, "invalid_api_key", Urgency.FINAL, SpeechRefused),
        (404, "model_not_found", Urgency.INTERIM, SpeechRefused),
    ],
)
async def test_refusals_become_errors_that_say_whether_to_ask_again(
    tmp_path: Path, status: int, code: str, urgency: Urgency, error: type[Exception]
) -> None:
    tries = 0

    async def refusing(request: Request) -> Response:
        nonlocal tries
        tries += 1
        return problem(status, code)

    async with served(tmp_path, refusing) as client:
        with pytest.raises(error):
            await asked(client, urgency)
    assert tries == 1  # whether to try again is the caller's business


async def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    async def mute(request: Request) -> Response:
        await asyncio.sleep(3600)
        return Response()

    async with served(tmp_path, mute, timeout_s=0.2) as client:
        with pytest.raises(SpeechUnavailable):
            await asked(client)


async def test_sound_that_arrives_in_odd_pieces_comes_out_whole(tmp_path: Path) -> None:
    pcm = np.arange(-3000, 3000, dtype=np.int16)

    async def crumbling(request: Request) -> Response:
        data = pcm.astype("<i2").tobytes()

        async def crumbs() -> AsyncIterator[bytes]:
            for start in range(0, len(data), 777):
                yield data[start : start + 777]
                await asyncio.sleep(0)

        return StreamingResponse(crumbs(), media_type="audio/pcm")

    async with served(tmp_path, crumbling) as client:
        pieces = [piece async for piece in client.speak("Hello.")]
    assert len(pieces) > 1
    assert np.array_equal(np.concatenate(pieces), pcm)

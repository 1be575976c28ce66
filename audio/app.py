"""OpenAI's audio API over the engines of this process: two endpoints, a list of models, a look at the queue.

Beyond OpenAI's: `X-Urgency` and `X-Lane` on transcriptions, `X-Language` on speech, `confidence` in `verbose_json`.
There is at most one model of each kind, so the `model` field is not looked at.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Coroutine
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

import numpy as np
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audio import SAMPLE_RATE, VOICE_RATE, Pcm, Urgency
from audio.errors import AudioError, Shed, SpeechUnavailable, UnknownVoice, UnsupportedLanguage, VoiceMissing
from audio.stt.local import LocalSpeechToText
from audio.stt.whisper import MAX_WINDOW_S, Reading, Window
from audio.tts.voices import LocalVoices
from audio.wav import ENCODERS, NotSound, encoded, pcm_of, wav_bytes

MAX_UPLOAD = 25 << 20  # OpenAI's limit
MEDIA_TYPES = {
    "pcm": "audio/pcm",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
}
CLIENT_GONE = 499  # nginx's code; nobody reads it

T = TypeVar("T")


class BadRequest(Exception):
    """A request that can't be served as it is; `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str, *, param: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.param, self.status = code, param, status


class SpeechBody(BaseModel):
    """What `/v1/audio/speech` takes."""

    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: str = "default"
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: Annotated[float, Field(ge=0.25, le=4.0)] = 1.0
    language: str = ""


class SpeechApp:
    """The endpoints. model: the recogniser's name in `/v1/models`; what is None is answered with 501."""

    def __init__(self, stt: LocalSpeechToText | None, tts: LocalVoices | None, model: str | None) -> None:
        self._stt, self._tts, self._model = stt, tts, model

    def asgi(self) -> ASGIApp:
        """Return the application."""
        routes = [
            Route("/v1/audio/transcriptions", self.transcriptions, methods=["POST"]),
            Route("/v1/audio/speech", self.speech, methods=["POST"]),
            Route("/v1/models", self.models),
            Route("/health", self.health),
        ]
        handlers: dict[Any, Any] = {BadRequest: _refused, AudioError: _failed, HTTPException: _no_such_thing}
        return BodyLimit(Starlette(routes=routes, exception_handlers=handlers), MAX_UPLOAD)

    async def transcriptions(self, request: Request) -> Response:
        """`POST /v1/audio/transcriptions`."""
        if self._stt is None:
            raise BadRequest("no_recogniser", "this speech server runs without a recogniser", status=501)
        async with request.form(max_files=1, max_fields=20) as form:
            form_of = str(form.get("response_format") or "json")
            if form_of not in {"json", "verbose_json", "text"}:
                known = "json, verbose_json or text"
                raise BadRequest("bad_response_format", f"response_format must be {known}", param="response_format")
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise BadRequest("no_file", "send the sound as multipart field 'file'", param="file")
            pcm = await _sound(await upload.read())
            language = str(form.get("language") or "").lower()
            prompt = str(form.get("prompt") or "")
        window = Window(pcm, _urgency(request), language, prompt)
        lane = unquote(request.headers.get("x-lane", "")) or f"request-{id(request)}"
        reading = await _while_connected(request, self._stt.read(window, lane=lane))
        if reading is None:
            return Response(status_code=CLIENT_GONE)
        if form_of == "text":
            return PlainTextResponse(reading.text + "\n")
        return JSONResponse({"text": reading.text} if form_of == "json" else _verbose(window, reading))

    async def speech(self, request: Request) -> Response:
        """`POST /v1/audio/speech`: `pcm` is streamed sentence by sentence, the other formats come whole."""
        if self._tts is None:
            raise BadRequest("no_voice", "this speech server runs without a voice", status=501)
        try:
            body = SpeechBody.model_validate_json(await request.body())
        except ValidationError as why:
            first = why.errors()[0]
            where = ".".join(map(str, first["loc"])) or "body"
            raise BadRequest("bad_request", f"{where}: {first['msg']}", param=where) from why
        language = request.headers.get("x-language") or body.language or "en"
        pieces = self._tts.speak(body.input, language=language, voice=body.voice, speed=body.speed)
        media_type = MEDIA_TYPES[body.response_format]
        if body.response_format != "pcm":
            whole = await _while_connected(request, _joined(pieces))
            if whole is None:
                return Response(status_code=CLIENT_GONE)
            return Response(await asyncio.to_thread(_as_file, whole, body.response_format), media_type=media_type)
        # the first sentence decides whether this is an error or a stream
        first_piece = await _while_connected(request, anext(pieces, np.zeros(0, np.int16)))
        if first_piece is None:
            return Response(status_code=CLIENT_GONE)
        return StreamingResponse(_raw(first_piece, pieces), media_type=f"{media_type};rate={VOICE_RATE};channels=1")

    async def models(self, request: Request) -> Response:
        """`GET /v1/models`."""
        ears = ("whisper-1", self._model) if self._model else ()  # OpenAI's name for it, and its own
        names = dict.fromkeys((*ears, *(("tts-1",) if self._tts else ())))
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "vivavoce"} for name in names]
        return JSONResponse({"object": "list", "data": data})

    async def health(self, request: Request) -> Response:
        """`GET /health`: 200 while this process serves, with what the queue has done."""
        spoken = self._tts.languages if self._tts else []
        queue = _queue(self._stt) if self._stt else None
        return JSONResponse({"status": "ok", "model": self._model, "queue": queue, "spoken_languages": spoken})


class BodyLimit:
    """Refuses bodies over `limit` bytes while they arrive, announced or not."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise BadRequest("too_large", f"more than {self._limit >> 20} MB", status=413)
            return message

        await self._app(scope, counted, send)


def _queue(stt: LocalSpeechToText) -> dict[str, object]:
    tally = stt.tally
    return {
        "waiting": stt.waiting,
        "batches": tally.batches,
        "decoded": {urgency.value: count for urgency, count in tally.decoded.items()},
        "shed": {urgency.value: count for urgency, count in tally.shed.items()},
    }


async def _sound(data: bytes) -> Pcm:
    try:
        pcm = await asyncio.to_thread(pcm_of, data)
    except NotSound as why:
        raise BadRequest("unreadable_audio", str(why), param="file") from why
    if not len(pcm):
        raise BadRequest("unreadable_audio", "the file holds no sound", param="file")
    if len(pcm) > MAX_WINDOW_S * SAMPLE_RATE:
        seconds = len(pcm) / SAMPLE_RATE
        raise BadRequest(
            "too_long",
            f"{seconds:.1f} s of sound; one request takes at most {MAX_WINDOW_S:.0f} s, so cut it at pauses",
            param="file",
        )
    return pcm


def _urgency(request: Request) -> Urgency:
    given = request.headers.get("x-urgency", Urgency.FINAL.value)
    try:
        return Urgency(given)
    except ValueError as why:
        raise BadRequest("bad_urgency", f"X-Urgency is {given!r}; it is interim, speculative or final") from why


def _verbose(window: Window, reading: Reading) -> dict[str, object]:
    """OpenAI's `verbose_json`; the one segment is there even when its text was taken out, with the reason."""
    plain = reading.text.encode()
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": round(window.seconds, 3),
        "text": reading.text,
        "tokens": reading.tokens,
        "temperature": 0.0,
        "avg_logprob": reading.avg_logprob,
        "compression_ratio": len(plain) / len(zlib.compress(plain)),
        "no_speech_prob": reading.no_speech,
        "confidence": reading.confidence,
        "dropped": reading.dropped,
    }
    return {
        "task": "transcribe",
        "language": reading.language,
        "duration": round(window.seconds, 3),
        "text": reading.text,
        "confidence": reading.confidence,
        "segments": [segment],
    }


async def _while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """Return the outcome of `work`, or None (and stop it) when the client went away before."""

    async def outcome() -> T | AudioError:
        try:
            return await work
        except AudioError as error:
            return error  # as a value: raised in a task group it would come out inside an exception group

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    async with asyncio.TaskGroup() as group:
        job, watch = group.create_task(outcome()), group.create_task(gone())
        await asyncio.wait({job, watch}, return_when=asyncio.FIRST_COMPLETED)
        job.cancel()
        watch.cancel()
    if job.cancelled():
        return None
    result = job.result()
    if isinstance(result, AudioError):
        raise result
    return result


async def _joined(pieces: AsyncIterator[Pcm]) -> Pcm:
    return np.concatenate([np.zeros(0, np.int16), *[piece async for piece in pieces]])


async def _raw(first: Pcm, rest: AsyncIterator[Pcm]) -> AsyncIterator[bytes]:
    yield first.astype("<i2").tobytes()
    async for piece in rest:
        yield piece.astype("<i2").tobytes()


def _as_file(pcm: Pcm, form: str) -> bytes:
    if form in ENCODERS:
        return encoded(pcm, VOICE_RATE, form)
    return wav_bytes(pcm, VOICE_RATE)


def _problem(status: int, code: str, message: str, param: str | None = None, **facts: object) -> Response:
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return JSONResponse(
        {"error": {"message": message, "type": kind, "param": param, "code": code, **facts}}, status_code=status
    )


async def _refused(request: Request, error: BadRequest) -> Response:
    return _problem(error.status, error.code, str(error), error.param)


async def _no_such_thing(request: Request, error: HTTPException) -> Response:
    return _problem(error.status_code, HTTPStatus(error.status_code).name.lower(), error.detail)


async def _failed(request: Request, error: AudioError) -> Response:
    match error:
        case Shed():
            return _problem(503, "shed", str(error))
        case SpeechUnavailable():
            return _problem(503, "unavailable", str(error))
        case UnsupportedLanguage():
            return _problem(400, "unsupported_language", str(error), language=error.language, supported=error.supported)
        case UnknownVoice():
            return _problem(400, "unknown_voice", str(error), "voice")
        case VoiceMissing():
            return _problem(501, "voice_missing", str(error))
        case _:
            return _problem(500, "failed", str(error))

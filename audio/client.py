"""Speech through OpenAI's audio API: the speech server of this host, or any other URL that speaks it."""

import math
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import numpy as np
import openai
from openai.types.audio import Transcription, TranscriptionVerbose

from audio import Pcm, Transcript, Urgency
from audio.errors import AudioError, Shed, SpeechRefused, SpeechUnavailable, UnsupportedLanguage, VoiceMissing
from audio.wav import wav_bytes

CONNECT_S = 2.0  # a Unix socket answers at once or not at all


class SpeechClient:
    """`SpeechToText` and `TextToSpeech` over HTTP; one per process, `aclose()` at its end.

    A socket, where given, takes the place of the host in the URL. Urgency, lane and the language to speak travel in
    headers (`X-Urgency`, `X-Lane`, `X-Language`), which other servers ignore. Nothing is retried here: who asks knows
    whether the answer is still worth having.

    Confidence is the server's own (`confidence`), else exp of the segments' mean `avg_logprob`, else 1.0 where a server
    tells nothing.
    """

    def __init__(
        self,
        *,
        stt_url: str = "http://speech/v1",
        stt_socket: Path | None = None,
        stt_model: str = "whisper-1",
        stt_key: str = "none",
        tts_url: str = "http://speech/v1",
        tts_socket: Path | None = None,
        tts_model: str = "tts-1",
        tts_key: str = "none",
        timeout_s: float = 30.0,
    ) -> None:
        self._stt = _connect(stt_url, stt_socket, stt_key, timeout_s)
        self._tts = (
            self._stt
            if (stt_url, stt_socket, stt_key) == (tts_url, tts_socket, tts_key)
            else _connect(tts_url, tts_socket, tts_key, timeout_s)
        )
        self._stt_model, self._tts_model = stt_model, tts_model
        self._verbose = True

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        """Return the words in `pcm` (16 kHz, at most 30 s).

        Raises `Shed`, `SpeechUnavailable`, `UnsupportedLanguage`, and `SpeechRefused` where asking again can't help.
        """
        sound = wav_bytes(pcm)
        headers = {"X-Urgency": urgency.value, "X-Lane": quote(lane)}
        try:
            try:
                answer = await self._ask(sound, language, prompt, headers)
            except openai.BadRequestError as error:
                if not self._verbose or "response_format" not in f"{error.param} {error.message}":
                    raise
                self._verbose = False  # some models answer in plain JSON alone; remembered for the next request
                answer = await self._ask(sound, language, prompt, headers)
            return Transcript(answer.text.strip(), _confidence(answer), language)
        except openai.APIError as error:
            raise _audio_error(error, urgency) from error
        except (AttributeError, TypeError, ValueError) as error:  # a gateway's own page, half an answer
            raise SpeechUnavailable(f"the speech server's answer is no transcription: {error}") from error

    async def _ask(
        self, sound: bytes, language: str, prompt: str, headers: dict[str, str]
    ) -> TranscriptionVerbose | Transcription:
        file = ("speech.wav", sound, "audio/wav")
        create = self._stt.audio.transcriptions.create
        hint = prompt or openai.omit
        if self._verbose:
            return await create(
                file=file,
                model=self._stt_model,
                language=language,
                prompt=hint,
                response_format="verbose_json",
                extra_headers=headers,
            )
        return await create(
            file=file,
            model=self._stt_model,
            language=language,
            prompt=hint,
            response_format="json",
            extra_headers=headers,
        )

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        """Yield the sound of `text` (24 kHz) as it arrives.

        Raises `SpeechUnavailable` (also half-way), `UnsupportedLanguage`, `VoiceMissing`, and `SpeechRefused` where
        asking again can't help.
        """
        if not text.strip():
            return
        odd = b""  # half a sample, when a piece of the stream ends inside one
        try:
            async with self._tts.audio.speech.with_streaming_response.create(
                model=self._tts_model,
                voice=voice,
                input=text,
                response_format="pcm",
                speed=speed,
                extra_headers={"X-Language": language},
            ) as stream:
                async for piece in stream.iter_bytes():
                    data = odd + piece
                    whole = len(data) // 2 * 2
                    odd = data[whole:]
                    if whole:
                        yield np.frombuffer(data[:whole], "<i2")
        except openai.APIError as error:
            raise _audio_error(error, Urgency.FINAL) from error
        except httpx2.TransportError as error:
            raise SpeechUnavailable(f"the voice broke off: {error or type(error).__name__}") from error

    async def aclose(self) -> None:
        """Close the connections; the client can't be used afterwards."""
        await self._stt.close()
        if self._tts is not self._stt:
            await self._tts.close()


def _connect(url: str, socket: Path | None, key: str, timeout_s: float) -> openai.AsyncOpenAI:
    limits = httpx2.Limits(max_connections=None, keepalive_expiry=60.0)
    timeout = httpx2.Timeout(timeout_s, connect=CONNECT_S if socket else 10.0)
    # No TLS on a Unix socket: an empty trust store spares 30 ms of reading the system's.
    transport = (
        httpx2.AsyncHTTPTransport(uds=str(socket), limits=limits, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        if socket
        else None
    )
    client = httpx2.AsyncClient(transport=transport, limits=limits, timeout=timeout, trust_env=socket is None)
    return openai.AsyncOpenAI(base_url=url, api_key=key, http_client=client, max_retries=0, timeout=timeout)


def _confidence(answer: TranscriptionVerbose | Transcription) -> float:
    extra = answer.model_extra or {}
    stated = extra.get("confidence")
    if isinstance(stated, int | float):
        return min(1.0, max(0.0, float(stated)))
    if isinstance(answer, TranscriptionVerbose) and answer.segments:
        mean = sum(segment.avg_logprob for segment in answer.segments) / len(answer.segments)
        return min(1.0, math.exp(mean))
    return 1.0 if answer.text.strip() else 0.0


def _audio_error(error: openai.APIError, urgency: Urgency) -> AudioError:
    if isinstance(error, openai.APIConnectionError):
        return SpeechUnavailable(f"the speech server can't be reached: {error.message}")
    if not isinstance(error, openai.APIStatusError):
        return SpeechUnavailable(f"the speech server broke off: {error.message}")
    body = error.body if isinstance(error.body, dict) else {}
    busy = error.code == "shed" or error.status_code == 429
    if busy and urgency is not Urgency.FINAL:
        return Shed(_said(error))
    if error.code == "voice_missing":
        return VoiceMissing(_said(error))
    if busy or error.status_code >= 500:
        return SpeechUnavailable(_said(error))
    if error.code == "unsupported_language":
        return UnsupportedLanguage(str(body.get("language", "")), [str(one) for one in body.get("supported", ())])
    return SpeechRefused(error.status_code, _said(error))


def _said(error: openai.APIStatusError) -> str:
    return str(error.body.get("message", error.message)) if isinstance(error.body, dict) else error.message

"""A connection to speech for commands that need no running control plane."""

import asyncio
import contextlib
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from api.embedded import speech_command, speech_environment
from api.settings import Settings
from audio.client import SpeechClient
from audio.errors import SpeechUnavailable
from bot.speech import speech_client
from orchestrator.leash import leashed

LOADS_WITHIN_S = 120.0  # a hub name may have to be downloaded first
GRACE_S = 3.0


@asynccontextmanager
async def speech(settings: Settings, socket: Path | None = None) -> AsyncIterator[SpeechClient]:
    """Connect to the speech server at `socket`, else to the one the settings name, else to one that lives in the block.

    Raises `SpeechUnavailable` with the server's own words when it can't start.
    """
    async with AsyncExitStack() as stack:
        service = settings.speech_service()
        stt, tts = socket or service.stt_socket, socket or service.tts_socket
        if socket is None and settings.needs_speech_server:
            own = await stack.enter_async_context(_own_server(settings))
            stt, tts = own if settings.embedded_stt else stt, own if settings.embedded_tts else tts
        client = speech_client(service.model_copy(update={"stt_socket": stt, "tts_socket": tts}))
        stack.push_async_callback(client.aclose)
        yield client


@asynccontextmanager
async def _own_server(settings: Settings) -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
        path, log = Path(folder) / "speech.sock", Path(folder) / "speech.log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *leashed(speech_command(settings, path)),
                env=speech_environment(settings),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is for this process, which stops the server when it is done
            )
        assert process.stdout is not None
        try:
            try:
                async with asyncio.timeout(LOADS_WITHIN_S):
                    ready = await process.stdout.readline()
            except TimeoutError:
                raise SpeechUnavailable(f"the speech server was not ready within {LOADS_WITHIN_S:.0f} s") from None
            if not ready:
                said = log.read_text(errors="replace").strip().splitlines() or ["it ended without a word"]
                raise SpeechUnavailable(f"the speech server can't start: {said[-1].removeprefix('audio.server: ')}")
            yield path
        finally:
            await _stop(process)


async def _stop(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()

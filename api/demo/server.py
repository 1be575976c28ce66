"""`vivavoce serve` as a child of this process, for as long as a block runs."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.auth import Tokens, signing_secret
from api.client import Client
from api.errors import ControlPlaneError
from api.settings import load_settings
from audio import TextToSpeech
from audio.client import SpeechClient
from audio.tts.voices import LocalVoices
from orchestrator.leash import leashed

READY_S = 120.0  # a cold disk and a first check of the weights take their time
STOP_S = 20.0
TENANT = "demo"


class ServeFailed(ControlPlaneError):
    """`vivavoce serve` ended, or was not ready in time; the message holds its last words."""

    code = "serve_failed"


@dataclass(frozen=True, slots=True)
class Server:
    """A product that is running. pid: its supervisor's; log: what it wrote to standard error."""

    url: str
    data_dir: Path
    pid: int
    log: Path

    def token(self) -> str:
        """Return a token with all rights of one tenant, good for some hours."""
        tokens = Tokens(signing_secret(load_settings(data_dir=self.data_dir).secret_file))
        return tokens.issue(TENANT, expires_in=timedelta(hours=6), subject="demo")

    def client(self) -> Client:
        """Return a client with such a token."""
        return Client(self.url, self.token())

    @property
    def speech_socket(self) -> Path:
        """Where its speech server listens."""
        return load_settings(data_dir=self.data_dir).speech_socket

    @asynccontextmanager
    async def voice(self) -> AsyncIterator[TextToSpeech]:
        """Lend a voice for a candidate: the speech server's, or one of this process where the bot's is elsewhere."""
        embedded = load_settings(data_dir=self.data_dir).embedded_tts
        voice = SpeechClient(tts_socket=self.speech_socket) if embedded else await LocalVoices.load()
        try:
            yield voice
        finally:
            await voice.aclose()


@asynccontextmanager
async def serving(data_dir: Path, tell: Callable[[str], None]) -> AsyncIterator[Server]:
    """Run the product on a free port, with everything it keeps in `data_dir` (which exists), until the block ends.

    tell: gets what it says while it starts. Raises `ServeFailed`.
    """
    log = data_dir / "serve.log"
    command = (sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data-dir", str(data_dir))
    with log.open("ab") as errors:
        # In a session of its own: Ctrl-C comes to us alone, and the child is then told to stop in good order.
        process = await asyncio.create_subprocess_exec(
            *leashed(command), stdout=PIPE, stderr=errors, start_new_session=True
        )
        try:
            url = await _ready(process, tell, log)
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(_drain(process))
                yield Server(url, data_dir, process.pid, log)
                reading.cancel()
        finally:
            await _stop(process)


async def _ready(process: Process, tell: Callable[[str], None], log: Path) -> str:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_S):
            while line := (await process.stdout.readline()).decode(errors="replace").strip():
                if line.startswith("ready "):
                    return line.split()[1].rstrip("/")
                tell(line)
    except TimeoutError:
        raise ServeFailed(f"the server was not ready within {READY_S:.0f} s:\n{_last_words(log)}") from None
    code = await process.wait()
    raise ServeFailed(f"the server ended with status {code}:\n{_last_words(log)}")


async def _drain(process: Process) -> None:
    assert process.stdout is not None
    while await process.stdout.readline():
        pass  # nobody reads the rest, but the pipe must not fill


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)  # calls end; SIGTERM would keep them for the next server on this directory
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()  # its own children are on the leash and go with it
        await process.wait()


def _last_words(log: Path, lines: int = 15) -> str:
    return "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-lines:]) or "  (no output)"

"""`vivavoce serve` as a user starts it, for pages that are to meet the real bot; and voices to speak to it with."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
READY_S = 60


@dataclass(frozen=True)
class Serve:
    """A running `vivavoce serve`."""

    url: str
    token: str
    speech_socket: Path

    def api(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30, trust_env=False)


@asynccontextmanager
async def serving(data_dir: Path) -> AsyncIterator[Serve]:
    """Run it until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.cli", "serve", "--port", "0", "--data-dir", str(data_dir), "--quiet"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        said = b""
        async with asyncio.timeout(READY_S):
            while b"#token=" not in said:
                line = await process.stdout.readline()
                assert line, f"serve ended before it was ready: {said.decode()}"
                said += line
        sign_in = said.decode().split()[-1]
        url, _, token = sign_in.partition("/app#token=")
        yield Serve(url, token, data_dir / "run" / "speech.sock")
    finally:
        process.terminate()
        await process.wait()


async def spoken_wav(serve: Serve, text: str, voice: str = "default") -> bytes:
    """One of our own voices, saying `text`."""
    transport = httpx.AsyncHTTPTransport(uds=str(serve.speech_socket))
    wanted = {"model": "tts-1", "voice": voice, "input": text, "response_format": "wav"}
    async with httpx.AsyncClient(transport=transport, base_url="http://speech", timeout=30) as client:
        answer = await client.post("/v1/audio/speech", json=wanted)
        answer.raise_for_status()
    return answer.content


async def body_of(request: Awaitable[httpx.Response]) -> dict[str, Any]:
    """What was answered, which is no refusal."""
    answer = await request
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body

"""Chat servers on loopback that speak OpenAI's `/v1/chat/completions`, named for how they behave.

async with PromptChat(["What came of it?"]) as chat:
    brain = ChatBrain(ChatService(url=chat.url, model="any"))
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One server-sent event of a streamed completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "any", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


class PromptChat:
    """Answers at once with the given lines in turn, word by word; `asked` holds the requests' bodies."""

    def __init__(self, lines: Sequence[str] = ("What came of it in the end?",)) -> None:
        self.lines = list(lines)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.url = ""
        self._hung_up = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hung_up.set()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            headers = {name.lower(): value for name, value in fields.items()}
            self.keys.append(headers.get("authorization", "").removeprefix("Bearer "))
            self.asked.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
            async for piece in self.reply():
                writer.write(piece)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller hung up
        finally:
            writer.close()

    async def reply(self) -> AsyncIterator[bytes]:
        """The bytes of one answer."""
        text = self.lines[(len(self.asked) - 1) % len(self.lines)]
        yield HEAD + event({"role": "assistant", "content": ""})
        for word in text.split(" "):
            yield event({"content": word + " "})
        yield event({}, "stop") + b"data: [DONE]\n\n"


class SlowChat(PromptChat):
    """Takes the request and never answers."""

    async def reply(self) -> AsyncIterator[bytes]:
        await self._hung_up.wait()
        yield b""


class StallingChat(PromptChat):
    """Begins to answer and stops in the middle of it, with the connection open."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + event({"content": "What came "})
        await self._hung_up.wait()


class BrokenChat(PromptChat):
    """Answers every request with status 500."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops"


class RecoveringChat(PromptChat):
    """Takes the first `slow` requests and never answers them, then works."""

    def __init__(self, *, slow: int) -> None:
        super().__init__()
        self._slow = slow

    async def reply(self) -> AsyncIterator[bytes]:
        if len(self.asked) <= self._slow:
            await self._hung_up.wait()
        async for piece in super().reply():
            yield piece


class HalfAnswerChat(PromptChat):
    """Breaks the connection off in the middle of a sentence."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + event({"content": "What came of it"})


class CutOffChat(PromptChat):
    """Runs into its token limit: the sentence is not whole, and it says so."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + event({"content": "What came of it, and why did"}) + event({}, "length") + b"data: [DONE]\n\n"


class WrongShapeChat(PromptChat):
    """Sends events that hold JSON of another kind."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + b'data: {"choices": [{"text": "What came of it?"}]}\n\ndata: [DONE]\n\n'


class GarbledChat(PromptChat):
    """Sends events that hold no JSON at all."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + b"data: <html>Bad gateway</html>\n\n"


class MistypedChat(PromptChat):
    """Sends the right names with values of the wrong kind."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD + b'data: {"choices": 7}\n\n' + b'data: "hello"\n\n'

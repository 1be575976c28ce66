"""Servers of a chat model that is to answer in JSON, named for how they behave; see `tests/fakes/chat.py`.

Each answers with the given texts in turn, in pieces; `asked` holds the requests' bodies.
"""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tests.fakes.chat import HEAD, PromptChat, event

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def as_events(text: str) -> bytes:
    """A whole streamed answer."""
    pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
    usage = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "any", "choices": [], "usage": USAGE}
    events = [event({"content": piece}) for piece in pieces]
    return (
        HEAD + b"".join(events) + event({}, "stop") + b"data: " + json.dumps(usage).encode() + b"\n\ndata: [DONE]\n\n"
    )


class AnsweringChat(PromptChat):
    """Answers with the given texts in turn; values that are no text go out as JSON."""

    def __init__(self, *answers: Any) -> None:
        super().__init__([one if isinstance(one, str) else json.dumps(one) for one in answers])

    async def reply(self) -> AsyncIterator[bytes]:
        yield as_events(self.lines[(len(self.asked) - 1) % len(self.lines)])


class OldFashionedChat(AnsweringChat):
    """Answers with status 400 to a `response_format` that it does not know."""

    def __init__(self, *answers: Any, knows: Sequence[str] = ()) -> None:
        super().__init__(*answers)
        self._knows = knows

    async def reply(self) -> AsyncIterator[bytes]:
        if (wanted := self.asked[-1].get("response_format")) and wanted["type"] not in self._knows:
            self.asked.pop()  # what it refuses it has not understood
            yield b"HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\nconnection: close\r\n\r\nwhat"
            return
        async for piece in super().reply():
            yield piece


class IndiscreetChat(PromptChat):
    """Refuses every request with status 401 and repeats the key."""

    async def reply(self) -> AsyncIterator[bytes]:
        body = json.dumps({"error": {"message": f"Incorrect API key provided: {self.keys[-1]}"}}).encode()
        head = f"HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        yield head.encode() + b"connection: close\r\n\r\n" + body


class EndlessChat(PromptChat):
    """Never stops writing."""

    async def reply(self) -> AsyncIterator[bytes]:
        yield HEAD
        while not self._hung_up.is_set():
            yield event({"content": "{" * 5000})

"""Server-sent events (HTML Living Standard, 9.2): a stream as text, for readers that may be slow or gone."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.events import Event
from api.events.stream import STOPPING, Finish, Piece, Quiet, Snapshot

log = structlog.get_logger(__name__)

RETRY_MS = 1000  # how long browsers wait before they come back
LAST_WORDS_S = 1.0


def frame_of(piece: Snapshot | Event | Finish) -> dict[str, object]:
    """Return a piece as the JSON object that both SSE and WebSocket readers get."""
    match piece:
        case Snapshot():
            data = {"interview": piece.interview, "last_seq": piece.last_seq}
            return {"seq": None, "type": "snapshot", "at": None, "at_ms": None, "data": data}
        case Event():
            return piece.as_json()
        case Finish():
            data = {"reason": piece.reason, "detail": piece.detail, "resume": piece.resume}
            return {"seq": None, "type": "stream.end", "at": None, "at_ms": None, "data": data}


def encode(piece: Piece) -> bytes:
    """Return a piece as it goes over the wire. Only numbered events carry an id: that is what a reader resumes from."""
    if isinstance(piece, Quiet):
        return b": still here\n\n"
    frame = frame_of(piece)
    body = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    lines = [f"event: {frame['type']}", f"data: {body}"]
    if isinstance(piece, Event) and piece.seq is not None:
        lines.insert(0, f"id: {piece.seq}")
    if isinstance(piece, Snapshot):
        lines.insert(0, f"retry: {RETRY_MS}")
    return ("\n".join(lines) + "\n\n").encode(errors="replace")


class EventStream(Response):
    """Sends pieces until they end, the reader leaves, stops reading, or the server stops.

    send_s: one piece must leave within this time, or the reader is cut off. closing: set when the server stops.
    """

    media_type = "text/event-stream"

    def __init__(self, pieces: AsyncGenerator[Piece, None], *, send_s: float, closing: asyncio.Event) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._pieces = pieces
        self._send_s = send_s
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with asyncio.TaskGroup() as tasks:
            pump = tasks.create_task(self._pump(send))
            watchers = [tasks.create_task(_gone(receive)), tasks.create_task(self._closing.wait())]
            await asyncio.wait([pump, *watchers], return_when=asyncio.FIRST_COMPLETED)
            for task in (pump, *watchers):
                task.cancel()
        if self._closing.is_set():
            await self._last_words(send)

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            async for piece in pieces:
                try:
                    async with asyncio.timeout(self._send_s):
                        await send({"type": "http.response.body", "body": encode(piece), "more_body": True})
                except TimeoutError:
                    log.info("stream_cut_off", reason="slow_reader", send_s=self._send_s)
                    return  # an unfinished response: the server drops the connection
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _last_words(self, send: Send) -> None:
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await send({"type": "http.response.body", "body": encode(STOPPING), "more_body": False})
        except TimeoutError:
            log.info("stream_cut_off", reason="server_stopping")


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

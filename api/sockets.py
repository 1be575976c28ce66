"""WebSockets without surprises: one error when the other side is gone, one when a frame is not text."""

import contextlib
import json
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect


class Gone(Exception):
    """The other side has closed, or the connection broke."""


class NotText(Exception):
    """A binary frame where only text is spoken."""


async def receive_text(socket: WebSocket) -> str:
    """Return the next text frame; raise `Gone` or `NotText`."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise Gone
    text = message.get("text")
    if not isinstance(text, str):
        raise NotText
    return text


async def send(socket: WebSocket, frame: dict[str, Any]) -> None:
    """Send one JSON object; raise `Gone`."""
    body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode(errors="replace").decode()
    try:
        await socket.send_text(body)
    except (WebSocketDisconnect, RuntimeError):  # Starlette raises either, depending on who closed first
        raise Gone from None


async def close(socket: WebSocket, code: int, reason: str = "") -> None:
    """Close with a code; no error when the other side was faster."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(code, reason.encode()[:120].decode(errors="ignore"))  # RFC 6455: at most 123 bytes

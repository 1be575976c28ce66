"""How each provider writes what goes over a line: its messages as frames of ours, and ours as its own.

Events that a provider adds later are passed over; what is not as its documentation says is refused (`BadFrame`).
"""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any, Protocol

from bot.errors import BadFrame
from bot.platforms.phone import frames
from bot.platforms.phone.frames import Clear, Encoding, Frame, Mark, Start, Stop

MULAW = Start(Encoding.MULAW, 8000)
HELD_BACK = 3  # pieces of sound that wait for a late one
MOST_PIECES = 10**9


class Wire(Protocol):
    """One provider's protocol on one socket."""

    def read(self, message: str | bytes) -> Iterator[Frame]:
        """Yield what a message of the caller's side says; raise `BadFrame`."""
        ...

    def write(self, frame: Frame) -> str | bytes:
        """Return a frame of the bot's (sound, a mark, a clear) as the provider wants it."""
        ...


class PlainWire:
    """The plain form (`bot/platforms/phone/frames.py`), for whoever hands calls over without a provider."""

    def read(self, message: str | bytes) -> Iterator[Frame]:
        frame = frames.parse(message)
        if isinstance(frame, Stop):
            frame = Stop()  # a line that broke could not say so
        if frame is not None and not isinstance(frame, Clear):
            yield frame

    def write(self, frame: Frame) -> str | bytes:
        return frames.dump(frame)


class TwilioWire:
    """Twilio's Media Streams, https://www.twilio.com/docs/voice/media-streams/websocket-messages.

    call: the CallSid that the stream was opened for.
    """

    def __init__(self, call: str) -> None:
        self._call, self._stream = call, ""

    def read(self, message: str | bytes) -> Iterator[Frame]:
        fields = _text(message)
        match fields.get("event"):
            case "start":
                start = _part(fields, "start")
                if start.get("callSid") != self._call:
                    raise BadFrame("start: callSid is of another call than the one this stream was opened for")
                form = _part(start, "mediaFormat")
                if (form.get("encoding"), form.get("sampleRate"), form.get("channels")) != ("audio/x-mulaw", 8000, 1):
                    raise BadFrame("start: mediaFormat is not audio/x-mulaw at 8000 Hz in one channel")
                self._stream = str(start.get("streamSid"))
                yield MULAW
            case "media":
                media = _part(fields, "media")
                if media.get("track", "inbound") == "inbound":
                    yield _sound(media.get("payload"))
            case "dtmf":
                yield frames.digit(_part(fields, "dtmf").get("digit"))
            case "mark":
                yield frames.mark(_part(fields, "mark").get("name"))
            case "stop":
                yield Stop()

    def write(self, frame: Frame) -> str:
        return json.dumps({**_written(frame), "streamSid": self._stream})


class TelnyxWire:
    """Telnyx' media streaming, developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket.

    Its media frames may come out of order; a late one is waited for a little.
    """

    def __init__(self) -> None:
        self._early: dict[int, bytes] = {}
        self._next: int | None = None

    def read(self, message: str | bytes) -> Iterator[Frame]:
        fields = _text(message)
        match fields.get("event"):
            case "start":
                form = _part(_part(fields, "start"), "media_format")
                if (form.get("encoding"), form.get("sample_rate"), form.get("channels")) != ("PCMU", 8000, 1):
                    raise BadFrame("start: media_format is not PCMU at 8000 Hz in one channel; ask for codec PCMU")
                yield MULAW
            case "media":
                media = _part(fields, "media")
                if media.get("track", "inbound") == "inbound":
                    yield from self._in_order(_number(media.get("chunk")), _sound(media.get("payload")))
            case "dtmf":
                yield frames.digit(_part(fields, "dtmf").get("digit"))
            case "mark":
                yield frames.mark(_part(fields, "mark").get("name"))
            case "stop":
                yield Stop()

    def write(self, frame: Frame) -> str:
        return json.dumps(_written(frame))

    def _in_order(self, number: int, sound: bytes) -> Iterator[bytes]:
        self._next = number if self._next is None else self._next
        if number < self._next:
            return  # its place has been passed
        self._early[number] = sound
        if len(self._early) > HELD_BACK:
            self._next = min(self._early)
        while (piece := self._early.pop(self._next, None)) is not None:
            self._next += 1
            yield piece


def _text(message: str | bytes) -> dict[str, Any]:
    if isinstance(message, bytes):
        raise BadFrame("this provider sends text frames alone")
    return frames.fields_of(message)


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    if not isinstance(part, dict):
        raise BadFrame(f"{name}: it is not there, or no object")
    return part


def _sound(payload: object) -> bytes:
    try:
        return frames.sound(base64.b64decode(payload if isinstance(payload, str) else "?", validate=True))
    except (binascii.Error, ValueError):
        raise BadFrame("media: payload is not base64") from None


def _number(chunk: object) -> int:
    text = str(chunk) if isinstance(chunk, str | int) else ""
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(MOST_PIECES))):
        raise BadFrame("media: chunk is not a number")
    return int(text)


def _written(frame: Frame) -> dict[str, Any]:
    match frame:
        case bytes():
            return {"event": "media", "media": {"payload": base64.b64encode(frame).decode()}}
        case Mark(name):
            return {"event": "mark", "mark": {"name": name}}
        case Clear():
            return {"event": "clear"}
    raise AssertionError(f"{frame} is not for a provider")

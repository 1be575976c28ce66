"""What goes over a phone line, and its plain form: sound in binary frames, the rest as JSON in text frames.

The plain form is spoken between control plane and bot, and by whoever hands a call over without a provider::

    caller {"event":"start","encoding":"mulaw"|"pcm","rate":8000|16000|24000}     first; mulaw: 8000
    caller binary: sound of the caller, any length up to 64 KiB                    pcm: int16, little endian, mono
    caller {"event":"dtmf","digit":"0".."9","*","#","A".."D"}
    caller {"event":"mark","name":str}                 all that was sent before this mark has been played, or cleared
    caller {"event":"stop"}                            hung up; "lost":true (from the control plane): the line broke
    bot    binary: 20 ms of the bot's voice, encoded as in `start`
    bot    {"event":"mark","name":str}                 send it back once everything before it has been played
    bot    {"event":"clear"}                           play nothing more of what was sent; send the marks back
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from bot.errors import BadFrame

LARGEST = 64 * 1024  # bytes of one frame
LONGEST_NAME = 64  # of a mark
KEYS = frozenset("0123456789*#ABCD")


class Encoding(StrEnum):
    """How sound is written."""

    MULAW = "mulaw"
    PCM = "pcm"


RATES = {Encoding.MULAW: {8000}, Encoding.PCM: {8000, 16000, 24000}}


@dataclass(frozen=True, slots=True)
class Start:
    """The line is open. Both sides write sound so."""

    encoding: Encoding
    rate: int

    @property
    def frame_bytes(self) -> int:
        """20 ms."""
        return self.rate // 50 * (1 if self.encoding is Encoding.MULAW else 2)


@dataclass(frozen=True, slots=True)
class Digit:
    """A key was pressed."""

    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the bot's voice: sent behind it, sent back when it has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """What was sent and not played yet is not to be played."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The call is over. lost: the line broke, nobody hung up."""

    lost: bool = False


Frame: TypeAlias = Start | bytes | Digit | Mark | Clear | Stop


def parse(message: str | bytes) -> Frame | None:
    """Read one message of the plain form; None for an event that is none of ours. Raises `BadFrame`."""
    if isinstance(message, bytes):
        return sound(message)
    fields = fields_of(message)
    match fields.get("event"):
        case "start":
            return start(fields.get("encoding"), fields.get("rate"))
        case "dtmf":
            return digit(fields.get("digit"))
        case "mark":
            return mark(fields.get("name"))
        case "clear":
            return Clear()
        case "stop":
            return Stop(fields.get("lost") is True)
    return None


def dump(frame: Frame) -> str | bytes:
    """Write one frame in the plain form."""
    match frame:
        case bytes():
            return frame
        case Start(encoding, rate):
            fields: dict[str, Any] = {"event": "start", "encoding": encoding, "rate": rate}
        case Digit(key):
            fields = {"event": "dtmf", "digit": key}
        case Mark(name):
            fields = {"event": "mark", "name": name}
        case Clear():
            fields = {"event": "clear"}
        case Stop(lost):
            fields = {"event": "stop", "lost": lost}
    return json.dumps(fields)


def fields_of(text: str) -> dict[str, Any]:
    """Return the JSON object that a text frame holds; raise `BadFrame`."""
    if len(text) > LARGEST:
        raise BadFrame(f"a frame may hold at most {LARGEST} bytes")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("text frames are JSON objects") from None
    if not isinstance(fields, dict):
        raise BadFrame("text frames are JSON objects")
    return fields


def start(encoding: object, rate: object) -> Start:
    """Return how sound is written; raise `BadFrame` where it can't be so."""
    known = encoding if isinstance(encoding, str) and encoding in list(Encoding) else None
    if known is None or not isinstance(rate, int) or rate not in RATES[Encoding(known)]:
        takes = "; ".join(f"{each} at {', '.join(map(str, sorted(RATES[each])))}" for each in Encoding)
        raise BadFrame(f"start: no sound is taken as {encoding!r} at {rate!r}, but {takes} Hz")
    return Start(Encoding(known), rate)


def sound(piece: bytes) -> bytes:
    """Return a stretch of sound; raise `BadFrame` when it is too long."""
    if len(piece) > LARGEST:
        raise BadFrame(f"a frame may hold at most {LARGEST} bytes")
    return piece


def digit(key: object) -> Digit:
    """Return a key; raise `BadFrame` for what is on no telephone."""
    if not isinstance(key, str) or key not in KEYS:
        raise BadFrame("dtmf: a digit is one of 0 to 9, *, # and A to D")
    return Digit(key)


def mark(name: object) -> Mark:
    """Return a mark; raise `BadFrame` for one without a name."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise BadFrame(f"mark: a name has 1 to {LONGEST_NAME} characters")
    return Mark(name)

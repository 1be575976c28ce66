"""A telephone behind a provider's media stream: says clips, plays what it is sent in real time, sends marks back.

It keeps what it is sent until it has played it, as providers do: `delay_s` of sound lies there before it is heard.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import httpx
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from audio import SAMPLE_RATE, Pcm, mulaw
from audio.pcm import Resampler
from bot.candidate.ear import Listener
from tests.guards import HANG_S, connect

RATE = 8000
FRAME = RATE // 50
CALL, STREAM, ACCOUNT = "CA" + "c" * 32, "MZ" + "a" * 32, "AC" + "b" * 32
CALLED = {"CallSid": CALL, "AccountSid": ACCOUNT, "From": "+14158675309", "To": "+18005551212"}


class Network(Protocol):
    """How one provider writes what goes over the socket."""

    def opening(self) -> list[str | bytes]: ...

    def sound(self, piece: bytes, number: int) -> str | bytes: ...

    def event(self, kind: str, fields: dict[str, Any], number: int) -> str: ...


class TwilioNetwork:
    """As in https://www.twilio.com/docs/voice/media-streams/websocket-messages."""

    def opening(self) -> list[str | bytes]:
        form = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        start = {"accountSid": ACCOUNT, "streamSid": STREAM, "callSid": CALL, "tracks": ["inbound"]}
        begun = {"event": "start", "sequenceNumber": "1", "streamSid": STREAM}
        return [
            json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}),
            json.dumps({**begun, "start": {**start, "mediaFormat": form, "customParameters": {}}}),
        ]

    def sound(self, piece: bytes, number: int) -> str:
        media = {"track": "inbound", "chunk": str(number), "timestamp": str(number * 20)}
        return self.event("media", {**media, "payload": base64.b64encode(piece).decode()}, number + 1)

    def event(self, kind: str, fields: dict[str, Any], number: int) -> str:
        return json.dumps({"event": kind, "sequenceNumber": str(number), kind: fields, "streamSid": STREAM})


class TelnyxNetwork:
    """As in https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket."""

    def opening(self) -> list[str | bytes]:
        form = {"encoding": "PCMU", "sample_rate": 8000, "channels": 1}
        call = {"user_id": "u", "call_control_id": "v3:x", "call_session_id": "s", "from": "+1312", "to": "+1313"}
        begun = {"event": "start", "sequence_number": "1", "stream_id": "32DE"}
        return [
            json.dumps({"event": "connected", "version": "1.0.0"}),
            json.dumps({**begun, "start": {**call, "custom_parameters": {}, "media_format": form}}),
        ]

    def sound(self, piece: bytes, number: int) -> str:
        media = {"track": "inbound", "chunk": str(number), "timestamp": str(number * 20)}
        return self.event("media", {**media, "payload": base64.b64encode(piece).decode()}, number + 1)

    def event(self, kind: str, fields: dict[str, Any], number: int) -> str:
        return json.dumps({"event": kind, "sequence_number": str(number), kind: fields, "stream_id": "32DE"})


class PlainNetwork:
    """The plain form, here in µ-law."""

    def opening(self) -> list[str | bytes]:
        return [json.dumps({"event": "start", "encoding": "mulaw", "rate": RATE})]

    def sound(self, piece: bytes, number: int) -> bytes:
        return piece

    def event(self, kind: str, fields: dict[str, Any], number: int) -> str:
        return json.dumps({"event": kind, **fields})


@dataclass
class SimulatedPhone:
    """One call. heard: all that was played; ear: when there was sound; cleared: how often, and when."""

    socket: ClientConnection
    network: Network
    delay_s: float = 0.08
    cleared: list[float] = field(default_factory=list)
    heard: list[Pcm] = field(default_factory=list)
    pieces: list[tuple[float, Pcm]] = field(default_factory=list)  # the same as the ear takes it, with its times
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    _saying: Pcm = field(default_factory=lambda: np.zeros(0, np.int16))
    _buffer: deque[bytes | str] = field(default_factory=deque)  # sound, and names of marks
    _sent: int = 0

    def __post_init__(self) -> None:
        self.ear = Listener(asyncio.get_running_loop().time)
        self._to_ear = Resampler(RATE, SAMPLE_RATE)

    @property
    def sound(self) -> Pcm:
        return np.concatenate([np.zeros(0, np.int16), *self.heard])

    @property
    def speaking(self) -> bool:
        return len(self._saying) > 0

    def say(self, clip: Pcm) -> None:
        """Begin to say 8 kHz sound."""
        self._saying = clip

    async def plays(self, seconds: float) -> None:
        """Wait until so much sound has been played."""
        async with asyncio.timeout(HANG_S):
            while len(self.sound) < seconds * RATE:
                await asyncio.sleep(0.01)

    async def press(self, key: str) -> None:
        fields = {"digit": key} if isinstance(self.network, PlainNetwork) else {"track": "inbound_track", "digit": key}
        await self.socket.send(self.network.event("dtmf", fields, self._sent))

    async def hang_up(self) -> None:
        await self.socket.send(self.network.event("stop", {"accountSid": ACCOUNT, "callSid": CALL}, self._sent))
        await self.socket.close()

    def lose_line(self) -> None:
        self.socket.transport.abort()

    async def hold(self) -> None:
        """Hold the call until its socket closes."""
        for message in self.network.opening():
            await self.socket.send(message)
        try:
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._speak()), tasks.create_task(self._play())]
                await self._listen()
                for task in running:
                    task.cancel()
        finally:
            self.closed.set()

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        due, noise = loop.time(), np.random.default_rng(3)
        while True:
            piece, self._saying = self._saying[:FRAME], self._saying[FRAME:]
            room = noise.integers(-6, 7, FRAME).astype(np.int16)
            room[: len(piece)] += piece
            self._sent += 1
            try:
                await self.socket.send(self.network.sound(mulaw.encode(room), self._sent))
            except ConnectionClosed:
                return
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _play(self) -> None:
        """Play what lies in the buffer, once there is enough of it for the delay."""
        loop = asyncio.get_running_loop()
        due, waited = loop.time(), 0.0
        while True:
            if not self._buffer:
                waited = 0.0
            elif waited < self.delay_s:
                waited += 0.02
            else:
                await self._play_one()
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _play_one(self) -> None:
        sounded = False
        while self._buffer and not (sounded and isinstance(self._buffer[0], bytes)):
            item = self._buffer.popleft()
            if isinstance(item, str):
                await self._mark_back(item)
                continue
            pcm, sounded = mulaw.decode(item), True
            self.heard.append(pcm)
            at_ear = self._to_ear.push(pcm)
            self.pieces.append((asyncio.get_running_loop().time(), at_ear))
            self.ear.hear(at_ear)

    async def _mark_back(self, name: str) -> None:
        try:
            await self.socket.send(self.network.event("mark", {"name": name}, self._sent))
        except ConnectionClosed:
            return

    async def _listen(self) -> None:
        try:
            async for message in self.socket:
                if isinstance(message, bytes):
                    self._buffer.append(message)
                    continue
                frame = json.loads(message)
                match frame["event"]:
                    case "media":
                        assert frame.get("streamSid", STREAM) == STREAM
                        self._buffer.append(base64.b64decode(frame["media"]["payload"]))
                    case "mark":
                        self._buffer.append(frame["name"] if "name" in frame else frame["mark"]["name"])
                    case "clear":
                        self.cleared.append(asyncio.get_running_loop().time())
                        marks = [item for item in self._buffer if isinstance(item, str)]
                        self._buffer.clear()
                        for name in marks:
                            await self._mark_back(name)
        except ConnectionClosed:
            return


def twilio_signature(url: str, form: Mapping[str, str], token: str) -> str:
    """As Twilio computes it: https://www.twilio.com/docs/usage/security."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


async def instructed(phone_url: str, headers: Mapping[str, str], form: Mapping[str, str] = CALLED) -> httpx.Response:
    """Ask what to do with a call."""
    async with httpx.AsyncClient(timeout=HANG_S) as client:
        return await client.post(phone_url, data=dict(form), headers=dict(headers))


def by_twilio(url: str, token: str, form: Mapping[str, str] = CALLED) -> dict[str, str]:
    """Return what Twilio sends along with a request."""
    return {"X-Twilio-Signature": twilio_signature(url, form, token)}


def by_telnyx(key: Ed25519PrivateKey, form: Mapping[str, str] = CALLED, at: float | None = None) -> dict[str, str]:
    """Return what Telnyx sends along with a request. at: when it was, seconds since the epoch."""
    stamp = str(int(time.time() if at is None else at))
    signature = key.sign(f"{stamp}|{urlencode(form)}".encode())
    return {"Telnyx-Signature-Ed25519": base64.b64encode(signature).decode(), "Telnyx-Timestamp": stamp}


def stream_in(instructions: str) -> str:
    """Return where instructions have the sound sent."""
    found = re.search(r'<Connect><Stream url="([^"]+)"', instructions)
    assert found is not None, instructions
    return found[1]


@asynccontextmanager
async def calling_by_twilio(phone_url: str, token: str, **more: Any) -> AsyncIterator[SimulatedPhone]:
    """A call that Twilio hands over: its webhook, what that answers, and the signed socket."""
    answer = await instructed(phone_url, by_twilio(phone_url, token))
    assert answer.status_code == 200, answer.text
    url = stream_in(answer.text)
    async with calling(url, TwilioNetwork(), headers=by_twilio(url, token, {}), **more) as phone:
        yield phone


@asynccontextmanager
async def calling_by_telnyx(phone_url: str, key: Ed25519PrivateKey, **more: Any) -> AsyncIterator[SimulatedPhone]:
    """A call that Telnyx hands over: its webhook, and what that answers."""
    answer = await instructed(phone_url, by_telnyx(key))
    assert answer.status_code == 200, answer.text
    async with calling(stream_in(answer.text), TelnyxNetwork(), **more) as phone:
        yield phone


@asynccontextmanager
async def calling(
    url: str, network: Network, *, headers: Mapping[str, str] | None = None, **more: Any
) -> AsyncIterator[SimulatedPhone]:
    async with connect(url, additional_headers=dict(headers or {})) as socket:
        phone = SimulatedPhone(socket, network, **more)
        async with asyncio.TaskGroup() as tasks:
            holding = tasks.create_task(phone.hold())
            try:
                yield phone
            finally:
                holding.cancel()

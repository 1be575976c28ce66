"""The bot's voice on a phone line, and how much of it was heard: by the marks that come back.

A provider keeps what it is sent until it has played it. So a flush has two halves: what waits here is dropped, and the
far end is told to drop what it has. What no mark had come back for until then counts as not heard.
"""

import asyncio
import secrets
from collections import deque

import numpy as np
import websockets
from websockets.asyncio.client import ClientConnection

from audio import SAMPLE_RATE, VOICE_RATE, Pcm, mulaw
from audio.pcm import Resampler
from bot.platforms.phone.frames import Clear, Encoding, Mark, Start, dump

MARK_EVERY = 3  # frames: how exactly it is known what was heard
PAUSE_S = 0.04  # a voice that pauses is marked at its end
MOST_WAITING = 50  # frames, a second: a line that takes no sound loses the oldest
SEND_S = 3.0  # a line that takes nothing for so long is broken


class Voice:
    """What goes out on one line, and what comes in as sound. Counts are in frames of 20 ms.

    opened: the far end is there, its own sound has come; nothing is sent before.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._in = Resampler(start.rate, SAMPLE_RATE)
        self._out = Resampler(VOICE_RATE, start.rate)
        self._rest = b""  # of the resampler's, less than a frame
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._clear = self.opened = False
        self._ready = asyncio.Event()
        self._heard_all = asyncio.Event()
        self._series = secrets.token_hex(3)  # so that no mark of a bot before this one is taken for its own
        self._marked: dict[str, tuple[int, float]] = {}  # marks under way: behind which frame, and when they were sent
        self._heard = self._unmarked = 0
        self.sent = 0
        self.round_trip_ms: float | None = None  # of a mark: there, through what waits to be played, and back

    def play(self, pcm: Pcm) -> None:
        """Send 20 ms (480 samples, 24 kHz)."""
        if not self.opened:
            return
        at_rate = self._out.push(pcm)
        self._rest += mulaw.encode(at_rate) if self._start.encoding is Encoding.MULAW else at_rate.tobytes()
        size = self._start.frame_bytes
        while len(self._rest) >= size:
            self._waiting.append(self._rest[:size])
            self._rest = self._rest[size:]
        self._ready.set()

    def recall(self) -> int:
        """Drop what was given and not heard, here and at the far end; return how many frames that was."""
        unheard = len(self._waiting) + self.sent - self._heard
        if self.sent > self._heard:
            self._clear = True
        self._waiting.clear()
        self._rest, self._out = b"", Resampler(VOICE_RATE, self._start.rate)
        self._heard, self._unmarked = self.sent, 0
        self._marked.clear()  # the far end sends them back when it is told to clear, which proves nothing
        self._ready.set()
        return unheard

    def played(self, name: str) -> None:
        """Take a mark that came back."""
        if (marked := self._marked.pop(name, None)) is None:
            return
        frame, sent_at = marked
        self.round_trip_ms = (asyncio.get_running_loop().time() - sent_at) * 1000
        self._heard = max(self._heard, frame)
        if self._heard == self.sent and not self._waiting:
            self._heard_all.set()

    async def heard_out(self) -> None:
        """Wait until everything that was given has been played."""
        while self._waiting or self._heard < self.sent:
            self._heard_all.clear()
            await self._heard_all.wait()

    def decode(self, sound: bytes) -> Pcm:
        """Return what the far end sent as 16 kHz."""
        if self._start.encoding is Encoding.MULAW:
            return self._in.push(mulaw.decode(sound))
        return self._in.push(np.frombuffer(sound[: len(sound) // 2 * 2], "<i2").astype(np.int16))

    @property
    def waiting(self) -> bool:
        """Whether there is something that has not been sent yet."""
        return bool(self._waiting)

    async def send_to(self, socket: ClientConnection) -> None:
        """Send what is given until cancelled or the line breaks; one that takes nothing is broken off."""
        try:
            while True:
                self._ready.clear()
                if self._clear:
                    self._clear = False
                    await self._send(socket, dump(Clear()))
                while self._waiting and not self._clear:
                    frame = self._waiting.popleft()
                    self.sent += 1
                    self._unmarked += 1
                    await self._send(socket, frame)
                    if self._unmarked >= MARK_EVERY:
                        await self._mark(socket)
                await self._more(socket)
        except websockets.ConnectionClosed:
            return  # the reader sees it too
        except TimeoutError:
            socket.transport.abort()

    async def _more(self, socket: ClientConnection) -> None:
        """Wait for something to do; when nothing comes soon, mark the end of what was said."""
        try:
            async with asyncio.timeout(PAUSE_S if self._unmarked else None):
                await self._ready.wait()
        except TimeoutError:
            if self._unmarked and not self._ready.is_set():
                await self._mark(socket)

    async def _mark(self, socket: ClientConnection) -> None:
        self._unmarked, name = 0, f"{self._series}-{self.sent}"
        self._marked[name] = self.sent, asyncio.get_running_loop().time()
        await self._send(socket, dump(Mark(name)))

    async def _send(self, socket: ClientConnection, message: str | bytes) -> None:
        async with asyncio.timeout(SEND_S):
            await socket.send(message)

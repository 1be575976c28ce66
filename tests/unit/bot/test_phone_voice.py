"""The bot's voice on a phone line: frames, marks, and what counts as heard."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from audio import VOICE_RATE, Pcm
from bot.platforms import FRAME
from bot.platforms.phone import voice as module
from bot.platforms.phone.frames import Encoding, Start
from bot.platforms.phone.voice import MARK_EVERY, SEND_S, Voice

MULAW = Start(Encoding.MULAW, 8000)


@dataclass
class KeepingSocket:
    """Keeps what it is sent; a stuck one takes nothing."""

    sent: list[str | bytes] = field(default_factory=list)
    stuck: bool = False
    aborted: bool = False

    async def send(self, message: str | bytes) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def transport(self) -> "KeepingSocket":
        return self

    def abort(self) -> None:
        self.aborted = True

    @property
    def sound(self) -> list[bytes]:
        return [message for message in self.sent if isinstance(message, bytes)]

    @property
    def told(self) -> list[tuple[str, str | None]]:
        frames = [json.loads(message) for message in self.sent if isinstance(message, str)]
        return [(frame["event"], frame.get("name")) for frame in frames]

    def mark(self, frame: int) -> str:
        """The name of the mark that was sent behind a frame."""
        return next(name for event, name in self.told if event == "mark" and name and name.endswith(f"-{frame}"))


@asynccontextmanager
async def line(start: Start = MULAW) -> AsyncIterator[tuple[Voice, KeepingSocket]]:
    voice, socket = Voice(start), KeepingSocket()
    voice.opened = True
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(voice.send_to(socket))  # type: ignore[arg-type]
        yield voice, socket
        sending.cancel()


def frame(number: int = 0) -> Pcm:
    at = (np.arange(FRAME) + number * FRAME) / VOICE_RATE
    return (8000 * np.sin(2 * np.pi * 600 * at)).astype(np.int16)


async def play(voice: Voice, frames: int) -> None:
    for number in range(frames):
        voice.play(frame(number))
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("start", "size"),
    [
        (MULAW, 160),
        (Start(Encoding.PCM, 8000), 320),
        (Start(Encoding.PCM, 16000), 640),
        (Start(Encoding.PCM, 24000), 960),
    ],
)
async def test_every_frame_is_20_ms(start: Start, size: int) -> None:
    async with line(start) as (voice, socket):
        await play(voice, 20)
    assert {len(piece) for piece in socket.sound} == {size}
    assert 19 <= len(socket.sound) <= 20  # the resampler holds a moment back


async def test_marks_follow_every_few_frames_and_the_end() -> None:
    async with line(Start(Encoding.PCM, 24000)) as (voice, socket):
        await play(voice, 2 * MARK_EVERY + 1)
        await asyncio.sleep(0.1)
    assert socket.told == [("mark", socket.mark(3)), ("mark", socket.mark(6)), ("mark", socket.mark(7))]


async def test_what_no_mark_came_back_for_is_not_heard() -> None:
    async with line(Start(Encoding.PCM, 24000)) as (voice, socket):
        await play(voice, 9)
        voice.played(socket.mark(3))
        voice.played(socket.mark(6))
        voice.played("3")  # somebody else's
        assert voice.recall() == 3
        voice.played(socket.mark(9))  # sent back because it was cleared
        await asyncio.sleep(0.1)
        assert socket.told[-1] == ("clear", None)
        assert voice.recall() == 0
        await play(voice, 4)
        voice.played(socket.mark(12))
        assert voice.recall() == 1


async def test_what_waits_is_dropped_and_a_silent_line_is_not_cleared() -> None:
    async with line(Start(Encoding.PCM, 24000)) as (voice, socket):
        voice.play(frame())
        voice.play(frame())
        assert voice.recall() == 2  # before anything could be sent
        await asyncio.sleep(0.1)
    assert socket.sent == []


async def test_leaving_waits_until_all_is_heard() -> None:
    async with line(Start(Encoding.PCM, 24000)) as (voice, socket):
        await play(voice, 4)
        await asyncio.sleep(0.1)
        waiting = asyncio.get_running_loop().create_task(voice.heard_out())
        voice.played(socket.mark(3))
        await asyncio.sleep(1)
        assert not waiting.done()
        voice.played(socket.mark(4))
        await waiting
        assert voice.round_trip_ms == pytest.approx(1060, abs=60)


async def test_a_line_that_takes_nothing_is_broken_off() -> None:
    async with line() as (voice, socket):
        socket.stuck = True
        await play(voice, module.MOST_WAITING + 20)
        assert voice.waiting
        await asyncio.sleep(SEND_S)
        assert socket.aborted


async def test_nothing_is_sent_before_the_far_end_is_there() -> None:
    async with line() as (voice, socket):
        voice.opened = False
        await play(voice, 5)
    assert socket.sent == []


async def test_bytes_that_are_half_a_sample_do_no_harm() -> None:
    voice = Voice(Start(Encoding.PCM, 16000))
    assert list(voice.decode(b"\x01\x00\x02\x00\x03")) == [1, 2]
    assert len(Voice(MULAW).decode(b"")) == 0

"""An interviewer in a room without a network: hums its questions, hears the candidate's frames, keeps the floor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from bot.candidate.candidate import OnFrame
from bot.candidate.ear import levels
from bot.interview import Role
from bot.platforms import FRAME, Ear, MeetingEvent, Participant, ParticipantJoined, Removed, SignallingLost

BOT = Participant("bot", "Viva", Role.BOT)
VOICE_DB = -50.0
PACKET = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class Line:
    """What the interviewer says, and what it expects to hear then; pause_s: no answer is waited for, only so long."""

    seconds: float
    expecting: str = "answer"
    question_id: str | None = None
    pause_s: float | None = None


@dataclass(slots=True)
class _Seat:
    events_: "asyncio.Queue[MeetingEvent | None]" = field(default_factory=asyncio.Queue)
    frames: int = 0
    taken: list[float] = field(default_factory=list)
    voiced_until: float = -1.0
    voice_began: float | None = None

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self.events_.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        now = asyncio.get_running_loop().time()
        assert len(pcm) == FRAME
        self.frames += 1
        self.taken.append(now)
        loud = np.flatnonzero(levels(pcm, FRAME // 4) > VOICE_DB)
        if len(loud):
            if self.voice_began is None or now - self.voiced_until > 0.5:
                self.voice_began = now - 0.02 + loud[0] * 0.005
            self.voiced_until = now - 0.02 + (loud[-1] + 1) * 0.005

    async def leave(self) -> None:
        self.events_.put_nowait(None)


@dataclass
class ScriptedInterviewer:
    """Says `lines` one after the other; use it as the candidate's `join`.

    response_s: from the end of the candidate's voice to the next line; yields_after_s: how long it goes on when
    somebody speaks over it (None: to the end of the line), after which it says the line again; loses_room_at: the line
    before which the room's server goes away without telling whose turn it is from then on.
    """

    lines: list[Line]
    response_s: float = 0.5
    yields_after_s: float | None = 0.2
    loses_room_at: int | None = None
    patience_s: float = 30.0
    seats: list[_Seat] = field(default_factory=list)
    unanswered: list[int] = field(default_factory=list)
    _next: int = 0

    @asynccontextmanager
    async def __call__(self, *, ear: Ear, on_frame: OnFrame) -> AsyncIterator[_Seat]:
        seat = _Seat()
        self.seats.append(seat)
        async with asyncio.TaskGroup() as tasks:
            holding = tasks.create_task(self._hold(seat, ear, on_frame))
            try:
                yield seat
            finally:
                holding.cancel()
                await seat.leave()

    async def _hold(self, seat: _Seat, ear: Ear, on_frame: OnFrame) -> None:
        await asyncio.sleep(0.2)
        seat.events_.put_nowait(ParticipantJoined(BOT))
        while self._next < len(self.lines):
            line = self.lines[self._next]
            if self.loses_room_at == self._next:
                seat.events_.put_nowait(SignallingLost())
            told = self.loses_room_at is None or self._next < self.loses_room_at
            tell = on_frame if told else _tell_nobody
            tell(_floor("speaking", "nothing", line.question_id))
            if await self._say(seat, ear, line):
                tell(_floor("listening", line.expecting, line.question_id))
                if line.pause_s is not None:
                    await asyncio.sleep(line.pause_s)
                    self._next += 1
                    continue
                await self._until_answered(seat, said_at=asyncio.get_running_loop().time())
                self._next += 1
            else:
                tell(_floor("listening", "nothing", line.question_id))
                await self._until_answered(seat, said_at=seat.voice_began or 0.0)
        on_frame({"type": "ended", "reason": "completed", "status": "evaluating"})
        seat.events_.put_nowait(Removed("4410"))

    async def _say(self, seat: _Seat, ear: Ear, line: Line) -> bool:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for index in range(int(line.seconds * 50)):
            await asyncio.sleep(max(0.0, began + index * 0.02 - loop.time()))
            over = seat.voice_began is not None and seat.voice_began > began
            spoken_over = loop.time() - seat.voice_began if seat.voice_began is not None and over else 0.0
            if over and self.yields_after_s is not None and spoken_over >= self.yields_after_s:
                return False
            ear(BOT, hum(0.02))
        return True

    async def _until_answered(self, seat: _Seat, *, said_at: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() - said_at < self.patience_s:
            await asyncio.sleep(0.005)
            if seat.voiced_until > said_at and loop.time() - seat.voiced_until >= self.response_s:
                return
        self.unanswered.append(self._next)


class EmptyRoom:
    """A seat in a room where nobody else ever comes."""

    @asynccontextmanager
    async def __call__(self, *, ear: Ear, on_frame: OnFrame) -> AsyncIterator[_Seat]:
        seat = _Seat()
        yield seat
        await seat.leave()


def hum(seconds: float, *, rate: int = SAMPLE_RATE, amplitude: int = 8000) -> Pcm:
    """Return a tone."""
    at = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * 300 * at)).astype(np.int16)


def voice(seconds: float, *, lead_s: float = 0.1, tail_s: float = 0.4) -> Pcm:
    """Return a clip at 24 kHz with silence around a tone."""
    lead, tail = (np.zeros(round(s * VOICE_RATE), np.int16) for s in (lead_s, tail_s))
    return np.concatenate([lead, hum(seconds, rate=VOICE_RATE), tail])


def _floor(floor: str, expecting: str, question_id: str | None) -> dict[str, Any]:
    number = int(question_id[1:]) if question_id is not None else None
    return {
        "type": "floor", "floor": floor, "expecting": expecting, "question_id": question_id, "number": number, "of": 9,
    }  # fmt: skip


def _tell_nobody(frame: dict[str, Any]) -> None:
    """Stands where the room's server stood."""

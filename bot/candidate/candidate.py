"""The simulated candidate: sits in the room as a browser would, listens, answers, and measures what it hears."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from audio import Pcm
from bot.candidate.answers import Answers, Phrases
from bot.candidate.ear import Keepsake, Listener
from bot.candidate.microphone import FRAME_S, NOISY_ROOM_DB, QUIET_ROOM_DB, Microphone
from bot.candidate.mind import Floor, Manners, Mind
from bot.candidate.report import CandidateReport, answers_of, barge_ins_of, gaps_of
from bot.interview import Role
from bot.platforms import (
    Ear,
    MeetingConnection,
    Participant,
    ParticipantJoined,
    Removed,
    SignallingLost,
)

log = structlog.get_logger(__name__)

LATEST_FRAME_S = 0.2  # a microphone this far behind lets the missed frames go, as a browser does


class OnFrame(Protocol):
    """Takes the frames of the room that are not about media: floor, captions, ended."""

    def __call__(self, frame: dict[str, Any]) -> None: ...


class Join(Protocol):
    """Takes a seat: `bot.platforms.room.join_room` with its link filled in."""

    def __call__(self, *, ear: Ear, on_frame: OnFrame) -> AbstractAsyncContextManager[MeetingConnection]: ...


@dataclass(slots=True)
class _Call:
    """What is known of the call so far."""

    joined: float | None = None
    ended: str | None = None
    detail: str = ""
    disconnects: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, why: str, detail: str = "") -> None:
        """Keep the first reason for which the call ended."""
        if self.ended is None:
            self.ended, self.detail = why, detail
        self.over.set()


class Candidate:
    """One simulated candidate in one interview; `run()` once.

    join: how to take the seat (again, after leaving); keepsake: gets everything that is heard.
    """

    def __init__(
        self,
        join: Join,
        answers: Answers,
        phrases: Phrases,
        manners: Manners = Manners(),  # noqa: B008 - frozen
        *,
        keepsake: Keepsake | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._join, self._answers, self._manners, self._keepsake = join, answers, manners, keepsake
        self._ear = Listener(self._loop.time)
        self._mind = Mind(answers, phrases, manners, self._ear)
        self._microphone = Microphone(room_db=NOISY_ROOM_DB if manners.noise else QUIET_ROOM_DB)
        self._call = _Call()
        self.origin = self._loop.time()

    async def run(self) -> CandidateReport:
        """Stay until the interview is over and return what was measured.

        Raises `LinkRefused` when the room does not take the link, `RoomUnavailable` when no room answers.
        """
        self.origin = self._loop.time()
        while True:
            async with self._join(ear=self._hear, on_frame=self._take_frame) as seat, asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(self._watch(seat))
                came_to_an_end = await self._attend(seat)
                watching.cancel()
            if came_to_an_end:
                return self.report()
            self._call.disconnects += 1
            await asyncio.sleep(self._manners.away_s)

    def report(self) -> CandidateReport:
        """Return what has been measured so far."""
        call, said = self._call, self._mind.said
        return CandidateReport(
            answers=answers_of(said, self.origin),
            barge_ins=barge_ins_of(said, self.origin),
            gaps=gaps_of(self._ear, self.origin),
            join_ms=None if call.joined is None else round((call.joined - self.origin) * 1000),
            heard_ms=round(sum(sound.end - sound.start for sound in self._ear.sounds) * 1000),
            disconnects=call.disconnects,
            ended=call.ended or "left",
            detail=call.detail,
            unplayed=self._answers.unplayed(),
        )

    async def _attend(self, seat: MeetingConnection) -> bool:
        """Send sound until the call is over (True) or the candidate walks out (False)."""
        due = began = self._loop.time()
        self._mind.sit_down(began)
        while not self._call.over.is_set():
            now = self._loop.time()
            if self._mind.wants_to_leave(now):
                self._microphone.break_off()
                self._mind.broke_off()
                return False
            if self._call.joined is None and now - began > self._manners.bot_missing_s:
                self._call.end("no_bot", f"no interviewer came within {self._manners.bot_missing_s:.0f} s")
            utterance = self._mind.step(now, speaking=self._microphone.speaking)
            if utterance is not None:
                self._microphone.say(utterance)
            seat.play(self._microphone.frame(now))
            due += FRAME_S
            if now - due > LATEST_FRAME_S:
                due = now
            await asyncio.sleep(max(0.0, due - self._loop.time()))
        return True

    async def _watch(self, seat: MeetingConnection) -> None:
        async for event in seat.events():
            match event:
                case ParticipantJoined(participant=Participant(role=Role.BOT)):
                    if self._call.joined is None:
                        self._call.joined = self._loop.time()
                case SignallingLost():
                    self._call.disconnects += 1
                    self._mind.lose_room()
                case Removed(code=code):
                    self._call.end("removed", f"the room closed the seat ({code})")
                case _:
                    log.debug("candidate_saw", seen=type(event).__name__)
        self._call.end("removed", "the connection ended")

    def _hear(self, participant: Participant, pcm: Pcm) -> None:
        now = self._loop.time()
        if self._keepsake is not None:
            self._keepsake.write(participant.id, now, pcm)
        if participant.role is Role.BOT:
            self._ear.hear(pcm)

    def _take_frame(self, frame: dict[str, Any]) -> None:
        match frame.get("type"):
            case "floor":
                self._mind.take_floor(Floor.of_frame(frame), self._loop.time())
            case "ended":
                self._call.end(str(frame.get("reason") or "ended"), str(frame.get("status") or ""))

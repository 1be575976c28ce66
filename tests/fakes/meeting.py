"""A call without a network: people come, go and make sound on a script; what the bot plays is kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np

from audio import SAMPLE_RATE, Pcm
from bot.platforms import Ear, MeetingEvent, Participant, ParticipantJoined, ParticipantLeft
from bot.pulse import Progress

STEP_S = 0.02
STEP = SAMPLE_RATE // 50


@dataclass
class ScriptedMeeting:
    """One seat in a call that follows a script. Sound of a person flows while `attend` runs."""

    ear: Ear | None = None
    played: list[tuple[float, Pcm]] = field(default_factory=list)
    left: bool = False
    _events: asyncio.Queue[MeetingEvent | None] = field(default_factory=asyncio.Queue)
    _speaking: dict[str, int] = field(default_factory=dict)
    _present: dict[str, Participant] = field(default_factory=dict)

    async def events(self) -> AsyncIterator[MeetingEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def play(self, pcm: Pcm) -> None:
        self.played.append((asyncio.get_running_loop().time(), pcm))

    def progress(self) -> list[Progress]:
        return []

    def round_trip_ms(self) -> float | None:
        return 20.0

    async def leave(self) -> None:
        self.left = True
        self._events.put_nowait(None)

    # ---- the script -----------------------------------------------------------------------------------------------

    def happen(self, event: MeetingEvent) -> None:
        self._events.put_nowait(event)

    def come(self, participant: Participant, *, again: bool = False) -> None:
        self._present[participant.id] = participant
        self.happen(ParticipantJoined(participant, again))

    def go(self, participant: Participant, *, dropped: bool = False) -> None:
        self._present.pop(participant.id, None)
        self.happen(ParticipantLeft(participant, dropped))

    async def voice(self, participant: Participant, seconds: float) -> None:
        """Let somebody be loud for so long."""
        self._speaking[participant.id] = round(seconds / STEP_S)
        await asyncio.sleep(seconds)

    async def attend(self) -> None:
        """Let the microphones of everyone present run."""
        generator = np.random.default_rng(7)
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += STEP_S
            await asyncio.sleep(max(0.0, due - loop.time()))
            for participant in list(self._present.values()):
                loud = self._speaking.get(participant.id, 0)
                self._speaking[participant.id] = max(0, loud - 1)
                noise = generator.integers(-6000, 6000, STEP) if loud else generator.integers(-4, 5, STEP)
                if self.ear is not None:
                    self.ear(participant, noise.astype(np.int16))

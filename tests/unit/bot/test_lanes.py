"""What the bot's ears are given: one turn model for everybody."""

import asyncio

from audio.heard import FinalTurn, LaneEvent
from bot.interview import Role
from bot.lanes import Lanes
from bot.platforms import Participant
from tests.fakes.lane import PIECE, LoudnessDetector, SureTurnModel, TellingSpeechToText, pause, voice

ADA = Participant("ada", "Ada", Role.CANDIDATE, consented=True)
INES = Participant("ines", "Ines", Role.INTERVIEWER, consented=True)


async def test_everybody_is_heard_with_the_turn_model() -> None:
    loop = asyncio.get_running_loop()
    took: dict[str, float] = {}

    def heard(participant: Participant, turn_id: str, event: LaneEvent) -> None:
        if isinstance(event, FinalTurn):
            took[participant.id] = event.turn_model_ms

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(
            call_id="call",
            stt=TellingSpeechToText(["I built the billing service."]),
            new_vad=LoudnessDetector,
            heard=heard,
            call_ms=lambda: loop.time() * 1000,
            is_whole=lambda text: True,
            recorder=None,
            language="en",
            names=(),
            tasks=tasks,
            turn_model=SureTurnModel(0.9, delay_s=0.05),
        )
        for person in (ADA, INES):
            lanes.open(person)
            for sound in (pause(400), voice(1500), pause(1500)):
                for at in range(0, len(sound), PIECE):
                    await asyncio.sleep(0.02)
                    lanes.hear(person, sound[at : at + PIECE])
        await lanes.finish(5.0)
    assert took.keys() == {"ada", "ines"}
    assert all(ms >= 50 for ms in took.values())

"""What the bot's ears are given: one turn model for everybody."""

import asyncio
from pathlib import Path

import pytest

from audio.heard import FinalTurn, LaneEvent
from audio.recorder import Recorder
from bot.interview import Role
from bot.lanes import Lanes
from bot.platforms import Participant
from tests.fakes.lane import PIECE, LoudnessDetector, SureTurnModel, TellingSpeechToText, pause, voice
from tests.unit.audio.test_recorder import channels, loud_ms

ADA = Participant("ada", "Ada", Role.CANDIDATE, consented=True)
INES = Participant("ines", "Ines", Role.INTERVIEWER, consented=True)


async def test_deaf_ears_take_what_was_being_said_as_over_and_give_silence_to_words_and_recording(
    tmp_path: Path,
) -> None:
    loop = asyncio.get_running_loop()
    finals: list[FinalTurn] = []
    recorder = Recorder(tmp_path / "call.ogg")
    recorder.keep()

    def heard(participant: Participant, turn_id: str, event: LaneEvent) -> None:
        if isinstance(event, FinalTurn):
            finals.append(event)

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(
            call_id="call",
            stt=TellingSpeechToText(["I built the billing service."] * 9),
            new_vad=LoudnessDetector,
            heard=heard,
            call_ms=lambda: loop.time() * 1000,
            is_whole=lambda text: True,
            recorder=recorder,
            language="en",
            names=(),
            tasks=tasks,
        )
        lanes.open(ADA)
        for on, sound in ((False, pause(400)), (False, voice(1000)), (True, voice(4000)), (False, pause(1500))):
            lanes.deafen(on)
            for at in range(0, len(sound), PIECE):
                await asyncio.sleep(0.02)
                lanes.hear(ADA, sound[at : at + PIECE])
                recorder.advance(int(loop.time() * 1000))
        await lanes.finish(5.0)
    assert [turn.end_ms < 1600 for turn in finals] == [True]
    info = recorder.close()
    assert info is not None
    assert loud_ms(channels(info.file)[1]) == pytest.approx((400, 1400), abs=60)


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

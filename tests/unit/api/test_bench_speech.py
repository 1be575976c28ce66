"""The speech benchmark's crowds, in virtual time: more and more talk until it is too much."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from api.bench import BenchOptions, speech
from api.bench.speech import CROWDS, Clip, load_rows, overload
from audio import Pcm, Transcript, Urgency
from audio.errors import Shed, SpeechRefused
from audio.vad import SileroModel
from tests.fakes.lane import LoudnessDetector, voice

CLIPS = [Clip("hum", voice(2500), "We moved it all.")]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "CROWD_S", 6.0)


class LoudnessModel(SileroModel):
    """Takes whatever is loud for a voice."""

    def detector(self) -> LoudnessDetector:  # type: ignore[override]
        return LoudnessDetector()


@dataclass
class CrowdedSpeechToText:
    """Sheds interims once more than `at_ease` lanes have spoken, and refuses every final of those in `refused`."""

    at_ease: int
    refused: tuple[str, ...] = ()
    lanes: set[str] = field(default_factory=set)

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        self.lanes.add(lane)
        if urgency is Urgency.INTERIM and len(self.lanes) > self.at_ease:
            raise Shed("too much else to do")
        if lane in self.refused and urgency is not Urgency.INTERIM:
            raise SpeechRefused(400, "no")
        return Transcript("We moved it all.", 0.9, language)


async def crowded(stt: CrowdedSpeechToText) -> tuple[list[str], dict[str, Any]]:
    """Return how many were let talk, one crowd after the other, and the value of each row."""
    told: list[str] = []
    crowd, counting = await overload(CLIPS, stt, LoudnessModel(), BenchOptions(tell=told.append))
    return told, {row.metric: (row.value, row.ok) for row in load_rows(crowd, counting)}


async def test_the_crowd_grows_until_interims_are_shed() -> None:
    told, rows = await crowded(CrowdedSpeechToText(at_ease=15))
    assert told == ["10 talkers at once", "20 talkers at once"]
    assert rows["finals lost under overload"] == (0, True)
    shed, of = map(int, str(rows["interims shed under overload"][0]).split(" of "))
    assert 0 < shed <= of


async def test_a_machine_that_never_sheds_is_not_asked_for_more_than_the_largest_crowd() -> None:
    told, rows = await crowded(CrowdedSpeechToText(at_ease=99))
    assert told == [f"{number} talkers at once" for number in CROWDS]
    assert str(rows["interims shed under overload"][0]).startswith("0 of ")


async def test_a_final_without_its_text_is_a_lost_one() -> None:
    _, rows = await crowded(CrowdedSpeechToText(at_ease=5, refused=("talker3",)))
    lost, ok = rows["finals lost under overload"]
    assert lost > 0 and ok is False

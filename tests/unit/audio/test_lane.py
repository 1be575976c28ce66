"""What a listener of a lane gets to know, and when."""

import asyncio
import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest

from audio import SAMPLE_RATE, Pcm, Transcript, Urgency
from audio.heard import (
    FinalTurn,
    Interim,
    NothingSaid,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    TurnDecided,
)
from audio.lane import LaneSettings
from audio.vad import WINDOW
from tests.fakes.lane import SureTurnModel, TellingSpeechToText, listening, pause, voice
from tests.fakes.speech import (
    DeafSpeechToText,
    LateSpeechToText,
    RefusingSpeechToText,
    SheddingSpeechToText,
    StuckGuesses,
    UnreachableSpeechToText,
)

DONE = "I built the billing service."
NEAR = 50


async def test_an_answer_becomes_one_turn_with_its_times() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(1000), voice(2000), pause(1500))
    (turn,) = heard.of(FinalTurn)
    assert turn.text == DONE
    assert turn.start_ms == pytest.approx(1000, abs=NEAR)
    assert turn.end_ms == pytest.approx(3000, abs=NEAR)
    assert turn.confidence == pytest.approx(0.8)
    assert (turn.lane, turn.turn, turn.language) == ("ada", 1, "en")


FAINT = 400  # a level at which the detector is never sure


async def test_a_voice_of_which_the_detector_is_never_sure_is_heard() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(1000), voice(2000, FAINT), pause(1500))
    [turn] = heard.of(FinalTurn)
    assert turn.text == DONE
    assert turn.start_ms == pytest.approx(1000, abs=NEAR)
    assert turn.end_ms == pytest.approx(3000, abs=NEAR)


async def test_a_turn_goes_on_in_a_voice_of_which_the_detector_is_not_sure() -> None:
    async with listening(TellingSpeechToText(["I built", DONE])) as heard:
        await heard.feed(pause(500), voice(1500), pause(250), voice(1500, FAINT), pause(2500))
    [resumed] = heard.of(SpeechResumed)
    assert resumed.at_ms == pytest.approx(2250, abs=NEAR)
    [turn] = heard.of(FinalTurn)
    assert turn.end_ms == pytest.approx(3750, abs=NEAR)


@pytest.mark.parametrize(("ms", "alert"), [(250, False), (3000, True)], ids=["short", "under the bot's voice"])
async def test_what_may_be_a_voice_opens_no_turn(ms: int, alert: bool) -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        heard.lane.alert = alert
        await heard.feed(pause(500), voice(ms, FAINT), pause(1500))
    assert heard.events == []


async def test_what_may_be_a_voice_under_the_bots_holds_no_turn_open() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(500), voice(1500))
        heard.lane.alert = True
        await heard.feed(pause(250), voice(3000, FAINT), pause(500))
    [decided] = heard.of(TurnDecided)
    assert decided.decided_ms < 4000


async def test_events_come_in_their_order() -> None:
    async with listening(TellingSpeechToText([DONE, DONE])) as heard:
        await heard.feed(pause(500), voice(1500), pause(250), voice(800), pause(2500))
    kinds = [type(event) for _, event in heard.events if not isinstance(event, Interim)]
    assert kinds == [SpeechStarted, SpeechPaused, SpeechResumed, SpeechPaused, TurnDecided, FinalTurn]


async def test_a_whole_sentence_is_decided_soon_and_its_text_is_there() -> None:
    async with listening(TellingSpeechToText([DONE], delay_s=0.13)) as heard:
        await heard.feed(pause(500), voice(2000), pause(2500))
    (decided,) = heard.of(TurnDecided)
    (turn,) = heard.of(FinalTurn)
    assert 430 <= decided.decided_ms - 2500 <= 510
    assert turn.speculated
    assert turn.text_ms - turn.decided_ms <= 5


@pytest.mark.parametrize("spoken_ms", [2000, 5000], ids=["open segment", "segment closed by the pause"])
async def test_words_that_come_late_decide_at_once(spoken_ms: int) -> None:
    async with listening(TellingSpeechToText([DONE], delay_s=0.4)) as heard:
        heard.lane.alert = False
        await heard.feed(pause(500), voice(spoken_ms), pause(2500))
    (decided,) = heard.of(TurnDecided)
    asked = next(at for at, event in heard.events if isinstance(event, SpeechPaused))
    assert decided.decided_ms == pytest.approx(asked + 400, abs=2)


@pytest.mark.parametrize("gap_ms", range(392, 452, 6))
async def test_a_voice_that_is_coming_back_is_waited_for(gap_ms: int) -> None:
    async with listening(TellingSpeechToText([DONE, DONE])) as heard:
        await heard.feed(pause(512), voice(1504), pause(gap_ms), voice(1000), pause(2500))
    assert len(heard.of(FinalTurn)) == 1


async def test_a_breath_between_the_sentences_of_a_partial_answer_is_not_its_end() -> None:
    async with listening(TellingSpeechToText(["We had an outage.", DONE])) as heard:
        heard.lane.is_whole = lambda text: "outage" not in text
        await heard.feed(pause(500), voice(1500), pause(600), voice(1000), pause(2500))
    assert len(heard.of(FinalTurn)) == 1


@pytest.mark.parametrize("text", ["I built the", "Because", "I had to, um", "We moved it and", "I was thinking"])
async def test_a_thinking_pause_in_an_unfinished_sentence_is_not_cut(text: str) -> None:
    async with listening(TellingSpeechToText([text, DONE])) as heard:
        await heard.feed(pause(500), voice(1500), pause(900), voice(1000), pause(2500))
    assert len(heard.of(FinalTurn)) == 1


async def test_patience_gives_seconds_to_an_unfinished_answer() -> None:
    async with listening(TellingSpeechToText(["I would begin with the", DONE])) as heard:
        heard.lane.patience = "long"
        await heard.feed(pause(500), voice(1500), pause(2500), voice(1000), pause(1000))
        (decided,) = heard.of(TurnDecided)
    assert 780 <= decided.decided_ms - decided.speech_end_ms <= 900


async def test_no_silence_lasts_for_ever() -> None:
    async with listening(TellingSpeechToText(["And then the"])) as heard:
        await heard.feed(pause(500), voice(1500), pause(4000))
        (decided,) = heard.of(TurnDecided)
    assert decided.decided_ms - decided.speech_end_ms <= 2050


async def test_interims_grow_and_name_what_is_stable() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve"
    async with listening(TellingSpeechToText([words], delay_s=0.1)) as heard:
        await heard.feed(pause(500), voice(4000), pause(1500))
    interims = heard.of(Interim)
    assert heard.when(Interim)[0] - 500 <= 800
    assert len(interims) >= 5
    for before, now in itertools.pairwise(interims):
        assert now.text[: now.stable] == before.text[: now.stable]
        assert now.text[: now.stable].strip() == now.text[: now.stable]
    assert interims[-1].stable > 10


async def test_a_barge_in_is_put_into_words_early() -> None:
    async with listening(TellingSpeechToText(["Stop, please."], delay_s=0.1)) as heard:
        heard.lane.alert = True
        await heard.feed(pause(500), voice(1500), pause(1000))
    assert heard.when(SpeechStarted)[0] - 500 <= 110
    assert heard.when(Interim)[0] - 500 <= 450


async def test_a_short_noise_opens_nothing() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(500), voice(40), pause(1000))
    assert heard.events == []


async def test_a_cough_is_nothing_said() -> None:
    async with listening(DeafSpeechToText()) as heard:
        await heard.feed(pause(500), voice(300), pause(2500))
    (nothing,) = heard.of(NothingSaid)
    assert nothing.start_ms == pytest.approx(500, abs=NEAR)
    assert heard.of(FinalTurn) == [] and heard.of(Interim) == []


async def test_going_on_drops_the_speculation() -> None:
    stt = TellingSpeechToText(["I built the", DONE])
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(1000), pause(300), voice(1000), pause(1500))
    assert [turn.text for turn in heard.of(FinalTurn)] == [DONE]
    speculations = [ms for urgency, ms in stt.sounds if urgency is Urgency.SPECULATIVE]
    assert len(speculations) == 2 and speculations[1] > speculations[0] + 1000
    assert not [ms for urgency, ms in stt.sounds if urgency is Urgency.FINAL]


async def test_a_breath_in_the_silence_keeps_the_speculation() -> None:
    stt = TellingSpeechToText([DONE], delay_s=0.1)
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(1000), pause(230), voice(20), pause(1500))
    assert [turn.text for turn in heard.of(FinalTurn)] == [DONE]
    assert len([1 for urgency, _ in stt.sounds if urgency is not Urgency.INTERIM]) == 1


async def test_a_long_answer_is_cut_at_pauses_and_stays_one_turn() -> None:
    stt = TellingSpeechToText(["First part and", "second part and", "third part."], confidences=[1.0, 0.5, 0.75])
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(8200), pause(340), voice(8200), pause(340), voice(4000), pause(1500))
    (turn,) = heard.of(FinalTurn)
    assert turn.text == "First part and second part and third part."
    assert turn.end_ms - turn.start_ms == pytest.approx(21_080, abs=NEAR)
    assert turn.confidence == pytest.approx((8.2 * 1 + 8.2 * 0.5 + 4 * 0.75) / 20.4, abs=0.02)
    assert max(ms for _, ms in stt.sounds) < 9500


async def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    stt = TellingSpeechToText(["one"] * 6)
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(60_000), pause(2500))
    (turn,) = heard.of(FinalTurn)
    assert turn.end_ms == pytest.approx(60_500, abs=NEAR)
    assert max(ms for _, ms in stt.sounds) <= 25_000
    counted = sum(ms for urgency, ms in stt.sounds if urgency is not Urgency.INTERIM)
    assert counted == pytest.approx(60_000, abs=1000)


@dataclass
class WholeMemory:
    """Hears one word for each second of voice, and so repeats what a window repeats."""

    windows: list[float] = field(default_factory=list)

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        loud = np.abs(pcm[: len(pcm) // WINDOW * WINDOW].reshape(-1, WINDOW)).max(axis=1)
        levels = [round(level / 1000) for level in loud if level > 500]
        spoken = [level for level, before in zip(levels, [0, *levels], strict=False) if level != before]
        self.windows.append(len(pcm) / SAMPLE_RATE)
        words = " ".join(f"word{level}" for level in spoken)
        return Transcript(f"{words}." if words else "", 0.9, language)


async def test_what_follows_is_heard_together_with_what_it_follows() -> None:
    stt = WholeMemory()
    async with listening(stt, settings=LaneSettings(interims=False)) as heard:
        await heard.feed(pause(500), voice(1000, 2000), voice(1000, 3000), pause(1000))
        await heard.feed(voice(1000, 4000), voice(1000, 5000), pause(4000), voice(1000, 6000), pause(1000))
    assert [turn.text for turn in heard.of(FinalTurn)] == ["word2 word3.", "word4 word5.", "word6."]
    alone, together, long_after = stt.windows
    assert together > alone + 2
    assert long_after < alone


@pytest.mark.parametrize("again", [1, 2])
@pytest.mark.parametrize("words", [2, 5, 8, 12])
async def test_what_is_said_again_at_once_is_said_again(words: int, again: int) -> None:
    sentence = [voice(400, 1000 * level) for level in range(2, 2 + words)]
    async with listening(WholeMemory(), settings=LaneSettings(interims=False)) as heard:
        await heard.feed(pause(500))
        for _ in range(1 + again):
            await heard.feed(*sentence, pause(900))
        await heard.feed(pause(1000))
    said = " ".join(f"word{level}" for level in range(2, 2 + words))
    assert [turn.text for turn in heard.of(FinalTurn)] == [f"{said}."] * (1 + again)


async def test_a_sentence_that_the_recogniser_writes_once_for_twice_is_not_lost() -> None:
    stt = TellingSpeechToText([DONE, DONE, DONE])
    async with listening(stt, settings=LaneSettings(interims=False)) as heard:
        await heard.feed(pause(500), voice(2000), pause(900), voice(2000), pause(2000))
    assert [turn.text for turn in heard.of(FinalTurn)] == [DONE, DONE]
    assert len(stt.sounds) == 3, "what is left of the two together is nothing, so the second is heard by itself"


async def test_the_speech_server_may_be_away_for_a_minute() -> None:
    stt = UnreachableSpeechToText(TellingSpeechToText(["Before.", DONE]), failures=45)
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(2000), pause(2500), voice(2000), pause(3000))
        assert heard.of(FinalTurn) == []
        await heard.feed(pause(60_000))
        assert [turn.turn for turn in heard.of(FinalTurn)] == [1, 2]
    first, second = heard.of(FinalTurn)
    assert first.end_ms == pytest.approx(2500, abs=NEAR)
    assert second.end_ms == pytest.approx(7000, abs=NEAR)


async def test_words_that_the_server_refuses_are_told_as_lost_and_not_as_nothing() -> None:
    async with listening(RefusingSpeechToText(TellingSpeechToText([DONE]))) as heard:
        await heard.feed(pause(500), voice(2000), pause(2500), voice(1500), pause(2500))
    [nothing] = heard.of(NothingSaid)
    assert "this sound can't be used" in nothing.lost
    [turn] = heard.of(FinalTurn)
    assert (turn.text, turn.lost) == (DONE, "")


async def test_a_part_that_the_server_refuses_leaves_the_rest_of_the_turn() -> None:
    stt = RefusingSpeechToText(TellingSpeechToText([DONE]))
    async with listening(stt, settings=LaneSettings(interims=False, lead=0, force_after=4000)) as heard:
        await heard.feed(pause(500), voice(6000), pause(2500))
    [turn] = heard.of(FinalTurn)
    assert turn.text.startswith(DONE)
    assert "this sound can't be used" in turn.lost
    assert heard.of(NothingSaid) == []


async def test_a_guess_that_hangs_holds_no_final_up() -> None:
    async with listening(StuckGuesses(TellingSpeechToText([DONE]))) as heard:
        await heard.feed(pause(500), voice(2000), pause(8000))
        [turn] = heard.of(FinalTurn)
        assert (turn.text, turn.speculated) == (DONE, False)
        assert turn.text_ms - turn.decided_ms <= 6100


async def test_overload_sheds_interims_and_no_final() -> None:
    async with listening(SheddingSpeechToText(TellingSpeechToText([DONE, DONE]))) as heard:
        await heard.feed(pause(500), voice(5000), pause(3000), voice(1000), pause(3000))
    assert heard.of(Interim) == []
    assert [turn.text for turn in heard.of(FinalTurn)] == [DONE, DONE]
    assert not heard.of(FinalTurn)[0].speculated


async def test_finals_keep_their_order_however_late_they_are() -> None:
    async with listening(LateSpeechToText(TellingSpeechToText(["One.", "Two.", "Three."]), 4.0)) as heard:
        await heard.feed(pause(500), voice(800), pause(2500), voice(800), pause(2500), voice(800), pause(2500))
    assert [turn.turn for turn in heard.of(FinalTurn)] == [1, 2, 3]


async def test_a_turn_ends_when_its_speaker_vanishes() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(500), voice(2000))
        await asyncio.sleep(3)
        (turn,) = heard.of(FinalTurn)
        assert turn.end_ms == pytest.approx(2500, abs=NEAR)
        assert heard.when(FinalTurn)[0] <= 3400


async def test_lost_packets_become_silence_of_their_length() -> None:
    async with listening(TellingSpeechToText(["I built the", DONE])) as heard:
        await heard.feed(pause(500), voice(1000))
        heard.lose(700)
        await heard.feed(voice(1000), pause(2000))
    (turn,) = heard.of(FinalTurn)
    assert turn.end_ms == pytest.approx(3200, abs=NEAR)


async def test_sound_that_was_held_up_is_not_lost() -> None:
    stt = TellingSpeechToText(["I built the", DONE])
    async with listening(stt) as heard:
        await heard.feed(pause(500), voice(1000))
        await asyncio.sleep(0.6)  # the network stalls, then delivers everything at once
        await heard.feed(voice(1000), pause(2000))
    (turn,) = heard.of(FinalTurn)
    assert turn.end_ms == pytest.approx(2500, abs=NEAR)
    assert max(ms for _, ms in stt.sounds) >= 2000


async def test_jitter_of_the_times_does_no_harm() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        for late in (30, -30) * 50:
            heard.lane.push(voice(20), heard.fed_ms + late)
            heard.fed_ms += 20
            await asyncio.sleep(0.02)
        await heard.feed(pause(1500))
    (turn,) = heard.of(FinalTurn)
    assert turn.start_ms == pytest.approx(0, abs=NEAR)
    assert turn.end_ms == pytest.approx(2000, abs=NEAR)


async def test_after_minutes_of_nothing_times_are_right_again() -> None:
    async with listening(TellingSpeechToText([DONE, DONE])) as heard:
        await heard.feed(pause(500), voice(1000), pause(1000))
        heard.lose(600_000)
        await heard.feed(pause(200), voice(1000), pause(1000))
    assert heard.of(FinalTurn)[1].start_ms == pytest.approx(602_700, abs=NEAR)


async def test_closing_ends_the_open_turn() -> None:
    async with listening(TellingSpeechToText([DONE])) as heard:
        await heard.feed(pause(500), voice(2000))
    assert [turn.text for turn in heard.of(FinalTurn)] == [DONE]


async def test_sound_that_came_before_the_lane_ran_counts() -> None:
    async with listening(TellingSpeechToText([DONE])) as running:
        lane = type(running.lane)(
            "early", stt=TellingSpeechToText([DONE]), vad=running.lane._vad, emit=(got := []).append, clock=lambda: 0.0
        )
        for at in range(0, 1000, 20):
            lane.push(voice(20), at)
        lane.close()
        await lane.run()
    assert [event.text for event in got if isinstance(event, FinalTurn)] == [DONE]


async def test_a_prompt_goes_with_speech_and_not_with_a_cough() -> None:
    stt = TellingSpeechToText([DONE, ""])
    async with listening(stt, settings=LaneSettings(interims=False, lead=0)) as heard:
        heard.lane.prompt = "Kubernetes, Postgres"
        await heard.feed(pause(500), voice(1500), pause(1500), voice(200), pause(1500))
    assert stt.prompts == ["Kubernetes, Postgres", ""]


@pytest.mark.parametrize(("chance", "longer"), [(0.95, False), (0.05, True)])
async def test_a_turn_model_moves_the_wait(chance: float, longer: bool) -> None:
    waits = []
    for model in (None, SureTurnModel(chance)):
        async with listening(TellingSpeechToText(["I was in Berlin"]), turn_model=model) as heard:
            await heard.feed(pause(500), voice(1500), pause(3000))
        (decided,) = heard.of(TurnDecided)
        waits.append(decided.decided_ms - decided.speech_end_ms)
    assert (waits[1] > waits[0] + 150) if longer else (waits[1] < waits[0] - 150)
    assert heard.of(FinalTurn)[0].turn_model_ms == pytest.approx(20, abs=2)


async def test_ten_minutes_are_many_turns_and_none_is_lost() -> None:
    stt = TellingSpeechToText([f"Answer {number}." for number in range(1, 61)], delay_s=0.1)
    async with listening(stt, settings=LaneSettings(interims=False, lead=0)) as heard:
        for _ in range(60):
            await heard.feed(voice(7000), pause(3000))
    assert [turn.text for turn in heard.of(FinalTurn)] == [f"Answer {number}." for number in range(1, 61)]
    assert heard.of(FinalTurn)[-1].end_ms == pytest.approx(597_000, abs=NEAR)

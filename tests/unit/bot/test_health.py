"""Speech that fails is noticed, told apart and forgotten once it works again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from audio import Pcm, SpeechToText, TextToSpeech, Transcript, Urgency
from audio.errors import AudioError, Shed, SpeechRefused, SpeechUnavailable
from bot.health import WatchedSpeech
from tests.fakes.speech import StuckGuesses, StuckSpeechToText, StuckVoice, ToneVoice

SOUND = np.full(160, 4000, np.int16)


@dataclass
class MoodySpeech:
    """Fails with `error` while it is set."""

    error: AudioError | None = None

    async def transcribe(
        self, pcm: Pcm, *, urgency: Urgency, lane: str, language: str = "en", prompt: str = ""
    ) -> Transcript:
        if self.error is not None:
            raise self.error
        return Transcript("hello", 0.9, language)

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        if self.error is not None:
            raise self.error
        yield SOUND


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def hear(speech: WatchedSpeech) -> None:
    await speech.transcribe(SOUND, urgency=Urgency.FINAL, lane="a")


async def say(speech: WatchedSpeech) -> None:
    async for _ in speech.speak("hello"):
        pass


async def test_a_recogniser_that_works_does_not_hide_a_voice_that_is_away() -> None:
    clock, ear, mouth = Clock(), MoodySpeech(), MoodySpeech(SpeechUnavailable("the voice is away"))
    speech = WatchedSpeech(ear, mouth, clock)
    with pytest.raises(SpeechUnavailable):
        await say(speech)
    clock.now = 15
    await hear(speech)
    assert speech.down_s == 15
    assert speech.detail == "the voice is away"
    mouth.error = None
    await say(speech)
    assert speech.down_s == 0
    assert speech.detail == ""


async def test_a_failure_long_ago_says_nothing_about_now() -> None:
    clock = Clock()
    speech = WatchedSpeech(MoodySpeech(), MoodySpeech(SpeechUnavailable("away")), clock)
    with pytest.raises(SpeechUnavailable):
        await say(speech)
    clock.now = 60
    assert speech.down_s == 0
    with pytest.raises(SpeechUnavailable):
        await say(speech)
    assert speech.down_s == 60


async def test_a_service_that_refuses_twice_will_refuse_again() -> None:
    speech = WatchedSpeech(MoodySpeech(SpeechRefused("unauthorized", "401: wrong key")), MoodySpeech(), Clock())
    for refused in (False, True):
        with pytest.raises(SpeechRefused):
            await hear(speech)
        assert speech.refused is refused
    assert "wrong key" in speech.detail


async def test_one_sound_that_is_refused_again_and_again_is_one_refusal() -> None:
    speech = WatchedSpeech(MoodySpeech(SpeechRefused(400, "too long")), MoodySpeech(), Clock())
    for urgency in (Urgency.INTERIM, Urgency.INTERIM, Urgency.SPECULATIVE, Urgency.FINAL):
        with pytest.raises(SpeechRefused):
            await speech.transcribe(SOUND, urgency=urgency, lane="a")
    assert not speech.refused


@pytest.mark.parametrize(("ear", "mouth"), [(StuckSpeechToText(), MoodySpeech()), (MoodySpeech(), StuckVoice())])
async def test_a_service_that_takes_work_and_never_answers_is_down(ear: SpeechToText, mouth: TextToSpeech) -> None:
    speech = WatchedSpeech(ear, mouth, asyncio.get_running_loop().time)
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(hear(speech)), tasks.create_task(say(speech))]
        await asyncio.sleep(7)
        assert speech.down_s == 0
        await asyncio.sleep(2)
        assert speech.down_s == 9 and "has not answered for 9 s" in speech.detail
        for one in asked:
            one.cancel()
    await asyncio.sleep(21)
    assert speech.down_s == 0  # nobody has asked for long: nothing is known


async def test_it_does_not_help_to_give_up_and_ask_again() -> None:
    speech = WatchedSpeech(MoodySpeech(), StuckVoice(), asyncio.get_running_loop().time)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await say(speech)
        await asyncio.sleep(1)
    assert speech.down_s == 9


async def test_guesses_given_up_between_answers_are_no_outage() -> None:
    speech = WatchedSpeech(StuckGuesses(MoodySpeech()), MoodySpeech(), asyncio.get_running_loop().time)
    for _ in range(9):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                await speech.transcribe(SOUND, urgency=Urgency.SPECULATIVE, lane="a")
        await hear(speech)
        assert speech.down_s == 0


async def test_one_request_that_hangs_while_others_are_answered_is_no_outage() -> None:
    speech = WatchedSpeech(StuckGuesses(MoodySpeech()), MoodySpeech(), asyncio.get_running_loop().time)
    async with asyncio.TaskGroup() as tasks:
        stuck = tasks.create_task(speech.transcribe(SOUND, urgency=Urgency.SPECULATIVE, lane="a"))
        for _ in range(20):
            await asyncio.sleep(1)
            await hear(speech)
        assert speech.down_s == 0
        stuck.cancel()


async def test_a_sentence_that_nobody_fetches_on_is_no_outage() -> None:
    speech = WatchedSpeech(MoodySpeech(), ToneVoice(), asyncio.get_running_loop().time)
    async for _ in speech.speak("hello"):
        await asyncio.sleep(10)
        assert speech.down_s == 0


async def test_shed_work_is_no_failure() -> None:
    speech = WatchedSpeech(MoodySpeech(Shed("busy")), MoodySpeech(), Clock())
    for _ in range(5):
        with pytest.raises(Shed):
            await hear(speech)
    assert speech.down_s == 0
    assert not speech.refused

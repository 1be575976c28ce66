"""The bot's mouth: pacing, pausing on the exact sample, and an honest account of what was heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest

from audio import VOICE_RATE, Pcm, TextToSpeech
from audio.errors import SpeechUnavailable
from bot.platforms import FRAME
from bot.speaker import Speaker, SpokenLine


@dataclass
class CountingVoice:
    """Speaks each word as a fifth of a second of rising numbers, so that a lost or doubled sample shows."""

    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    spoken: int = 0

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        self.asked.append(text)
        await asyncio.sleep(self.delay_s)
        for _ in text.split():
            piece = np.arange(self.spoken, self.spoken + VOICE_RATE // 5)
            self.spoken += VOICE_RATE // 5
            yield (1000 + piece % 20_000).astype(np.int16)


@dataclass
class BreakingVoice:
    """Breaks off in the middle of the first `breaks` attempts."""

    breaks: int
    attempts: int = 0

    async def speak(
        self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
    ) -> AsyncIterator[Pcm]:
        self.attempts += 1
        sound = (1000 + np.arange(VOICE_RATE) % 20_000).astype(np.int16)
        yield sound[: VOICE_RATE // 2]
        if self.attempts <= self.breaks:
            raise SpeechUnavailable("gone")
        yield sound[VOICE_RATE // 2 :]


@dataclass
class Stage:
    """Where a speaker is heard: every frame with its time, and what ended how."""

    speaker: Speaker = field(init=False)
    frames: list[tuple[float, Pcm]] = field(default_factory=list)
    ended: list[tuple[int, str, bool]] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    unheard: int = 0  # frames that the far end still has, and gives back

    def recall(self) -> int:
        unheard, self.unheard = self.unheard, 0
        return unheard

    @property
    def sound(self) -> Pcm:
        return np.concatenate([frame for _, frame in self.frames])


@asynccontextmanager
async def stage(voice: TextToSpeech) -> AsyncIterator[Stage]:
    here = Stage()
    loop = asyncio.get_running_loop()

    def ended(line: SpokenLine, interrupted: bool) -> None:
        here.ended.append((line.number, line.heard(), interrupted))

    here.speaker = Speaker(
        voice,
        play=lambda pcm: here.frames.append((loop.time(), pcm)),
        recall=here.recall,
        started=lambda line: here.started.append(line.number),
        ended=ended,
        language="en",
        voice_name="default",
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(here.speaker.run())
        yield here
        running.cancel()


async def test_a_line_is_heard_whole_at_the_pace_of_speech() -> None:
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one two three four five")
        await asyncio.sleep(2)
    assert here.ended == [(1, "one two three four five", False)]
    assert len(here.frames) == 50
    gaps = np.diff([at for at, _ in here.frames])
    assert gaps == pytest.approx(np.full(49, 0.02))
    assert all(len(frame) == FRAME for _, frame in here.frames)


async def test_the_first_sentence_is_spoken_while_the_next_is_fetched() -> None:
    voice = CountingVoice(delay_s=0.1)
    async with stage(voice) as here:
        here.speaker.say(1, "This is the first one. And here comes the second. Then the third of them.")
        await asyncio.sleep(0.15)
        assert here.frames
        assert here.frames[0][0] == pytest.approx(0.1, abs=0.02)
        await asyncio.sleep(0.2)
        assert len(voice.asked) == 3
        await asyncio.sleep(4)
    assert max(np.diff([at for at, _ in here.frames])) == pytest.approx(0.02, abs=0.001)


async def test_a_rehearsed_line_begins_at_once_and_is_fetched_only_once() -> None:
    voice = CountingVoice(delay_s=0.1)
    async with stage(voice) as here:
        here.speaker.rehearse("This is the first one. And here comes the second.")
        await asyncio.sleep(1)
        assert voice.asked == ["This is the first one."] and not here.frames and not here.speaker.busy
        began = asyncio.get_running_loop().time()
        here.speaker.say(1, "This is the first one. And here comes the second.")
        await asyncio.sleep(4)
    assert here.frames[0][0] - began == pytest.approx(0, abs=0.001)
    assert here.ended == [(1, "This is the first one. And here comes the second.", False)]
    assert voice.asked == ["This is the first one.", "And here comes the second."]


async def test_another_line_than_the_rehearsed_one_is_said_as_it_is() -> None:
    voice = CountingVoice(delay_s=0.1)
    async with stage(voice) as here:
        here.speaker.rehearse("This is not to be said.")
        here.speaker.rehearse("Nor is this.")
        await asyncio.sleep(0.05)
        here.speaker.say(1, "But this is.")
        await asyncio.sleep(2)
        here.speaker.say(2, "Nor is this.", speed=0.85)
        await asyncio.sleep(2)
    assert [text for _, text, _ in here.ended] == ["But this is.", "Nor is this."]


async def test_what_nobody_heard_before_a_pause_is_said_after_it() -> None:
    async with stage(CountingVoice()) as whole:
        whole.speaker.say(1, "one two. three four five")
        await asyncio.sleep(2)
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one two. three four five")
        await asyncio.sleep(0.79)  # in the second sentence
        before, here.unheard = len(here.frames), 25
        here.speaker.pause()
        here.speaker.pause()
        await asyncio.sleep(1)
        assert len(here.frames) == before
        here.speaker.resume()
        await asyncio.sleep(2)
    frames = [frame for _, frame in here.frames]
    heard = np.concatenate([*frames[: before - 25], *frames[before:]])
    assert np.array_equal(heard, whole.sound)
    assert here.ended == [(1, "one two. three four five", False)]


async def test_what_nobody_heard_counts_as_not_said() -> None:
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one two three four five")
        await asyncio.sleep(0.81)  # four words
        here.unheard = 21
        here.speaker.flush()
    assert here.ended == [(1, "one two", True)]


async def test_more_than_was_said_of_a_line_is_not_taken_back() -> None:
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one")
        here.speaker.say(2, "two three")
        await asyncio.sleep(0.31)  # in the second line
        here.unheard = 500
        here.speaker.flush()
    assert here.ended == [(1, "one", False), (2, "", True)]


async def test_a_pause_resumes_from_the_exact_sample() -> None:
    async with stage(CountingVoice()) as whole:
        whole.speaker.say(1, "one two three four five")
        await asyncio.sleep(2)
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one two three four five")
        await asyncio.sleep(0.333)
        here.speaker.pause()
        paused_at = len(here.frames)
        await asyncio.sleep(1)
        assert len(here.frames) == paused_at
        here.speaker.resume()
        await asyncio.sleep(2)
    assert np.array_equal(here.sound, whole.sound)
    assert here.ended == [(1, "one two three four five", False)]


async def test_only_what_was_heard_counts() -> None:
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "One two three four five. Six seven eight nine ten.")
        here.speaker.say(2, "never begun")
        await asyncio.sleep(1.45)
        here.speaker.flush()
        frames = len(here.frames)
        await asyncio.sleep(1)
    assert len(here.frames) == frames
    assert here.ended == [(1, "One two three four five. Six", True), (2, "", True)]


async def test_lines_follow_each_other() -> None:
    async with stage(CountingVoice()) as here:
        here.speaker.say(1, "one two")
        here.speaker.say(2, "three")
        await asyncio.sleep(2)
    assert here.ended == [(1, "one two", False), (2, "three", False)]
    assert here.started == [1, 2]


async def test_a_voice_that_breaks_off_goes_on_where_it_broke() -> None:
    async with stage(BreakingVoice(breaks=2)) as here:
        here.speaker.say(1, "something long")
        await asyncio.sleep(5)
    played = here.sound[here.sound != 0]
    assert len(played) == VOICE_RATE
    assert np.array_equal(played, (1000 + np.arange(VOICE_RATE) % 20_000).astype(np.int16))
    assert here.ended == [(1, "something long", False)]


async def test_a_line_without_sound_ends_as_not_heard() -> None:
    class Mute:
        async def speak(
            self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
        ) -> AsyncIterator[Pcm]:
            raise SpeechUnavailable("away")
            yield  # makes this a generator

    async with stage(Mute()) as here:
        here.speaker.say(1, "nobody hears this")
        await asyncio.sleep(60)
    assert here.ended == [(1, "", True)]


async def test_a_voice_that_hangs_is_asked_again() -> None:
    class HangsOnce:
        calls = 0

        async def speak(
            self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
        ) -> AsyncIterator[Pcm]:
            self.calls += 1
            if self.calls == 1:
                await asyncio.sleep(3600)
            yield np.full(VOICE_RATE, 5000, np.int16)

    async with stage(HangsOnce()) as here:
        here.speaker.say(1, "hello")
        await asyncio.sleep(10)
    assert here.ended == [(1, "hello", False)]


async def test_leading_silence_is_not_waited_for() -> None:
    class SlowToStart:
        async def speak(
            self, text: str, *, language: str = "en", voice: str = "default", speed: float = 1.0
        ) -> AsyncIterator[Pcm]:
            yield np.zeros(VOICE_RATE // 2, np.int16)
            yield np.concatenate([np.zeros(VOICE_RATE // 10, np.int16), np.full(VOICE_RATE // 2, 5000, np.int16)])

    async with stage(SlowToStart()) as here:
        here.speaker.say(1, "hello")
        await asyncio.sleep(2)
    first = here.frames[0][1]
    assert np.abs(first).max() == 5000
    assert len(here.frames) == pytest.approx(26, abs=1)

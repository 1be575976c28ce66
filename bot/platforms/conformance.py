"""What every place where calls are held has to do, as tests to run on one of your own.

Derive from `PlatformConformance`, say how a meeting is set up, and let pytest (with pytest-asyncio) find the class:

    class TestPigeons(PlatformConformance):
        removals = ("removed_from_meeting",)

        @pytest_asyncio.fixture
        async def meeting(self, tmp_path):
            async with pigeon_loft() as loft:
                yield PigeonMeeting(loft, tmp_path)      # a `Meeting`

The suite plays tones and listens for them, in real time and through whatever the platform sends sound over.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, TypeVar

import numpy as np
import pytest

from audio import SAMPLE_RATE, VOICE_RATE, Pcm
from bot.errors import JoinError
from bot.platforms import (
    FRAME,
    Ear,
    MeetingConnection,
    MeetingEvent,
    Participant,
    ParticipantJoined,
    ParticipantLeft,
    Removed,
    Venue,
)
from bot.spec import BotSpec

WITHIN_S = 30.0  # how long anything may take before the platform is said to hang: no measure
LEAVES_WITHIN_S = 5.0
FLUSHED_WITHIN_S = 0.5  # from the last frame that is played to silence at the other end
LOUD = 500  # of 32768; a tone here has 8000
CLOSE_HZ = 8.0
TONES = (440.0, 660.0)
BOT_TONE = 880.0
E = TypeVar("E")


class Guest(Protocol):
    """Somebody else in the meeting, who speaks and listens as people there do."""

    def say(self, pcm: Pcm) -> None:
        """Send this, at `VOICE_RATE`, in real time from now on; returns at once."""
        ...

    def heard(self) -> Sequence[tuple[float, Pcm]]:
        """Return what came of the bot so far, at `SAMPLE_RATE`: each piece with the event loop's time when it came."""
        ...

    def sees_bot(self) -> bool:
        """Whether the bot is in the meeting, as far as this guest can tell."""
        ...

    async def leave(self) -> None:
        """Leave as people do."""
        ...

    async def vanish(self) -> None:
        """Break off without a word."""
        ...


class Meeting(Protocol):
    """One meeting that is set up for one test."""

    @property
    def venue(self) -> Venue:
        """What joins it."""
        ...

    @property
    def spec(self) -> BotSpec:
        """What a bot needs to know to join it."""
        ...

    def guest(self, name: str) -> AbstractAsyncContextManager[Guest]:
        """Be somebody of that name in it while the block runs; may already have left when the block ends."""
        ...

    async def remove(self, code: str) -> None:
        """Have the bot lose its place in the way that is told by this code, one of the suite's `removals`."""
        ...

    def refused(self, code: str) -> BotSpec:
        """Return a spec which is refused with this code, one of the suite's `refusals`."""
        ...


@dataclass
class Seat:
    """The bot's place in a meeting, with all that happened and was heard so far."""

    connection: MeetingConnection
    voices: dict[str, list[Pcm]]  # by who is said to have spoken
    events: list[MeetingEvent] = field(default_factory=list)
    over: bool = False

    async def watch(self) -> None:
        async for event in self.connection.events():
            self.events.append(event)
        self.over = True

    def of(self, kind: type[E], name: str | None = None) -> list[E]:
        """Return the events of a kind so far, about somebody."""
        found = [event for event in self.events if isinstance(event, kind)]
        return [e for e in found if name is None or getattr(e, "participant").name == name]  # noqa: B009 - of some kinds


class PlatformConformance:
    """The tests. separates: whether everybody has a lane and a name. notices_drops: whether who breaks off is told from
    who leaves. comes_back: whether somebody of the same name is known again. removals, refusals: the codes to try.
    """

    separates: ClassVar[bool] = True
    notices_drops: ClassVar[bool] = True
    comes_back: ClassVar[bool] = True
    removals: ClassVar[Collection[str]] = ()
    refusals: ClassVar[Collection[str]] = ()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        for name in ("removal", "refusal"):
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, sorted(getattr(self, f"{name}s")))

    @pytest.mark.asyncio
    async def test_sound_goes_both_ways_and_stops_when_nothing_is_played(self, meeting: Meeting) -> None:
        async with AsyncExitStack() as stack:
            ada = await stack.enter_async_context(meeting.guest("Ada"))
            await asyncio.sleep(0.5)  # somebody who waits for the bot, not one who comes just then
            seat = await stack.enter_async_context(seated(meeting))
            await until(lambda: seat.of(ParticipantJoined), "the bot is told of who is there")
            await until(ada.sees_bot, "the guest sees the bot")
            await asyncio.sleep(0.5)
            assert not loud(ada.heard()), "something is sent before anything is played"
            await reach(ada, seat.connection)
            await asyncio.sleep(FLUSHED_WITHIN_S + 0.5)
            before = len(ada.heard())
            ada.say(tone(TONES[0], 1.5))
            begun = asyncio.get_running_loop().time()
            await play(seat.connection, 1.5)
            ended = asyncio.get_running_loop().time()
            who = seat.of(ParticipantJoined)[0].participant.name
            assert who == "Ada" or not self.separates
            await until(lambda: sum(map(len, seat.voices.get(who, ()))) > SAMPLE_RATE, "the bot hears the guest")
            await asyncio.sleep(FLUSHED_WITHIN_S + 0.5)
            heard = loud(ada.heard()[before:])
            late = [at for at, _ in heard if at > ended + FLUSHED_WITHIN_S]
            assert not late, f"sound goes on {max(late) - ended:.2f} s after the last frame: something queues it"
            assert heard, "the guest hears nothing of what the bot plays"
            assert heard[0][0] - begun < 1.0, f"the first sound took {heard[0][0] - begun:.2f} s"
            sound = np.concatenate([pcm for _, pcm in heard])
            assert 1.2 * SAMPLE_RATE < len(sound) < 1.8 * SAMPLE_RATE, f"1.5 s became {len(sound) / SAMPLE_RATE:.2f} s"
            assert abs(pitch(sound) - BOT_TONE) < CLOSE_HZ, f"{BOT_TONE} Hz became {pitch(sound):.0f}"
            own = np.concatenate([pcm for _, pcm in loud([(0.0, pcm) for pcm in seat.voices[who]])])
            assert abs(pitch(own[-SAMPLE_RATE:]) - TONES[0]) < CLOSE_HZ, f"{TONES[0]} Hz became {pitch(own):.0f}"

    @pytest.mark.asyncio
    async def test_every_voice_is_heard_under_its_own_name_or_none(self, meeting: Meeting) -> None:
        async with meeting.guest("Ada") as ada, meeting.guest("Ines") as ines, seated(meeting) as seat:
            people = 2 if self.separates else 1
            await until(lambda: len(seat.of(ParticipantJoined)) >= people, "the bot is told of everybody")
            seat.voices.clear()
            for guest, hz in zip((ada, ines), TONES, strict=True):
                guest.say(tone(hz, 1.5))
            await asyncio.sleep(2.0)
            joined = {event.participant.name: event.participant.id for event in seat.of(ParticipantJoined)}
            assert set(seat.voices) <= set(joined), "somebody is heard who never came"
            if not self.separates:
                assert len(seat.voices) == 1, "who can't be told apart is one voice"
                assert not set(seat.voices) & {"Ada", "Ines"}, "a mixed voice bears somebody's name"
                return
            assert len(set(joined.values())) == 2, "two people share an id"
            for name, hz in zip(("Ada", "Ines"), TONES, strict=True):
                sound = np.concatenate(seat.voices[name])
                assert abs(pitch(sound) - hz) < CLOSE_HZ, f"{name} said {hz} Hz, heard is {pitch(sound):.0f}"

    @pytest.mark.asyncio
    async def test_comings_and_goings_are_told(self, meeting: Meeting) -> None:
        async with seated(meeting) as seat:
            async with meeting.guest("Ada") as ada:
                await until(lambda: seat.of(ParticipantJoined), "a newcomer is told of")
                assert not seat.of(ParticipantJoined)[0].again
                await ada.leave()
                await until(lambda: seat.of(ParticipantLeft), "who leaves is told of")
            assert not seat.of(ParticipantLeft)[0].dropped, "who leaves in order was not dropped"
            async with meeting.guest("Ada") as ada:
                await until(lambda: len(seat.of(ParticipantJoined)) == 2, "who comes back is told of")
                first, second = seat.of(ParticipantJoined)
                assert second.again is self.comes_back
                assert (first.participant.id == second.participant.id) is self.comes_back
                if self.notices_drops:
                    await ada.vanish()
                    await until(lambda: len(seat.of(ParticipantLeft)) == 2, "who breaks off is told of")
                    assert seat.of(ParticipantLeft)[1].dropped, "who breaks off did not leave in order"
            assert not seat.over

    @pytest.mark.asyncio
    async def test_leaving_is_quick_and_may_be_asked_for_twice(self, meeting: Meeting) -> None:
        async with meeting.guest("Ada") as ada:
            async with seated(meeting) as seat:
                await until(ada.sees_bot, "the guest sees the bot")
                async with asyncio.timeout(LEAVES_WITHIN_S):
                    await seat.connection.leave()
                    await seat.connection.leave()
                await until(lambda: seat.over, "its events end")
                assert not seat.of(Removed), "who leaves was not removed"
                seat.connection.play(tone(BOT_TONE, 0.02))  # the last frames of a voice come as they come
            await until(lambda: not ada.sees_bot(), "the guest sees that the bot is gone")

    @pytest.mark.asyncio
    async def test_the_bot_knows_how_its_sound_fares(self, meeting: Meeting) -> None:
        async with meeting.guest("Ada") as ada, seated(meeting) as seat:
            await until(lambda: seat.of(ParticipantJoined) and ada.sees_bot(), "both are there")
            before = {progress.part: progress.done for progress in seat.connection.progress()}
            assert before, "who holds a seat says how far what it sends has come"
            await reach(ada, seat.connection)
            after = {progress.part: progress.done for progress in seat.connection.progress()}
            assert set(after) == set(before)
            assert any(after[part] > before[part] for part in after), f"nothing moves while sound does: {after}"
            trip = seat.connection.round_trip_ms()
            assert trip is None or 0 <= trip < 10_000, f"a round trip of {trip} ms"

    @pytest.mark.asyncio
    async def test_a_place_that_is_lost_says_why(self, meeting: Meeting, removal: str) -> None:
        async with meeting.guest("Ada") as ada, seated(meeting) as seat:
            await until(lambda: seat.of(ParticipantJoined) and ada.sees_bot(), "both are there")
            await reach(ada, seat.connection)
            await meeting.remove(removal)
            await until(lambda: seat.over, f"the bot's events end after {removal!r}")
            assert [event.code for event in seat.of(Removed)] == [removal]

    @pytest.mark.asyncio
    async def test_a_call_that_takes_no_bot_says_why(self, meeting: Meeting, refusal: str) -> None:
        with pytest.raises((JoinError, ExceptionGroup)) as refused:
            async with asyncio.timeout(WITHIN_S), _join(meeting.venue, meeting.refused(refusal), ignore):
                pytest.fail(f"let in where {refusal!r} is expected")
        errors = list(_flat(refused.value))
        assert [type(error) for error in errors if not isinstance(error, JoinError)] == []
        assert [error.code for error in errors if isinstance(error, JoinError)] == [refusal]
        assert str(errors[0]), "an error says what happened"


@asynccontextmanager
async def seated(meeting: Meeting) -> AsyncIterator[Seat]:
    """Join as the bot for as long as the block runs, and keep what happens."""
    voices: dict[str, list[Pcm]] = {}

    def hear(participant: Participant, pcm: Pcm) -> None:
        assert pcm.dtype == np.int16 and pcm.ndim == 1, "sound is int16, mono"
        voices.setdefault(participant.name, []).append(pcm)

    async with asyncio.TaskGroup() as tasks:
        async with _join(meeting.venue, meeting.spec, hear) as connection:
            seat = Seat(connection, voices)
            watching = tasks.create_task(seat.watch())
            yield seat
        async with asyncio.timeout(WITHIN_S):
            await watching


def _join(venue: Venue, spec: BotSpec, ear: Ear) -> AbstractAsyncContextManager[MeetingConnection]:
    return venue.join(spec, ear=ear, in_lobby=lambda: None)


async def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that has to happen."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while not condition():  # noqa: ASYNC110 - what it waits for is other processes' doing
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {WITHIN_S:g} s: {what}") from None


async def reach(guest: Guest, connection: MeetingConnection) -> None:
    """Play until the guest hears it: who has just come may have missed the beginning."""
    async with asyncio.timeout(WITHIN_S):
        while not loud(guest.heard()):
            await play(connection, 0.1)


async def play(connection: MeetingConnection, seconds: float) -> None:
    """Play the bot's tone as a voice is played: a frame every 20 ms."""
    loop = asyncio.get_running_loop()
    sound, due = tone(BOT_TONE, seconds), loop.time()
    for at in range(0, len(sound), FRAME):
        connection.play(sound[at : at + FRAME])
        due += FRAME / VOICE_RATE
        await asyncio.sleep(max(0.0, due - loop.time()))


def tone(hz: float, seconds: float) -> Pcm:
    """Return a steady tone at `VOICE_RATE`, in whole frames."""
    at = np.arange(round(seconds * VOICE_RATE / FRAME) * FRAME) / VOICE_RATE
    return (8000 * np.sin(2 * np.pi * hz * at)).astype(np.int16)


def pitch(pcm: Pcm) -> float:
    """Return the strongest frequency in sound at `SAMPLE_RATE`."""
    return float(np.argmax(np.abs(np.fft.rfft(pcm.astype(float)))) * SAMPLE_RATE / len(pcm))


def loud(heard: Sequence[tuple[float, Pcm]]) -> list[tuple[float, Pcm]]:
    """Return the pieces that hold more than silence."""
    return [(at, pcm) for at, pcm in heard if len(pcm) and int(np.abs(pcm.astype(np.int32)).max()) > LOUD]


def ignore(participant: Participant, pcm: Pcm) -> None:
    """An ear that nothing is meant for."""


def _flat(error: BaseException) -> Sequence[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [each for inner in error.exceptions for each in _flat(inner)]
    return [error]

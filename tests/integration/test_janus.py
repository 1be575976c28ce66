"""A bot's seat on a real Janus where things go wrong: what is refused, and a server that goes and comes back."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import MeetingRefused
from bot.interview import Role
from bot.platforms import ParticipantJoined, ParticipantLeft, Removed, SignallingBack, SignallingLost
from bot.platforms.conformance import reach, seated, until
from bot.platforms.janus import seat as seats
from bot.spec import BotSpec, Mode
from tests.fakes.janus_guest import janus_guest
from tests.fakes.venues import JanusMeeting
from tests.guards import HANG_S
from tests.running_janus import FULL, LOCKED, OPEN, PIN, Janus, running_janus
from tests.running_redis import free_port

BOT = "Viva (AI interviewer)"


@pytest.fixture
def janus(tmp_path: Path) -> Iterator[Janus]:
    with running_janus(tmp_path / "janus") as janus:
        yield janus


async def refusal(meeting: JanusMeeting, spec: BotSpec) -> MeetingRefused:
    with pytest.RaisesGroup(MeetingRefused) as refused:
        async with meeting.venue.join(spec, ear=lambda who, pcm: None, in_lobby=lambda: None):
            pytest.fail("let in")
    error = refused.value.exceptions[0]
    assert isinstance(error, MeetingRefused)
    return error


async def test_a_pin_opens_and_a_wrong_key_or_a_full_room_does_not(janus: Janus, tmp_path: Path) -> None:
    meeting = JanusMeeting(janus, tmp_path)
    locked = meeting.of(janus.room(LOCKED, pin=PIN))
    async with (
        meeting.venue.join(locked, ear=lambda who, pcm: None, in_lobby=lambda: None) as seat,
        janus_guest(janus.server, janus.secret, LOCKED, "Ada", pin=PIN) as ada,
        asyncio.timeout(HANG_S),
    ):
        await until(lambda: BOT in ada.here.values(), "the bot is in the locked room")
        assert isinstance(await anext(seat.events()), ParticipantJoined), "and hears who is there"
    assert (await refusal(meeting, meeting.of(janus.room(), secret="wrong"))).code == "meeting_locked"
    async with janus_guest(janus.server, janus.secret, FULL, "Ada") as ada:
        await until(lambda: ada.sends, "Ada has the room's only place")
        assert (await refusal(meeting, meeting.of(janus.room(FULL)))).code == "meeting_full"


async def test_a_server_that_never_answers_is_given_up(
    janus: Janus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "FIRST_WITHIN_S", 0.5)
    nowhere = replace(janus, port=free_port())
    meeting = JanusMeeting(nowhere, tmp_path)
    error = await refusal(meeting, meeting.of(nowhere.room(pin="sesame")))
    assert error.code == "meeting_unreachable"
    assert nowhere.server in str(error)
    assert "sesame" not in str(error)


async def test_a_server_that_comes_back_finds_the_bot_again(tmp_path: Path) -> None:
    with running_janus(tmp_path / "before") as janus:
        meeting = JanusMeeting(janus, tmp_path)
        async with seated(meeting) as seat:
            async with meeting.guest("Ada"):
                await until(lambda: seat.of(ParticipantJoined), "Ada is there")
                janus.process.kill()
                await until(lambda: seat.of(SignallingLost), "the loss is noticed")
            with running_janus(tmp_path / "after", port=janus.port):
                await until(lambda: seat.of(SignallingBack), "the bot has a seat again")
                await until(lambda: seat.of(ParticipantLeft), "Ada, who is not there again, is gone")
                assert seat.of(ParticipantLeft)[0].dropped
                async with meeting.guest("Ada") as ada:
                    await until(lambda: len(seat.of(ParticipantJoined)) == 2 and ada.sees_bot(), "both are back")
                    assert seat.of(ParticipantJoined)[1].again
                    await reach(ada, seat.connection)
        assert not seat.of(Removed)


async def test_a_server_that_stays_away_is_the_end(
    janus: Janus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "BACK_WITHIN_S", 0.5)
    async with seated(JanusMeeting(janus, tmp_path)) as seat:
        janus.process.kill()
        await until(lambda: seat.over, "the call is over")
        assert [type(event) for event in seat.events] == [SignallingLost, Removed]
        assert seat.of(Removed)[0].code == "connection_lost"


async def test_somebody_else_who_is_kicked_is_gone(janus: Janus, tmp_path: Path) -> None:
    async with (
        seated(JanusMeeting(janus, tmp_path)) as seat,
        janus_guest(janus.server, janus.secret, OPEN, "Ada"),
        janus_guest(janus.server, janus.secret, OPEN, "Ines") as ines,
    ):
        await until(lambda: len(seat.of(ParticipantJoined)) == 2, "both are there")
        await until(lambda: "Ada" in ines.here.values(), "and know each other")
        await ines.kick("Ada")
        await until(lambda: seat.of(ParticipantLeft), "who is kicked is gone")
        assert seat.of(ParticipantLeft)[0].participant.name == "Ada"
        assert not seat.over


async def test_where_people_lead_the_candidate_is_who_bears_the_name(janus: Janus, tmp_path: Path) -> None:
    meeting = JanusMeeting(janus, tmp_path)
    led = {"mode": Mode.SHADOW, "candidate_name": "Ada Byron"}
    async with (
        janus_guest(janus.server, janus.secret, OPEN, "ada byron "),
        janus_guest(janus.server, janus.secret, OPEN, "Ines"),
        meeting.venue.join(
            meeting.spec.model_copy(update=led), ear=lambda who, pcm: None, in_lobby=lambda: None
        ) as seat,
        asyncio.timeout(HANG_S),
    ):
        events = seat.events()
        roles = {}
        while len(roles) < 2:
            event = await anext(events)
            if isinstance(event, ParticipantJoined):
                roles[event.participant.name] = event.participant.role
    assert roles == {"ada byron ": Role.CANDIDATE, "Ines": Role.INTERVIEWER}

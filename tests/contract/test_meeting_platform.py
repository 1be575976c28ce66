"""The conformance suite, as others run it on their platforms, on ours: room, Janus, and Google Meet's driver."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.platforms.conformance import PlatformConformance
from tests.fakes.simulated_meet import simulated_meet
from tests.fakes.venues import JanusMeeting, PageMeeting, RoomMeeting
from tests.running_janus import Janus, running_janus
from tests.running_room import RestartableRoom


class TestRoom(PlatformConformance):
    removals = ("replaced",)
    refusals = ("link_invalid",)

    @pytest.fixture
    async def meeting(self, tmp_path: Path) -> AsyncIterator[RoomMeeting]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            room = RestartableRoom(free.getsockname()[1])
        async with room.open():
            yield RoomMeeting(room, tmp_path)


@pytest.fixture
def janus(tmp_path: Path) -> Iterator[Janus]:
    with running_janus(tmp_path / "janus") as janus:
        yield janus


class TestJanusVideoRoom(PlatformConformance):
    removals = ("meeting_ended", "removed_from_meeting")
    refusals = ("meeting_locked", "meeting_not_found", "meeting_unreachable")

    @pytest.fixture
    async def meeting(self, janus: Janus, tmp_path: Path) -> JanusMeeting:
        return JanusMeeting(janus, tmp_path)


class TestJanusAudioBridge(PlatformConformance):
    separates = False  # the server mixes
    notices_drops = False
    removals = ("meeting_ended", "removed_from_meeting")
    refusals = ("meeting_locked", "meeting_not_found")

    @pytest.fixture
    async def meeting(self, janus: Janus, tmp_path: Path) -> JanusMeeting:
        return JanusMeeting(janus, tmp_path, "bridge")


@pytest.mark.browser
class TestGoogleMeet(PlatformConformance):
    separates = False  # the site's tracks change hands
    notices_drops = False
    removals = ("removed_from_meeting",)
    refusals = ("meeting_not_found",)

    @pytest.fixture
    async def meeting(self, tmp_path: Path) -> AsyncIterator[PageMeeting]:
        async with simulated_meet() as meet, asyncio.TaskGroup() as tasks:
            meet.names, meet.then = [], "in_call"
            meeting = PageMeeting(meet, tmp_path)
            running = tasks.create_task(meeting.run())
            yield meeting
            running.cancel()
